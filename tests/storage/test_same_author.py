"""Nobody has to ask twice: what an author writes elsewhere about the same joins the case that we still owe them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from domain.ids import ids
from storage import replies, tables
from storage.arriving import Arrival
from storage.transitions import history, move
from tests.storage.conftest import START, House
from tests.storage.test_ingest import arrival, page, rows, store

LATER = START + timedelta(hours=5)


def told(name: str, *themes: str, author: str = "42", **more: Any) -> Arrival:
    """A post in a thread of its own, about these themes."""
    made = arrival(name, author_id=author, **more)
    assert made.score is not None
    return Arrival(made.mention, replace(made.score, themes=themes), made.topic_ids)


async def test_what_an_author_writes_elsewhere_about_the_same_joins_the_open_case(house: House) -> None:
    await store(house, page(house, told("a", "delivery")))
    stored = await store(house, page(house, told("b", "delivery", "service", posted_at=LATER), now=LATER))
    (case,) = await rows(house, tables.Case)
    first, second = await rows(house, tables.MentionRow)
    assert (stored.cases, case.mentions, case.last_mention_id) == ([case.id], 2, second.id)
    assert (first.case_id, second.case_id, second.thread_id) == (case.id, case.id, "b")
    stale, asked = await rows(house, tables.Reply)
    assert (stale.status, asked.status, asked.mention_id) == ("stale", "requested", second.id)
    async with house.db.read() as session:
        assert [line.new for line in await history(session, "thread", case.id)] == ["joined"]


async def test_posts_of_one_page_join_each_other(house: House) -> None:
    stored = await store(house, page(house, told("a", "billing"), told("b", "billing"), told("c", "delivery")))
    cases = await rows(house, tables.Case)
    assert [case.mentions for case in cases] == [2, 1]
    assert sorted(stored.cases) == [case.id for case in cases]
    assert len(await rows(house, tables.Reply)) == 2


async def test_another_matter_another_author_or_nobody_in_particular_is_a_case_of_its_own(house: House) -> None:
    await store(house, page(house, told("a", "delivery")))
    apart = [
        told("b", "billing"),
        told("c", "delivery", author="43"),
        told("d", "delivery", author=""),
        told("e", "delivery", author=""),
        told("f", "other"),
        told("g", "other"),
    ]
    await store(house, page(house, *apart))
    assert [case.mentions for case in await rows(house, tables.Case)] == [1] * 7


async def test_a_case_that_waits_for_its_author_opens_again_and_a_resolved_or_old_one_does_not(house: House) -> None:
    for number, (status, days, opens) in enumerate(
        (("waiting", 1, False), ("resolved", 1, True), ("waiting", 9, True))
    ):
        author = str(number)
        await store(house, page(house, told(f"a{number}", "outage", author=author)))
        case = (await rows(house, tables.Case))[-1]
        async with house.db.write() as session:
            await move(
                session, "case", case.id, "open", status, brand_id=house.brand_id, actor="user:1", now=START
            )  # fmt: skip
        now = START + timedelta(days=days)
        await store(house, page(house, told(f"b{number}", "outage", author=author, posted_at=now), now=now))
        cases = [each for each in await rows(house, tables.Case) if each.author_id == author]
        assert len(cases) == (2 if opens else 1)
        assert cases[0].status == (status if opens else "open")


@pytest.mark.parametrize(
    ("status", "promised", "joins"),
    [
        ("open", "", True), ("escalated", "", True), ("snoozed", "", True), ("waiting", "", False),
        ("waiting", "open", True), ("waiting", "found", True), ("waiting", "kept", False), ("resolved", "open", False),
    ],
)  # fmt: skip
async def test_whoever_still_waits_for_us_joins_however_late_they_write(
    house: House, status: str, promised: str, joins: bool
) -> None:
    await store(house, page(house, told("a", "delivery")))
    (case,), (reply,) = await rows(house, tables.Case), await rows(house, tables.Reply)
    async with house.db.write() as session:
        await replies.change(session, tables.Case, case.id, status=status)
        if promised:
            session.add(
                tables.Promise(
                    id=ids.next(START), brand_id=house.brand_id, case_id=case.id, reply_id=reply.id, start=0, stop=1,
                    status=promised, made_at=START, due_at=START + timedelta(days=14),
                )
            )  # fmt: skip
    now = START + timedelta(days=15)
    await store(house, page(house, told("b", "delivery", posted_at=now), told("c", "billing", posted_at=now), now=now))
    assert [case.mentions for case in await rows(house, tables.Case)] == ([2, 1] if joins else [1, 1, 1])


async def test_a_thank_you_that_nobody_sent_takes_no_complaint_of_weeks_later(house: House) -> None:
    await store(house, page(house, told("a", "delivery")))
    (case,) = await rows(house, tables.Case)
    async with house.db.write() as session:
        await replies.change(session, tables.Case, case.id, praise=True)
    now = START + timedelta(days=15)
    await store(house, page(house, told("b", "delivery", posted_at=now), now=now))
    assert [case.mentions for case in await rows(house, tables.Case)] == [1, 1]


async def test_the_next_word_in_the_other_thread_belongs_to_the_case_too(house: House) -> None:
    await store(house, page(house, told("a", "delivery")))
    await store(house, page(house, told("b", "delivery")))
    await store(
        house, page(house, told("c", "question", thread_id="b"), told("d", "delivery", author="9", thread_id="b"))
    )
    mine, others = await rows(house, tables.Case)
    assert (mine.mentions, others.mentions, others.author_id) == (3, 1, "9")


async def test_a_post_that_needs_no_answer_joins_nothing(house: House) -> None:
    await store(house, page(house, told("a", "delivery")))
    await store(house, page(house, told("b", "delivery", needs_answer=False)))
    assert [row.case_id is None for row in await rows(house, tables.MentionRow)] == [False, True]


async def test_an_answer_within_the_other_thread_belongs_to_the_case_whatever_its_network_calls_the_thread(
    house: House,
) -> None:
    await store(house, page(house, told("a", "delivery")))
    await store(house, page(house, told("b", "delivery")))
    await store(house, page(house, told("c", "question", thread_id="c", parent_id="b")))
    (case,) = await rows(house, tables.Case)
    assert case.mentions == 3
