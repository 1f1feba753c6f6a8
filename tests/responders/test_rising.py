"""The risk rises while a reply is approved and unsent: it waits for a second person, and the first yes stays."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from storage.tables import Approval, MentionRow, Reply
from storage.tables_depth import SignOff
from storage.transitions import history
from tests.responders.world import DRAFT, START, World


async def found_later(world: World, **values: Any) -> None:
    """What is read in the post changes; its words and its version do not."""
    async with world.db.write() as session:
        await session.exec(update(MentionRow).values(**values))


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"themes": ["legal"]}, "legal"),
        ({"themes": ["safety", "service"]}, "safety"),
        ({"themes": ["press"]}, "press"),
        ({"author_followers": 100_000}, "high reach: 100,000 followers"),
        ({"themes": ["billing"], "severity": 3}, "money in a grave complaint"),
    ],
)
async def test_it_does_not_leave_and_waits_for_a_second_person(world: World, values: dict[str, Any], why: str) -> None:
    await world.approved()
    await found_later(world, **values)
    await world.run("send")
    reply = await world.reply()
    assert not await world.attempts()
    assert (reply.status, reply.text) == ("drafted", DRAFT)
    async with world.db.read() as session:
        steps = await history(session, "reply", world.reply_id)
        assert [step.why for step in await history(session, "reply_check", world.reply_id)] == [why]
    assert steps[-1].why == f"a second person is needed now: {why}"
    assert (await world.approve()).status == "drafted", "the same person is not two"
    assert (await world.approve(who=world.admin)).status == "approved"
    world.clock.move(21)
    await world.run("send")
    assert (await world.reply()).status == "sent"
    (first,) = await world.rows(SignOff)
    assert first.user_id == world.agent.id


async def test_what_is_no_high_risk_leaves(world: World) -> None:
    await world.approved()
    await found_later(world, themes=["service"], severity=3, author_followers=99_999)
    await world.run("send")
    assert (await world.reply()).status == "sent"


async def test_a_team_of_one_is_not_held_up(world: World) -> None:
    from storage.tables import User

    await world.approved()
    async with world.db.write() as session:
        (await session.get_one(User, world.admin.id)).disabled_at = START
    await found_later(world, themes=["legal"])
    await world.run("send")
    assert (await world.reply()).status == "sent"


async def test_a_yes_that_is_no_longer_good_is_no_first_one(world: World) -> None:
    await world.approved()
    await found_later(world, themes=["legal"])
    await world.tamper("UPDATE approval SET mac = 'forged'")
    await world.run("send")
    assert (await world.reply()).status == "drafted"
    assert not await world.rows(SignOff)
    assert not await world.attempts()


async def test_two_yeses_are_enough_whatever_is_found(world: World) -> None:
    await found_later(world, themes=["legal"])
    await world.drafted()
    await world.publishing(True)
    await world.approve()
    await world.approve(who=world.admin)
    await found_later(world, themes=["legal", "press"])
    world.clock.move(21)
    await world.run("send")
    assert (await world.reply()).status == "sent"
    assert len(await world.rows(Approval)) == 1
    assert len(await world.rows(Reply)) == 1
