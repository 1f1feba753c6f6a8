"""What we know of authors from before."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func
from sqlalchemy import select as pick
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Case


async def wrote_before(
    session: AsyncSession, brand_id: int, channel: str, author_ids: Collection[str]
) -> dict[str, int]:
    """How many posts of theirs are in cases of this brand, by author id; authors without any are left out."""
    if not author_ids:
        return {}
    found = (
        pick(col(Case.author_id), func.sum(col(Case.mentions)))
        .where(col(Case.brand_id) == brand_id, col(Case.channel) == channel, col(Case.author_id).in_(author_ids))
        .group_by(col(Case.author_id))
    )
    return {author: int(count) for author, count in await (await session.connection()).execute(found)}
