"""Delays as others ask for them."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import problems, resolutions
from storage.tables import Case, Problem, Promise, Transition
from storage.tables_delay import Delay


async def latest(session: AsyncSession, case_id: int) -> Delay | None:
    """What was said last of this case."""
    query = select(Delay).where(Delay.case_id == case_id).order_by(col(Delay.id).desc()).limit(1)
    return (await session.exec(query)).first()


async def of_case(session: AsyncSession, case_id: int) -> list[Delay]:
    """All that was said of this case, the oldest first."""
    return list(await session.exec(select(Delay).where(Delay.case_id == case_id).order_by(col(Delay.id))))


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
    """Our open promises of this case that were made before that moment and are due before `until`; held."""
    query = select(Promise).where(
        Promise.case_id == case_id, Promise.status == "open", col(Promise.made_at) < made_before,
        col(Promise.due_at) < until,
    )  # fmt: skip
    return list(await session.exec(query.order_by(col(Promise.id)).with_for_update()))
