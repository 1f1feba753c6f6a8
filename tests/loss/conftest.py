"""Databases for lives: a file in memory, or a server that is given a fresh database each time."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.postgres import fresh_database
from tests.quick import MEMORY, quick

__all__ = ["quick"]

Fresh = Callable[[], AbstractContextManager[str]]
"""Gives the address of an empty database for as long as the block runs."""


@contextmanager
def file_in_memory() -> Iterator[str]:
    """SQLite. A file costs nothing there, and nothing here is about power loss."""
    with tempfile.TemporaryDirectory(prefix="earshot-loss-", dir=MEMORY) as folder:
        yield f"sqlite+aiosqlite:///{folder}/earshot.db"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def fresh(request: pytest.FixtureRequest) -> Fresh:
    """Once on SQLite, once on PostgreSQL."""
    if request.param == "sqlite":
        return file_in_memory
    server: str = request.getfixturevalue("postgres_url")
    return lambda: fresh_database(server)
