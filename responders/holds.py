"""The Rule of 5 where an answer is approved: whether this person waits with this text, and until when.

A hold begins with the first try to approve and is a row of history, so it outlives the refusal. It belongs to the
reply: later tries find it, and nobody waits twice for the same heat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.person import Person
from responders import heat
from storage import case_duties, holds, surveys, transitions
from storage.replies import FOLLOW_UP
from storage.tables import Brand, Case, MentionRow, Reply, Transition

SETTING: Final = "rule_of_five"
"""Its key in the voice of a brand; held unless it says "off"."""

Cause = Literal["theirs", "ours"]


@dataclass(frozen=True, slots=True)
class Hold:
    """Why an answer is held and until when. `begun`: somebody tried already; else it begins with the first try."""

    reasons: tuple[str, ...]
    cause: Cause
    until: datetime
    begun: bool


async def hold_of(
    session: AsyncSession, person: Person, case: Case, reply: Reply, text: str, now: datetime
) -> Hold | None:
    """What stands between this person and the approval of this text now; None for nothing. Changes nothing."""
    brand, mention = await session.get_one(Brand, reply.brand_id), await session.get_one(MentionRow, reply.mention_id)
    edits = await holds.edits(session, reply.id, person.actor, now - heat.HOLD)
    posts = await holds.unanswered(session, case, mention)
    severity = max(post.severity or 0 for post in posts)
    theirs, ours = await _theirs(session, case, reply, mention, posts), heat.own(text, reply.lang, edits)
    if brand.voice.get(SETTING) == "off" or not heat.is_held(theirs, ours, kind=reply.kind, severity=severity):
        return None
    cause: Cause = "ours" if ours.value >= heat.HOT else "theirs"
    first = _first(await holds.begun(session, reply.id), cause)
    if first is not None and cause == "theirs" and first.actor != person.actor:
        return None  # a colleague comes calm, and that is what handing it over is for
    began_at, others = now, 0
    if first is not None:
        began_at = first.at
        others = await holds.handled(session, person.actor, case.brand_id, first.at, case.id)
    until = heat.hold_until(began_at, case.next_due_at, others)
    reasons = tuple(dict.fromkeys((*theirs.reasons, *ours.reasons)))
    return Hold(reasons, cause, until, first is not None) if until is not None and until > now else None


async def _theirs(
    session: AsyncSession, case: Case, reply: Reply, mention: MentionRow, posts: Sequence[MentionRow]
) -> heat.Heat:
    """The hottest of what its author wrote to us and we have not answered: each post with its title, and what they said
    in a survey."""
    found = [heat.incoming(f"{post.title}\n{post.text}", post.lang, post.severity or 0) for post in posts]
    survey = await surveys.unanswered(session, case.id)
    if survey is not None and reply.kind != FOLLOW_UP and case_duties.is_theirs(case, mention):
        found.append(heat.incoming(survey.words, mention.lang or survey.lang, 0))
    return max(found, key=lambda each: each.value)


async def begin(
    session: AsyncSession, person: Person, case: Case, reply: Reply, text: str, now: datetime
) -> Hold | None:
    """As `hold_of`, with the reply held by the caller's transaction: a hold that begins now is written down."""
    hold = await hold_of(session, person, case, reply, text, now)
    if hold is not None and not hold.begun:
        line = transitions.entry(
            "hold", reply.id, "", hold.cause,
            brand_id=reply.brand_id, actor=person.actor, now=now, why=", ".join(hold.reasons),
        )  # fmt: skip
        await transitions.record(session, [line])
    return hold


def _first(begun: Sequence[Transition], cause: Cause) -> Transition | None:
    # whoever waited because of their own words has waited for the author's as well; not the other way round
    return next((row for row in begun if cause == "theirs" or row.new == cause), None)
