"""A word that is no answer yet: drafted before the window ends, exactly once; then check-ins until it is solved."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.policies import Policies
from responders import holding
from responders.parts import Composed
from storage.replies import Gathered, change, request, request_row, stale_replies
from storage.tables import Case, Promise, Reply
from storage.transitions import history
from tests.fakes import CHANNEL
from tests.responders.test_duties import Killed, die
from tests.responders.world import DRAFT, World, asked_behind, with_parts

QUARTERS_S = 45 * 60
"""Three quarters of the hour that the world promises for a first word."""
CHECK_IN_S = 172_800
CALM = "Hello Mara, it takes us longer. We are on it."
Furnish = Callable[..., Awaitable[World]]


async def kinds(world: World) -> list[tuple[str, str]]:
    rows: list[Reply] = await world.rows(Reply)
    return [(row.kind, row.status) for row in rows]


async def notes(world: World, noun: str) -> list[tuple[str, str]]:
    async with world.db.read() as session:
        return [(row.new, row.why) for row in await history(session, noun, world.case_id)]


async def held(world: World) -> None:
    """The holding reply that was drafted by itself has left."""
    await world.drafted()
    world.clock.move(QUARTERS_S)
    await world.run("holding")
    await world.run("draft")
    await send(world)


async def send(world: World) -> None:
    await world.publishing(True)
    (live,) = [row for row in await world.rows(Reply) if row.status == "drafted"]
    await world.approve(CALM, live.id)
    world.clock.move(21)
    await world.run("send")
    if (await world.reply(live.id)).status == "handed_over":
        await world.act("mark_sent", live.id, url="")
    assert (await world.reply(live.id)).status == "sent"


async def test_three_quarters_of_the_window_ask_for_one_holding_draft(world: World) -> None:
    await world.drafted()
    world.clock.move(QUARTERS_S - 1)
    assert await world.run("holding") == 0
    world.clock.move(1)
    assert await world.run("holding") == 1
    assert await kinds(world) == [("answer", "stale"), ("holding", "requested")]
    assert await world.run("draft") == 1
    assert await kinds(world) == [("answer", "stale"), ("holding", "drafted")]
    assert await notes(world, "holding") == [("due", "")]


async def test_it_is_asked_for_once_whatever_became_of_it(world: World) -> None:
    await world.drafted()
    world.clock.move(QUARTERS_S)
    await world.run("holding")
    await world.steps["holding"].handle(world.case_id, world.now)
    await world.run("draft")
    _, asked = await world.rows(Reply)
    await world.act("reject", asked.id, reason="wrong tone", version=asked.version)
    assert await world.run("holding") == 0
    assert len(await kinds(world)) == 2


async def test_a_crash_in_the_middle_leaves_it_to_be_asked_for_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.drafted()
    world.clock.move(QUARTERS_S)
    with monkeypatch.context() as patched:
        patched.setattr(holding, "_make_way", die)
        with pytest.raises(Killed):
            await world.run("holding")
    assert await kinds(world) == [("answer", "drafted")]
    assert await world.run("holding") == 1
    assert await notes(world, "holding") == [("due", "")]


async def test_what_a_person_said_yes_to_or_typed_does_not_give_way(world: World) -> None:
    await world.drafted()
    await world.approve()
    world.clock.move(QUARTERS_S)
    assert await world.run("holding") == 0
    await world.act("edit", text=DRAFT + " Nearly there.", version=(await world.reply()).version)
    assert await world.run("holding") == 0


async def test_one_that_a_person_asked_for_a_moment_ago_is_enough(world: World) -> None:
    await world.drafted()
    world.clock.move(QUARTERS_S)
    await world.act("redraft", kind="holding")
    assert await world.run("holding") == 0


@pytest.mark.parametrize("move_s", [3600, 7200])
async def test_a_window_that_is_over_is_left_to_the_alerts(world: World, move_s: int) -> None:
    await world.drafted()
    world.clock.move(move_s)
    assert await world.run("holding") == 0


async def test_where_a_holding_reply_counts_as_the_answer_none_is_drafted(build: Furnish) -> None:
    world = await build(policies=Policies(holding_counts=True))
    await world.drafted()
    world.clock.move(QUARTERS_S)
    await world.run("holding")
    assert await kinds(world) == [("answer", "drafted")]
    assert await notes(world, "holding") == [
        ("skipped", "on this channel a holding reply would take the place of the answer")
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE case_file SET label = 'positive'",
        "UPDATE mention SET text = 'thank you!'",
        "UPDATE mention SET text = ''",
    ],
)
async def test_praise_thanks_and_what_is_gone_get_none(world: World, statement: str) -> None:
    await world.drafted()
    await world.tamper(statement)
    world.clock.move(QUARTERS_S)
    await world.run("holding")
    assert await kinds(world) == [("answer", "drafted")]
    assert [new for new, _ in await notes(world, "holding")] == ["skipped"]


async def test_it_stops_the_first_clock_and_the_answer_stays_owed(world: World) -> None:
    await held(world)
    case = await world.case()
    assert (case.status, case.next_due_at) == ("open", case.answer_due_at)


async def test_check_ins_follow_until_it_is_solved(world: World) -> None:
    await held(world)
    world.clock.move(CHECK_IN_S - 60)
    assert await world.run("check_in") == 0
    world.clock.move(60)
    assert await world.run("check_in") == 1
    assert await world.run("check_in") == 0
    await world.run("draft")
    await send(world)
    world.clock.move(CHECK_IN_S)
    await world.act("resolve")
    assert await world.run("check_in") == 0
    assert await notes(world, "check_in") == [("due", "")]


async def test_a_rejected_check_in_is_asked_for_after_as_long_again(world: World) -> None:
    await held(world)
    world.clock.move(CHECK_IN_S)
    await world.run("check_in")
    await world.run("draft")
    asked = (await world.rows(Reply))[-1]
    await world.act("reject", asked.id, reason="wrong tone", version=asked.version)
    assert await world.run("check_in") == 0
    world.clock.move(CHECK_IN_S)
    assert await world.run("check_in") == 1


async def test_a_promise_that_is_kept_sooner_is_the_check_in(world: World) -> None:
    await held(world)
    world.clock.move(CHECK_IN_S)
    sent = (await world.rows(Reply))[-1]
    async with world.db.write() as session:
        session.add(
            Promise(
                id=1, brand_id=world.brand_id, case_id=world.case_id, reply_id=sent.id, start=0, stop=5, status="open",
                made_at=world.now, due_at=world.now + timedelta(days=1),
            )
        )  # fmt: skip
    assert await world.run("check_in") == 0


async def test_an_answered_case_gets_no_check_in(world: World) -> None:
    await world.approved()
    await world.run("send")
    world.clock.move(CHECK_IN_S * 2)
    assert await world.run("check_in") == 0


async def test_the_rhythm_is_a_setting(world: World) -> None:
    with_parts(world, limits=replace(world.parts.limits, check_in_s=3600.0))
    await held(world)
    world.clock.move(3600)
    assert await world.run("check_in") == 1


async def test_where_no_holding_draft_can_be_written_the_one_behind_it_has_its_turn(world: World) -> None:
    await world.drafted()
    await world.act("hand_over", text=DRAFT, version=(await world.reply()).version)
    _, behind = await asked_behind(world)
    await world.act("recall")
    world.clock.move(QUARTERS_S)
    await world.run("holding")

    async def compose(gathered: Gathered) -> Composed:
        return Composed("", None, "nothing fits")

    with_parts(world, compose=compose)
    await world.run("draft")
    assert (await world.reply(behind)).due_at == world.now


async def test_a_word_that_went_stale_is_asked_for_again(world: World) -> None:
    """They wrote "hello??" before it was approved: the answer still will not be there in time."""
    await world.drafted()
    world.clock.move(QUARTERS_S)
    await world.run("holding")
    await world.run("draft")
    async with world.db.write() as session:
        (asked,) = await stale_replies(session, [world.case_id], world.now)
        row = request_row(
            world.case_id, brand_id=world.brand_id, channel=CHANNEL, mention_id=asked[1], lang="en", now=world.now
        )
        await request(session, [row])
    assert await world.run("holding") == 1
    assert [kind for kind, status in await kinds(world) if status == "requested"] == ["holding"]


async def test_a_new_answer_owed_is_held_on_as_well(world: World) -> None:
    await world.approved()
    await world.run("send")
    assert (await world.case()).hold_at is None
    until = world.now + timedelta(hours=1)
    values = {"status": "open", "next_due_at": until, "hold_at": world.now + timedelta(minutes=45)}
    async with world.db.write() as session:
        await change(session, Case, world.case_id, **values)
    world.clock.move(QUARTERS_S)
    assert await world.run("holding") == 1


async def test_an_answer_that_nobody_touched_gives_way_to_a_check_in(world: World) -> None:
    await held(world)
    await asked_behind(world)
    await world.run("draft")
    world.clock.move(CHECK_IN_S)
    assert await world.run("check_in") == 1


async def test_thanks_for_a_holding_reply_end_no_check_ins(world: World) -> None:
    await held(world)
    await world.tamper("UPDATE mention SET text = 'thank you!'")
    world.clock.move(CHECK_IN_S)
    assert await world.run("check_in") == 1
    assert await notes(world, "check_in") == [("due", "")]
