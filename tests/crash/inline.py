"""SQLite without its thread: each call runs at once, in the loop. Twice as many lives per second, the same statements.

The trials that die at every point once keep the thread, as the product has it.
"""

from __future__ import annotations

from typing import Any

from aiosqlite.core import Connection


class _AtOnce:
    """Stands in for the queue to the thread."""

    def put_nowait(self, item: tuple[Any, Any]) -> None:
        future, function = item
        try:
            result = function()
        except BaseException as error:
            if future:
                future.set_exception(error)
        else:
            if future:
                future.set_result(result)


class _NoThread:
    """Stands in for the thread."""

    daemon = True

    def start(self) -> None:
        """Nothing to start."""


def without_thread() -> None:
    """From now on, connections of this process need no thread."""
    made = Connection.__init__

    def init(self: Any, *given: Any, **more: Any) -> None:
        made(self, *given, **more)
        self._tx, self._thread = _AtOnce(), _NoThread()

    Connection.__init__ = init  # type: ignore[method-assign]
