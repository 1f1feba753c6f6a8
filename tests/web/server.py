"""The desk behind a real server on loopback, for a real browser."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from tests.web.seed import Desk


class Quiet(uvicorn.Server):
    """Leaves the signals alone."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def serving(desk: Desk, port: int) -> AsyncIterator[str]:
    """Serve the desk; yields its address."""
    config = uvicorn.Config(desk.app, host="127.0.0.1", port=port, log_config=None, timeout_graceful_shutdown=1)
    server = Quiet(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        desk.parts.live.close()
        server.should_exit = True
        await task
