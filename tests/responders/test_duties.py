"""What is owed after an answer: promises found once, warned of, broken, kept; a follow-up asked exactly once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from domain.alert import Raise
from domain.errors import BadInput, Missing, Moved, NotAllowed
from domain.ids import ids
from domain.person import Person
from responders import duties, knowing, promise_actions
from responders.done import Done
from responders.follow_up import Ending, reason_not_to
from responders.parts import Composed
from storage import alerts, replies, reporting
from storage import promises as ledger
from storage.replies import Gathered
from storage.tables import Alert, Case, MentionRow, Promise, Reply
from storage.transitions import history
from tests.responders.world import World, add_mention, asked_behind, with_parts

PROMISED = "Hello Mara, we are sorry. I'll write again by tomorrow noon."
DAY = 86_400
AFTERWARDS = "2026-03-03 00:00:00.000000"
"""After our answer."""


class Killed(BaseException):
    """The process is gone."""


def die(*_: object, **__: object) -> None:
    raise Killed


async def sent(world: World, text: str = PROMISED) -> None:
    """A reply with a promise has left."""

    async def compose(gathered: Gathered) -> Composed:
        return Composed(text, "en")

    with_parts(world, compose=compose)
    await world.drafted()
    await world.publishing(True)
    await world.approve(text)
    world.clock.move(21)
    await world.run("send")
    assert (await world.reply()).status == "sent"


async def do(world: World, name: str, who: Person | None = None, **values: Any) -> Done:
    (promise,) = await world.rows(Promise)
    async with world.db.write() as session:
        done: Done = await getattr(promise_actions, name)(
            session, who or world.agent, promise.id, now=world.now, parts=world.parts, **values
        )
        return done


async def promise(world: World) -> Promise:
    found: list[Promise] = await world.rows(Promise)
    (row,) = found
    return row


async def test_a_sent_reply_is_read_for_promises_once(world: World) -> None:
    await sent(world)
    assert await world.run("promises") == 1
    assert await world.run("promises") == 0
    found = await promise(world)
    assert (found.status, found.owner_id, found.case_id) == ("found", world.agent.id, world.case_id)
    assert found.due_at == datetime(2026, 3, 3, 12, 0, tzinfo=world.now.tzinfo)
    async with world.db.read() as session:
        (row,) = await ledger.of_case(session, world.case_id)
    assert (row.words, row.owner) == ("I'll write again by tomorrow noon.", "Agent")


async def test_a_crash_while_reading_leaves_the_reply_to_be_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sent(world)

    with monkeypatch.context() as patched:
        patched.setattr(duties, "_row", die)
        with pytest.raises(Killed):
            await world.run("promises")
    assert await world.rows(Promise) == []
    await world.run("promises")
    assert len(await world.rows(Promise)) == 1


async def test_a_confirmed_promise_breaks_when_its_moment_passes_and_stays_late(world: World) -> None:
    await sent(world)
    await world.run("promises")
    await do(world, "confirm")
    assert await world.run("break") == 0
    world.clock.move(2 * DAY)
    assert await world.run("break") == 1
    assert (await promise(world)).status == "broken"
    done = await do(world, "keep")
    assert ((await promise(world)).status, done.said) == ("kept", "kept, though late")


async def test_the_sender_corrects_the_moment(world: World) -> None:
    await sent(world)
    await world.run("promises")
    with pytest.raises(BadInput, match="in the future"):
        await do(world, "confirm", due=world.now)
    later = world.now + timedelta(days=3)
    await do(world, "confirm", due=later)
    assert (await promise(world)).due_at == later


async def test_a_moment_that_has_passed_or_is_ages_away_is_no_duty(world: World) -> None:
    await sent(world)
    await world.run("promises")
    with pytest.raises(BadInput, match="within two years"):
        await do(world, "confirm", due=world.now + timedelta(days=9_999))
    world.clock.move(2 * DAY)
    with pytest.raises(BadInput, match="has passed"):
        await do(world, "confirm")
    assert (await promise(world)).status == "found"


async def test_what_we_owe_is_known_while_drafting(world: World) -> None:
    await sent(world)
    await world.run("promises")
    await do(world, "confirm")
    async with world.db.read() as session:
        known = await knowing.known_of(session, await session.get_one(Case, world.case_id), now=world.now)
    assert known["promised"].startswith("I'll write again by tomorrow noon. (2026-")


async def test_an_alert_follows_its_promise_to_the_new_owner(world: World) -> None:
    await sent(world)
    await world.run("promises")
    row = await promise(world)
    want = Raise("promise_due", f"promise:{row.id}", False, "Norda: due", "", for_user_id=row.owner_id)
    async with world.db.write() as session:
        await alerts.store_alert(session, world.brand_id, want, world.now)
    await do(world, "give", user_id=world.admin.id)
    assert [alert.for_user_id for alert in await world.rows(Alert)] == [world.admin.id]


async def test_old_ones_that_nobody_confirmed_crowd_out_none_that_are_due(world: World) -> None:
    await sent(world)
    await world.run("promises")
    await do(world, "confirm")
    row = await promise(world)
    old = [
        Promise(
            id=ids.next(world.now), brand_id=row.brand_id, case_id=row.case_id, reply_id=row.reply_id, start=0, stop=1,
            status="found", made_at=world.now, due_at=world.now - timedelta(days=30), warn_at=world.now,
        )
        for _ in range(ledger.MOST_LISTED)
    ]  # fmt: skip
    async with world.db.write() as session:
        session.add_all(old)
    assert row.due_at is not None
    async with world.db.read() as session:
        told = await ledger.seen(session, world.brand_id, row.due_at - timedelta(minutes=5))
        listed = await ledger.ledger(session, [world.brand_id], world.now, None)
    assert [each.id for each in told] == [each.promise.id for each in listed] == [row.id]


UNDATED = "Hello Mara, I'll get back to you."


async def test_a_promise_without_a_moment_is_due_within_two_days_and_warned_of(world: World) -> None:
    await sent(world, UNDATED)
    await world.run("promises")
    found = await promise(world)
    assert found.due_at == found.made_at + timedelta(days=2)
    world.clock.move(1.8 * DAY)
    async with world.db.read() as session:
        assert [each.id for each in await ledger.seen(session, world.brand_id, world.now)] == [found.id]
    world.clock.move(DAY)
    assert await world.run("break") == 1
    world.clock.move(20 * DAY)
    await world.run("follow_up")
    assert (await world.case()).status == "resolved"


async def test_where_no_moment_was_named_the_one_confirmed_is_that_which_counts(world: World) -> None:
    await sent(world, UNDATED)
    await world.run("promises")
    await do(world, "confirm", due=world.now + timedelta(days=6))
    world.clock.move(5 * DAY)
    assert (await do(world, "keep")).said == "kept"


async def test_what_nobody_confirmed_breaks_and_can_still_be_no_promise(world: World) -> None:
    await sent(world)
    await world.run("promises")
    world.clock.move(2 * DAY)
    assert await world.run("break") == 1
    assert await ends(world) == [("broken", True)]
    await do(world, "dismiss")
    assert await ends(world) == []
    await do(world, "restore")
    await world.run("break")
    assert await ends(world) == [("broken", True)]


async def test_what_nobody_confirmed_can_be_said_to_be_kept(world: World) -> None:
    await sent(world)
    await world.run("promises")
    assert (await do(world, "keep")).said == "kept"
    assert await ends(world) == [("kept", False)]


async def test_a_reply_that_left_in_time_kept_it_whenever_that_is_said(world: World) -> None:
    await sent(world)
    await world.run("promises")
    await reply_again(world)
    world.clock.move(2 * DAY)
    await world.run("break")
    replied = (await world.rows(Reply))[-1].id
    assert (await do(world, "keep", reply_id=replied)).said == "kept"
    assert await ends(world) == [("kept", False)]


@pytest.mark.parametrize("said", [False, True])
@pytest.mark.parametrize("name", ["confirm", "postpone"])
async def test_a_moment_that_the_customer_never_heard_of_keeps_nothing(world: World, name: str, said: bool) -> None:
    await sent(world)
    await world.run("promises")
    if name == "postpone":
        await do(world, "confirm")
    await do(world, name, due=world.now + timedelta(days=60))
    if said:
        await reply_again(world)
    world.clock.move(59 * DAY)
    assert await world.run("break") == 0
    assert (await do(world, "keep")).said == ("kept" if said else "kept, though late")
    assert await ends(world) == [("kept", not said)]


async def test_what_broke_stays_broken_however_it_is_turned(world: World) -> None:
    await sent(world)
    await world.run("promises")
    await do(world, "confirm")
    world.clock.move(2 * DAY)
    with pytest.raises(Moved, match="cannot be dismissed"):
        await do(world, "dismiss")
    await world.run("break")
    await do(world, "keep")
    assert (await do(world, "unkeep")).status == "broken"
    with pytest.raises(Moved, match="cannot be dismissed"):
        await do(world, "dismiss")
    assert await ends(world) == [("broken", True)]


async def test_working_days_are_those_of_the_brands_country(world: World) -> None:
    world.clock.move((datetime(2026, 12, 24, 9, tzinfo=world.now.tzinfo) - world.now).total_seconds())
    await world.tamper("UPDATE brand SET zone = 'Europe/Zagreb'")
    await sent(world, "Hello Mara, I'll write within 1 working day.")
    await world.run("promises")
    assert (await promise(world)).due_at == datetime(2026, 12, 28, 17, tzinfo=world.now.tzinfo)


async def reply_again(world: World) -> None:
    """A further answer of ours leaves."""
    done = await world.act("redraft")
    assert done.reply_id is not None
    await world.run("draft")
    await world.approve("Hello Mara, the depot is still at it.", done.reply_id)
    world.clock.move(21)
    await world.run("send")
    await world.act("mark_sent", done.reply_id, url="")


async def ends(world: World) -> list[tuple[str, bool]]:
    """How the reports count the promises: how each stands, and whether it was broken."""
    always = reporting.Cut(world.now - timedelta(days=999), world.now + timedelta(days=999))
    async with world.db.read() as session:
        rows = await reporting.promises_due(session, [world.brand_id], always)
    return [(row.status, row.was_broken) for row in rows]


async def test_a_later_reply_of_the_case_keeps_it_and_no_other(world: World) -> None:
    await sent(world)
    await world.run("promises")
    await do(world, "confirm")
    with pytest.raises(BadInput, match="sent after the promise"):
        await do(world, "keep", reply_id=world.reply_id)
    done = await world.act("redraft")
    assert done.reply_id is not None
    await world.tamper(f"UPDATE reply SET status = 'sent' WHERE id = {done.reply_id}")
    await do(world, "keep", reply_id=done.reply_id)
    assert ((await promise(world)).status, (await promise(world)).kept_by) == ("kept", done.reply_id)
    await do(world, "unkeep")
    assert ((await promise(world)).status, (await promise(world)).kept_by) == ("open", None)


async def test_dismissing_giving_and_who_may(world: World) -> None:
    await sent(world)
    await world.run("promises")
    with pytest.raises(NotAllowed):
        await do(world, "confirm", world.viewer)
    with pytest.raises(Missing):
        await do(world, "confirm", world.stranger)
    with pytest.raises(BadInput, match="answers for this brand"):
        await do(world, "give", user_id=world.viewer.id)
    await do(world, "give", user_id=world.admin.id)
    await do(world, "dismiss")
    with pytest.raises(Moved):
        await do(world, "keep")
    await do(world, "restore")
    found = await promise(world)
    assert (found.status, found.owner_id) == ("found", world.admin.id)


async def test_the_ledger_is_ones_own_or_that_of_the_team(world: World) -> None:
    await sent(world)
    await world.run("promises")
    async with world.db.read() as session:
        mine = await ledger.ledger(session, [world.brand_id], world.now, world.agent.id)
        others = await ledger.ledger(session, [world.brand_id], world.now, world.admin.id)
        team = await ledger.ledger(session, [world.brand_id], world.now, None)
    assert (len(mine), len(others), len(team)) == (1, 0, 1)


# --- follow-up -------------------------------------------------------------------------------------------------


async def resolved(world: World) -> None:
    await sent(world, "Hello Mara, the depot repaired the heating of coach 4.")
    await world.act("resolve")


async def follow_ups(world: World) -> list[Reply]:
    async with world.db.read() as session:
        return list(await session.exec(select(Reply).where(Reply.kind == "follow_up")))


async def test_a_resolved_case_is_followed_up_once_after_two_days(world: World) -> None:
    await resolved(world)
    world.clock.move(2 * DAY - 60)
    assert await world.run("follow_up") == 0
    world.clock.move(61)
    assert await world.run("follow_up") == 1
    assert await world.run("follow_up") == 0
    await world.run("draft")
    (asked,) = await follow_ups(world)
    assert asked.status == "drafted"
    await world.approve(asked.text, asked.id)
    world.clock.move(21)
    await world.run("send")
    assert (await world.reply(asked.id)).status == "sent"
    assert (await world.case()).status == "resolved"
    await world.act("reopen")
    await world.act("resolve")
    world.clock.move(3 * DAY)
    await world.run("follow_up")
    assert len(await follow_ups(world)) == 1


async def test_a_follow_up_can_be_written_anew_and_stays_the_only_one(world: World) -> None:
    await resolved(world)
    world.clock.move(3 * DAY)
    await world.run("follow_up")
    await world.run("draft")
    done = await world.act("redraft")
    await world.run("draft")
    assert [(row.status, row.kind) for row in await follow_ups(world)] == [
        ("replaced", "follow_up"),
        ("drafted", "follow_up"),
    ]
    assert (await world.reply(done.reply_id)).mention_id == world.mention_id
    assert (await world.case()).status == "resolved"


async def test_a_resolved_case_without_a_follow_up_gets_no_draft(world: World) -> None:
    await resolved(world)
    with pytest.raises(Moved, match="reopen it first"):
        await world.act("redraft")


async def test_a_case_that_is_opened_again_is_not_followed_up(world: World) -> None:
    await resolved(world)
    await world.act("reopen")
    world.clock.move(3 * DAY)
    assert await world.run("follow_up") == 0


async def test_who_is_quiet_since_our_answer_is_asked_once_and_the_case_is_resolved(world: World) -> None:
    await sent(world, "Hello Mara, the depot repaired the heating of coach 4.")
    assert (await world.case()).status == "waiting"
    world.clock.move(5 * DAY - 60)
    assert await world.run("follow_up") == 0
    world.clock.move(61)
    assert await world.run("follow_up") == 1
    assert (await world.case()).status == "resolved"
    assert len(await follow_ups(world)) == 1
    async with world.db.read() as session:
        assert "quiet for 5 days since our answer" in [
            line.why for line in await history(session, "case", world.case_id)
        ]
    await world.act("reopen")
    assert (await world.case()).status == "open"
    world.clock.move(6 * DAY)
    assert await world.run("follow_up") == 0


async def test_a_case_in_which_something_is_owed_waits_however_quiet_its_author_is(world: World) -> None:
    await sent(world)
    await world.run("promises")
    world.clock.move(6 * DAY)
    await world.run("follow_up")
    assert (await world.case()).status == "waiting"
    await do(world, "dismiss")
    world.clock.move(DAY + 1)
    await world.run("follow_up")
    assert (await world.case()).status == "resolved"
    assert len(await follow_ups(world)) == 1


async def test_who_is_told_that_we_are_at_it_is_owed_a_word_within_two_days(world: World) -> None:
    await sent(world, "Hello Mara, a cold coach in winter is no fun. I'm looking into this with the depot.")
    await world.run("promises")
    found = await promise(world)
    assert (found.status, found.due_at) == ("found", found.made_at + timedelta(days=2))
    async with world.db.read() as session:
        (row,) = await ledger.of_case(session, world.case_id)
    assert row.words == "I'm looking into this with the depot."
    world.clock.move(6 * DAY)
    await world.run("follow_up")
    assert (await world.case()).status == "waiting"


async def test_a_case_to_whose_author_somebody_writes_waits(world: World) -> None:
    await sent(world, "Hello Mara, the depot repaired the heating of coach 4.")
    await world.act("redraft")
    world.clock.move(6 * DAY)
    assert await world.run("follow_up") == 1
    assert (await world.case()).status == "waiting"
    assert await follow_ups(world) == []


async def test_nobody_is_asked_whether_all_is_well_before_what_we_promised_is_done(world: World) -> None:
    await sent(world, "Hello Mara, we will refund you within 14 days.")
    await world.run("promises")
    await do(world, "confirm")
    await world.act("resolve")
    world.clock.move(13 * DAY)
    assert await world.run("follow_up") == 1
    assert await follow_ups(world) == []
    await do(world, "keep")
    world.clock.move(DAY)
    await world.run("follow_up")
    assert len(await follow_ups(world)) == 1


async def another_case(world: World, **values: Any) -> int:
    """Its author has a second one with us, in a thread of its own."""
    row_id = ids.next(world.now)
    for table in ("case_file", "mention"):
        await world.tamper(f"UPDATE {table} SET author_id = 'mara-1'")
    async with world.db.write() as session:
        first = await session.get_one(Case, world.case_id)
        new = {"id": row_id, "thread_id": "elsewhere", "status": "open", "follow_up_at": None, "last_mention_id": None}
        session.add(Case(**first.model_dump() | new | values))
    return row_id


@pytest.mark.parametrize("status", ["open", "escalated", "snoozed"])
async def test_who_waits_for_us_in_another_case_is_not_asked_whether_all_is_well(world: World, status: str) -> None:
    await resolved(world)
    other = await another_case(world, status=status)
    world.clock.move(3 * DAY)
    await world.run("follow_up")
    assert await follow_ups(world) == []
    await world.tamper(f"UPDATE case_file SET status = 'waiting' WHERE id = {other}")
    world.clock.move(DAY)
    await world.run("follow_up")
    assert len(await follow_ups(world)) == 1


async def test_who_waits_elsewhere_for_what_we_promised_is_not_asked_either(world: World) -> None:
    await sent(world, "Hello Mara, we will refund you within 14 days.")
    await world.run("promises")
    await world.act("resolve")
    other = await another_case(world, status="waiting")
    await world.tamper(f"UPDATE promise SET case_id = {other}")
    world.clock.move(3 * DAY)
    await world.run("follow_up")
    assert await follow_ups(world) == []


@pytest.mark.parametrize("values", [{"author_id": "ines-2"}, {"channel": "rss"}, {"praise": True}])
async def test_another_author_place_or_kind_word_keeps_nobody_from_being_asked(
    world: World, values: dict[str, Any]
) -> None:
    await resolved(world)
    await another_case(world, **values)
    world.clock.move(3 * DAY)
    await world.run("follow_up")
    assert len(await follow_ups(world)) == 1


async def test_thanks_for_the_holding_reply_say_nothing_of_the_answer(world: World) -> None:
    await world.tamper(f"UPDATE reply SET kind = 'holding' WHERE id = {world.reply_id}")
    await sent(world, "Hello Mara, we are on it together with the depot.")
    world.clock.move(60)
    thanks = await add_mention(world, "p2", "Thank you!")
    async with world.db.write() as session:
        await replies.change(session, MentionRow, thanks, posted_at=world.now)
    world.clock.move(60)
    done = await world.act("redraft")
    await world.run("draft")
    await world.approve("Hello Mara, the depot repaired the heating of coach 4.", done.reply_id)
    world.clock.move(21)
    await world.run("send")
    world.clock.move(6 * DAY)
    await world.run("follow_up")
    assert len(await follow_ups(world)) == 1


async def test_an_irrelevant_case_is_not_followed_up(world: World) -> None:
    await sent(world)
    await world.act("ignore")
    world.clock.move(3 * DAY)
    assert await world.run("follow_up") == 0


async def test_a_crash_neither_loses_nor_doubles_the_follow_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await resolved(world)
    world.clock.move(3 * DAY)

    with monkeypatch.context() as patched:
        patched.setattr(type(world.jobs), "nudge", die)
        with pytest.raises(Killed):
            await world.run("follow_up")
    assert await follow_ups(world) == []
    await world.run("follow_up")
    assert len(await follow_ups(world)) == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (f"UPDATE mention SET text = 'thank you so much 🙏', posted_at = '{AFTERWARDS}'", "they said thanks"),
        ("UPDATE mention SET label = 'positive'", "they praised us"),
        ("UPDATE reply SET kind = 'follow_up' WHERE status = 'sent'", "asked already"),
        ("UPDATE mention SET status = 'withdrawn'", "their posts are gone"),
    ],
)
async def test_who_need_not_be_asked_is_not(world: World, change: str, why: str) -> None:
    await resolved(world)
    await world.tamper(change)
    before = len(await follow_ups(world))
    world.clock.move(3 * DAY)
    await world.run("follow_up")
    assert len(await follow_ups(world)) == before
    async with world.db.read() as session:
        assert (await session.get_one(Case, world.case_id)).follow_up_at is None
        assert [line.why for line in await history(session, "follow_up", world.case_id)] == [why]


def test_each_reason_alone_keeps_us_quiet() -> None:
    fine: dict[str, Any] = {
        "answered": True, "asked": False, "praised": False, "thanked": False, "left_alone": False, "way": "api",
        "table_way": "api",
    }  # fmt: skip
    assert reason_not_to(Ending(**fine)) == ""
    assert reason_not_to(Ending(**fine | {"way": "manual", "table_way": "manual"})) == ""
    for change in (
        {"answered": False}, {"asked": True}, {"praised": True}, {"thanked": True}, {"left_alone": True},
        {"way": "none"}, {"way": "manual"},
    ):  # fmt: skip
        assert reason_not_to(Ending(**fine | change)), change


# --- holding replies -------------------------------------------------------------------------------------------


async def test_a_holding_reply_stops_the_first_clock_and_no_other(world: World) -> None:
    answer_due_at = world.now + timedelta(hours=4)
    async with world.db.write() as session:
        case = await session.get_one(Case, world.case_id)
        case.answer_due_at = answer_due_at
        session.add(case)
    await world.tamper(f"UPDATE reply SET kind = 'holding' WHERE id = {world.reply_id}")
    await sent(world, "Hello Mara, we are on it together with the depot.")
    held = await world.case()
    assert (held.status, held.next_due_at) == ("open", answer_due_at)
    done = await world.act("redraft")
    assert done.reply_id is not None
    await world.run("draft")
    await world.approve("Hello Mara, the depot repaired the heating of coach 4.", done.reply_id)
    world.clock.move(21)
    await world.run("send")
    answered = await world.case()
    assert (answered.status, answered.next_due_at) == ("waiting", None)


@pytest.mark.parametrize("recalled", [False, True])
async def test_two_replies_that_a_case_was_resolved_without_make_way_together_or_not_at_all(
    world: World, recalled: bool
) -> None:
    await sent(world)
    await world.act("redraft")
    await world.run("draft")
    second = (await world.rows(Reply))[-1]
    await world.act("hand_over", second.id, text=PROMISED, version=second.version)
    await asked_behind(world)
    if recalled:
        await world.act("recall", second.id)
    await world.act("resolve")
    world.clock.move(3 * DAY)
    await world.run("follow_up")
    found = [(row.kind, row.status) for row in (await world.rows(Reply))[1:]]
    if recalled:
        assert found == [("answer", "stale"), ("answer", "stale"), ("follow_up", "requested")]
    else:
        assert found == [("answer", "handed_over"), ("answer", "requested")]
