"""What lets a proof of thousands of rounds end soon: files in memory, SQLite without its thread, no log."""

import gc
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from aiosqlite.core import Connection

from tests.crash.inline import without_thread

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where temporary folders go: nothing in these proofs is about power loss."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """For the tests of a folder whose conftest imports it."""
    monkeypatch.setattr(Connection, "__init__", Connection.__init__)
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    without_thread()
    thresholds = gc.get_threshold()
    gc.set_threshold(50_000, 50, 50)
    yield
    gc.set_threshold(*thresholds)
    structlog.configure(**before)
