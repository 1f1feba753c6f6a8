"""The read-back of a reply that a person posts by hand: our own post turns up in its thread and confirms it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.mention import Mention, text_hash
from storage import replies
from storage.arriving import LISTENER, PageIn
from storage.tables import Case, MentionRow, Reply
from storage.transitions import move

_CLOCKS_DIFFER = timedelta(minutes=5)


async def confirm_by_hand(session: AsyncSession, page: PageIn, post: Mention) -> list[int]:
    """Our own `post` appeared: a reply handed over in its thread with the same words is sent, with its link.

    One that a person marked as sent without a link gets it, so that answers to it find their case. The words count
    without case, punctuation, links and handles, which networks change. Returns the id of the case, if there is one.
    """
    for reply in await by_hand(session, page, post):
        return await _confirm(session, page, post, reply.id)
    return []


async def by_hand(session: AsyncSession, page: PageIn, post: Mention) -> list[Reply]:
    """The replies that this post of ours may be, the oldest first."""
    if not _has_words(post.text):
        return []
    words = text_hash(post.text)
    return [reply for reply in await session.exec(_waiting(page, post)) if text_hash(reply.text) == words]


def _has_words(text: str) -> bool:
    """Whether anything is left to compare once signs, links and handles are away."""
    return text_hash(text) != text_hash("")


def _waiting(page: PageIn, post: Mention) -> Any:
    """Replies of this thread that were handed over before the post appeared, the oldest first."""
    handed = or_(col(Reply.status) == "handed_over", (col(Reply.status) == "sent") & (col(Reply.external_id) == ""))
    query = (
        select(Reply)
        .join(Case, col(Case.id) == col(Reply.case_id))
        .join(MentionRow, col(MentionRow.id) == col(Reply.mention_id))
        .where(
            col(Reply.brand_id) == page.brand_id,
            col(Reply.channel) == page.channel,
            col(Reply.created_at) <= post.posted_at + _CLOCKS_DIFFER,
            handed,
            or_(
                col(Case.thread_id) == post.thread_id,
                col(MentionRow.external_id).in_([post.parent_id or "", post.thread_id]),
            ),
        )
    )
    return query.order_by(col(Reply.id))


async def _confirm(session: AsyncSession, page: PageIn, post: Mention, reply_id: int) -> list[int]:
    found = await replies.locked(session, reply_id)
    if found is None:
        return []
    case, reply = found
    values: dict[str, Any] = {"external_id": post.external_id, "url": reply.url or post.url, "due_at": None}
    if reply.status == "sent" and not reply.external_id:
        await replies.change(session, Reply, reply_id, **values)
    elif reply.status == "handed_over":
        await move(
            session, "reply", reply_id, "handed_over", "sent",
            brand_id=page.brand_id, actor=LISTENER, now=page.now, why="found on the network",
            sent_at=min(post.posted_at, page.now), reads=0, error="", **values,
        )  # fmt: skip
        await replies.answered(session, case, reply_id, actor=LISTENER, now=page.now, why="posted by hand")
    else:
        return []
    return [case.id]
