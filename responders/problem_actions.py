"""What a person can do with a problem. See `actions` for what all actions share.

A merged problem keeps its own mentions and figures and stands under the other as its root, so taking it out again is
exact. Splitting moves whole cases: a case is part of one problem at most. What grouping remembers follows in the same
transaction, so that later mentions go where the person said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Missing, Moved
from domain.ids import ids
from domain.person import Person
from responders import resolution_actions
from responders.done import Done, Undo, may_move, record_change, short, spoken
from responders.parts import Parts
from scoring.grouping import named_by, recalled, remembered, telling
from scoring.problems import Grouper
from scoring.titles import severity_of
from scoring.traits import Reader
from storage import grouping, problems, resolutions, transitions
from storage.tables import Brand, Problem

_LONGEST_TITLE = 120
_TYPED = "typed"
_REBUILT_FROM = 300
"""Newest mentions of which the profile of a problem is made anew."""


async def merge(
    session: AsyncSession, person: Person, problem_id: int, *, into: int, now: datetime, parts: Parts
) -> Done:
    """It is part of another problem of the same brand. Not while a resolution of it stands. Undo: `unmerge`."""
    part, whole = await _two(session, person, problem_id, into, now)
    for each in (part, whole):
        if each.status == "merged":
            raise Moved("one of them was merged into another meanwhile: reload to see where it is")
    await _must_not_stand(session, part, whole)
    await _move(session, part, "merged", person, now, f"part of problem {whole.id}", merged_into=whole.id)
    await problems.set_root(session, part.id, whole.id)
    problems.grow(whole, part.named, part.mentions, part.first_at, part.last_at)
    await _changed(session, whole)
    await record_change(
        session, "part", whole.id, "", f"problem:{part.id}", brand_id=whole.brand_id, actor=person.actor, now=now
    )
    await _remember(session, part.brand_id, now, lambda grouper: grouper.merge(part.id, whole.id))
    return _done(whole, "merged", Undo("unmerge", row_id=part.id))


async def _must_not_stand(session: AsyncSession, part: Problem, whole: Problem) -> None:
    """What people are being told of a part would stand nowhere, and the next resolution would tell them again."""
    if await resolutions.standing(session, part.id) is None:
        return
    if await resolutions.standing(session, whole.id) is not None:
        raise Moved("people are being told what mended each of them: withdraw the resolution of one first")
    raise Moved(
        "people are being told what mended it: merge the other problem into this one instead, or withdraw its"
        " resolution first"
    )


async def unmerge(session: AsyncSession, person: Person, problem_id: int, *, now: datetime, parts: Parts) -> Done:
    """It stands by itself again, with the mentions it had. Undo: `merge`."""
    part = await _in_turn(session, person, problem_id, now)
    into = part.merged_into
    if part.status != "merged" or into is None:
        raise Moved("this problem is not part of another")
    mine = await problems.own_members(session, part.id)
    await resolution_actions.set_apart(session, person, into, mine, now, parts)
    held = await grouping.locked(session, [part.id, into])
    part, whole = held[part.id], held[into]
    if whole.status == "merged":
        raise Moved("the problem it is part of was merged into another itself: take that one out first")
    await _move(session, part, "open", person, now, "stands by itself again", merged_into=None)
    await problems.set_root(session, part.id, part.id)
    await _take_out(session, whole, part.named, part.mentions)
    await record_change(
        session, "part", whole.id, f"problem:{part.id}", "", brand_id=whole.brand_id, actor=person.actor, now=now
    )
    await _set_apart(session, whole, part.id, await problems.members(session, part.id), now)
    return _done(part, "taken out again", Undo("merge", {"into": whole.id}))


async def split(
    session: AsyncSession, person: Person, problem_id: int, *, mention_ids: Sequence[int], now: datetime, parts: Parts
) -> Done:
    """These mentions, with all others of their cases, tell of something else: a problem of its own. Undo: `merge`."""
    whole = await _in_turn(session, person, problem_id, now)
    if whole.status == "merged":
        raise Moved("this problem is part of another: split that one")
    chosen = await problems.with_their_cases(session, whole.id, mention_ids)
    await resolution_actions.set_apart(session, person, whole.id, chosen, now, parts)
    whole = (await grouping.locked(session, await problems.below(session, whole.id)))[whole.id]
    chosen = await problems.with_their_cases(session, whole.id, mention_ids)
    everything = await problems.members(session, whole.id)
    if not chosen or len(chosen) == len(everything):
        raise BadInput("split: choose some of its mentions, not none and not all")
    new = await _part_of(session, whole, chosen, now)
    await record_change(
        session, "part", whole.id, f"problem:{new.id}", "", brand_id=whole.brand_id, actor=person.actor, now=now
    )
    await _set_apart(session, whole, new.id, chosen, now)
    return _done(new, "a problem of its own now", Undo("merge", {"into": whole.id}))


async def rename(
    session: AsyncSession, person: Person, problem_id: int, *, title: str, now: datetime, parts: Parts
) -> Done:
    """A title of one's own; an empty one gives it back to us. Undo: `rename`."""
    problem = await _one(session, person, problem_id)
    new = short(title, "a title", needed=False)
    if len(new) > _LONGEST_TITLE:
        raise BadInput(f"title: {len(new)} characters are too many, at most {_LONGEST_TITLE}")
    old, problem.title = problem.title, new
    problem.version += 1
    await _changed(session, problem)
    # its words may quote a post that is removed one day, and history is sealed
    lines = [_TYPED if each else "" for each in (old, new)]
    await record_change(session, "title", problem.id, *lines, brand_id=problem.brand_id, actor=person.actor, now=now)
    return _done(problem, "renamed", Undo("rename", {"title": old}))


async def resolve(
    session: AsyncSession, person: Person, problem_id: int, *, why: str = "", now: datetime, parts: Parts
) -> Done:
    """It is mended; its cases stay as they are. A later telling opens it again. Undo: `reopen`."""
    problem = await _one(session, person, problem_id)
    why = short(why, "resolve", needed=False)
    await _move(session, problem, "resolved", person, now, why, spike_since=None)
    return _done(problem, "resolved", Undo("reopen"))


async def reopen(session: AsyncSession, person: Person, problem_id: int, *, now: datetime, parts: Parts) -> Done:
    """It is not mended after all. Undo: `resolve`."""
    problem = await _one(session, person, problem_id)
    if problem.status != "resolved":
        raise Moved(f"this problem is {spoken(problem.status)}, not resolved")
    await _move(session, problem, "open", person, now, "reopened")
    return _done(problem, "open again", Undo("resolve"))


# --- how -------------------------------------------------------------------------------------------------------


async def _one(session: AsyncSession, person: Person, problem_id: int) -> Problem:
    """The problem, held for this transaction. Missing alike for absent ids and those of other brands."""
    found = await grouping.locked(session, [problem_id])
    if not found or found[problem_id].brand_id not in person.brands:
        raise Missing("there is no such problem")
    person.require("problems", found[problem_id].brand_id)
    return found[problem_id]


async def _in_turn(session: AsyncSession, person: Person, problem_id: int, now: datetime) -> Problem:
    """The problem as it is once it is our turn; it is not held. What a problem is part of changes in the turn of the
    brand's grouping alone. Grouping new mentions holds problems in its turn, so the turn comes first here too."""
    found = await session.get(Problem, problem_id)
    if found is None or found.brand_id not in person.brands:
        raise Missing("there is no such problem")
    person.require("problems", found.brand_id)
    await grouping.take(session, found.brand_id, now)
    await session.refresh(found)
    return found


async def _two(
    session: AsyncSession, person: Person, problem_id: int, other_id: int, now: datetime
) -> tuple[Problem, Problem]:
    problem = await _in_turn(session, person, problem_id, now)
    if other_id == problem_id:
        raise BadInput("merge: choose another problem")
    found = await grouping.locked(session, [problem_id, other_id])
    if other_id not in found or found[other_id].brand_id != problem.brand_id:
        raise BadInput("merge: there is no such problem of this brand")
    return found[problem_id], found[other_id]


async def _move(
    session: AsyncSession, problem: Problem, new: str, person: Person, now: datetime, why: str, **values: Any
) -> None:
    may_move("problem", problem.status, new, new)
    await transitions.move(
        session,
        "problem",
        problem.id,
        problem.status,
        new,
        brand_id=problem.brand_id,
        actor=person.actor,
        now=now,
        why=why,
        **values,
    )
    await session.refresh(problem)


async def _changed(session: AsyncSession, problem: Problem) -> None:
    problem.severity = severity_of(problem.named, problem.mentions)
    session.add(problem)
    await session.flush()


async def _take_out(session: AsyncSession, whole: Problem, named: dict[str, dict[str, int]], mentions: int) -> None:
    """What was named by mentions that are no longer part of it is no longer counted in it."""
    whole.named = problems.minus(whole.named, named)
    whole.mentions -= mentions
    whole.version += 1
    first, last = await problems.span(session, whole.id)
    whole.first_at, whole.last_at = first or whole.first_at, last or whole.last_at
    await _changed(session, whole)


async def _part_of(session: AsyncSession, whole: Problem, chosen: Sequence[int], now: datetime) -> Problem:
    """A new problem of these mentions, which are counted no more in what they were part of."""
    reader, owners = await _reader(session, whole.brand_id), await problems.owners(session, chosen)
    rows = {row.id: row for row in await grouping.mentions(session, chosen)}
    new_id = ids.next(now)
    new = Problem(
        id=new_id, brand_id=whole.brand_id, root_id=new_id, first_at=whole.first_at, last_at=whole.last_at,
        created_at=now, mentions=len(chosen),
    )  # fmt: skip
    new.named = named_by((row, telling(row, reader).traits) for row in rows.values())
    session.add(new)
    await session.flush()
    await problems.hand(session, chosen, new_id)
    by_owner = defaultdict[int, list[int]](list)
    for mention_id, owner in owners.items():
        by_owner[owner].append(mention_id)
    for owner, found in by_owner.items():
        named = named_by((rows[i], telling(rows[i], reader).traits) for i in found if i in rows)
        for each in await problems.chain(session, owner):
            await _take_out(session, each, named, len(found))
    await _take_out(session, new, {}, 0)
    return new


async def _reader(session: AsyncSession, brand_id: int) -> Reader:
    brand = await session.get_one(Brand, brand_id)
    return Reader((brand.name, *brand.handles))


async def _set_apart(
    session: AsyncSession, whole: Problem, part_id: int, mention_ids: Iterable[int], now: datetime
) -> None:
    """What would join these mentions goes to their own problem from now on."""
    reader = await _reader(session, whole.brand_id)
    rows = await grouping.mentions(session, list(mention_ids)[-_REBUILT_FROM:])
    tellings = [telling(row, reader) for row in rows]
    await _remember(session, whole.brand_id, now, lambda grouper: grouper.split(whole.id, part_id, tellings))


async def _remember(session: AsyncSession, brand_id: int, now: datetime, change: Any) -> None:
    """Change what grouping remembers; where nothing readable is stored there is nothing to change."""
    stand = await grouping.take(session, brand_id, now)
    try:
        grouper: Grouper = recalled(stand.memory)
    except ValueError:
        return
    change(grouper)
    stand.memory = remembered(grouper)
    session.add(stand)


def _done(problem: Problem, said: str, undo: Undo) -> Done:
    return Done(said, 0, status=problem.status, version=problem.version, undo=undo, problem_id=problem.id)
