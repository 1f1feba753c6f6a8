"""The coverage timeline of a source: what was seen, what was not, and what was caught up later.

States: `seen` (polls went well), `gap` (posts of this stretch may be missing), `late` (it was a gap, and a poll
that reached back to it closed it), `paused` (a person switched the source off).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import ids
from storage.tables import Coverage


async def last_stretch(session: AsyncSession, source_id: int) -> Coverage | None:
    """The newest stretch of this source."""
    query = (
        select(Coverage)
        .where(col(Coverage.source_id) == source_id)
        .order_by(col(Coverage.started_at).desc(), col(Coverage.id).desc())
    )
    return (await session.exec(query.limit(1))).first()


async def extend(session: AsyncSession, source_id: int, state: str, now: datetime, reason: str = "") -> None:
    """The source is in `state` up to `now`: the last stretch grows, or a new one begins where it ended."""
    last = await last_stretch(session, source_id)
    if last is not None and last.state == state and (not reason or last.reason == reason):
        await session.exec(update(Coverage).where(col(Coverage.id) == last.id).values(ended_at=max(last.ended_at, now)))
        return
    started = last.ended_at if last is not None else now
    session.add(
        Coverage(
            id=ids.next(now),
            source_id=source_id,
            started_at=started,
            ended_at=max(started, now),
            state=state,
            reason=reason,
        )
    )
    await session.flush()


async def catch_up(session: AsyncSession, source_id: int) -> None:
    """A complete poll reached back over the open gap: its posts were seen late, not missed."""
    last = await last_stretch(session, source_id)
    if last is not None and last.state == "gap":
        await session.exec(update(Coverage).where(col(Coverage.id) == last.id).values(state="late"))


async def timeline(session: AsyncSession, source_ids: list[int], since: datetime, until: datetime) -> list[Coverage]:
    """All stretches of these sources that touch the period, oldest first."""
    query = (
        select(Coverage)
        .where(
            col(Coverage.source_id).in_(source_ids), col(Coverage.ended_at) >= since, col(Coverage.started_at) <= until
        )
        .order_by(col(Coverage.source_id), col(Coverage.started_at))
    )
    return list(await session.exec(query))
