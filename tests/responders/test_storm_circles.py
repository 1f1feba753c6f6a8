"""Nobody waits in a circle with a storm on PostgreSQL: two connections, each holding what the other one comes to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from responders import storm_actions as actions
from storage import replies, storms
from storage.database import Database
from storage.purging import Order, purge
from storage.tables import Case, MentionRow, Problem, table
from storage.tables_storm import Frozen, LetGo, Storm
from tests.responders.test_storming import begin, storm
from tests.responders.test_telling import cold, do, problem_id
from tests.responders.world import World
from tests.storage.test_circles import somebody_waits

__all__ = ["cold"]
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgres"], indirect=True),
]


@pytest.fixture
async def other(database_url: str, cold: World) -> AsyncIterator[Database]:
    """Another process."""
    database = Database(database_url)
    yield database
    await database.close()


async def test_a_sender_who_finds_the_storm_and_a_manager_who_lets_its_case_go(cold: World, other: Database) -> None:
    await cold.approved()
    await begin(cold)
    on = await storm(cold)
    async with other.write() as session:
        await replies.locked(session, cold.reply_id)
        letting = asyncio.create_task(
            do(cold, actions.let_go, target=cold.case_id, who=cold.admin, why="a child is on board")
        )
        await somebody_waits(other)
        await storms.freeze_one(session, on, cold.reply_id, cold.now)
    assert "let go" in (await letting).said
    assert [row.reply_id for row in await cold.rows(Frozen)] == [cold.reply_id]
    assert [row.case_id for row in await cold.rows(LetGo)] == [cold.case_id]


async def test_who_begins_a_storm_and_who_removes_a_post_of_its_problem(cold: World, other: Database) -> None:
    await cold.approved()
    async with cold.db.write() as session:
        (await session.get_one(Problem, await problem_id(cold))).title = "mara wrote that coach 4 is cold"
    order = Order(cold.brand_id, (await cold.case()).channel, "removed", "user:1", cold.now)
    async with other.write() as session:
        await session.get_one(Case, cold.case_id, with_for_update=True)
        beginning = asyncio.create_task(begin(cold))
        await somebody_waits(other)
        await purge(session, order, table(MentionRow).c.id == cold.mention_id)
    assert "storm mode is on" in (await beginning).said
    assert [row.status for row in await cold.rows(Storm)] == ["frozen"]
    assert [row.title for row in await cold.rows(Problem)] == [""]
