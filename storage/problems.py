"""Problems as others ask for them: which problem a case is part of, who waits, and what a person changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, update
from sqlalchemy import select as pick
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Case, MentionRow, Problem, Told, table

OWED: Final = ("open", "escalated", "snoozed")
_C, _M, _P, _T = (table(model).c for model in (Case, MentionRow, Problem, Told))


async def of_cases(session: AsyncSession, case_ids: Sequence[int]) -> dict[int, int]:
    """Case -> the problem (a root) that it is part of; cases of none are left out."""
    if not case_ids:
        return {}
    query = pick(_M.case_id, func.min(_P.root_id)).join(table(Told), _T.mention_id == _M.id)
    query = query.join(table(Problem), _P.id == _T.problem_id).where(_M.case_id.in_(list(case_ids)))
    found = await (await session.connection()).execute(query.group_by(_M.case_id))
    return dict(found.all())


async def waiting(session: AsyncSession, roots: Sequence[int]) -> dict[int, int]:
    """Root -> how many of its cases owe an answer."""
    if not roots:
        return {}
    query = pick(_P.root_id, func.count(func.distinct(_C.id))).join(table(Told), _T.problem_id == _P.id)
    query = query.join(table(MentionRow), _M.id == _T.mention_id).join(table(Case), _C.id == _M.case_id)
    query = query.where(_P.root_id.in_(list(roots)), _C.status.in_(OWED))
    found = await (await session.connection()).execute(query.group_by(_P.root_id))
    return dict(found.all())


async def below(session: AsyncSession, problem_id: int) -> list[int]:
    """The problem and all that was merged into it, over any number of steps."""
    found, level = [problem_id], [problem_id]
    while level:
        level = list(await session.exec(select(Problem.id).where(col(Problem.merged_into).in_(level))))
        found += level
    return found


async def set_root(session: AsyncSession, problem_id: int, root_id: int) -> None:
    """The problem with all that was merged into it stands under this root from now on."""
    rows = await below(session, problem_id)
    await session.exec(update(table(Problem)).where(_P.id.in_(rows)).values(root_id=root_id))


async def members(session: AsyncSession, problem_id: int, among: Iterable[int] | None = None) -> list[int]:
    """Ids of the mentions that tell of a problem or of what was merged into it; where given, of these alone."""
    query = pick(_T.mention_id).join(table(Problem), _P.id == _T.problem_id).where(_P.root_id == problem_id)
    if among is not None:
        query = query.where(_T.mention_id.in_(list(among)))
    return list((await (await session.connection()).execute(query.order_by(_T.mention_id))).scalars())


async def own_members(session: AsyncSession, problem_id: int) -> list[int]:
    """Ids of the mentions that told of this problem, or of what was merged into it, whatever it is part of now."""
    query = pick(_T.mention_id).where(_T.problem_id.in_(await below(session, problem_id)))
    return list((await (await session.connection()).execute(query.order_by(_T.mention_id))).scalars())


async def with_their_cases(session: AsyncSession, problem_id: int, mention_ids: Sequence[int]) -> list[int]:
    """These mentions of the problem and all others of their cases: a case is part of one problem at most."""
    cases = pick(_M.case_id).where(_M.id.in_(list(mention_ids)), _M.case_id.is_not(None))
    query = pick(_M.id).where(_M.case_id.in_(cases) | _M.id.in_(list(mention_ids)))
    return await members(session, problem_id, (await (await session.connection()).execute(query)).scalars())


async def owners(session: AsyncSession, mention_ids: Sequence[int]) -> dict[int, int]:
    """Mention -> the problem it tells of by itself, not the root of that."""
    query = pick(_T.mention_id, _T.problem_id).where(_T.mention_id.in_(list(mention_ids)))
    return dict((await (await session.connection()).execute(query)).all())


async def chain(session: AsyncSession, problem_id: int) -> list[Problem]:
    """The problem and those it is part of, up to the root, held for this transaction."""
    found = [await session.get_one(Problem, problem_id, with_for_update=True)]
    while found[-1].merged_into is not None:
        found.append(await session.get_one(Problem, found[-1].merged_into, with_for_update=True))
    return found


async def hand(session: AsyncSession, mention_ids: Sequence[int], problem_id: int) -> None:
    """These mentions tell of another problem from now on."""
    await session.exec(update(table(Told)).where(_T.mention_id.in_(list(mention_ids))).values(problem_id=problem_id))


def plus(named: dict[str, dict[str, int]], more: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Counts of what was named, together."""
    return {kind: dict(Counter(named.get(kind, {})) + Counter(more.get(kind, {}))) for kind in {*named, *more}}


def minus(named: dict[str, dict[str, int]], less: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Counts of what was named, without these."""
    return {kind: dict(Counter(counts) - Counter(less.get(kind, {}))) for kind, counts in named.items()}


def grow(
    problem: Problem, named: dict[str, dict[str, int]], mentions: int, first_at: datetime, last_at: datetime
) -> None:
    """Count further mentions in a problem: what they named, how many, when the first and the last was written."""
    problem.named = plus(problem.named, named)
    problem.mentions += mentions
    problem.first_at, problem.last_at = min(problem.first_at, first_at), max(problem.last_at, last_at)
    problem.version += 1


async def span(session: AsyncSession, problem_id: int) -> tuple[Any, Any]:
    """When it was first and last told of (None, None without mentions)."""
    query = pick(func.min(_M.posted_at), func.max(_M.posted_at)).join(table(Told), _T.mention_id == _M.id)
    query = query.join(table(Problem), _P.id == _T.problem_id).where(_P.root_id == problem_id)
    first, last = (await (await session.connection()).execute(query)).one()
    return first, last
