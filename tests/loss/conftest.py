"""Databases for lives."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.quick import MEMORY, quick

__all__ = ["quick"]

Fresh = Callable[[], AbstractContextManager[str]]
"""Gives the address of an empty database for as long as the block runs."""


@contextmanager
def file_in_memory() -> Iterator[str]:
    """SQLite. A file costs nothing there, and nothing here is about power loss."""
    with tempfile.TemporaryDirectory(prefix="earshot-loss-", dir=MEMORY) as folder:
        yield f"sqlite+aiosqlite:///{folder}/earshot.db"
