"""What a person can do with a defect: a problem that service cannot fix. See `actions` for what all actions share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Missing, Moved
from domain.ids import ids
from domain.lifecycle import DEFECT
from domain.person import Person
from responders.done import Done, Undo, may_move, record_change, short, spoken
from responders.parts import Parts
from storage import alerts, defects, grouping, transitions
from storage.tables import Membership, Problem, User
from storage.tables_market import Defect

SAID = {
    "reported": "reported: its owner is told",
    "being_fixed": "being fixed",
    "fixed": "fixed",
    "will_not_fix": "it will not be fixed",
    "taken_back": "no defect any more",
}


async def report(
    session: AsyncSession, person: Person, problem_id: int, *, owner_id: int, note: str, now: datetime, parts: Parts
) -> Done:
    """Service cannot fix it: somebody owns it from now on. Where it is a defect already, another owner or note."""
    problem, defect = await _one(session, person, problem_id)
    note = short(note, "note", needed=False)
    await _a_colleague(session, problem.brand_id, owner_id)
    if defect is not None and defect.status != "taken_back":
        return await _change(session, person, defect, owner_id, note, now)
    if problem.status == "merged":
        raise Moved("this problem is part of another: report that one")
    if defect is None:
        defect = Defect(
            id=ids.next(now), brand_id=problem.brand_id, problem_id=problem.id, owner_id=owner_id, note=note,
            actor=person.actor, since=now,
        )  # fmt: skip
        session.add(defect)
        await session.flush()
        await record_change(
            session, "defect", defect.id, "", "reported", brand_id=problem.brand_id, actor=person.actor, now=now
        )
    else:
        values = {"owner_id": owner_id, "note": note, "actor": person.actor, "since": now}
        await _move(session, defect, "reported", person, now, **values)
    return _done(problem.id, "reported", Undo("defect-status", {"status": "taken_back"}))


async def move(
    session: AsyncSession, person: Person, problem_id: int, *, status: str, now: datetime, parts: Parts
) -> Done:
    """reported, being_fixed, fixed, will_not_fix or taken_back. Undo: back to where it was."""
    problem, defect = await _one(session, person, problem_id)
    if status not in DEFECT:
        raise BadInput(f"status: choose one of {', '.join(DEFECT)}")
    if defect is None:
        raise Moved("nobody reported this problem as a defect")
    old = defect.status
    may_move("defect", old, status, spoken(status))
    await _move(session, defect, status, person, now)
    back = Undo("defect-status", {"status": old}) if status != "taken_back" else None
    return _done(problem.id, status, back or Undo("defect-status", {"status": "reported"}))


async def _change(
    session: AsyncSession, person: Person, defect: Defect, owner_id: int, note: str, now: datetime
) -> Done:
    before = {"owner_id": defect.owner_id, "note": defect.note}
    if before == {"owner_id": owner_id, "note": note}:
        return Done("nothing was changed", 0, status=defect.status, problem_id=defect.problem_id)
    if owner_id != defect.owner_id:
        await record_change(
            session, "defect owner", defect.id, str(defect.owner_id), str(owner_id), brand_id=defect.brand_id,
            actor=person.actor, now=now,
        )  # fmt: skip
        await alerts.hand_on(session, defect.brand_id, f"defect:{defect.problem_id}", owner_id)
    defect.owner_id, defect.note, defect.version = owner_id, note, defect.version + 1
    session.add(defect)
    await session.flush()
    return Done("stored", 0, status=defect.status, undo=Undo("defect", before), problem_id=defect.problem_id)


async def _one(session: AsyncSession, person: Person, problem_id: int) -> tuple[Problem, Defect | None]:
    """Both held for this transaction. Missing alike for absent ids and those of other brands."""
    found = await grouping.locked(session, [problem_id])
    if not found or found[problem_id].brand_id not in person.brands:
        raise Missing("there is no such problem")
    person.require("problems", found[problem_id].brand_id)
    return found[problem_id], await defects.of_problem(session, problem_id)


async def _a_colleague(session: AsyncSession, brand_id: int, owner_id: int) -> None:
    query = select(User.id).join(Membership, col(Membership.user_id) == col(User.id))
    here = Membership.brand_id == brand_id, Membership.role != "viewer", col(User.disabled_at).is_(None)
    if (await session.exec(query.where(User.id == owner_id, *here))).first() is None:
        raise BadInput("owner: choose a colleague of this brand")


async def _move(session: AsyncSession, defect: Defect, new: str, person: Person, now: datetime, **values: Any) -> None:
    await transitions.move(
        session, "defect", defect.id, defect.status, new, brand_id=defect.brand_id, actor=person.actor, now=now,
        **values,
    )  # fmt: skip


def _done(problem_id: int, status: str, undo: Undo) -> Done:
    return Done(SAID[status], 0, status=status, undo=undo, problem_id=problem_id)
