"""Posts are kept as long as their source, or its brand, says: then their words go, and the figures stay."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, or_, update
from sqlalchemy import select as pick
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.purging import HAS_WORDS, Order, purge
from storage.tables import Brand, MentionRow, Quarantine, SourceRow, table
from storage.transitions import entry, record
from storage.turns import take_turn
from storage.verification import STRETCH

ACTOR: Final = "system:retention"
DAILY: Final = timedelta(days=1)
_AT_ONCE = 500
_M, _S, _B, _Q = (table(model).c for model in (MentionRow, SourceRow, Brand, Quarantine))
_KEEP: Final = func.coalesce(_S.keep_days, _B.keep_days)


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Sources whose posts are not kept for ever, and that were not looked through today."""
    ready = or_(_S.next_purge_at.is_(None), _S.next_purge_at <= now)
    query = pick(_S.id).join(Brand, _B.id == _S.brand_id).where(_KEEP.is_not(None), ready)
    return list((await (await session.connection()).execute(query.order_by(_S.id).limit(limit))).scalars())


async def purge_old(session: AsyncSession, source_id: int, now: datetime) -> int:
    """Purge some of what this source has kept for too long; it is due again at once while more may wait, else tomorrow.
    Returns how many posts lost their words."""
    connection = await session.connection()
    columns = _S.brand_id, _S.channel, _S.purged_up_to, _S.next_purge_at, _KEEP.label("days")
    found = pick(*columns).join(Brand, _B.id == _S.brand_id).where(_S.id == source_id)
    source = (await connection.execute(found)).first()
    if source is None or source.days is None or (source.next_purge_at is not None and source.next_purge_at > now):
        return 0
    await take_turn(session, source.brand_id, source.channel)
    before = now - timedelta(days=source.days)
    old, up_to = await _old(session, source_id, source.purged_up_to, before)
    why = f"older than the {source.days} days that posts are kept"
    order = Order(source.brand_id, source.channel, why, ACTOR, now, withdrawn=False)
    purged = await purge(session, order, _M.id.in_(old)) if old else None
    if purged is not None:
        said = f"{purged.posts} posts: {why}"
        line = entry("retention", source_id, "", "purged", brand_id=source.brand_id, actor=ACTOR, now=now, why=said)
        await record(session, [line])
    await connection.execute(delete(Quarantine).where(_Q.source_id == source_id, _Q.at < before))
    again = now + DAILY if up_to is None else now
    values: dict[str, Any] = {"next_purge_at": again} | ({"purged_up_to": up_to} if up_to is not None else {})
    await connection.execute(update(SourceRow).where(_S.id == source_id).values(**values))
    return purged.posts if purged is not None else 0


async def _old(session: AsyncSession, source_id: int, after: int, before: datetime) -> tuple[list[int], int | None]:
    """Posts of this source that came before that moment, and up to which id that is all; None when it is all there is.

    Ids rise with time, so the table is walked from where the last look ended, in stretches."""
    connection = await session.connection()
    stretch = pick(_M.id, _M.received_at).where(_M.id > after).order_by(_M.id).offset(STRETCH).limit(1)
    end = (await connection.execute(stretch)).first()
    here = _M.source_id == source_id, _M.status != "withdrawn", _M.received_at < before, HAS_WORDS
    query = pick(_M.id).where(_M.id > after, *here)
    if end is not None:
        query = query.where(_M.id <= end.id)
    found = list((await connection.execute(query.order_by(_M.id).limit(_AT_ONCE))).scalars())
    if len(found) == _AT_ONCE:
        return found, found[-1]
    return found, end.id if end is not None and end.received_at < before else None
