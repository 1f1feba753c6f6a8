"""A house with ears, on both databases or on SQLite alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.clock import SetClock
from domain.ids import ids
from storage.database import Database
from storage.tables import Brand, Topic
from tests.listener.rig import NOON, House, Tape, listener_on
from tests.migrated import make_current


async def _house(url: str) -> AsyncIterator[House]:
    await make_current(url)
    db, clock, tape = Database(url), SetClock(NOON), Tape()
    brand = Brand(
        id=ids.next(NOON), name="norda", slug="norda", handles=["norda", ""], languages=["en"], created_at=NOON
    )
    async with db.write() as session:
        session.add(brand)
        await session.flush()
        session.add(Topic(id=ids.next(NOON), brand_id=brand.id, name="norda", query="norda", created_at=NOON))
    listener = listener_on(db, clock, tape)
    yield House(db, clock, listener, brand.id, tape)
    await listener.door.close()
    await db.close()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async for made in _house(f"sqlite+aiosqlite:///{tmp_path / 'earshot.db'}"):
        yield made


@pytest.fixture
async def either(database_url: str) -> AsyncIterator[House]:
    """The house on SQLite, then on PostgreSQL."""
    async for made in _house(database_url):
        yield made
