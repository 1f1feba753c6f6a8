"""The Rule of 5 holds an approval: the beginning is kept, the wait is short, and nobody waits twice."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from domain.ids import ids
from responders.heat import HOLD, OTHERS
from storage import replies
from storage.tables import Brand, Case, MentionRow, Reply, Transition
from tests.responders.test_surveying import ask, resolved, say
from tests.responders.world import DRAFT, World, add_mention

SCATHING = "YOU IDIOTS, THIS COACH IS A FREEZING DAMN SCAM!!!"
BLAMING = "You are an idiot. It is your own fault."


async def heated(world: World) -> None:
    """The answered post is scathing, and a calm draft waits."""
    await world.tamper(f"UPDATE mention SET text = '{SCATHING}', lang = 'en', severity = 3")
    await world.drafted()


async def begun(world: World) -> Sequence[Transition]:
    async with world.db.read() as session:
        return list(await session.exec(select(Transition).where(Transition.noun == "hold")))


async def status(world: World) -> str:
    return (await world.reply()).status


async def others_of(world: World, count: int) -> list[int]:
    """So many other open cases of the brand."""
    found = list(ids.many(count, world.now))
    async with world.db.write() as session:
        values = (await session.get_one(Case, world.case_id)).model_dump() | {"last_mention_id": None}
        session.add_all(Case(**values | {"id": number, "thread_id": f"other {number}"}) for number in found)
    return found


async def test_a_calm_answer_to_a_calm_post_is_not_held(world: World) -> None:
    await world.drafted()
    assert (await world.approve()).held_until is None
    assert (await status(world), await begun(world)) == ("approved", [])


async def test_the_first_try_begins_the_hold_and_later_ones_find_it(world: World) -> None:
    await heated(world)
    began_at = world.now
    done = await world.approve()
    assert (done.held_until, await status(world)) == (began_at + HOLD, "drafted")
    world.clock.move(120)
    assert (await world.approve()).held_until == began_at + HOLD
    (row,) = await begun(world)
    assert (row.actor, row.new) == (world.agent.actor, "theirs")
    assert "insults" in row.why
    world.clock.move(180)
    assert (await world.approve()).held_until is None
    assert await status(world) == "approved"


async def test_five_others_end_it_and_four_do_not(world: World) -> None:
    await heated(world)
    await world.approve()
    world.clock.move(10)
    others = await others_of(world, OTHERS)
    for number in others[:-1]:
        await world.act("resolve", number)
    await world.act("reopen", others[0])
    await world.act("resolve", others[0])  # again: an item counts once
    assert (await world.approve()).held_until is not None
    await world.act("resolve", others[-1])
    assert (await world.approve()).held_until is None


async def test_what_is_taken_back_was_not_handled(world: World) -> None:
    await heated(world)
    await world.approve()
    for number in await others_of(world, OTHERS):
        await world.act("snooze", number, until=world.now + timedelta(hours=1))
        await world.act("wake", number)
    assert (await world.approve()).held_until is not None


async def test_a_title_is_read_too(world: World) -> None:
    await world.drafted()
    await world.tamper("UPDATE mention SET lang = 'en', title = 'You idiots', text = 'Give me my money back.'")
    assert (await world.approve()).held_until is not None


@pytest.mark.parametrize(("changes", "held"), [({}, True), ({"author_handle": "ivo"}, False)])
async def test_what_they_wrote_before_counts_until_it_is_answered(
    world: World, changes: dict[str, Any], held: bool
) -> None:
    await heated(world)
    newest = await add_mention(world, "p1b", "@norda so?")
    async with world.db.write() as session:
        await replies.change(session, MentionRow, newest, severity=0, **changes)
        await replies.change(session, Reply, world.reply_id, mention_id=newest)
    assert ((await world.approve()).held_until is not None) is held


async def test_what_was_answered_is_over(world: World) -> None:
    await heated(world)
    await world.tamper("UPDATE reply SET status = 'sent', sent_at = '2026-03-02 09:00:00+00:00'")
    world.clock.move(60)
    newest = await add_mention(world, "p1b", "@norda so?")
    async with world.db.write() as session:
        await replies.change(session, MentionRow, newest, posted_at=world.now, severity=0)
    again = (await world.act("redraft")).reply_id
    await world.run("draft")
    assert (await world.approve(reply_id=again)).held_until is None


async def test_what_they_said_in_a_survey_holds_its_answer(world: World) -> None:
    await resolved(world)
    await ask(world)
    world.clock.move(60)
    await world.tamper("UPDATE mention SET lang = 'en'")
    await say(world, 1, "YOU THIEVING IDIOTS, YOU MORONS, I HATE YOU ALL!!!")
    await world.run("draft")
    draft = (await world.rows(Reply))[-1]
    assert (await world.approve(reply_id=draft.id)).held_until is not None


@pytest.mark.parametrize(("left_s", "wait_s"), [(180, 120), (60, None), (30, None), (-60, None)])
async def test_it_never_reaches_the_end_of_the_window(world: World, left_s: int, wait_s: int | None) -> None:
    await heated(world)
    world.clock.move(3600 - left_s)
    now = world.now
    assert (await world.approve()).held_until == (None if wait_s is None else now + timedelta(seconds=wait_s))


async def test_posting_by_hand_is_held_alike(world: World) -> None:
    await heated(world)
    done = await world.act("hand_over", text=DRAFT, version=(await world.reply()).version)
    assert done.held_until is not None
    assert await status(world) == "drafted"


async def test_a_colleague_comes_calm(world: World) -> None:
    await heated(world)
    assert (await world.approve(who=world.admin)).held_until is not None
    assert (await world.approve(who=world.agent)).held_until is None


async def test_our_own_words_hold_whoever_approves_them_and_not_anew(world: World) -> None:
    await world.drafted()
    await world.tamper("UPDATE reply SET lang = 'en'")
    began_at = world.now
    assert (await world.approve(BLAMING)).held_until == began_at + HOLD
    world.clock.move(60)
    assert (await world.approve(BLAMING, who=world.admin)).held_until == began_at + HOLD
    assert (await world.approve(DRAFT)).held_until is None


async def test_words_that_became_heated_later_are_held_by_themselves(world: World) -> None:
    await heated(world)
    await world.approve()
    world.clock.move(300)
    assert (await world.approve(BLAMING)).held_until == world.now + HOLD
    assert [row.new for row in await begun(world)] == ["theirs", "ours"]


async def test_a_brand_may_do_without(world: World) -> None:
    await heated(world)
    async with world.db.write() as session:
        brand = await session.get_one(Brand, world.brand_id)
        brand.voice = {"rule_of_five": "off"}
        session.add(brand)
    assert (await world.approve()).held_until is None
    assert await begun(world) == []
