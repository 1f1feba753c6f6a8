"""The clock of the event loop, moved on by hand: who waits for a time-out need not wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def patience_ends() -> Iterator[Callable[[float], None]]:
    """Gives what moves the clock of the running loop by so many seconds."""
    loop = asyncio.get_running_loop()
    real, ahead = loop.time, 0.0

    def move(seconds: float) -> None:
        nonlocal ahead
        ahead += seconds

    loop.time = lambda: real() + ahead  # type: ignore[method-assign]
    try:
        yield move
    finally:
        loop.time = real  # type: ignore[method-assign]
