"""Defects that service cannot fix: listed with their problem, their owner, and how many people tell of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.alert import DefectSeen
from storage.grouping import people_since
from storage.tables import Problem, Transition, User
from storage.tables_market import Defect

OPEN = ("reported", "being_fixed")
_MOST = 200
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DefectRow:
    """A defect as lists show it. `problem` is the one it stands under now; `people` have told of that, ever."""

    defect: Defect
    problem: Problem
    owner: str
    people: int


async def of_problem(session: AsyncSession, problem_id: int) -> Defect | None:
    """The defect that this problem is, held until the transaction ends where it may change."""
    query = select(Defect).where(Defect.problem_id == problem_id).execution_options(populate_existing=True)
    return (await session.exec(query.with_for_update())).first()


async def shown(session: AsyncSession, problem_id: int) -> DefectRow | None:
    """The same as a page shows it; None when it was taken back."""
    rows = await _rows(session, [Defect.problem_id == problem_id, Defect.status != "taken_back"])
    return rows[0] if rows else None


async def listed(
    session: AsyncSession, brands: Sequence[int], *, statuses: Sequence[str] = OPEN, owner_id: int | None = None
) -> list[DefectRow]:
    """Defects of these brands (of one owner), the one that most people tell of first."""
    mine = [Defect.owner_id == owner_id] if owner_id is not None else []
    rows = await _rows(session, [col(Defect.brand_id).in_(brands), col(Defect.status).in_(statuses), *mine])
    return sorted(rows, key=lambda row: (row.defect.status not in OPEN, -row.people, row.defect.since))


async def history(session: AsyncSession, problem_id: int) -> list[Transition]:
    """What became of the defect that this problem is."""
    query = select(Transition).join(Defect, col(Defect.id) == col(Transition.row_id))
    query = query.where(col(Transition.noun).in_(("defect", "defect owner")), Defect.problem_id == problem_id)
    return list(await session.exec(query.order_by(col(Transition.id))))


async def seen(session: AsyncSession, brand_id: int, title_of: Callable[[Problem], str]) -> tuple[DefectSeen, ...]:
    """Defects that their owner has not taken up yet."""
    rows = await listed(session, [brand_id], statuses=("reported",))
    return tuple(
        DefectSeen(problem_id=row.defect.problem_id, title=title_of(row.problem), owner_id=row.defect.owner_id,
                   owner=row.owner, people=row.people)
        for row in rows
    )  # fmt: skip


async def _rows(session: AsyncSession, conditions: list[object]) -> list[DefectRow]:
    query = (
        select(Defect, Problem, User.name)
        .join(Problem, col(Problem.id) == col(Defect.problem_id))
        .join(User, col(User.id) == col(Defect.owner_id))
        .where(*conditions)  # type: ignore[arg-type]
        .order_by(col(Defect.since).desc(), col(Defect.id))
        .limit(_MOST)
    )
    found = list(await session.exec(query))
    roots = {problem.root_id for _, problem, _ in found}
    people = await people_since(session, list(roots), _EVER) if roots else {}
    wholes = {row.id: row for row in await session.exec(select(Problem).where(col(Problem.id).in_(roots)))}
    return [
        DefectRow(defect, wholes[problem.root_id], name, people.get(problem.root_id, 0))
        for defect, problem, name in found
    ]
