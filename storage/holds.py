"""When an answer was first held, and what a person handled since: both read from history."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Case, MentionRow, Reply, Transition

_REPLY: Final = ("approved", "handed_over", "rejected")
_TAKEN_BACK: Final = ("requested", "drafted", "replaced", "stale")
"""Statuses of a reply about which nothing is decided any more."""
_CASE: Final = ("resolved", "escalated", "snoozed")
_POSTS: Final = 50


async def begun(session: AsyncSession, reply_id: int) -> list[Transition]:
    """The holds of this reply, oldest first; `new` is whose heat it was: theirs or ours."""
    query = select(Transition).where(Transition.noun == "hold", Transition.row_id == reply_id)
    return list(await session.exec(query.order_by(col(Transition.id))))


async def handled(session: AsyncSession, actor: str, brand_id: int, since: datetime, but: int) -> int:
    """How many other cases of the brand this person answered or put away since that moment, and did not take back."""
    of = Transition.brand_id == brand_id, col(Transition.at) >= since, Transition.actor == actor
    replied = select(Reply.case_id).join(Transition, col(Transition.row_id) == col(Reply.id))
    replied = replied.where(*of, Transition.noun == "reply", col(Transition.new).in_(_REPLY))
    replied = replied.where(col(Reply.status).not_in(_TAKEN_BACK))
    moved = select(Case.id).join(Transition, col(Transition.row_id) == col(Case.id))
    moved = moved.where(*of, Transition.noun == "case", col(Transition.new).in_(_CASE), col(Case.status).in_(_CASE))
    return len({*await session.exec(replied), *await session.exec(moved)} - {but})


async def unanswered(session: AsyncSession, case: Case, mention: MentionRow) -> list[MentionRow]:
    """What the author of this post wrote in the case since we last answered in it, and the post itself."""
    if not (mention.author_id or mention.author_handle):
        return [mention]
    sent = select(func.max(Reply.sent_at)).where(Reply.case_id == case.id, Reply.status == "sent")
    last = (await session.exec(sent)).one()
    query = select(MentionRow).where(
        MentionRow.case_id == case.id, MentionRow.status == "kept", MentionRow.id != mention.id,
        MentionRow.author_id == mention.author_id, MentionRow.author_handle == mention.author_handle,
    )  # fmt: skip
    if last is not None:
        query = query.where(MentionRow.posted_at > last)
    return [mention, *await session.exec(query.order_by(col(MentionRow.posted_at).desc()).limit(_POSTS))]


async def edits(session: AsyncSession, reply_id: int, actor: str, since: datetime) -> int:
    """How often this person changed the text since that moment."""
    query = select(func.count()).where(
        Transition.noun == "reply_text", Transition.row_id == reply_id, Transition.actor == actor,
        col(Transition.at) >= since,
    )  # fmt: skip
    return (await session.exec(query)).one()
