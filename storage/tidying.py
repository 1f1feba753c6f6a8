"""When something was removed since the last time: leave nothing of it in the files of the database."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlmodel import col, select

from storage import settings
from storage.database import Database
from storage.tables import Removal

_TIDIED: Final = "tidied"
_ACTOR: Final = "system:tidying"


async def tidy(database: Database, now: datetime) -> bool:
    """Whether there was something to do, and it went well. Otherwise the next look tries again."""
    async with database.read() as session:
        last = await settings.get(session, _TIDIED)
        query = (
            select(Removal.id).where(col(Removal.removed_at) > datetime.fromisoformat(last))
            if last
            else select(Removal.id)
        )
        if (await session.exec(query.limit(1))).first() is None:
            return False
    if not await database.tidy():
        return False
    async with database.write() as session:
        await settings.put(session, _TIDIED, now.isoformat(), actor=_ACTOR, now=now)
    return True
