"""Merge, split, name, resolve: what a person does with problems, and takes back, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from domain.clock import SetClock
from domain.errors import BadInput, Missing, Moved, NotAllowed
from domain.ids import ids
from domain.person import Person
from listener import grouping
from responders import problem_actions as actions
from responders.done import Done
from scoring.traits import Reader
from storage import grouping as grouping_rows
from storage import problems
from storage.database import Database
from storage.tables import Brand, Problem, User
from storage.transitions import history
from tests.listener.rig import NOON, Tape, listener_on, post
from tests.listener.rig import House as Ears
from tests.migrated import make_current
from tests.storage.test_circles import somebody_waits

TWICE = (
    "norda charged me twice for one ticket since the update, I want my money back",
    "Norda mi je dvaput naplatila istu kartu nakon ažuriranja, vratite novac",
    "Norda kétszer vonta le a kártyámról ugyanazt a jegyet a frissítés óta",
)
LOST = ("norda lost my suitcase on the way to Riga", "Norda mi je izgubila kofer na putu za Rigu")


@dataclass
class House:
    """A brand with two problems: charged twice (three mentions), lost suitcases (two)."""

    ears: Ears
    ivo: Person
    heard: int = 0
    by_cause: dict[str, int] = field(default_factory=dict)

    async def hear(self, *texts: str, at: datetime = NOON) -> None:
        self.ears.tape.posts["a"] += [post(f"p{self.heard + n}", text, posted_at=at) for n, text in enumerate(texts)]
        self.heard += len(texts)
        self.ears.clock.move(max(0.0, (at - self.ears.clock.now()).total_seconds()))
        await self.ears.due()
        await grouping.group_all(self.ears.db, lambda brand: Reader((brand.name,)), self.ears.clock.now())

    async def all(self) -> list[Problem]:
        async with self.ears.db.read() as session:
            return list(await session.exec(select(Problem).order_by(col(Problem.id))))

    async def problem(self, problem_id: int) -> Problem:
        return next(each for each in await self.all() if each.id == problem_id)

    async def picture(self) -> dict[int, Any]:
        """What a page shows of each root: status, figures, mentions."""
        async with self.ears.db.read() as session:
            return {
                each.id: (
                    each.status, each.mentions, each.severity, each.first_at, each.last_at,
                    {kind: {k: v for k, v in counts.items() if v} for kind, counts in each.named.items()},
                    await problems.members(session, each.id),
                )
                for each in await self.all()
                if each.root_id == each.id
            }  # fmt: skip

    async def do(self, action: Any, problem_id: int, **values: Any) -> Done:
        async with self.ears.db.write() as session:
            person = values.pop("person", self.ivo)
            done: Done = await action(session, person, problem_id, now=self.ears.clock.now(), parts=None, **values)
            return done

    async def undo(self, done: Done) -> Done:
        assert done.undo is not None
        row_id = done.undo.row_id or done.problem_id
        return await self.do(getattr(actions, done.undo.action), row_id or 0, **done.undo.values)


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    await make_current(database_url)
    db, clock, tape = Database(database_url), SetClock(NOON), Tape()
    brand = Brand(id=ids.next(NOON), name="norda", slug="norda", handles=[], languages=["en"], created_at=NOON)
    user = User(id=ids.next(NOON), email="ivo@norda.example", name="Ivo", created_at=NOON)
    async with db.write() as session:
        session.add_all([brand, user])
    listener = listener_on(db, clock, tape)
    ears = Ears(db, clock, listener, brand.id, tape)
    await ears.topic("norda")
    await ears.source()
    built = House(ears, Person(user.id, "Ivo", user.email, roles={brand.id: "agent"}))
    await built.hear(*TWICE, *LOST)
    for each in await built.all():
        built.by_cause["lost" if "luggage" in each.named["cause"] else "twice"] = each.id
    yield built
    await listener.door.close()
    await db.close()


async def test_a_merge_shows_one_problem_takes_what_comes_and_is_undone_exactly(house: House) -> None:
    twice, lost = house.by_cause["twice"], house.by_cause["lost"]
    before = await house.picture()
    done = await house.do(actions.merge, lost, into=twice)
    after = await house.picture()
    assert set(after) == {twice}
    assert after[twice][1] == 5
    assert len(after[twice][-1]) == 5
    await house.undo(done)
    assert await house.picture() == before
    steps = [(step.old, step.new) for step in await _history(house, lost)]
    assert steps == [("open", "merged"), ("merged", "open")]


async def test_what_would_join_a_merged_problem_joins_the_other(house: House) -> None:
    twice, lost = house.by_cause["twice"], house.by_cause["lost"]
    await house.do(actions.merge, lost, into=twice)
    await house.hear("norda lost my suitcase too, Riga again", at=NOON + timedelta(hours=1))
    assert {key: value[1] for key, value in (await house.picture()).items()} == {twice: 6}
    await house.do(actions.unmerge, lost)
    found = await house.picture()
    assert (found[twice][1], found[lost][1]) == (4, 2), "what came later stays where it was put"
    await house.hear("Norda lost another suitcase of mine in Riga", at=NOON + timedelta(hours=2))
    assert (await house.picture())[lost][1] == 3


async def test_a_split_moves_mentions_to_a_problem_of_their_own_and_is_undone(house: House) -> None:
    twice = house.by_cause["twice"]
    before = await house.picture()
    chosen = before[twice][-1][:1]
    done = await house.do(actions.split, twice, mention_ids=chosen)
    found = await house.picture()
    assert done.problem_id not in before
    assert found[done.problem_id or 0][-1] == chosen
    assert found[twice][1] == 2
    await house.undo(done)
    after = await house.picture()
    assert after[twice] == before[twice]


async def test_splitting_what_was_merged_in_leaves_both_figures_right(house: House) -> None:
    twice, lost = house.by_cause["twice"], house.by_cause["lost"]
    await house.do(actions.merge, lost, into=twice)
    async with house.ears.db.read() as session:
        told = await problems.owners(session, await problems.members(session, twice))
    suitcase = min(mention_id for mention_id, owner in told.items() if owner == lost)
    await house.do(actions.split, twice, mention_ids=[suitcase])
    await house.do(actions.unmerge, lost)
    found = await house.picture()
    assert (found[twice][1], found[lost][1]) == (3, 1)
    assert len(found[twice][-1]) == 3
    assert len(found[lost][-1]) == 1


async def test_merging_in_steps_and_back(house: House) -> None:
    twice, lost = house.by_cause["twice"], house.by_cause["lost"]
    third = await house.do(actions.split, twice, mention_ids=(await house.picture())[twice][-1][2:])
    before = await house.picture()
    first = await house.do(actions.merge, third.problem_id or 0, into=lost)
    second = await house.do(actions.merge, lost, into=twice)
    assert (await house.picture())[twice][1] == 5
    with pytest.raises(Moved, match="take that one out first"):
        await house.do(actions.unmerge, third.problem_id or 0)
    await house.undo(second)
    await house.undo(first)
    assert await house.picture() == before


async def test_resolving_naming_and_taking_that_back(house: House) -> None:
    twice = house.by_cause["twice"]
    done = await house.do(actions.resolve, twice, why="the bank sent it back")
    assert (await house.problem(twice)).status == "resolved"
    await house.undo(done)
    assert (await house.problem(twice)).status == "open"
    named = await house.do(actions.rename, twice, title="  Tickets charged\n twice ")
    assert (await house.problem(twice)).title == "Tickets charged twice"
    await house.undo(named)
    assert (await house.problem(twice)).title == ""
    async with house.ears.db.read() as session:
        lines = await history(session, "title", twice)
    assert [(line.old, line.new) for line in lines] == [("", "typed"), ("typed", "")], "sealed history has no words"


async def test_what_makes_no_sense_is_refused_and_changes_nothing(house: House) -> None:
    twice, lost = house.by_cause["twice"], house.by_cause["lost"]
    before = await house.picture()
    everything = before[twice][-1]
    stranger = Person(9, "Nobody", "n@other.example", roles={9: "admin"})
    viewer = Person(9, "Vera", "v@norda.example", roles={house.ears.brand_id: "viewer"})
    for error, action, problem_id, values in (
        (BadInput, actions.merge, twice, {"into": twice}),
        (BadInput, actions.merge, twice, {"into": 7}),
        (Missing, actions.merge, 7, {"into": twice}),
        (Missing, actions.merge, twice, {"into": lost, "person": stranger}),
        (NotAllowed, actions.merge, twice, {"into": lost, "person": viewer}),
        (BadInput, actions.split, twice, {"mention_ids": []}),
        (BadInput, actions.split, twice, {"mention_ids": everything}),
        (BadInput, actions.split, twice, {"mention_ids": before[lost][-1]}),
        (Moved, actions.unmerge, twice, {}),
        (Moved, actions.reopen, twice, {}),
        (BadInput, actions.rename, twice, {"title": "x" * 200}),
    ):
        with pytest.raises(error):
            await house.do(action, problem_id, **values)
    assert await house.picture() == before


async def _history(house: House, problem_id: int) -> list[Any]:
    async with house.ears.db.read() as session:
        return list(await history(session, "problem", problem_id))


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("new_into_old", [True, False])
async def test_who_merges_and_who_takes_both_in_order_do_not_wait_for_each_other(
    house: House, new_into_old: bool
) -> None:
    """As a removal does, which looks at the titles of all problems that were told of."""
    older, newer = sorted(house.by_cause.values())
    part, whole = (newer, older) if new_into_old else (older, newer)
    async with house.ears.db.write() as session:
        await grouping_rows.locked(session, [older])
        merging = asyncio.create_task(house.do(actions.merge, part, into=whole))
        await somebody_waits(house.ears.db)
        await grouping_rows.locked(session, [newer])
    assert (await merging).said == "merged"
