"""A local server that plays a social network: it serves posts in a channel's own format, and can misbehave."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from aiohttp import web
from aiohttp.test_utils import TestServer

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Post:
    """One post as the suite wants it served. `id` is a small number; the subject makes its native id from it.

    `broken` asks for an item that cannot be read (no id, no text); `dated` False leaves the date out;
    `naive` True writes the date without its zone.
    """

    id: int
    text: str
    posted_at: datetime = NOON
    author: str = "mara_testfield"
    lang: str = "en"
    broken: bool = False
    withdrawn: bool = False
    dated: bool = True
    naive: bool = False


@dataclass(frozen=True)
class Fault:
    """How the network misbehaves. It applies to requests whose method is in `methods` and whose path
    starts with `path`.

    `applied` lets a POST take effect first. `reset` drops the connection in place of an answer;
    `stall_s` keeps the answer back; `mutate` changes the bytes of the true answer.
    """

    status: int | None = None
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    reset: bool = False
    stall_s: float = 0.0
    mutate: Callable[[bytes], bytes] | None = None
    applied: bool = False
    methods: tuple[str, ...] = ("GET", "POST", "PUT", "DELETE")
    path: str = ""


class Stoppable(Protocol):
    """A server that can be told to listen no more."""

    async def close(self) -> None: ...


@dataclass
class Network:
    """What the network holds and what it was asked. `replies` are posts made through its API (native dicts)."""

    posts: list[Post] = field(default_factory=list)
    replies: list[Any] = field(default_factory=list)
    fault: Fault | None = None
    requests: list[tuple[str, str]] = field(default_factory=list)
    base: str = ""
    state: dict[str, Any] = field(default_factory=dict)
    server: Stoppable | None = None

    async def stop(self) -> None:
        """Listen no more: connections are refused from now on."""
        assert self.server is not None
        await self.server.close()

    def writes(self, path: str = "") -> int:
        """Requests other than GET under this path that reached the socket."""
        return sum(1 for method, asked in self.requests if method != "GET" and asked.startswith(path))

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Note the request, then answer truly or as the fault says."""
        self.requests.append((request.method, request.path_qs))
        fault = self.fault
        if fault is None or request.method not in fault.methods or not request.path.startswith(fault.path):
            return await handler(request)
        return await self._misbehave(fault, request, handler)

    async def _misbehave(self, fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request) if fault.applied or fault.mutate else None
        if fault.stall_s:
            await asyncio.sleep(fault.stall_s)
        if fault.reset:
            assert request.transport is not None
            request.transport.abort()
            return web.Response(status=500)
        if fault.mutate:
            assert isinstance(answer, web.Response)
            body = answer.body if isinstance(answer.body, bytes) else b""
            return web.Response(status=answer.status, body=fault.mutate(body), content_type=answer.content_type)
        return web.Response(
            status=fault.status or 200, body=fault.body, headers=fault.headers, content_type=fault.content_type
        )


@contextlib.asynccontextmanager
async def serving(network: Network, routes: list[web.RouteDef]) -> AsyncIterator[Network]:
    """Run the network on a free loopback port; `network.base` is its address without a slash at the end."""
    app = web.Application(middlewares=[network.middleware])
    app.add_routes(routes)
    network.server = server = TestServer(app)
    await server.start_server()
    network.base = str(server.make_url("")).rstrip("/")
    try:
        yield network
    finally:
        await server.close()
