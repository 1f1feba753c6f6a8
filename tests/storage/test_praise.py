"""Praise: one thank-you per author and month, behind everybody in need; whatever needs an answer leaves its lane."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from domain.mention import NOT_TO_US, SPEAKS_TO_US
from domain.opt_out import author_hash
from storage import replies, tables
from storage.advocates import advocates
from storage.arriving import Arrival
from storage.transitions import history
from tests.storage.conftest import START, House
from tests.storage.test_ingest import arrival, page, rows, store

LATER = START + timedelta(hours=3)


def praise(name: str, *, author: str = "42", score: dict[str, Any] | None = None, **more: Any) -> Arrival:
    """A glad post that speaks to us, in a thread of its own."""
    made = arrival(name, text=f"the crew was wonderful, {name}", author_id=author, addressed=True, **more)
    assert made.score is not None
    glad: dict[str, Any] = {
        "sentiment": 0.8, "label": "positive", "severity": 0, "priority": 60.0, "needs_answer": True,
        "why": SPEAKS_TO_US, "themes": ("service", "praise"),
    }  # fmt: skip
    return Arrival(made.mention, replace(made.score, **(glad | (score or {}))), made.topic_ids)


async def test_praise_opens_a_case_that_owes_nothing_by_no_time_and_asks_for_a_draft(house: House) -> None:
    await store(house, page(house, praise("a")))
    (case,) = await rows(house, tables.Case)
    (reply,) = await rows(house, tables.Reply)
    assert (case.praise, case.next_due_at, reply.status) == (True, None, "requested")


async def test_who_speaks_of_us_is_thanked_where_the_praise_is_clear(house: House) -> None:
    def aside(name: str, feeling: float) -> Arrival:
        score = {"sentiment": feeling, "needs_answer": False, "why": NOT_TO_US}
        return praise(name, author=name, score=score)

    await store(house, page(house, aside("clear", 0.5), aside("faint", 0.49)))
    assert [case.author_id for case in await rows(house, tables.Case)] == ["clear"]


@pytest.mark.parametrize(
    "score",
    [
        {"why": "asks a question"},
        {"why": "names a problem", "severity": 1},
        {"concepts": ("irony",)},
        {"concepts": ("help",)},
        {"themes": ("safety", "service", "praise")},
        {"label": "unsure", "sentiment": None},
    ],
)
async def test_what_asks_for_something_is_no_praise(house: House, score: dict[str, Any]) -> None:
    await store(house, page(house, praise("a", score=score)))
    (case,) = await rows(house, tables.Case)
    assert not case.praise
    assert case.next_due_at is not None


async def test_nobody_is_thanked_twice_within_thirty_days(house: House) -> None:
    await store(house, page(house, praise("a"), praise("b"), praise("c", author="43")))
    soon, then = START + timedelta(days=29), START + timedelta(days=31)
    await store(house, page(house, praise("d", posted_at=soon), now=soon))
    assert [case.author_id for case in await rows(house, tables.Case)] == ["42", "43"]
    await store(house, page(house, praise("e", posted_at=then), now=then))
    assert [case.author_id for case in await rows(house, tables.Case)] == ["42", "43", "42"]
    assert len(await rows(house, tables.MentionRow)) == 5


async def test_praise_is_left_alone_where_the_brand_or_its_author_wants_that(house: House) -> None:
    await store(house, page(house, praise("a", author="41")))
    (mention,) = await rows(house, tables.MentionRow)
    wish: dict[str, Any] = {"brand_id": house.brand_id, "channel": "rss", "author_hash": author_hash("rss", "42", "")}
    async with house.db.write() as session:
        session.add(tables.OptOut(id=5, mention_id=mention.id, actor="user:1", created_at=START, **wish))
    await store(house, page(house, praise("b")))
    async with house.db.write() as session:
        (await session.get_one(tables.Brand, house.brand_id)).voice = {"thank_praise": "off"}
    await store(house, page(house, praise("c", author="43")))
    assert [case.author_id for case in await rows(house, tables.Case)] == ["41"]


async def test_what_needs_an_answer_leaves_the_lane_with_clocks_of_its_own(house: House) -> None:
    await store(house, page(house, praise("a")))
    told = arrival("b", thread_id="a", author_id="42", posted_at=LATER)
    await store(house, page(house, told, now=LATER))
    (case,) = await rows(house, tables.Case)
    assert (case.praise, case.label, case.severity, case.priority) == (False, "negative", 2, 40.0)
    assert (case.posted_at, case.ack_due_at, case.next_due_at) == (LATER, *[LATER + timedelta(hours=1)] * 2)
    async with house.db.read() as session:
        assert [line.new for line in await history(session, "praise", case.id)] == ["answer"]


async def test_a_page_that_brings_both_opens_one_case_that_owes_an_answer(house: House) -> None:
    await store(house, page(house, praise("a"), arrival("b", thread_id="a", author_id="42", posted_at=LATER)))
    (case,) = await rows(house, tables.Case)
    assert (case.praise, case.label, case.mentions, case.posted_at) == (False, "negative", 2, LATER)
    assert {mention.case_id for mention in await rows(house, tables.MentionRow)} == {case.id}


async def test_more_praise_in_the_thread_opens_nothing_again(house: House) -> None:
    await store(house, page(house, praise("a")))
    (case,) = await rows(house, tables.Case)
    (reply,) = await rows(house, tables.Reply)
    async with house.db.write() as session:
        held = await replies.locked_case(session, case.id)
        assert held is not None
        await replies.change(session, tables.Reply, reply.id, status="sent", sent_at=LATER)
        await replies.answered(session, held, reply.id, actor="user:1", now=LATER)
    await store(house, page(house, praise("b", thread_id="a", posted_at=LATER), now=LATER))
    (case,) = await rows(house, tables.Case)
    assert (case.status, case.mentions, case.praise) == ("resolved", 2, True)
    assert len(await rows(house, tables.Reply)) == 1


async def test_drafts_for_whoever_needs_us_are_written_first(house: House) -> None:
    await store(house, page(house, praise("a"), arrival("b", author_id="43")))
    praised, needed = await rows(house, tables.Reply)
    async with house.db.read() as session:
        assert await replies.due_drafts(session, LATER, 9) == [needed.id, praised.id]


async def test_advocates_praise_again_and_again(house: House) -> None:
    often = [praise(name, author_followers=900) for name in ("a", "b", "c")]
    await store(house, page(house, *often, praise("d", author="once"), praise("e", author="left")))
    await store(house, page(house, praise("f", author="left")))
    async with house.db.read() as session:
        found = await advocates(session, [house.brand_id], START - timedelta(days=90))
        assert await advocates(session, [house.brand_id], START + timedelta(days=1)) == []
        assert await advocates(session, [], START - timedelta(days=90)) == []
    assert [(each.newest.author_id, each.praised, each.about) for each in found] == [
        ("42", 3, ("service",)),
        ("left", 2, ("service",)),
    ]
    assert (found[0].newest.author_followers, found[0].thanked_at) == (900, None)
    await _leave_alone_and_thank(house)
    async with house.db.read() as session:
        (left,) = await advocates(session, [house.brand_id], START - timedelta(days=90))
    assert (left.newest.author_id, left.thanked_at) == ("42", LATER)


@pytest.mark.parametrize(
    "score",
    [
        {"parts": (("feeling", -9.0, "glad"), ("question", 3.0, "asks something"))},
        {"parts": (("lost", 13.0, "something was lost"),)},
        {"parts": (("leaving", 6.0, "may leave us"),)},
        {"themes": ("safety", "praise")},
        {"themes": ("spam", "praise")},
    ],
)
async def test_whose_glad_posts_ask_or_miss_something_is_no_advocate(house: House, score: dict[str, Any]) -> None:
    asking = [praise(name, author="asks", score=score) for name in ("a", "b", "c")]
    once = [praise("d", author="once"), praise("e", author="once", score=score)]
    twice = [praise("f"), praise("g"), praise("h", score=score)]
    await store(house, page(house, *asking, *once, *twice))
    async with house.db.read() as session:
        found = await advocates(session, [house.brand_id], START - timedelta(days=90))
    assert [(each.newest.author_id, each.praised) for each in found] == [("42", 2)]


async def _leave_alone_and_thank(house: House) -> None:
    mention = (await rows(house, tables.MentionRow))[-1]
    reply = (await rows(house, tables.Reply))[0]
    wish: dict[str, Any] = {"brand_id": house.brand_id, "channel": "rss", "author_hash": author_hash("rss", "left", "")}
    async with house.db.write() as session:
        session.add(tables.OptOut(id=5, mention_id=mention.id, actor="user:1", created_at=START, **wish))
        await replies.change(session, tables.Reply, reply.id, status="sent", sent_at=LATER)


@pytest.mark.parametrize("thanked", [False, True])
async def test_an_edit_that_makes_a_complaint_of_praise_is_like_a_new_post(house: House, thanked: bool) -> None:
    await store(house, page(house, praise("a")))
    (case,) = await rows(house, tables.Case)
    (reply,) = await rows(house, tables.Reply)
    if thanked:
        async with house.db.write() as session:
            held = await replies.locked_case(session, case.id)
            assert held is not None
            await replies.change(session, tables.Reply, reply.id, status="sent", due_at=None, sent_at=START)
            await replies.answered(session, held, reply.id, actor="user:1", now=START)
    edit = arrival("a", text="the crew lost my bag", author_id="42", addressed=True, edited_at=LATER)
    await store(house, page(house, edit, now=LATER))
    (case,) = await rows(house, tables.Case)
    asked = [r.mention_id for r in await rows(house, tables.Reply) if r.status == "requested"]
    hour = timedelta(hours=1)
    assert (case.status, case.praise, case.label, case.mentions) == ("open", False, "negative", 1)
    assert (case.posted_at, case.ack_due_at, case.next_due_at) == (LATER, LATER + hour, LATER + hour)
    assert asked == [case.last_mention_id]


async def test_an_edit_of_praise_that_stays_praise_keeps_its_lane(house: House) -> None:
    await store(house, page(house, praise("a")))
    await store(house, page(house, praise("a", title="Great", edited_at=LATER), now=LATER))
    (case,) = await rows(house, tables.Case)
    assert (case.status, case.praise, case.next_due_at) == ("open", True, None)


@pytest.mark.parametrize("concept", ["lost", "luggage", "lost parcel", "stranded", "refund"])
async def test_kind_words_of_somebody_who_misses_something_are_no_praise(house: House, concept: str) -> None:
    await store(house, page(house, praise("a", score={"concepts": ("staff", concept)})))
    assert [case.praise for case in await rows(house, tables.Case)] == [False]


async def test_praise_of_somebody_whom_we_still_owe_an_answer_belongs_to_their_case(house: House) -> None:
    told = arrival("a", author_id="42")
    assert told.score is not None
    told = Arrival(told.mention, replace(told.score, themes=("service",)), told.topic_ids)
    await store(house, page(house, told))
    await store(house, page(house, praise("b", posted_at=LATER), now=LATER))
    (case,) = await rows(house, tables.Case)
    first, _ = await rows(house, tables.MentionRow)
    asked = [r.mention_id for r in await rows(house, tables.Reply) if r.status == "requested"]
    assert (case.mentions, case.praise, case.next_due_at, asked) == (2, False, case.ack_due_at, [first.id])


async def test_nobody_who_wrote_to_us_in_private_is_listed(house: House) -> None:
    await store(house, page(house, praise("a"), praise("b")))
    async with house.db.read() as session:
        assert await advocates(session, [house.brand_id], START - timedelta(days=90), ["rss"]) == []
