"""How drafts of one topic, channel and language went: what left as drafted, what did not, and every bad event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.survey import KINDS
from storage.promises import kept_in_time
from storage.replies import REPLACED
from storage.tables import Correction, MentionRow, Promise, Reply, Transition
from storage.tables_survey import Survey

_MOST = 500
"""The newest replies that are looked at: far more than what decides."""
RECALLED: Final = "recalled"
"""The reason in the history of a reply that a person took back."""
WRONG: Final = ("wrong facts", "wrong tone")
"""Reasons for a rejection that say that the draft itself was bad."""


@dataclass(frozen=True, slots=True)
class Track:
    """`ended`: when each draft left, was rejected or gave way to another one, and whether it left as it was drafted.
    `bad`: when something went wrong with one."""

    ended: tuple[tuple[datetime, bool], ...]
    bad: tuple[datetime, ...]


async def track(
    session: AsyncSession, brand_id: int, *, theme: str, channel: str, lang: str | None, since: datetime
) -> Track:
    """What became of the replies since then whose post is, first of all, about this theme, or was before a person
    corrected it: the draft was written for this one, and the bad event is this one's."""
    query = (
        select(Reply, MentionRow.themes)
        .join(MentionRow, col(MentionRow.id) == col(Reply.mention_id))
        .where(Reply.brand_id == brand_id, Reply.channel == channel, Reply.created_at > since)
        .where(MentionRow.lang == lang, Reply.kind == "answer")
        .order_by(col(Reply.id).desc())
        .limit(_MOST)
    )
    rows = list(await session.exec(query))
    before = await _read_before(session, [reply.mention_id for reply, _ in rows], theme)
    found = [reply for reply, themes in rows if themes[:1] == [theme] or reply.mention_id in before]
    sent = [(reply.sent_at, reply.text == reply.first_text) for reply in found if reply.sent_at is not None]
    unsent = await _unsent(session, found)
    bad = [at for at, why in unsent if why in WRONG]
    for look in (_steps, _corrected, _complaints, _broken, _let_down):
        bad += await look(session, found)
    return Track((*sent, *((at, False) for at, _ in unsent)), tuple(bad))


async def _read_before(session: AsyncSession, mention_ids: Sequence[int], theme: str) -> set[int]:
    """Those of these posts that were about this theme until a person corrected it."""
    query = select(Correction.mention_id, Correction.old).where(
        col(Correction.mention_id).in_(mention_ids), Correction.kind == "theme", Correction.status != "taken_back"
    )
    return {mention_id for mention_id, old in await session.exec(query) if old.split(",")[0] == theme}


async def _unsent(session: AsyncSession, found: Sequence[Reply]) -> list[tuple[datetime, str]]:
    """(when, why) of drafts that somebody rejected, or wanted another one instead of, unless that was taken back.
    Where the thread moved on nobody said a word against the draft."""
    ended = [reply.id for reply in found if reply.status in ("rejected", REPLACED, "stale")]
    query = select(Transition.row_id, Transition.new, Transition.at, Transition.why).where(
        Transition.noun == "reply", col(Transition.row_id).in_(ended), col(Transition.actor).startswith("user:"),
        or_(col(Transition.old) != REPLACED, col(Transition.new) != "stale"),  # something else ended it by then
    )  # fmt: skip
    last = {row_id: (new, at, why) for row_id, new, at, why in await session.exec(query.order_by(col(Transition.id)))}
    return [(at, why) for new, at, why in last.values() if new in ("rejected", REPLACED)]


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


async def _broken(session: AsyncSession, found: Sequence[Reply]) -> list[datetime]:
    """A promise that it made was broken; kept late it was broken all the same. What was no promise counts not."""
    made = select(Promise.id).where(
        col(Promise.reply_id).in_([reply.id for reply in found]), Promise.status != "dismissed", ~kept_in_time()
    )
    query = select(Transition.at).where(
        Transition.noun == "promise", Transition.new == "broken", col(Transition.row_id).in_(made)
    )
    return list(await session.exec(query))


async def _let_down(session: AsyncSession, found: Sequence[Reply]) -> list[datetime]:
    """The author, asked how it was, gave a critical answer after ours, and stands by it."""
    sent = _sent_at(found)
    query = select(Survey).where(col(Survey.case_id).in_(list(sent)), col(Survey.changed_at).is_not(None))
    return [
        survey.changed_at
        for survey in await session.exec(query)
        if KINDS[survey.kind].is_critical(survey.value)
        and survey.changed_at
        and survey.changed_at > sent[survey.case_id]
    ]


def _sent_at(found: Sequence[Reply]) -> dict[int, datetime]:
    """Case -> when the oldest of these answers left."""
    return {reply.case_id: reply.sent_at for reply in found if reply.sent_at is not None}


async def _complaints(session: AsyncSession, found: Sequence[Reply]) -> list[datetime]:
    """The author complains after our answer."""
    sent = _sent_at(found)
    query = select(MentionRow.case_id, MentionRow.posted_at).where(
        col(MentionRow.case_id).in_(list(sent)), MentionRow.label == "negative", MentionRow.status == "kept"
    )
    return [at for case_id, at in await session.exec(query) if case_id is not None and at > sent[case_id]]
