"""The sandbox network as a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

from channels.sandbox.server import serve
from domain.clock import SystemClock

_LOOK_S = 1.0


async def run_sandbox(port: int, folder: Path, quiet: bool) -> None:
    """Serve until SIGINT or SIGTERM. A quiet one is part of another process and ends with it."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - before anything runs

    def ready(address: str) -> None:
        if not quiet:
            print(f"sandbox network: {address}  (token sandbox-token, books in {folder})")

    server = asyncio.create_task(serve("127.0.0.1", port, folder, ready=ready, clock=SystemClock()))
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, server.cancel)
    watch = asyncio.create_task(_end_with_parent(server)) if quiet else None
    with suppress(asyncio.CancelledError):
        await server
    if watch is not None:
        watch.cancel()


async def _end_with_parent(server: asyncio.Task[None]) -> None:
    parent = os.getppid()
    while os.getppid() == parent:
        await SystemClock().sleep(_LOOK_S)
    server.cancel()
