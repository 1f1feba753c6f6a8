"""Asking the author of a resolved case one question, and what their answer does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Missing, Moved
from domain.ids import ids
from domain.person import Person
from domain.sla import due, policy_from
from domain.survey import KINDS, LIFE, LONGEST_WORDS, REST
from responders.allowed import way_now
from responders.done import Done, case_for
from responders.drafters.phrasebook import first_written
from responders.parts import Parts
from storage import case_duties, opt_outs, replies, surveys, transitions
from storage.tables import Brand, Case, MentionRow, Reply
from storage.tables_survey import Survey

OFF: Final = "asking for satisfaction is off: set public_url, the address under which authors reach the page"
_AUTHOR: Final = "system:author"
_ENDED: Final = ("resolved", "waiting")
_RESTS: Final = (*_ENDED, "snoozed")
"""Nobody looks at such a case: who is not satisfied brings it back."""


async def why_not(session: AsyncSession, case: Case, parts: Parts, now: datetime) -> str:
    """Why the author of this case is not asked, in plain words; empty when they may be."""
    if parts.surveys is None:
        return OFF
    if case.status != "resolved":
        return "only the author of a resolved case is asked"
    if await surveys.of_case(session, case.id) is not None:
        return "they were asked about this case already"
    mention = await case_duties.last_word(session, case)
    if mention is None:
        return "their posts are gone"
    kinds = await case_duties.kinds_written(session, case.id)
    is_praise = case.praise or await case_duties.only_praised(session, case.id)
    reasons = (
        (is_praise, "all that they wrote praises or thanks us"),
        (not any(status == "sent" for _, status in kinds), "we never wrote to them"),
        (await opt_outs.standing_for(session, mention) is not None, "they want to be left alone"),
        (await surveys.asked_since(session, case, now - REST), f"they were asked within the last {REST.days} days"),
    )
    return next((why for holds, why in reasons if holds), "")


async def ask(session: AsyncSession, person: Person, case_id: int, *, kind: str, now: datetime, parts: Parts) -> Done:
    """Ask the author one question: by a draft that carries the link where the channel is private, else by a link that
    whoever asks sends in a private message."""
    case = await case_for(session, person, case_id, "redraft")
    if kind not in KINDS:
        raise BadInput(f"kind: choose one of {', '.join(KINDS)}")
    if why := await why_not(session, case, parts, now):
        raise Moved(f"nobody is asked here: {why}")
    mention = await case_duties.last_word(session, case)
    assert mention is not None  # `why_not` looked, and the case is held
    drafted = await _goes_privately(session, case, mention, parts, now)
    if drafted and await replies.live(session, case_id) is not None:
        raise Moved("a reply of this case is still open: reject it or let it leave first")
    reply_id = await _draft(session, case, mention, replies.FOLLOW_UP, parts, now) if drafted else None
    await store(session, case, kind, person.actor, now, reply_id)
    # asked once: the follow-up that was to come would be a second question
    await replies.change(session, Case, case_id, follow_up_at=None, version=case.version + 1)
    said = "the draft with the link is being written" if drafted else "the link is ready to be copied"
    return Done(said, case_id, status=case.status, version=case.version + 1)


async def by_itself(session: AsyncSession, case: Case, parts: Parts, now: datetime) -> str:
    """The kind that the follow-up of this case asks by itself, empty for none: private channels only."""
    channel = parts.channels.get(case.channel)
    if parts.surveys is None or not parts.surveys.kind or channel is None or not channel.private:
        return ""
    return "" if await why_not(session, case, parts, now) else parts.surveys.kind


async def store(
    session: AsyncSession, case: Case, kind: str, actor: str, now: datetime, reply_id: int | None
) -> Survey:
    """The survey, and a line of history. One whose draft never left is asked with again. The case is held."""
    brand = await session.get_one(Brand, case.brand_id)
    unsent = await surveys.unsent(session, case.id)
    row = Survey(
        id=unsent.id if unsent else ids.next(now), brand_id=case.brand_id, case_id=case.id, reply_id=reply_id,
        kind=kind, lang=first_written([case.lang, *brand.languages]), actor=actor, created_at=now,
        expires_at=now + LIFE,
    )  # fmt: skip
    row = await session.merge(row)
    await session.flush()
    await _note(session, case, "asked", actor, now)
    return row


async def _goes_privately(session: AsyncSession, case: Case, mention: MentionRow, parts: Parts, now: datetime) -> bool:
    if case.channel not in parts.channels or not parts.channels[case.channel].private:
        return False
    asked = Reply(
        id=0, brand_id=case.brand_id, case_id=case.id, mention_id=mention.id, channel=case.channel,
        kind=replies.FOLLOW_UP, created_at=now,
    )  # fmt: skip
    way = await way_now(session, asked, await replies.account_of(session, asked), mention, parts, now)
    return way.way != "none"


async def _draft(session: AsyncSession, case: Case, mention: MentionRow, kind: str, parts: Parts, now: datetime) -> int:
    row = replies.request_row(
        case.id, brand_id=case.brand_id, channel=case.channel, mention_id=mention.id, lang=case.lang, now=now,
        kind=kind,
    )  # fmt: skip
    await replies.request(session, [row])
    await parts.jobs.nudge(session, "draft", int(row["id"]), now)
    return int(row["id"])


# --- the answer ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page:
    """What the author's page shows."""

    survey: Survey
    brand: str


async def page_of(session: AsyncSession, token_id: int, token: str, parts: Parts, now: datetime) -> Page | None:
    """The survey of a link; None when it is not ours, or its time is over."""
    survey = await session.get(Survey, token_id, populate_existing=True) if token_id else None
    if survey is None or not _stands(survey, token, parts, now):
        return None
    return Page(survey, (await session.get_one(Brand, survey.brand_id)).name)


def _stands(survey: Survey, token: str, parts: Parts, now: datetime) -> bool:
    return parts.surveys is not None and parts.surveys.signed(survey, token) and now < survey.expires_at


async def answer(
    session: AsyncSession, token_id: int, token: str, *, value: int, words: str, now: datetime, parts: Parts
) -> Case:
    """Store what the author says, in place of what they said before; a critical answer opens the case again and asks
    for a draft that answers it. Missing for a link that is not ours or whose time is over."""
    found = await surveys.locked(session, token_id) if token_id else None
    if found is None or not _stands(found[1], token, parts, now):
        raise Missing("this link is no longer good")
    case, survey = found
    kind, words = KINDS[survey.kind], words.replace("\r\n", "\n").strip()
    if not kind.takes(value) or len(words) > LONGEST_WORDS:
        raise BadInput(
            f"value: a whole number from {kind.lowest} to {kind.highest}, and at most {LONGEST_WORDS} characters"
        )
    if (survey.value, survey.words) == (value, words):
        return case
    was_critical = kind.is_critical(survey.value)
    await _keep(session, survey, value, words, now)
    await _note(session, case, f"{survey.kind} {value}", _AUTHOR, now)
    if kind.is_critical(value) and case.status in _RESTS:
        await _open_again(session, case, parts, now)
    else:
        await replies.change(session, Case, case.id, version=case.version + 1)
    if kind.is_critical(value) or (was_critical and case.status not in _ENDED):
        await _draft_anew(session, case, parts, now)
    return case


async def _keep(session: AsyncSession, survey: Survey, value: int, words: str, now: datetime) -> None:
    first = survey.answered_at or now
    await replies.change(session, Survey, survey.id, value=value, words=words, answered_at=first, changed_at=now)


async def _open_again(session: AsyncSession, case: Case, parts: Parts, now: datetime) -> None:
    """What was owed before is owed still. Their words stand beside it in the story of the case, not in its history,
    which nobody could take them out of."""
    brand = await session.get_one(Brand, case.brand_id)
    clocks = due(policy_from({**parts.limits.sla, **brand.policy}, case.channel), now)
    owes = case.status == "snoozed" and case.next_due_at is not None
    next_due_at, hold_at = (case.next_due_at, case.hold_at) if owes else (clocks.answer, clocks.hold)
    await transitions.move(
        session, "case", case.id, case.status, "open", brand_id=case.brand_id, actor=_AUTHOR, now=now,
        why="its author is not satisfied", next_due_at=next_due_at, hold_at=hold_at, snoozed_until=None,
        follow_up_at=None,
    )  # fmt: skip


async def _draft_anew(session: AsyncSession, case: Case, parts: Parts, now: datetime) -> None:
    """As after a further post of theirs: what was drafted without it is set aside. What the network refused stays with
    whoever mends it."""
    mention = await case_duties.last_word(session, case)
    await replies.stale_replies(session, [case.id], now, "its author answered the question", _AUTHOR)
    if mention is None or await replies.cases_with_reply(session, [case.id], ("refused",)):
        return
    await _draft(session, case, mention, "answer", parts, now)


async def _note(session: AsyncSession, case: Case, new: str, actor: str, now: datetime) -> None:
    line = transitions.entry("survey", case.id, "", new, brand_id=case.brand_id, actor=actor, now=now)
    await transitions.record(session, [line])
