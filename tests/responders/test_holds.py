"""The Rule of 5 holds an approval: the beginning is kept, the wait is short, and nobody waits twice."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from domain.ids import ids
from responders.heat import HOLD, OTHERS
from storage.tables import Brand, Transition
from tests.responders.world import DRAFT, World

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


async def handle_others(world: World, count: int, at: datetime) -> None:
    """The agent resolved so many other cases."""
    async with world.db.write() as session:
        session.add_all(
            Transition(
                id=ids.next(at), brand_id=world.brand_id, noun="case", row_id=number, old="open", new="resolved",
                actor=world.agent.actor, at=at,
            )
            for number in range(1, count + 1)
        )  # fmt: skip


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
    await handle_others(world, OTHERS - 1, world.now)
    assert (await world.approve()).held_until is not None
    await handle_others(world, OTHERS, world.now)  # four of them again: an item counts once
    assert (await world.approve()).held_until is None


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
