"""What gaps are found from: the questions that were asked; and what somebody put aside."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import ids
from storage.json_lists import lists
from storage.tables import MentionRow
from storage.tables_market import Unneeded


async def questions(session: AsyncSession, brand_id: int, since: datetime, most: int) -> list[MentionRow]:
    """The newest posts since then that ask something and still have their words."""
    dialect = (await session.connection()).dialect.name
    query = select(MentionRow).where(
        MentionRow.brand_id == brand_id,
        MentionRow.posted_at > since,
        col(MentionRow.status).in_(("kept", "received")),
        col(MentionRow.is_repost).is_(False),
        MentionRow.text != "",
        lists("mention.themes", "question", dialect),
    )
    return list(await session.exec(query.order_by(col(MentionRow.posted_at).desc()).limit(most)))


async def aside(session: AsyncSession, brand_id: int) -> dict[int, Unneeded]:
    """What was put aside, by its clue, the latest first."""
    query = select(Unneeded).where(Unneeded.brand_id == brand_id, Unneeded.status == "aside")
    return {row.term: row for row in await session.exec(query.order_by(col(Unneeded.id).desc()))}


async def locked(session: AsyncSession, gap_id: int) -> Unneeded | None:
    """What was put aside, held until the transaction ends."""
    return await session.get(Unneeded, gap_id, with_for_update=True, populate_existing=True)


async def of_term(session: AsyncSession, brand_id: int, term: int) -> Unneeded | None:
    """What somebody said of this clue, held until the transaction ends."""
    query = select(Unneeded).where(Unneeded.brand_id == brand_id, Unneeded.term == term)
    return (await session.exec(query.with_for_update())).first()


async def put_aside(session: AsyncSession, brand_id: int, term: int, actor: str, now: datetime) -> Unneeded:
    """A new row."""
    row = Unneeded(id=ids.next(now), brand_id=brand_id, term=term, actor=actor, created_at=now)
    session.add(row)
    await session.flush()
    return row
