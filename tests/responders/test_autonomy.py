"""What unedited approvals earn: measured, bounded from below, and gone at the first bad event."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import select

from domain.ids import ids
from responders.autonomy import WINDOW, earned, wilson_lower
from responders.signing import look
from storage.tables import Brand, Correction, MentionRow, Promise, Reply, Transition
from storage.tables_survey import Survey
from storage.track import track
from tests.fakes import CHANNEL
from tests.responders.world import DRAFT, World, add_mention

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def sent(number: int, edited: int = 0, days: float = 10) -> list[tuple[datetime, bool]]:
    return [(NOW - timedelta(days=days), at >= edited) for at in range(number)]


@pytest.mark.parametrize(("part", "whole", "lower"), [(0, 10, 0.0), (10, 10, 0.7225), (50, 100, 0.4038), (0, 0, 0.0)])
def test_the_lower_end_of_wilsons_interval(part: int, whole: int, lower: float) -> None:
    """Known values of the interval without correction for continuity."""
    assert math.isclose(wilson_lower(part, whole), lower, abs_tol=5e-5)


def test_it_takes_many_answers_and_nearly_all_as_drafted() -> None:
    assert not earned(sent(29), [], NOW).holds
    assert not earned(sent(34), [], NOW).holds  # the interval of 34 of 34 begins at 0.898
    assert earned(sent(35), [], NOW).holds
    assert not earned(sent(40, edited=1), [], NOW).holds
    assert earned(sent(200, edited=8), [], NOW).holds


def test_what_is_older_than_ninety_days_counts_no_more() -> None:
    assert earned(sent(40, days=89), [], NOW).holds
    assert earned(sent(40, days=91), [], NOW).drafts == 0


def test_one_bad_event_ends_it_and_only_what_comes_after_counts() -> None:
    assert earned(sent(40), [NOW - timedelta(days=9)], NOW).drafts == 0
    assert earned(sent(40, days=8), [NOW - timedelta(days=9), NOW - timedelta(days=30)], NOW).holds


# --- in the house ------------------------------------------------------------------------------------------------


@pytest.fixture
async def proven(world: World) -> World:
    """A brand that wants two people for some risk, and forty answers on this topic that left as drafted."""
    async with world.db.write() as session:
        await session.exec(update(Brand).values(two_from="medium"))
        await session.exec(update(MentionRow).values(themes=["delivery"], severity=2, lang="en"))
    await world.drafted()
    async with world.db.write() as session:
        live = await session.get_one(Reply, world.reply_id)
        at = world.now - timedelta(days=3)
        values = live.model_dump() | {"status": "sent", "sent_at": at, "created_at": at, "due_at": None}
        values |= {"text": DRAFT, "first_text": DRAFT, "promises_due_at": None}
        session.add_all([Reply(**(values | {"id": row_id})) for row_id in ids.many(40, at)])
    return world


async def test_what_is_earned_spares_the_second_person_and_says_why(proven: World) -> None:
    case = await proven.case()
    async with proven.db.read() as session:
        reply = await session.get_one(Reply, proven.reply_id)
        looked = await look(session, proven.agent, case, reply, DRAFT, proven.parts, proven.now)
    assert (looked.depth.level, looked.depth.people) == ("low", 1)
    assert f"earned: 40 of 40 drafts about delivery on {CHANNEL} in en left as drafted" in looked.depth.reasons
    await proven.approve()
    assert [yes.sign_off_id for yes in await proven.approvals()] == [None]


async def test_another_topic_has_earned_nothing(proven: World) -> None:
    mention = await add_mention(proven, "p2")
    async with proven.db.write() as session:
        await session.exec(update(MentionRow).where(MentionRow.id == mention).values(themes=["service"]))  # type: ignore[arg-type]
        await session.exec(update(Reply).where(Reply.id == proven.reply_id).values(mention_id=mention))  # type: ignore[arg-type]
    assert (await proven.approve()).status == "drafted"


async def test_a_grave_matter_takes_two_whatever_was_earned(proven: World) -> None:
    async with proven.db.write() as session:
        await session.exec(update(MentionRow).values(themes=["delivery", "safety"]))
    assert (await proven.approve()).status == "drafted"


async def test_a_corrected_theme_ends_what_the_wrong_theme_had_earned(proven: World) -> None:
    """The draft was written for the theme that was read wrongly."""
    mention = await add_mention(proven, "p4", "Your people at the counter were rude.")
    async with proven.db.write() as session:
        (live,) = await session.exec(select(Reply).where(Reply.id == proven.reply_id))
        at = proven.now - timedelta(days=1)
        values = live.model_dump() | {"status": "sent", "sent_at": at, "created_at": at, "due_at": None, "text": DRAFT}
        session.add(Reply(**(values | {"id": ids.next(at), "mention_id": mention, "first_text": DRAFT})))
        await session.exec(update(MentionRow).where(MentionRow.id == mention).values(themes=["service"]))  # type: ignore[arg-type]
        session.add(
            Correction(
                id=ids.next(proven.now), brand_id=proven.brand_id, mention_id=mention, kind="theme", old="delivery",
                new="service", actor="user:1", created_at=proven.now,
            )
        )  # fmt: skip
    async with proven.db.read() as session:
        how = await track(
            session, proven.brand_id, theme="delivery", channel=CHANNEL, lang="en", since=proven.now - WINDOW
        )
    assert (len(how.ended), how.bad) == (41, (proven.now,))
    assert (await proven.approve()).status == "drafted"


def _step(world: World, noun: str, new: str, why: str) -> Transition:
    row: dict[str, Any] = {"id": ids.next(world.now), "brand_id": world.brand_id, "row_id": world.reply_id}
    return Transition(**row, noun=noun, old="approved", new=new, actor="user:1", at=world.now, why=why)


async def _also(world: World, old: str, new: str, why: str, many: int) -> None:
    """Further drafts on this topic that a person rejected, or wanted another one instead of."""
    async with world.db.write() as session:
        live = await session.get_one(Reply, world.reply_id)
        for row_id in ids.many(many, world.now):
            session.add(Reply(**(live.model_dump() | {"id": row_id, "status": new})))
            step = _step(world, "reply", new, why).model_dump() | {"row_id": row_id, "old": old}
            session.add(Transition(**(step | {"id": ids.next(world.now)})))


@pytest.mark.parametrize(
    ("old", "new", "why", "many", "ends"),
    [
        ("drafted", "rejected", "wrong language", 1, True),
        ("drafted", "replaced", "a new draft was asked for", 1, True),
        ("approved", "replaced", "a new draft was asked for", 1, True),
        ("requested", "stale", "a new draft was asked for", 40, False),
        ("drafted", "stale", "the thread has a new message", 40, False),
    ],
)
async def test_what_was_rejected_or_replaced_did_not_leave_as_drafted(
    proven: World, old: str, new: str, why: str, many: int, ends: bool
) -> None:
    """Forty of forty-one are not enough. A draft that was overtaken, or never written, says nothing."""
    await _also(proven, old, new, why, many)
    assert ((await proven.approve()).status == "drafted") is ends, "a second person is awaited"


async def test_a_draft_that_was_replaced_counts_also_once_the_other_one_has_left_by_hand(proven: World) -> None:
    await _also(proven, "drafted", "replaced", "a new draft was asked for", 1)
    async with proven.db.write() as session:
        (row,) = await session.exec(select(Reply).where(Reply.status == "replaced"))
        row.status = "stale"
        step = _step(proven, "reply", "stale", "posted by hand").model_dump() | {"row_id": row.id, "old": "replaced"}
        session.add(Transition(**(step | {"id": ids.next(proven.now)})))
    assert (await proven.approve()).status == "drafted"


@pytest.mark.parametrize("why", ["wrong facts", "wrong tone"])
async def test_wrong_facts_and_a_wrong_tone_end_it_however_much_was_right(proven: World, why: str) -> None:
    await _also(proven, "drafted", "rejected", why, 1)
    async with proven.db.read() as session:
        how = await track(
            session, proven.brand_id, theme="delivery", channel=CHANNEL, lang="en", since=proven.now - WINDOW
        )
    assert (len(how.ended), how.bad) == (41, (proven.now,))


@pytest.mark.parametrize("what", ["refused", "recalled", "overruled", "corrected", "complaint", "promise", "survey"])
async def test_it_falls_at_the_first_bad_event(proven: World, what: str) -> None:
    if what == "complaint":
        mention = await add_mention(proven, "p3", "Still nothing, and nobody cares.")
        async with proven.db.write() as session:
            await session.exec(
                update(MentionRow).where(MentionRow.id == mention).values(label="negative")  # type: ignore[arg-type]
            )
    elif what == "promise":
        promise = Promise(
            id=ids.next(proven.now), brand_id=proven.brand_id, case_id=proven.case_id, reply_id=proven.reply_id,
            start=0, stop=5, status="kept", made_at=proven.now,
        )  # fmt: skip
        async with proven.db.write() as session:
            session.add(promise)
            await session.flush()
            step = _step(proven, "promise", "broken", "its moment passed").model_dump()
            session.add(Transition(**(step | {"row_id": promise.id})))
    elif what == "survey":
        survey = Survey(
            id=ids.next(proven.now), brand_id=proven.brand_id, case_id=proven.case_id, kind="csat", lang="en",
            actor="user:1", value=2, created_at=proven.now, expires_at=proven.now, changed_at=proven.now,
        )  # fmt: skip
        async with proven.db.write() as session:
            session.add(survey)
    elif what == "corrected":
        row: dict[str, Any] = {"id": ids.next(proven.now), "brand_id": proven.brand_id, "mention_id": proven.mention_id}
        correction = Correction(
            **row, kind="sentiment", old="negative", new="positive", actor="user:1", created_at=proven.now
        )
        async with proven.db.write() as session:
            session.add(correction)
    else:
        noun = "reply_check" if what == "overruled" else "reply"
        new, why = {"recalled": ("drafted", "recalled")}.get(what, (what, "a reason"))
        async with proven.db.write() as session:
            session.add(_step(proven, noun, new, why))
    assert (await proven.approve()).status == "drafted"
