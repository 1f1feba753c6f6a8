"""What goes live is scored with at once, open mentions follow in batches, and removed words leave the model."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from channels.registry import manifests
from domain.correction import Said
from domain.mention import Mention
from listener.teaching import Teacher
from scoring.scorer import BrandProfile, Scorer
from scoring.taught import LEARNED
from storage import corrections, learned, restating, tables
from storage.arriving import Arrival
from storage.ingest import store_page
from storage.purging import Order, purge
from storage.tables import Brand, MentionRow
from tests.storage.conftest import START, House, house
from tests.storage.test_ingest import page

__all__ = ["house"]

SCORER = Scorer(BrandProfile(names=("Norda",), default_language="en"))
LATER = START + timedelta(minutes=5)
TAUGHT = tuple(f"This {thing} is sick, look at it" for thing in ("deck", "ramp", "board", "park", "grip", "truck"))
OPEN = ("Our van is sick, look at it", "The wheel broke and I want my money back")


@pytest.fixture
async def teacher(house: House) -> Teacher:
    """A teacher of a brand that has heard all of these posts."""
    for number, text in enumerate((*TAUGHT, *OPEN)):
        mention = Mention(
            channel="rss", external_id=f"p{number}", thread_id=f"p{number}", text=text, posted_at=START, lang_tag="en",
            author_id=f"author{number}",
        )  # fmt: skip
        async with house.db.write() as session:
            await store_page(session, page(house, Arrival(mention, SCORER.score(mention), [])))
    return Teacher(house.db, manifests(), lambda brand: SCORER)


async def mentions(house: House) -> dict[str, MentionRow]:
    async with house.db.read() as session:
        return {row.text: row for row in await session.exec(select(MentionRow))}


async def teach(house: House) -> int:
    last = 0
    async with house.db.write() as session:
        for text in TAUGHT:
            row = (await session.exec(select(MentionRow).where(MentionRow.text == text))).one()
            found = await corrections.note(
                session, row, "sentiment", "positive", old="negative", teaches=True, actor="user:5", now=LATER
            )
            assert found is not None
            last = found.id
    return last


async def go_live(house: House, up_to: int) -> None:
    async with house.db.write() as session:
        await learned.go_live(session, house.brand_id, up_to, actor="user:5", now=LATER)


async def rescore(house: House, teacher: Teacher) -> int:
    """As the motor does: until nothing is due. Returns how many batches that took."""
    for number in range(20):
        async with house.db.read() as session:
            due = await learned.due(session, LATER + learned.SETTLED, 10)
        if not due:
            return number
        await teacher.rescore(due[0], LATER + learned.SETTLED)
    raise AssertionError("it never ends")


async def test_nothing_is_learned_before_it_goes_live(house: House, teacher: Teacher) -> None:
    await teach(house)
    await teacher.look(LATER)
    assert teacher.models == {}


async def test_what_goes_live_counts_for_new_and_for_open_mentions(
    house: House, teacher: Teacher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listener.teaching._BATCH", 3)
    told: list[tuple[int, list[int]]] = []
    teacher.changed = lambda brand_id, cases: told.append((brand_id, list(cases)))
    before = await mentions(house)
    await go_live(house, await teach(house))
    async with house.db.read() as session:
        brand = await session.get_one(Brand, house.brand_id)
    scorer = teacher.scorer(brand)
    new = Mention(channel="rss", external_id="n", thread_id="n", text="My kit is sick, look at it", posted_at=START)
    assert scorer.score_batch([new], LATER)[0].label == "negative"
    await teacher.look(LATER)
    assert scorer.score_batch([new], LATER)[0].label == "positive", "the scorer that was handed out follows"
    assert await rescore(house, teacher) > 1
    after = await mentions(house)
    assert (before[OPEN[0]].label, after[OPEN[0]].label) == ("negative", "positive")
    assert [part for part in after[OPEN[0]].parts if part[0] == LEARNED]
    assert after[OPEN[1]].label == "negative"
    async with house.db.read() as session:
        case = await session.get_one(tables.Case, after[OPEN[0]].case_id or 0)
    assert (case.label, case.priority) == ("positive", after[OPEN[0]].priority)
    assert case.id in {case_id for _, cases in told for case_id in cases}


async def test_what_a_person_says_while_scores_are_restated_stays(
    house: House, teacher: Teacher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await go_live(house, await teach(house))
    row, real, people = (await mentions(house))[OPEN[0]], corrections.said_of, list[asyncio.Task[None]]()

    async def person() -> None:
        async with house.db.write() as session:
            held = await corrections.held(session, row.id)
            assert held is not None
            await corrections.note(session, held, "priority", "3", old="2", teaches=True, actor="user:5", now=LATER)
            await restating.restate(session, teacher.scorer(await session.get_one(Brand, house.brand_id)), [held])

    async def read_and_wait(session: AsyncSession, ids: Sequence[int]) -> dict[int, Said]:
        found = await real(session, ids)
        if not people:
            people.append(asyncio.create_task(person()))
            await asyncio.sleep(0.3)
        return found

    monkeypatch.setattr(restating, "said_of", read_and_wait)
    await rescore(house, teacher)
    await asyncio.gather(*people)
    after = (await mentions(house))[OPEN[0]]
    assert (after.severity, after.parts[-1][0]) == (3, "corrected")


async def test_off_and_forgotten_give_the_untouched_scores_back(house: House, teacher: Teacher) -> None:
    before = {text: (row.label, row.priority, row.parts, row.themes) for text, row in (await mentions(house)).items()}
    last = await teach(house)
    await go_live(house, last)
    await rescore(house, teacher)
    for turn in (learned.reset, learned.restore):
        async with house.db.write() as session:
            await turn(session, house.brand_id, actor="user:5", now=LATER)
        await rescore(house, teacher)
        found = await mentions(house)
        same = {text: (row.label, row.priority, row.parts, row.themes) for text, row in found.items() if text in OPEN}
        assert (same == {text: before[text] for text in OPEN}) is (turn is learned.reset)
        assert all(found[text].label == "negative" or text not in OPEN for text in before) is (turn is learned.reset)


async def test_words_of_removed_posts_leave_the_model(house: House, teacher: Teacher) -> None:
    await go_live(house, await teach(house))
    await teacher.look(LATER)
    feeling = teacher.models[house.brand_id].feeling
    assert feeling is not None
    assert "sick" in feeling.words
    # of those who wrote "sick" one is left, and one author alone teaches nothing
    gone = tables.table(MentionRow).c.external_id.in_([f"p{number}" for number in (0, 1, 2, 3, 4, 6)])
    async with house.db.write() as session:
        await purge(session, Order(house.brand_id, "rss", "erased on request", "user:5", LATER), gone)
    await teacher.look(LATER)
    model = teacher.models.get(house.brand_id)
    assert model is None or model.feeling is None or "sick" not in model.feeling.words


async def test_an_edit_of_a_corrected_post_keeps_what_the_person_said(house: House, teacher: Teacher) -> None:
    row = (await mentions(house))[OPEN[1]]
    async with house.db.write() as session:
        found = await corrections.note(session, row, "priority", "3", old="1", teaches=True, actor="user:5", now=LATER)
    assert found is not None
    edited = Mention(
        channel="rss", external_id=row.external_id, thread_id=row.thread_id, text="The wheel broke.", posted_at=START,
        lang_tag="en", author_id=row.author_id,
    )  # fmt: skip
    async with house.db.write() as session:
        await store_page(session, page(house, Arrival(edited, SCORER.score(edited), []), now=LATER))
    async with house.db.read() as session:
        assert await corrections.due(session, LATER, 5) == [found.id]
    await teacher.restate(found.id, LATER)
    after = (await mentions(house))["The wheel broke."]
    assert (after.severity, after.parts[-1][0]) == (3, "corrected")
    assert await _said(house, row.id) == Said(level=3)
    async with house.db.read() as session:
        assert await corrections.due(session, LATER, 5) == []


async def _said(house: House, mention_id: int) -> Said:
    async with house.db.read() as session:
        return (await corrections.said_of(session, [mention_id]))[mention_id]
