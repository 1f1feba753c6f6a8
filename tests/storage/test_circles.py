"""Nobody waits in a circle on PostgreSQL: a page takes all its cases in one round, in the order of their ids.

Rescoring, removal and others take several cases in that order. One that holds the older case and wants the newer one
must find that a page which wants both holds neither.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from domain.errors import Moved
from domain.mention import Mention
from storage import articles, tables
from storage.arriving import PageIn
from storage.database import Database
from storage.transitions import move
from tests.storage.conftest import START, House
from tests.storage.test_ingest import arrival, page, rows, store
from tests.storage.test_same_author import told

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgres"], indirect=True),
]
LATER = START + timedelta(hours=1)
OURS = "We booked you on the next train. Ada"
_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@pytest.fixture
async def other(database_url: str, house: House) -> AsyncIterator[Database]:
    """Another process."""
    database = Database(database_url)
    yield database
    await database.close()


async def somebody_waits(database: Database) -> None:
    """Until one transaction waits for another."""
    for _ in range(400):
        async with database.read() as session:
            if (await (await session.connection()).execute(_WAITING)).scalar_one():
                return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody waits")


async def take(session: Any, case_id: int) -> None:
    await session.get_one(tables.Case, case_id, with_for_update=True)


def joins(house: House) -> PageIn:
    """The thread of the newer case, and the author of the older one elsewhere about the same."""
    return page(house, answer("new"), told("x", "delivery", author="1", posted_at=LATER), now=LATER)


def edits(house: House) -> PageIn:
    return page(house, answer("new"), arrival("old", text="other words", author_id="1"), now=LATER)


def withdraws(house: House) -> PageIn:
    return page(house, answer("new"), withdrawn=("old",), now=LATER)


def confirms(house: House) -> PageIn:
    """What a person posted by hand in the newer case, and a new post in the thread of the older one."""
    ours = Mention(
        external_id="ours", text=OURS, thread_id="new", parent_id="new", posted_at=LATER, author_handle="norda",
        channel="rss",
    )  # fmt: skip
    return page(house, answer("old"), own=(ours,), now=LATER)


def answer(thread: str) -> Any:
    return arrival(f"in {thread}", thread_id=thread, parent_id=thread, posted_at=LATER, author_id="9")


@pytest.mark.parametrize("made", [joins, edits, withdraws, confirms])
async def test_a_page_and_one_who_takes_its_cases_in_order_do_not_wait_for_each_other(
    house: House, other: Database, made: Callable[[House], PageIn]
) -> None:
    await store(house, page(house, told("old", "delivery", author="1")))
    await store(house, page(house, told("new", "billing", author="2")))
    older, newer = [case.id for case in await rows(house, tables.Case)]
    await hand_over(house, newer)
    async with other.write() as session:
        await take(session, older)
        storing = asyncio.create_task(store(house, made(house)))
        await somebody_waits(other)
        await take(session, newer)
    assert {older, newer} <= set((await storing).cases)


async def hand_over(house: House, case_id: int) -> None:
    """A person has the answer of this case in hand."""
    reply = next(each for each in await rows(house, tables.Reply) if each.case_id == case_id)
    by: dict[str, Any] = {"brand_id": house.brand_id, "actor": "user:1", "now": START}
    async with house.db.write() as session:
        for old, new in (("requested", "drafted"), ("drafted", "approved"), ("approved", "handed_over")):
            await move(session, "reply", reply.id, old, new, text=OURS, **by)


async def test_of_two_who_store_an_article_of_one_name_the_second_is_told(house: House, other: Database) -> None:
    words: dict[str, Any] = {"actor": "user:1", "now": START}
    async with other.write() as session:
        await articles.add(
            session, house.brand_id, "refunds", articles.Words("Refunds", "Within a week.", "en"), **words
        )

        async def second() -> None:
            async with house.db.write() as session:
                again = articles.Words("Refunds", "At once.", "en")
                await articles.add(session, house.brand_id, "refunds", again, **words)

        storing = asyncio.create_task(second())
        await somebody_waits(other)
    with pytest.raises(Moved, match="refunds"):
        await storing
    assert [each.text for each in await rows(house, tables.Article)] == ["Within a week."]
