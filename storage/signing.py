"""First sign-offs, overruled findings and changes asked for, as the responders and the desk ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, update
from sqlmodel import col, exists, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Correction, Membership, MentionRow, Note, Reply, User
from storage.tables_depth import Overruling, SignOff


async def grounds(session: AsyncSession, case_id: int, mention_id: int) -> list[tuple[Sequence[str], int]]:
    """Themes and severity of each post of the case that is still there, the answered one among them, and what a person
    corrected them from."""
    here = (col(MentionRow.case_id) == case_id) | (col(MentionRow.id) == mention_id)
    posts = select(MentionRow.id, MentionRow.themes, MentionRow.severity).where(here, MentionRow.status != "withdrawn")
    rows = list(await session.exec(posts))
    found: list[tuple[Sequence[str], int]] = [(themes, severity) for _, themes, severity in rows]
    before = select(Correction.kind, Correction.old).where(
        col(Correction.mention_id).in_([row[0] for row in rows]), col(Correction.status).in_(("standing", "replaced"))
    )
    for kind, old in await session.exec(before):
        if kind == "theme":
            found.append((old.split(","), 0))
        elif kind == "priority" and old.isdecimal():
            found.append(([], int(old)))
    return found


async def reach(session: AsyncSession, case_id: int, mention_id: int) -> int:
    """The most followers of an author among the posts of the case that are still there; 0 where none is known."""
    here = (col(MentionRow.case_id) == case_id) | (col(MentionRow.id) == mention_id)
    query = select(func.max(MentionRow.author_followers)).where(here, MentionRow.status != "withdrawn")
    return (await session.exec(query)).one() or 0


async def sign_offs(session: AsyncSession, reply_id: int) -> list[SignOff]:
    """The first yeses to this reply that stand, the newest first."""
    query = select(SignOff).where(SignOff.reply_id == reply_id, col(SignOff.voided_at).is_(None))
    return list(await session.exec(query.order_by(col(SignOff.id).desc()).execution_options(populate_existing=True)))


async def awaiting_second(session: AsyncSession, reply_ids: Sequence[int]) -> set[int]:
    """Which of these drafts have a standing first yes: a second person is awaited."""
    if not reply_ids:
        return set()
    query = select(Reply.id).where(col(Reply.id).in_(list(reply_ids)), awaits_second())
    return set(await session.exec(query))


def awaits_second() -> Any:
    """The condition on a reply that one person said yes to it, and a second one is awaited."""
    stands = exists().where(
        col(SignOff.reply_id) == col(Reply.id),
        col(SignOff.voided_at).is_(None),
        col(SignOff.reply_version) == col(Reply.version),
    )
    return and_(col(Reply.status) == "drafted", stands)


async def changes_to(session: AsyncSession, reply: Reply) -> list[Note]:
    """What people want changed in this draft as it stands, the newest first."""
    query = select(Note).where(Note.reply_id == reply.id, col(Note.settled_at).is_(None))
    return list(await session.exec(query.order_by(col(Note.id).desc())))


async def changes_asked(session: AsyncSession, reply_ids: Sequence[int]) -> set[int]:
    """In which of these drafts somebody wants something changed."""
    if not reply_ids:
        return set()
    query = select(Reply.id).where(col(Reply.id).in_(list(reply_ids)), asks_change())
    return set(await session.exec(query))


def asks_change() -> Any:
    """The condition on a reply that somebody wants its text changed, as it stands."""
    stands = exists().where(col(Note.reply_id) == col(Reply.id), col(Note.settled_at).is_(None))
    return and_(col(Reply.status) == "drafted", stands)


async def settle_changes(session: AsyncSession, reply_id: int, now: datetime, *, of: int | None = None) -> None:
    """What was asked for is done: the draft has another text. With `of`, only what this person asked for."""
    asked = [col(Note.reply_id) == reply_id, col(Note.settled_at).is_(None)]
    asked += [] if of is None else [col(Note.user_id) == of]
    await (await session.connection()).execute(update(Note).where(*asked).values(settled_at=now))


async def overrulings(session: AsyncSession, reply_id: int, text_hash: str) -> list[Overruling]:
    """What was overruled in exactly this text of this reply, and stands."""
    query = select(Overruling).where(
        Overruling.reply_id == reply_id, Overruling.text_hash == text_hash, col(Overruling.voided_at).is_(None)
    )
    return list(await session.exec(query.order_by(col(Overruling.id))))


async def has_word(session: AsyncSession, reply_id: int) -> bool:
    """Whether a first yes or an overruled finding of this reply stands: it is about exactly its words."""
    for model in (SignOff, Overruling):
        of = select(model.id).where(col(model.reply_id) == reply_id, col(model.voided_at).is_(None))
        if (await session.exec(of.limit(1))).first() is not None:
            return True
    return False


async def void_overrulings(session: AsyncSession, reply_id: int, now: datetime, why: str) -> None:
    """End what was overruled in this reply: its text is another one. Never undone."""
    standing = update(Overruling).where(col(Overruling.reply_id) == reply_id, col(Overruling.voided_at).is_(None))
    await (await session.connection()).execute(standing.values(voided_at=now, void_reason=why))


async def approvers(session: AsyncSession, brand_id: int, roles: Sequence[str]) -> int:
    """How many people who can sign in hold one of these roles in the brand."""
    query = select(func.count(col(User.id))).join(Membership, col(Membership.user_id) == col(User.id))
    query = query.where(col(Membership.brand_id) == brand_id, col(Membership.role).in_(list(roles)))
    return (await session.exec(query.where(col(User.disabled_at).is_(None)))).one()
