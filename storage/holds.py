"""When an answer was first held, and what a person handled since: both read from history."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Reply, Transition

_REPLY: Final = ("approved", "handed_over", "rejected")
_CASE: Final = ("resolved", "escalated", "snoozed")


async def begun(session: AsyncSession, reply_id: int) -> list[Transition]:
    """The holds of this reply, oldest first; `new` is whose heat it was: theirs or ours."""
    query = select(Transition).where(Transition.noun == "hold", Transition.row_id == reply_id)
    return list(await session.exec(query.order_by(col(Transition.id))))


async def handled(session: AsyncSession, actor: str, brand_id: int, since: datetime, but: int) -> int:
    """How many other cases of the brand this person answered or put away since that moment."""
    of = Transition.brand_id == brand_id, col(Transition.at) >= since, Transition.actor == actor
    replied = select(Reply.case_id).join(Transition, col(Transition.row_id) == col(Reply.id))
    replied = replied.where(*of, Transition.noun == "reply", col(Transition.new).in_(_REPLY))
    moved = select(Transition.row_id).where(*of, Transition.noun == "case", col(Transition.new).in_(_CASE))
    return len({*await session.exec(replied), *await session.exec(moved)} - {but})


async def edits(session: AsyncSession, reply_id: int, actor: str, since: datetime) -> int:
    """How often this person changed the text since that moment."""
    query = select(func.count()).where(
        Transition.noun == "reply_text", Transition.row_id == reply_id, Transition.actor == actor,
        col(Transition.at) >= since,
    )  # fmt: skip
    return (await session.exec(query)).one()
