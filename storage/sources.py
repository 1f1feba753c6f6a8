"""Queries on sources, topics and brands, as the listener needs them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.coverage import extend
from storage.tables import AccountRow, Brand, SourceRow, Topic
from storage.transitions import move

LISTENER = "system:listener"
_AWAKE = ("listening", "failing")


async def due_sources(
    session: AsyncSession, now: datetime, channels: Sequence[str], limit: int = 50
) -> list[SourceRow]:
    """Sources whose poll is due and that nobody holds, longest overdue first."""
    query = (
        select(SourceRow)
        .where(
            col(SourceRow.channel).in_(channels),
            col(SourceRow.status).in_(_AWAKE),
            or_(col(SourceRow.next_poll_at).is_(None), col(SourceRow.next_poll_at) <= now),
            or_(col(SourceRow.claimed_until).is_(None), col(SourceRow.claimed_until) <= now),
        )
        .order_by(col(SourceRow.next_poll_at).asc().nulls_first())
        .limit(limit)
    )
    return list(await session.exec(query))


async def claim(session: AsyncSession, source_id: int, now: datetime, for_s: float) -> SourceRow | None:
    """Hold a source for a while; None when another worker was faster or it was paused in between."""
    taken = await session.exec(
        update(SourceRow)
        .where(
            col(SourceRow.id) == source_id,
            col(SourceRow.status).in_(_AWAKE),
            or_(col(SourceRow.claimed_until).is_(None), col(SourceRow.claimed_until) <= now),
        )
        .values(claimed_until=now + timedelta(seconds=for_s))
    )
    if taken.rowcount != 1:
        return None
    return await session.get_one(SourceRow, source_id, populate_existing=True)


async def release(session: AsyncSession, source_id: int, next_poll_at: datetime, **values: Any) -> None:
    """Let go of a source and say when it is due again."""
    await session.exec(
        update(SourceRow)
        .where(col(SourceRow.id) == source_id)
        .values(**({"claimed_until": None, "next_poll_at": next_poll_at} | values))
    )


async def free_all(session: AsyncSession) -> int:
    """Let go of every held source. Only for the one process on SQLite, at its start. Returns how many were held."""
    freed = await session.exec(
        update(SourceRow).where(col(SourceRow.claimed_until).is_not(None)).values(claimed_until=None)
    )
    return int(freed.rowcount)


async def recovered(session: AsyncSession, source: SourceRow, now: datetime) -> None:
    """A failing source works again."""
    if source.status == "failing":
        await move(
            session,
            "source",
            source.id,
            "failing",
            "listening",
            brand_id=source.brand_id,
            actor=LISTENER,
            now=now,
            error="",
        )


async def failed(session: AsyncSession, source: SourceRow, now: datetime, why: str, *, stop: bool) -> None:
    """A source fails (tried again later) or is stopped until a person mends it. Recorded once, not at each try."""
    new = "stopped" if stop else "failing"
    if source.status != new:
        await move(
            session,
            "source",
            source.id,
            source.status,
            new,
            brand_id=source.brand_id,
            actor=LISTENER,
            now=now,
            why=why,
            error=why,
        )
    await extend(session, source.id, "gap", now, why)


async def brand_topics(session: AsyncSession, brand_id: int) -> list[Topic]:
    """The topics a brand listens for now."""
    query = select(Topic).where(col(Topic.brand_id) == brand_id, col(Topic.enabled)).order_by(col(Topic.id))
    return list(await session.exec(query))


async def get_brand(session: AsyncSession, brand_id: int) -> Brand:
    """The brand; NoResultFound when there is none."""
    return await session.get_one(Brand, brand_id)


async def own_accounts(session: AsyncSession, brand_id: int, channel: str) -> list[AccountRow]:
    """Our accounts on one channel."""
    query = select(AccountRow).where(col(AccountRow.brand_id) == brand_id, col(AccountRow.channel) == channel)
    return list(await session.exec(query.where(col(AccountRow.status) != "removed")))


def cursor_key(channel: str, settings: dict[str, Any], terms: Sequence[str]) -> str:
    """Changes when the source would serve something else: then its cursor starts anew."""
    raw = msgspec.json.encode([channel, settings, sorted(terms)], order="sorted")
    return hashlib.sha256(raw).hexdigest()[:16]
