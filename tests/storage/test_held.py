"""What a page looks up is found by index, however much a brand holds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from domain.mention import Mention, text_hash
from domain.sla import Policy
from storage import held
from storage.arrays import listed
from storage.arriving import Arrival, PageIn
from storage.held import Shelf
from storage.ingest import store_page
from tests.storage.conftest import House

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYS = {"_known": "external_id", "_first_copies": "text_hash"}


def mention(number: int) -> Mention:
    return Mention(
        channel="rss", external_id=f"post/{number}", text=f"words {number}", posted_at=NOW, thread_id=f"post/{number}"
    )


async def store(house: House, count: int) -> None:
    arrivals = [Arrival(mention(number), None, []) for number in range(count)]
    async with house.db.write() as session:
        await store_page(
            session,
            PageIn(
                source_id=house.source_id, brand_id=house.brand_id, channel="rss", arrivals=arrivals, cursor=None,
                now=NOW, policy=Policy(), seen=count,
            ),
        )  # fmt: skip


async def test_finds_what_is_there_and_nothing_else(house: House):
    await store(house, 30)
    async with house.db.read() as session:
        shelf = Shelf(session, house.brand_id, "rss")
        known = await shelf.mentions(["post/3", "post/29", "post/30", "it's"])
        _, copies = await shelf.cases_and_copies([], [text_hash("words 4"), text_hash("other words")])
    assert set(known) == {"post/3", "post/29"}
    assert known["post/3"].thread_id == "post/3"
    assert list(copies) == [text_hash("words 4")]


@pytest.mark.parametrize("name", KEYS)
async def test_by_index_once_the_database_has_counted_its_rows(house: House, name: str):
    await store(house, 3000)
    dialect = house.db.dialect
    async with house.db.write() as session:
        connection = await session.connection()
        await connection.execute(text("ANALYZE mention"))
        compiled = getattr(held, name)(dialect).compile(dialect=connection.dialect)
        given = {"brand": house.brand_id, "channel": "rss"}
        given |= {"names": listed(["post/1"], dialect), "hashes": listed([7], dialect)}
        ask = ("EXPLAIN QUERY PLAN " if dialect == "sqlite" else "EXPLAIN ") + str(compiled)
        bound = tuple(given[key] for key in compiled.positiontup) if compiled.positiontup else given
        plan = "\n".join(map(str, await connection.exec_driver_sql(ask, bound)))
    lines = [line for line in plan.splitlines() if "SEARCH" in line or "Index Cond" in line]
    assert any(KEYS[name] in line for line in lines), plan
