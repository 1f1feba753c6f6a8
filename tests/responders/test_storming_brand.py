"""Storm mode over a whole brand, and a statement that was posted by hand."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete
from sqlmodel import col

from domain.errors import BadInput, Missing, Moved, NotAllowed
from responders import storm_actions as actions
from responders.done import Done
from storage import storms
from storage.migrate import migrate
from storage.tables import Brand, Told
from storage.tables_storm import Frozen, LetGo, Storm
from tests.responders.test_storming import (
    KNOWN,
    NEXT,
    UNCLEAR,
    agree,
    begin,
    end,
    known_of,
    let_go,
    release,
    state,
    stated,
    storm,
)
from tests.responders.test_telling import cold, do, post
from tests.responders.world import START, World

__all__ = ["cold"]


async def of_brand(world: World, action: Any, **values: Any) -> Done:
    return await do(world, action, target=world.brand_id, of_brand=True, **({"who": world.admin} | values))


async def alone(world: World) -> int:
    """A case that is part of no problem, with an approved reply whose undo window is over."""
    async with world.db.write() as session:
        await session.exec(delete(Told).where(col(Told.mention_id) == world.mention_id))
    await world.approved()
    return world.case_id


async def test_a_storm_over_a_brand_holds_cases_of_any_problem_and_of_none(cold: World) -> None:
    mine = await alone(cold)
    await of_brand(cold, actions.begin, why="everybody is angry")
    assert "on already" in (await of_brand(cold, actions.begin, why="again")).said
    assert (await storm(cold)).problem_id is None
    await cold.run("send")
    assert not await cold.attempts()
    late = await post(cold, "petra")
    async with cold.db.read() as session:
        assert {each.case_id for each in await storms.held(session, await storm(cold))} > {mine, late}
    await of_brand(cold, actions.state, who=cold.agent, known=KNOWN, unclear=UNCLEAR, next_at=NEXT)
    await of_brand(cold, actions.agree, version=(await storm(cold)).version)
    await of_brand(cold, actions.release, pace=20)
    await cold.run("release")
    assert {mine, late} < set(await let_go(cold))
    assert (await known_of(cold))["known_outage"] == KNOWN["en"]
    assert (await cold.reply()).status == "drafted", "it waits for a yes again"
    await of_brand(cold, actions.end)
    assert (await storm(cold)).status == "over"


async def test_switched_off_approved_replies_of_the_brand_leave_after_an_undo_window(cold: World) -> None:
    await alone(cold)
    await of_brand(cold, actions.begin, why="everybody is angry")
    await of_brand(cold, actions.end)
    await cold.run("thaw")
    cold.clock.move(21)
    await cold.run("send")
    assert (await cold.reply()).status == "sent"


async def test_a_case_under_two_storms_is_held_until_both_let_it_go(cold: World) -> None:
    await cold.drafted()
    await begin(cold)
    await of_brand(cold, actions.begin, why="everybody is angry")
    await end(cold)
    with pytest.raises(Moved, match="everybody is angry"):
        await cold.approve()
    await of_brand(cold, actions.end)
    await cold.approve()


async def test_who_lets_a_case_of_two_storms_go_hears_that_one_holds_it_still(cold: World) -> None:
    await cold.drafted()
    await begin(cold)
    await of_brand(cold, actions.begin, why="everybody is angry")
    said = [
        (await do(cold, actions.let_go, target=cold.case_id, why="a child is on board", who=cold.admin)).said
        for _ in range(2)
    ]
    assert ["holds it still" in each for each in said] == [True, False]
    await cold.approve()


async def test_a_storm_over_a_brand_is_for_managers_and_leaves_other_brands_alone(cold: World) -> None:
    for who in (cold.agent, cold.viewer):
        with pytest.raises(NotAllowed):
            await of_brand(cold, actions.begin, why="many", who=who)
    with pytest.raises(Missing):
        await of_brand(cold, actions.begin, why="many", who=cold.stranger)
    async with cold.db.write() as session:
        session.add(Brand(id=7, name="Kestrel", slug="kestrel", created_at=START))
    await of_brand(cold, actions.begin, why="many")
    async with cold.db.read() as session:
        assert await storms.on_brand(session, 7) is None
        assert len(await storms.all_on(session, cold.agent.brands)) == 1


async def test_a_statement_that_was_posted_by_hand_is_marked_once_and_the_release_begins_with_it(cold: World) -> None:
    await stated(cold)
    with pytest.raises(BadInput, match="the address of the post"):
        await do(cold, actions.posted, who=cold.admin, url="javascript:alert(1)")
    await do(cold, actions.posted, who=cold.admin, url="https://parley.test/norda/1", pace=20)
    row = await storm(cold)
    assert (row.status, row.pace, row.posted_url) == ("releasing", 20, "https://parley.test/norda/1")
    assert (row.posted_at, row.posted_by) == (cold.now, cold.admin.actor)
    assert "already" in (await do(cold, actions.posted, who=cold.admin, url="https://parley.test/2")).said
    assert (await storm(cold)).posted_url == "https://parley.test/norda/1"
    await cold.run("release")
    assert cold.case_id in await let_go(cold)
    await state(cold, unclear=UNCLEAR | {"en": "we do not know the reason for it yet"})
    assert ((await storm(cold)).posted_at, (await storm(cold)).posted_url) == (None, "")


async def test_who_may_not_let_go_marks_it_and_a_manager_begins_the_release(cold: World) -> None:
    await begin(cold)
    with pytest.raises(Moved, match="statement comes first"):
        await do(cold, actions.posted)
    await state(cold)
    await agree(cold)
    assert "a manager begins the release" in (await do(cold, actions.posted)).said
    assert (await storm(cold)).status == "stated"
    await release(cold)
    assert ((await storm(cold)).status, (await storm(cold)).posted_by) == ("releasing", cold.agent.actor)


async def test_storms_outlive_a_step_of_the_schema_and_back(cold: World) -> None:
    await cold.approved()
    await begin(cold)
    await of_brand(cold, actions.begin, why="everybody is angry")
    await do(cold, actions.let_go, target=cold.case_id, why="a child is on board", who=cold.admin)
    before = [await cold.rows(model) for model in (Storm, Frozen, LetGo)]
    assert [len(rows) for rows in before] == [2, 1, 1]
    async with cold.db.engine.begin() as connection:
        await connection.run_sync(_back_to, "0015")
    assert await migrate(str(cold.db.engine.url.render_as_string(hide_password=False)))
    after = [await cold.rows(model) for model in (Storm, Frozen, LetGo)]
    assert after == [before[0][:1], before[1], before[2]], "one over a brand cannot be told in the older schema"


def _back_to(connection: Any, revision: str) -> None:
    from alembic import command

    from storage.migrate import _config

    config = _config()
    config.attributes["connection"] = connection
    command.downgrade(config, revision)
