"""Houses on both databases, and a real mail server on the loopback."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.migrate import migrate
from tests.alerts.house import House, furnish
from tests.alerts.mailbox import Mailbox, start


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite file to copy: migrating for each test costs more than the test."""
    path = tmp_path_factory.mktemp("migrated") / "earshot.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box, controller = start()
    yield box
    controller.stop()


@pytest.fixture
async def house(database_url: str, migrated: Path, mailbox: Mailbox) -> AsyncIterator[House]:
    if database_url.startswith("sqlite"):
        shutil.copy(migrated, database_url.partition(":///")[2])
    else:
        await migrate(database_url)
    built = await furnish(database_url, mailbox)
    yield built
    await built.db.close()
