"""Posts that come again, late or not at all: whom the next draft answers, and what is left of what was removed."""

import asyncio
import itertools
from datetime import timedelta
from typing import Any

import pytest

from domain.mention import Score
from storage import tables
from storage.database import Database
from storage.ingest import Arrival
from storage.transitions import move
from tests.storage.conftest import START, House
from tests.storage.test_ingest import arrival, page, rows, store


def at(minutes: int) -> dict[str, Any]:
    return {"posted_at": START + timedelta(minutes=minutes)}


def score(priority: float, *, needs_answer: bool = True) -> Score:
    return Score(
        lang="en", sentiment=-0.9, label="negative", priority=priority, severity=3, parts=(), needs_answer=needs_answer,
        why="furious",
    )  # fmt: skip


async def live(house: House) -> dict[str, str]:
    """The posts that live requests for drafts are about: id -> status."""
    names = {m.id: m.external_id for m in await rows(house, tables.MentionRow)}
    return {names[r.mention_id]: r.status for r in await rows(house, tables.Reply) if r.status != "stale"}


@pytest.mark.parametrize("order", [("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a")])
async def test_the_draft_answers_the_newest_post_that_needs_it_whatever_the_order(
    house: House, order: tuple[str, ...]
) -> None:
    posts = {
        "a": arrival("a", thread_id="t", **at(0)),
        "b": arrival("b", thread_id="t", **at(1)),
        "c": arrival("c", thread_id="t", needs_answer=False, **at(2)),
    }
    await store(house, page(house, *(posts[name] for name in order)))
    assert await live(house) == {"b": "requested"}
    (case,) = await rows(house, tables.Case)
    newest = next(m for m in await rows(house, tables.MentionRow) if m.external_id == "c")
    assert (case.last_mention_id, case.last_mention_at, case.mentions) == (newest.id, newest.posted_at, 3)


async def test_an_older_page_does_not_take_the_place_of_the_newest_post(house: House) -> None:
    await store(house, page(house, arrival("new", thread_id="t", **at(9))))
    await store(house, page(house, arrival("old", thread_id="t", **at(1))))
    (case,) = await rows(house, tables.Case)
    assert (await live(house), case.last_mention_at) == ({"new": "requested"}, START + timedelta(minutes=9))


async def test_chatter_in_the_thread_leaves_the_draft_on_who_needs_an_answer(house: House) -> None:
    await store(house, page(house, arrival("a", thread_id="t", **at(0))))
    await store(house, page(house, arrival("b", thread_id="t", needs_answer=False, **at(5))))
    assert await live(house) == {"a": "requested"}


async def test_a_parent_that_stands_below_its_answer_in_the_page_is_read_first(house: House) -> None:
    below = arrival("a", thread_id="a", **at(0))
    await store(house, page(house, arrival("b", thread_id="b", parent_id="a", **at(1)), below))
    assert len(await rows(house, tables.Case)) == 1


async def test_an_edit_that_turns_into_a_complaint_opens_a_case(house: House) -> None:
    await store(house, page(house, arrival("a", text="a fine day", needs_answer=False)))
    assert await rows(house, tables.Case) == []
    given = page(house, arrival("a", text="a fine day, and the train is late"), now=START + timedelta(minutes=5))
    stored = await store(house, given)
    (case,) = await rows(house, tables.Case)
    (mention,) = await rows(house, tables.MentionRow)
    assert (stored.cases, mention.case_id, await live(house)) == ([case.id], case.id, {"a": "requested"})
    await store(house, given)
    assert len(await rows(house, tables.Reply)) == 1


async def test_a_post_that_turns_out_to_name_us_opens_a_case_when_it_needs_an_answer(house: House) -> None:
    await store(house, page(house, arrival("a", needs_answer=False)))
    await store(house, page(house, arrival("a", addressed=True)))
    assert await live(house) == {"a": "requested"}


@pytest.mark.parametrize("why", ["ignored", "history"])
async def test_what_a_person_set_aside_or_is_history_stays_without_a_case(house: House, why: str) -> None:
    await store(house, page(house, arrival("a", needs_answer=False)))
    (mention,) = await rows(house, tables.MentionRow)
    if why == "ignored":
        async with house.db.write() as session:
            await move(
                session, "mention", mention.id, "kept", "ignored", brand_id=house.brand_id, actor="user:1", now=START
            )
    before = START + timedelta(days=1) if why == "history" else None
    await store(house, page(house, arrival("a", text="edited: late again"), history_before=before))
    assert await rows(house, tables.Case) == []


async def test_an_edit_can_make_its_case_more_urgent_but_not_less(house: House) -> None:
    await store(house, page(house, arrival("a")))
    calm = arrival("a", text="edited once")
    await store(house, page(house, Arrival(calm.mention, score(1.0), [7])))
    assert (await rows(house, tables.Case))[0].priority == 40.0
    await store(house, page(house, Arrival(arrival("a", text="edited twice").mention, score(90.0), [7])))
    (case,) = await rows(house, tables.Case)
    assert (case.priority, case.severity, case.why, case.version) == (90.0, 3, "furious", 3)


async def test_what_was_removed_is_quoted_nowhere(house: House) -> None:
    await store(house, page(house, arrival("a", author_name="Mara Testfield", url="https://tape.example/@mara/1")))
    (case,), (reply,) = await rows(house, tables.Case), await rows(house, tables.Reply)
    async with house.db.write() as session:
        await move(
            session, "reply", reply.id, "requested", "drafted", brand_id=house.brand_id, actor="system:drafter",
            now=START, text="Hello Mara, the train is late again?", first_text="Hello Mara", findings=["Mara"],
        )  # fmt: skip
        session.add(
            tables.Alert(
                id=1, brand_id=house.brand_id, rule="severe_thread", subject=f"case:{case.id}", raised_at=START,
                title="norda: severe post by mara", body="They wrote: “the train is late again”",
            )
        )  # fmt: skip
    await store(house, page(house, withdrawn=("a",)))
    found = [
        str(each.model_dump()).casefold()
        for model in (tables.MentionRow, tables.Case, tables.Reply, tables.Alert, tables.Transition, tables.Approval)
        for each in await rows(house, model)
    ]
    assert len(found) >= 4
    assert not [text for text in found if "mara" in text or "late again" in text]
    assert (await rows(house, tables.Reply))[0].status == "stale"


async def test_what_was_sent_before_the_author_removed_the_post_stays_on_record(house: House) -> None:
    await store(house, page(house, arrival("a")))
    (reply,) = await rows(house, tables.Reply)
    async with house.db.write() as session:
        old = "requested"
        for new in ("drafted", "approved", "sending", "sent"):
            await move(
                session, "reply", reply.id, old, new, brand_id=house.brand_id, actor="user:1", now=START, text="ours"
            )
            old = new
    await store(house, page(house, withdrawn=("a",)))
    (reply,) = await rows(house, tables.Reply)
    assert (reply.status, reply.text) == ("sent", "ours")


async def test_a_person_who_resolves_at_the_same_moment_leaves_a_history_that_adds_up(
    house: House, database_url: str
) -> None:
    """The author writes again while somebody resolves: whoever is second builds on what the first did."""
    await store(house, page(house, arrival("a")))
    (case,) = await rows(house, tables.Case)
    other = Database(database_url)

    async def resolve() -> None:
        async with other.write() as session:
            row = await session.get_one(tables.Case, case.id, with_for_update=True)
            await asyncio.sleep(0.05)
            await move(
                session, "case", case.id, row.status, "resolved", brand_id=house.brand_id, actor="user:1", now=START
            )

    again = page(house, arrival("b", thread_id="a", parent_id="a", **at(1)))
    await asyncio.gather(resolve(), store(house, again))
    await other.close()
    (now,) = await rows(house, tables.Case)
    steps = [(t.old, t.new) for t in await rows(house, tables.Transition) if t.noun == "case"]
    assert steps[-1][1] == now.status
    assert all(before[1] == after[0] for before, after in itertools.pairwise(steps))


@pytest.mark.parametrize("claim", ["lost", "held"])
async def test_a_page_is_stored_only_under_a_claim_that_holds(house: House, claim: str) -> None:
    from domain.errors import Moved

    until = START + timedelta(minutes=5)
    async with house.db.write() as session:
        source = await session.get_one(tables.SourceRow, house.source_id)
        source.claimed_until = until
        session.add(source)
    named = until if claim == "held" else until - timedelta(seconds=1)
    given = page(house, arrival("a"), held_until=named, hold_until=until + timedelta(minutes=1))
    if claim == "lost":
        with pytest.raises(Moved):
            await store(house, given)
        assert await rows(house, tables.MentionRow) == []
        return
    await store(house, given)
    assert (await rows(house, tables.SourceRow))[0].claimed_until == until + timedelta(minutes=1)


async def test_an_older_push_changes_nothing_however_its_moment_was_learned(house: House) -> None:
    def said(text: str, hours: float | None) -> Arrival:
        return arrival("a", text=text, edited_at=None if hours is None else START + timedelta(hours=hours))

    async def words() -> str:
        (row,) = await rows(house, tables.MentionRow)
        return str(row.text)

    await store(house, page(house, said("the newest words", None)))  # a list that tells no moments
    again = await store(house, page(house, said("the newest words", 3)))
    assert (again.edited, again.seen_again) == (0, 1)
    await store(house, page(house, said("older words", 2)))
    assert await words() == "the newest words"
    await store(house, page(house, said("words a list shows later", None)))
    await store(house, page(house, said("older words", 2)))
    assert await words() == "words a list shows later"
