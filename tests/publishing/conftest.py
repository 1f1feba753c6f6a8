"""Without threads for SQLite and without a log."""

import logging
from collections.abc import Iterator

import pytest
import structlog
from aiosqlite.core import Connection

from tests.crash.inline import without_thread


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """SQLite runs in the loop; nothing is logged, not even what a thousand faults would say."""
    monkeypatch.setattr(Connection, "__init__", Connection.__init__)
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    without_thread()
    yield
    structlog.configure(**before)
