"""The history of a brand's settings: who changed which of them, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import transitions
from storage.articles import names_of
from storage.tables import Transition

NOUN: Final = "brand"
SHOWN: Final = 5


async def changed(session: AsyncSession, brand_id: int, what: Sequence[str], *, actor: str, now: datetime) -> None:
    """Somebody changed these settings; nothing when it is none. Their values are not kept."""
    if what:
        line = transitions.entry(
            NOUN, brand_id, "", "changed", brand_id=brand_id, actor=actor, now=now, why=", ".join(what)
        )
        await transitions.record(session, [line])


async def changes(session: AsyncSession, brand_id: int) -> list[tuple[Transition, str]]:
    """The last changes, the newest first, each with the name of who made it (empty for nobody of the desk)."""
    query = select(Transition).where(Transition.noun == NOUN, Transition.row_id == brand_id)
    rows = list(await session.exec(query.order_by(col(Transition.id).desc()).limit(SHOWN)))
    names = await names_of(session, [row.actor for row in rows])
    return [(row, names.get(_number(row.actor), "")) for row in rows]


def _number(actor: str) -> int:
    number = actor.partition(":")[2]
    return int(number) if number.isdecimal() else 0
