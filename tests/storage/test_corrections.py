"""What a person put right stands, is replaced, is taken back; and goes with the words of its mention."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from domain.correction import NOTHING_SAID, Said
from domain.errors import Moved
from domain.mention import Mention, Score
from storage import corrections, learned, restating, tables
from storage.purging import Order, purge
from storage.transitions import history, move
from tests.storage.conftest import START, House
from tests.storage.test_ingest import arrival, page, rows, store

ACTOR = "user:5"
LATER = START + timedelta(minutes=5)
NOBODY = frozenset[str]()


async def mention(house: House, name: str = "a", **more: Any) -> tables.MentionRow:
    await store(house, page(house, arrival(name, **more)))
    found: tables.MentionRow = next(row for row in await rows(house, tables.MentionRow) if row.external_id == name)
    return found


async def note(house: House, row: tables.MentionRow, kind: str, value: str, *, teaches: bool = True) -> int:
    async with house.db.write() as session:
        found = await corrections.note(session, row, kind, value, old="x", teaches=teaches, actor=ACTOR, now=LATER)
    return found.id if found else 0


async def said(house: House, row: tables.MentionRow) -> Said:
    async with house.db.read() as session:
        return (await corrections.said_of(session, [row.id])).get(row.id, NOTHING_SAID)


async def take_back(house: House, row: tables.MentionRow, kind: str) -> bool:
    async with house.db.write() as session:
        return await corrections.take_back(session, row, kind, actor=ACTOR, now=LATER)


async def test_the_last_word_of_each_kind_stands_and_every_step_is_in_history(house: House) -> None:
    row = await mention(house)
    first = await note(house, row, "sentiment", "positive")
    second = await note(house, row, "sentiment", "neutral")
    await note(house, row, "priority", "3")
    assert await note(house, row, "priority", "3") == 0, "said already"
    assert await said(house, row) == Said("neutral", 3)
    assert await take_back(house, row, "sentiment")
    assert await said(house, row) == Said("positive", 3)
    assert await take_back(house, row, "sentiment")
    assert await said(house, row) == Said(None, 3)
    assert not await take_back(house, row, "sentiment")
    async with house.db.read() as session:
        steps = {name: [t.new for t in await history(session, "correction", name)] for name in (first, second)}
    assert steps == {first: ["replaced", "standing", "taken_back"], second: ["taken_back"]}


async def test_lessons_are_what_stands_beside_what_people_handled_and_left(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abcde":
        await mention(house, name, text=f"post {name}", author_id=name)
    a, b, c, d, _ = await rows(house, tables.MentionRow)
    await note(house, a, "sentiment", "positive")
    await note(house, b, "sentiment", "neutral", teaches=False)
    async with house.db.write() as session:
        for row in (a, c, d):
            await move(
                session, "case", row.case_id or 0, "open", "resolved", brand_id=house.brand_id, now=LATER,
                actor="system:clock" if row is d else ACTOR,
            )  # fmt: skip
    last = await note(house, c, "priority", "0")
    async with house.db.write() as session:
        assert await corrections.take_back(session, c, "priority", actor=ACTOR, now=LATER)
        assert await learned.newest(session, house.brand_id) < last
    monkeypatch.setattr(learned, "ENOUGH_LEFT", 1)
    async with house.db.read() as session:
        everything = await learned.lessons(session, house.brand_id, 0, last, NOBODY)
        silent = await learned.lessons(session, house.brand_id, 0, last, frozenset({"rss"}))
    taught = {m.external_id: its for m, its in zip(everything.mentions, everything.said, strict=True)}
    assert taught == {"a": Said("positive"), "c": NOTHING_SAID}
    assert silent.mentions == []
    monkeypatch.setattr(learned, "ENOUGH_LEFT", 3)
    async with house.db.read() as session:
        filled = await learned.lessons(session, house.brand_id, 0, last, NOBODY)
    assert [m.external_id for m in filled.mentions] == ["a", "c", "e", "d"], "where few were handled, others stand in"


async def test_what_goes_live_is_told_by_ids_and_can_be_forgotten_and_remembered(house: House) -> None:
    row = await mention(house)
    one = await note(house, row, "sentiment", "positive")
    how = {"actor": ACTOR, "now": LATER}
    async with house.db.write() as session:
        with pytest.raises(Moved, match="nothing is live"):
            await learned.switch(session, house.brand_id, False, **how)  # type: ignore[arg-type]
        with pytest.raises(Moved, match="do not stand"):
            await learned.go_live(session, house.brand_id, one + 1, **how)  # type: ignore[arg-type]
        await learned.go_live(session, house.brand_id, one, **how)  # type: ignore[arg-type]
        assert learned.is_live(await learned.state(session, house.brand_id))
    async with house.db.write() as session:
        await learned.reset(session, house.brand_id, **how)  # type: ignore[arg-type]
        found = await learned.state(session, house.brand_id)
        assert (learned.is_live(found), found.version) == (False, 2)
        assert (await learned.lessons(session, house.brand_id, found.forgotten_up_to, one, NOBODY)).mentions == []
        with pytest.raises(Moved, match="nothing to forget"):
            await learned.reset(session, house.brand_id, **how)  # type: ignore[arg-type]
    async with house.db.write() as session:
        await learned.restore(session, house.brand_id, **how)  # type: ignore[arg-type]
        assert learned.is_live(await learned.state(session, house.brand_id))
        with pytest.raises(Moved, match="no reset"):
            await learned.restore(session, house.brand_id, **how)  # type: ignore[arg-type]
        await learned.switch(session, house.brand_id, False, **how)  # type: ignore[arg-type]
    async with house.db.read() as session:
        steps = [(t.old, t.new) for t in await history(session, "learning", house.brand_id)]
    assert [new for _, new in steps] == ["live", "forgotten", "remembered", "off"]


async def test_a_live_lesson_that_is_taken_back_changes_the_version(house: House) -> None:
    row, other = await mention(house), await mention(house, "b")
    one = await note(house, row, "sentiment", "positive")
    async with house.db.write() as session:
        await learned.go_live(session, house.brand_id, one, actor=ACTOR, now=LATER)
    await note(house, other, "sentiment", "neutral")
    await take_back(house, other, "sentiment")
    async with house.db.read() as session:
        assert await learned.versions(session) == {house.brand_id: 1}, "it was not live"
    await take_back(house, row, "sentiment")
    async with house.db.read() as session:
        assert await learned.versions(session) == {house.brand_id: 2}


async def test_a_live_lesson_that_stands_again_changes_the_version(house: House) -> None:
    row = await mention(house)
    one = await note(house, row, "sentiment", "positive")
    async with house.db.write() as session:
        await learned.go_live(session, house.brand_id, one, actor=ACTOR, now=LATER)
    await note(house, row, "sentiment", "neutral")
    async with house.db.read() as session:
        assert await learned.versions(session) == {house.brand_id: 2}, "the live one was replaced by one that is not"
        assert (await learned.lessons(session, house.brand_id, 0, one, NOBODY)).mentions == []
    await take_back(house, row, "sentiment")
    async with house.db.read() as session:
        assert (await learned.lessons(session, house.brand_id, 0, one, NOBODY)).said == [Said("positive")]
        assert await learned.versions(session) == {house.brand_id: 3}, "or models would go on without it"


@pytest.mark.parametrize("withdrawn", [True, False])
async def test_words_that_are_removed_teach_nothing_any_more(house: House, withdrawn: bool) -> None:
    row = await mention(house)
    one = await note(house, row, "sentiment", "positive")
    async with house.db.write() as session:
        await learned.go_live(session, house.brand_id, one, actor=ACTOR, now=LATER)
        order = Order(house.brand_id, "rss", "removed", "system:test", LATER, withdrawn=withdrawn)
        await purge(session, order, tables.table(tables.MentionRow).c.id == row.id)
    async with house.db.read() as session:
        assert (await learned.lessons(session, house.brand_id, 0, one, NOBODY)).mentions == []
        assert await learned.versions(session) == {house.brand_id: 2}
        left = list(await session.exec(select(tables.Correction)))
    assert [each.teaches for each in left] == ([] if withdrawn else [False])


class Says:
    """A scorer that finds these by the id of the post."""

    def __init__(self, **scores: Score) -> None:
        self.scores = scores

    def restate(self, mentions: Sequence[Mention], said: Sequence[Said]) -> list[Score]:
        return [self.scores[mention.external_id] for mention in mentions]


def score(label: str, priority: float, severity: int, why: str = "said so") -> Score:
    return Score(
        lang="en", sentiment=None, label=label, priority=priority, severity=severity, needs_answer=True, why=why,
        parts=(("corrected", priority, "a person says"),), themes=("billing",),
    )  # fmt: skip


async def restate(house: House, row: tables.MentionRow, scorer: Says) -> list[int]:
    async with house.db.write() as session:
        return await restating.restate(session, scorer, [await session.get_one(tables.MentionRow, row.id)])


async def test_a_restated_mention_takes_its_case_along(house: House) -> None:
    row = await mention(house)
    await store(house, page(house, arrival("b", thread_id="a", parent_id="a", posted_at=LATER), now=LATER))
    (case,) = await rows(house, tables.Case)
    loud, quiet = Says(a=score("positive", 60.0, 3)), score("neutral", 2.0, 0)
    assert await restate(house, row, loud) == [case.id]
    (after,) = await rows(house, tables.Case)
    assert (after.label, after.priority, after.severity, after.why) == ("positive", 60.0, 3, "said so")
    assert after.version == case.version + 1
    first, _ = await rows(house, tables.MentionRow)
    assert (first.label, first.themes, first.version) == ("positive", ["billing"], row.version)
    assert await restate(house, row, loud) == [], "nothing new"
    assert await restate(house, row, Says(a=quiet, b=score("negative", 40.0, 1, "unhappy"))) == [case.id]
    (after,) = await rows(house, tables.Case)
    assert (after.label, after.priority) == ("negative", 40.0), "the other post of the case is the most urgent one now"
    assert after.why == "unhappy", "and its reason is that of the case"


async def test_an_edit_of_a_corrected_post_asks_for_a_new_score(house: House) -> None:
    row = await mention(house)
    one = await note(house, row, "sentiment", "positive")
    await store(house, page(house, arrival("a", text="the train is late once more"), now=LATER))
    async with house.db.read() as session:
        assert await corrections.due(session, LATER, 10) == [one]


async def test_open_mentions_come_in_batches(house: House) -> None:
    for name in "abc":
        await mention(house, name)
    (a, b, c) = await rows(house, tables.MentionRow)
    async with house.db.write() as session:
        await move(
            session, "case", b.case_id or 0, "open", "resolved", brand_id=house.brand_id, actor=ACTOR, now=LATER
        )  # fmt: skip
    async with house.db.write() as session:
        first, more = await learned.open_mentions(session, house.brand_id, 0, 1)
        assert ([m.id for m in first], more) == ([a.id], a.id)
        rest, more = await learned.open_mentions(session, house.brand_id, a.id, 5)
        assert ([m.id for m in rest], more) == ([c.id], None)
