"""What the pages of problems read. Every function takes the brands that the person may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, func, or_
from sqlalchemy import case as when
from sqlalchemy import select as pick
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import problems
from storage.grouping import people_since
from storage.tables import Brand, Case, MentionRow, Problem, Told, Transition, User, table
from storage.tables_many import Resolution
from storage.tables_storm import Storm

PAGE: Final = 50
_SHOWN: Final = 100
_OTHERS: Final = 60
_DAYS: Final = 7
_DAY = timedelta(days=1)
_LONG_AGO = timedelta(days=3650)
_M, _P, _T = (table(model).c for model in (MentionRow, Problem, Told))
_COUNTS = ("kept", "received")


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One line of the list. `days` counts mentions by day, the last one up to now; `waiting` cases owe an answer."""

    problem: Problem
    people: int
    waiting: int
    days: list[int]


@dataclass(frozen=True, slots=True)
class ProblemView:
    """Everything about one problem: its newest mentions, what was merged in, what it could be merged with."""

    row: ProblemRow
    brand: Brand
    mentions: list[MentionRow]
    cases: dict[int, Case]
    merged: list[Problem]
    others: list[Problem]
    history: list[Transition]
    people: dict[int, str]
    whole: Problem | None


async def problem_list(
    session: AsyncSession, brands: list[int], now: datetime, *, status: str = "open", page: int = 1
) -> tuple[list[ProblemRow], bool]:
    """Problems that stand by themselves: those that spike first, then the gravest, then the latest; and whether there
    are more."""
    query = select(Problem).where(col(Problem.brand_id).in_(brands), Problem.status == status)
    order = col(Problem.spike_since).is_(None), col(Problem.severity).desc(), col(Problem.last_at).desc()
    query = query.order_by(*order, col(Problem.id).desc()).offset((page - 1) * PAGE).limit(PAGE + 1)
    found = list(await session.exec(query))
    return await _rows(session, found[:PAGE], now), len(found) > PAGE


async def problem_counts(session: AsyncSession, brands: list[int]) -> dict[str, int]:
    """How many problems are in each status."""
    query = select(Problem.status, func.count()).where(col(Problem.brand_id).in_(brands))
    return dict((await session.exec(query.group_by(col(Problem.status)))).all())


async def _rows(session: AsyncSession, found: Sequence[Problem], now: datetime) -> list[ProblemRow]:
    roots = [problem.id for problem in found]
    if not roots:
        return []
    people = await people_since(session, roots, now - _LONG_AGO)
    waiting, days = await problems.waiting(session, roots), await _days(session, roots, now)
    return [ProblemRow(p, people.get(p.id, 0), waiting.get(p.id, 0), days.get(p.id, [0] * _DAYS)) for p in found]


async def _days(session: AsyncSession, roots: Sequence[int], now: datetime) -> dict[int, list[int]]:
    starts = [now - _DAY * back for back in range(_DAYS, 0, -1)]
    sums = [func.sum(when(((_M.posted_at > start) & (_M.posted_at <= start + _DAY), 1), else_=0)) for start in starts]
    query = pick(_P.root_id, *sums).join(table(Told), _T.problem_id == _P.id)
    query = query.join(table(MentionRow), _M.id == _T.mention_id)
    query = query.where(_P.root_id.in_(list(roots)), _M.status.in_(_COUNTS), _M.posted_at > starts[0])
    found = await (await session.connection()).execute(query.group_by(_P.root_id))
    return {root: [int(count) for count in counts] for root, *counts in found}


async def problem_view(session: AsyncSession, brands: list[int], problem_id: int, now: datetime) -> ProblemView | None:
    """One problem with all that its page shows; None when foreign or absent."""
    query = select(Problem).where(Problem.id == problem_id, col(Problem.brand_id).in_(brands))
    problem = (await session.exec(query)).first()
    if problem is None:
        return None
    [row] = await _rows(session, [problem], now)
    mentions = await _mentions(session, await problems.below(session, problem_id))
    history = await _history(session, problem_id)
    return ProblemView(
        row=row,
        brand=await session.get_one(Brand, problem.brand_id),
        mentions=mentions,
        cases=await _cases(session, mentions),
        merged=list(await session.exec(select(Problem).where(Problem.merged_into == problem_id))),
        others=await _others(session, problem),
        history=history,
        people=await _names(session, history),
        whole=await session.get(Problem, problem.root_id) if problem.root_id != problem.id else None,
    )


async def _mentions(session: AsyncSession, problem_ids: Sequence[int]) -> list[MentionRow]:
    """The newest first."""
    query = select(MentionRow).join(Told, col(Told.mention_id) == col(MentionRow.id))
    query = query.where(col(Told.problem_id).in_(list(problem_ids)))
    return list(await session.exec(query.order_by(col(MentionRow.posted_at).desc()).limit(_SHOWN)))


async def _cases(session: AsyncSession, mentions: Sequence[MentionRow]) -> dict[int, Case]:
    wanted = {mention.case_id for mention in mentions if mention.case_id}
    return {case.id: case for case in await session.exec(select(Case).where(col(Case.id).in_(wanted)))}


async def _others(session: AsyncSession, problem: Problem) -> list[Problem]:
    """What a person could merge it with: the latest of the same brand."""
    query = select(Problem).where(
        Problem.brand_id == problem.brand_id, Problem.id != problem.id, col(Problem.status).in_(("open", "resolved"))
    )
    return list(await session.exec(query.order_by(col(Problem.last_at).desc()).limit(_OTHERS)))


async def _history(session: AsyncSession, problem_id: int) -> list[Transition]:
    confirmed = select(Resolution.id).where(Resolution.problem_id == problem_id)
    stormy = select(Storm.id).where(Storm.problem_id == problem_id)
    query = select(Transition).where(
        or_(
            and_(col(Transition.noun).in_(("problem", "part", "title")), col(Transition.row_id) == problem_id),
            and_(col(Transition.noun).in_(("resolution", "resolution_words")), col(Transition.row_id).in_(confirmed)),
            and_(col(Transition.noun).in_(("storm", "statement", "pace")), col(Transition.row_id).in_(stormy)),
        )
    )
    return list(await session.exec(query.order_by(col(Transition.id))))


async def _names(session: AsyncSession, history: Sequence[Transition]) -> dict[int, str]:
    actors = {int(step.actor[5:]) for step in history if step.actor.startswith("user:") and step.actor[5:].isdigit()}
    query = select(User.id, User.name).where(col(User.id).in_(actors))
    return dict((await session.exec(query)).all())


async def parts_of(session: AsyncSession, case_ids: Sequence[int]) -> dict[int, Problem]:
    """Case -> the problem that it is part of."""
    roots = await problems.of_cases(session, case_ids)
    query = select(Problem).where(col(Problem.id).in_(set(roots.values())))
    found = {problem.id: problem for problem in await session.exec(query)}
    return {case_id: found[root] for case_id, root in roots.items() if root in found}
