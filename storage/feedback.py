"""Queries on feedback pages: each brand has one source of that channel, which holds the short name of its page."""

from __future__ import annotations

import hmac

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.sources import AWAKE
from storage.tables import MentionRow, SourceRow, Transition, User

CHANNEL = "feedback"
CHANGED = "feedback_page"
"""The noun of what was changed about a page besides the status of its source."""


async def by_key(session: AsyncSession, key: str) -> SourceRow | None:
    """The source whose page has this short name; None while it is switched off. One row a brand, so all are read."""
    rows = await session.exec(select(SourceRow).where(col(SourceRow.channel) == CHANNEL))
    named = key.encode("utf-8", "replace")
    found = [row for row in rows if hmac.compare_digest(str(row.settings.get("key", "")).encode(), named)]
    return next((row for row in found if row.status in AWAKE), None)


async def of_brand(session: AsyncSession, brand_id: int, *, lock: bool = False) -> SourceRow | None:
    """The source of this brand, None while it never had one. `lock`: held for this transaction."""
    query = select(SourceRow).where(col(SourceRow.channel) == CHANNEL, col(SourceRow.brand_id) == brand_id)
    query = query.order_by(col(SourceRow.id)).limit(1)
    return (await session.exec(query.with_for_update() if lock else query)).first()


async def open_page(session: AsyncSession, brand_id: int) -> str:
    """The short name of this brand's page; empty while none is switched on."""
    source = await of_brand(session, brand_id)
    return str(source.settings["key"]) if source is not None and source.status in AWAKE else ""


async def told(session: AsyncSession, source: SourceRow, number: str) -> MentionRow | None:
    """What was told on this page under this number, as long as its words are kept."""
    here = col(MentionRow.brand_id) == source.brand_id, col(MentionRow.channel) == CHANNEL, col(MentionRow.text) != ""
    return (await session.exec(select(MentionRow).where(*here, col(MentionRow.external_id) == number))).first()


async def last_change(session: AsyncSession, source: SourceRow) -> tuple[Transition, str] | None:
    """The last change of the page that history knows, and the name of who made it (empty for nobody of the desk)."""
    query = select(Transition).where(col(Transition.row_id) == source.id, col(Transition.noun).in_(("source", CHANGED)))
    change = (await session.exec(query.order_by(col(Transition.id).desc()).limit(1))).first()
    if change is None:
        return None
    number = change.actor.removeprefix("user:")
    who = await session.get(User, int(number)) if number.isdecimal() else None
    return change, who.name if who else ""
