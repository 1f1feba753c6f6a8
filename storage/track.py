"""How answers of one topic, channel and language went: what left as drafted, and every bad event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Correction, MentionRow, Reply, Transition

_MOST = 500
"""The newest replies that are looked at: far more than what decides."""
RECALLED: Final = "recalled"
"""The reason in the history of a reply that a person took back."""


@dataclass(frozen=True, slots=True)
class Track:
    """`sent`: when each answer left, and whether as it was drafted. `bad`: when something went wrong with one."""

    sent: tuple[tuple[datetime, bool], ...]
    bad: tuple[datetime, ...]


async def track(
    session: AsyncSession, brand_id: int, *, theme: str, channel: str, lang: str | None, since: datetime
) -> Track:
    """What became of the replies since then whose post is, first of all, about this theme."""
    query = (
        select(Reply, MentionRow.themes)
        .join(MentionRow, col(MentionRow.id) == col(Reply.mention_id))
        .where(Reply.brand_id == brand_id, Reply.channel == channel, Reply.created_at > since)
        .where(MentionRow.lang == lang, Reply.kind == "answer")
        .order_by(col(Reply.id).desc())
        .limit(_MOST)
    )
    found = [reply for reply, themes in await session.exec(query) if themes[:1] == [theme]]
    sent = [(reply.sent_at, reply.text == reply.first_text) for reply in found if reply.sent_at is not None]
    bad = [*await _steps(session, found), *await _corrected(session, found), *await _complaints(session, found)]
    return Track(tuple(sent), tuple(bad))


async def _steps(session: AsyncSession, found: Sequence[Reply]) -> list[datetime]:
    """Refused by the network, recalled, or with an overruled finding."""
    query = select(Transition.at).where(
        col(Transition.row_id).in_([reply.id for reply in found]),
        or_(
            and_(col(Transition.noun) == "reply", col(Transition.new) == "refused"),
            and_(col(Transition.noun) == "reply", col(Transition.why) == RECALLED),
            and_(col(Transition.noun) == "reply_check", col(Transition.new) == "overruled"),
        ),
    )
    return list(await session.exec(query))


async def _corrected(session: AsyncSession, found: Sequence[Reply]) -> list[datetime]:
    """A person put right what was read in the answered post."""
    answered = [reply.mention_id for reply in found]
    query = select(Correction.created_at).where(
        col(Correction.mention_id).in_(answered), Correction.old != Correction.new, Correction.status != "taken_back"
    )
    return list(await session.exec(query))


async def _complaints(session: AsyncSession, found: Sequence[Reply]) -> list[datetime]:
    """The author complains after our answer."""
    sent = {reply.case_id: reply.sent_at for reply in found if reply.sent_at is not None}
    query = select(MentionRow.case_id, MentionRow.posted_at).where(
        col(MentionRow.case_id).in_(list(sent)), MentionRow.label == "negative", MentionRow.status == "kept"
    )
    return [at for case_id, at in await session.exec(query) if case_id is not None and at > sent[case_id]]
