"""Delays as others ask for them."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Promise
from storage.tables_delay import Delay


async def latest(session: AsyncSession, case_id: int) -> Delay | None:
    """What was said last of this case."""
    query = select(Delay).where(Delay.case_id == case_id).order_by(col(Delay.id).desc()).limit(1)
    return (await session.exec(query)).first()


async def promises_before(session: AsyncSession, case_id: int, made_before: datetime, until: datetime) -> list[Promise]:
    """Our open promises of this case that were made before that moment and are due before `until`; held."""
    query = select(Promise).where(
        Promise.case_id == case_id, Promise.status == "open", col(Promise.made_at) < made_before,
        col(Promise.due_at) < until,
    )  # fmt: skip
    return list(await session.exec(query.order_by(col(Promise.id)).with_for_update()))
