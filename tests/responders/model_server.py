"""A real HTTP server on this machine that speaks the chat completions API, and says whatever a test wants."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

KEY = "sk-canary-of-the-model-key"
NAME = "small-model"


@dataclass
class Play:
    """One answer. `body` is sent as it is; the flags make the wire misbehave."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait_s: float = 0.0
    cut: bool = False
    """Half of the body, then a reset."""
    reset: bool = False
    endless: bool = False


def completion(text: object, **changes: Any) -> dict[str, Any]:
    """An answer as the API's reference describes it (chat completion object); `changes` replace top-level fields."""
    said = len(text) // 4 + 1 if isinstance(text, str) else 1
    return {
        "id": "chatcmpl-test0001",
        "object": "chat.completion",
        "created": 1772442000,
        "model": NAME,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, "refusal": None, "annotations": []},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 300, "completion_tokens": said, "total_tokens": 300 + said},
        "service_tier": "default",
        "system_fingerprint": "fp_test",
    } | changes


def says(text: object, **changes: Any) -> Play:
    """A complete answer with this text."""
    return Play(json.dumps(completion(text, **changes)).encode())


@dataclass
class ModelServer:
    """`answer` decides what is said to a request (its decoded body). Every request body is kept, byte by byte."""

    port: int
    answer: Callable[[dict[str, Any]], Play]
    bodies: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    billed: Callable[[dict[str, Any], Play], int] = lambda request, play: 0
    bill: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


@asynccontextmanager
async def model_server(answer: Callable[[dict[str, Any]], Play]) -> AsyncIterator[ModelServer]:
    """Listens until the block ends."""
    server = ModelServer(0, answer)
    app = web.Application(client_max_size=4 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", _handler(server))
    runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.port = runner.addresses[0][1]
    try:
        yield server
    finally:
        await runner.cleanup()


def _handler(server: ModelServer) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        server.paths.append(request.path)
        if request.method == "GET":
            return web.json_response({"object": "list", "data": [{"id": NAME, "object": "model"}]})
        server.bodies.append(body)
        server.headers.append({name.lower(): value for name, value in request.headers.items()})
        asked = json.loads(body)
        play = server.answer(asked)
        server.bill += server.billed(asked, play)
        return await _play(request, play)

    return handle


async def _play(request: web.Request, play: Play) -> web.StreamResponse:
    transport = request.transport
    assert transport is not None
    await asyncio.sleep(play.wait_s)
    if play.reset:
        transport.abort()
        return web.Response()
    if not (play.cut or play.endless):
        headers = {"content-type": "application/json"} | play.headers
        return web.Response(body=play.body, status=play.status, headers=headers)
    response = web.StreamResponse(status=play.status, headers={"content-type": "application/json"})
    await response.prepare(request)
    await response.write(play.body[: len(play.body) // 2])
    try:
        while play.endless:
            await response.write(b" " * 65_536)
            await asyncio.sleep(0)
    except (ConnectionError, asyncio.CancelledError):
        return response
    transport.abort()
    return response
