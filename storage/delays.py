"""Delays as others ask for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import exists, or_
from sqlalchemy import select as pick
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import problems, resolutions
from storage.replies import LIVE
from storage.tables import Case, Problem, Promise, Reply, Transition, table
from storage.tables_delay import Delay

_SAID: Final = (*LIVE, "sent")
_D, _R, _NEWER = table(Delay).c, table(Reply).c, table(Delay).alias("newer")


async def of_case(session: AsyncSession, case_id: int) -> list[Delay]:
    """All that was said of this case, the oldest first."""
    return list(await session.exec(select(Delay).where(Delay.case_id == case_id).order_by(col(Delay.id))))


async def have(
    session: AsyncSession, brand_id: int, until: datetime, words: Iterable[str], case_id: int | None = None
) -> set[int]:
    """Cases of which this was said last, in one of these words, and whose authors were told or will be: not where the
    draft of it was rejected or went stale. With `case_id` only that one is looked at."""
    newer = exists().where(_NEWER.c.case_id == _D.case_id, _NEWER.c.id > _D.id)
    going = exists().where(
        _R.case_id == _D.case_id, _R.kind == "holding", _R.created_at >= _D.created_at, _R.status.in_(_SAID)
    )
    query = pick(_D.case_id).where(_D.brand_id == brand_id, _D.until == until, _D.why.in_(list(words)), ~newer)
    query = query.where(or_(_D.told_at.is_not(None), going))
    if case_id is not None:
        query = query.where(_D.case_id == case_id)
    return set((await (await session.connection()).execute(query)).scalars())


async def is_settled(session: AsyncSession, case: Case, delay: Delay) -> bool:
    """Whether the case is resolved, or its problem was after this was said. Ids are in the order of time."""
    root = (await problems.of_cases(session, [case.id])).get(case.id)
    if case.status == "resolved" or root is None:
        return case.status == "resolved"
    row = await resolutions.standing(session, root)
    if row is not None and row.id > delay.id:
        return True
    query = select(Transition.id).join(Problem, col(Problem.id) == col(Transition.row_id))
    query = query.where(Problem.id == root, Problem.status == "resolved", Transition.noun == "problem")
    query = query.where(Transition.new == "resolved", Transition.id > delay.id)
    return (await session.exec(query.limit(1))).first() is not None


async def promises_before(session: AsyncSession, case_id: int, made_before: datetime, until: datetime) -> list[Promise]:
    """Promises that we owe in this case, made before that moment and due before `until`; held."""
    query = select(Promise).where(
        Promise.case_id == case_id, col(Promise.status).in_(("found", "open")), col(Promise.made_at) < made_before,
        col(Promise.due_at) < until,
    )  # fmt: skip
    return list(await session.exec(query.order_by(col(Promise.id)).with_for_update()))
