"""A database with the current tables, a brand and a source."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from domain.ids import ids
from storage import tables
from storage.database import Database
from tests.migrated import make_current

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class House:
    """What most storage tests start from."""

    db: Database
    brand_id: int
    source_id: int


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    await make_current(database_url)
    db = Database(database_url)
    brand = tables.Brand(id=ids.next(START), name="Norda", slug="norda", created_at=START)
    source = tables.SourceRow(id=ids.next(START), brand_id=brand.id, channel="rss", name="feed", created_at=START)
    async with db.write() as session:
        session.add(brand)
        await session.flush()
        session.add(source)
    yield House(db, brand.id, source.id)
    await db.close()
