"""Mentions of one cause become one problem seconds after they came, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import select

from domain.ids import ids
from listener import grouping
from scoring.traits import Reader
from storage.tables import Grouping, MentionRow, Problem, SourceRow, Told
from storage.transitions import history, move
from tests.listener.rig import NOON, House, post

TWICE = (
    "norda charged me twice for one ticket since the update, I want my money back",
    "Norda mi je dvaput naplatila istu kartu nakon ažuriranja, vratite novac",
    "Norda kétszer vonta le a kártyámról ugyanazt a jegyet a frissítés óta",
)


async def group(house: House, at: datetime = NOON) -> int:
    return await grouping.group_all(house.db, lambda brand: Reader((brand.name,)), at)


async def problems(house: House) -> list[Problem]:
    async with house.db.read() as session:
        return list(await session.exec(select(Problem).order_by(Problem.id)))  # type: ignore[arg-type]


async def told(house: House) -> dict[int, int]:
    async with house.db.read() as session:
        return {row.mention_id: row.problem_id for row in await session.exec(select(Told))}


async def hear(house: House, *texts: str, at: datetime = NOON) -> None:
    """These posts come in, each by another author."""
    sources = await house.rows(SourceRow)
    source_id = sources[0].id if sources else await house.source()
    names = [f"p{at.timestamp():.0f}.{number}" for number in range(len(texts))]
    house.tape.posts["a"] += [post(name, text, posted_at=at) for name, text in zip(names, texts, strict=True)]
    house.clock.move((at - house.clock.now()).total_seconds())
    await house.listener.poll(source_id)


async def test_one_cause_in_three_languages_is_one_problem(either: House) -> None:
    await hear(either, *TWICE)
    assert await group(either) == 3
    [problem] = await problems(either)
    assert (problem.mentions, problem.status, problem.root_id) == (3, "open", problem.id)
    assert problem.named["cause"]["double charge"] == 3
    assert set(problem.named["lang"]) == {"en", "hr", "hu"}
    assert set((await told(either)).values()) == {problem.id}
    assert await group(either) == 0, "what was looked at is not looked at again"


async def test_later_tellings_join_and_nothing_moves(either: House) -> None:
    await hear(either, TWICE[0])
    await group(either)
    assert await problems(either) == [], "one person alone is no problem yet"
    await hear(either, TWICE[1], at=NOON + timedelta(hours=1))
    await group(either)
    before = await told(either)
    await hear(either, TWICE[2], "norda lost my suitcase in Riga", at=NOON + timedelta(hours=2))
    await group(either)
    [problem] = await problems(either)
    after = await told(either)
    assert problem.mentions == 3
    assert len(before) == 2
    assert before.items() <= after.items()


async def test_praise_and_chatter_stand_alone(either: House) -> None:
    await hear(either, "norda is lovely, thank you so much!", "norda was on time today, great job", "norda ☀️")
    await group(either)
    assert await problems(either) == []


async def test_a_resolved_problem_that_is_told_again_is_open_again(either: House) -> None:
    await hear(either, *TWICE[:2])
    await group(either)
    [problem] = await problems(either)
    async with either.db.write() as session:
        await move(
            session, "problem", problem.id, "open", "resolved", brand_id=either.brand_id, actor="user:1",
            now=NOON + timedelta(hours=1),
        )  # fmt: skip
    await hear(either, TWICE[2], at=NOON + timedelta(hours=2))
    await group(either, NOON + timedelta(hours=2))
    [problem] = await problems(either)
    assert (problem.status, problem.mentions) == ("open", 3)
    async with either.db.read() as session:
        steps = await history(session, "problem", problem.id)
    assert [(step.old, step.new, step.actor) for step in steps][-1] == ("resolved", "open", "system:grouping")


async def test_what_cannot_be_read_is_begun_anew(either: House) -> None:
    await hear(either, *TWICE[:2])
    await group(either)
    async with either.db.write() as session:
        stand = await session.get_one(Grouping, either.brand_id)
        stand.memory = b"\xc1 not ours"
        session.add(stand)
    await hear(either, *TWICE, at=NOON + timedelta(hours=1))
    await group(either)
    assert len(await told(either)) == 5


async def test_a_page_committed_late_with_older_ids_is_not_skipped(either: House) -> None:
    late = ids.many(1, NOON)  # handed out, but stored only after a newer one was looked at
    await hear(either, TWICE[0])
    await group(either)
    [source] = await either.rows(SourceRow)
    async with either.db.write() as session:
        session.add(
            MentionRow(
                id=late[0], brand_id=either.brand_id, source_id=source.id, channel="tape", external_id="late",
                thread_id="late", text=TWICE[1], author_handle="late", posted_at=NOON, received_at=NOON,
                text_hash=1, lang="hr", label="negative", severity=3,
            )
        )  # fmt: skip
    assert await group(either) == 1
    assert late[0] in await told(either)
