"""What left before: the facts that the policies of a network are held against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from storage.opt_outs import standing_for
from storage.tables import Attempt, MentionRow, OptOut, Reply

DAY: Final = timedelta(hours=24)
_MAY_BE_PUBLIC: Final = ("", "sent", "unknown")


@dataclass(frozen=True, slots=True)
class Before:
    """`opt_out` is what stands against writing to the author; `kinds` are those of the other replies to the post that
    went out by API, or may have; `sendings` are the moments at which other replies of the account began to leave
    within the last 24 hours, oldest first."""

    opt_out: OptOut | None
    kinds: tuple[str, ...]
    sendings: tuple[datetime, ...]


async def what_left(session: AsyncSession, reply: Reply, mention: MentionRow, account_id: int, now: datetime) -> Before:
    """All of it, in three small reads."""
    return Before(
        opt_out=await standing_for(session, mention),
        kinds=tuple(await session.exec(_others(reply))),
        sendings=await sendings(session, account_id, now, but=reply.id),
    )


def _others(reply: Reply) -> SelectOfScalar[str]:
    return select(Reply.kind).where(
        Reply.case_id == reply.case_id,
        Reply.mention_id == reply.mention_id,
        Reply.id != reply.id,
        Reply.way == "api",
        col(Reply.status).in_(("sending", "unknown", "sent")),
    )


async def sendings(session: AsyncSession, account_id: int, now: datetime, *, but: int = 0) -> tuple[datetime, ...]:
    """When the replies of this account left, or may have left, within the last 24 hours; a reply counts once."""
    first = func.min(Attempt.started_at)
    query = select(first).join(Reply, col(Reply.id) == col(Attempt.reply_id))
    query = query.where(
        col(Attempt.started_at) > now - DAY,
        col(Attempt.outcome).in_(_MAY_BE_PUBLIC),
        Reply.account_id == account_id,
        Reply.id != but,
    )
    return tuple(await session.exec(query.group_by(col(Attempt.reply_id)).order_by(first)))
