"""What an action gives back, and how an action finds its row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Missing, Moved
from domain.lifecycle import allows
from domain.person import Person
from domain.reply import Finding
from storage import replies, transitions
from storage.tables import Case, Reply

_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Undo:
    """How to take an action back: its name, what it is called with, until when it can work (None: no limit). `row_id`
    is the row it is done to, where that is not the one that `Done` names."""

    action: str
    values: dict[str, Any] = field(default_factory=dict)
    until: datetime | None = None
    row_id: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did. `said` is one plain sentence for the page. `copy` and `open_url` are filled for an answer by
    hand; `findings` are the objections that did not block. `version` is that of the reply, or of the case where there
    is no `reply_id`. `problem_id` is filled where a problem was changed; `case_id` is 0 then.
    `promise_id` is filled where a promise was. `held_until` is filled where nothing was done but that a hold began or
    goes on (`responders.holds`); what was written must be committed all the same."""

    said: str
    case_id: int
    reply_id: int | None = None
    status: str = ""
    version: int = 0
    undo: Undo | None = None
    copy: str = ""
    open_url: str = ""
    findings: tuple[Finding, ...] = ()
    problem_id: int | None = None
    promise_id: int | None = None
    mention_id: int | None = None
    """The mention that it was about, where that is neither the case nor the reply; `case_id` is 0 without a case."""
    held_until: datetime | None = None
    article_id: int | None = None
    """The article that was changed; `case_id` is 0 then."""
    playbooks_of: int | None = None
    """The brand whose playbooks were changed; `case_id` is 0 then."""
    storm_over: int | None = None
    """The brand over which as a whole a storm was changed; `case_id` is 0 then."""
    gap_id: int | None = None
    """What was put aside or listed again among the gaps; `case_id` is 0 then."""


async def reply_for(session: AsyncSession, person: Person, reply_id: int, action: str) -> tuple[Case, Reply]:
    """The reply with its case, held for this transaction. Missing alike for absent ids and those of other brands."""
    found = await replies.locked(session, reply_id)
    if found is None or found[1].brand_id not in person.brands:
        raise Missing("there is no such reply")
    person.require(action, found[1].brand_id)
    return found


async def case_for(
    session: AsyncSession, person: Person, case_id: int, action: str, version: int | None = None
) -> Case:
    """The case, held for this transaction. Moved when it is no longer in the version the page showed."""
    case = await replies.locked_case(session, case_id)
    if case is None or case.brand_id not in person.brands:
        raise Missing("there is no such case")
    person.require(action, case.brand_id)
    if version is not None and case.version != version:
        raise Moved("this case has changed since the page was shown: reload to see what happened")
    return case


def same_version(reply: Reply, version: int) -> None:
    """Raise Moved when the page showed another version of this reply."""
    if reply.version != version:
        raise Moved(f"this reply has changed since the page was shown (it is {spoken(reply.status)} now): reload")


def ready(case: Case, reply: Reply, version: int) -> None:
    """Raise Moved unless this draft, in this version, may be approved."""
    same_version(reply, version)
    if reply.status != "drafted":
        raise Moved(f"this reply is {spoken(reply.status)}, so it cannot be approved")
    if case.status == "resolved" and reply.kind != replies.FOLLOW_UP:
        raise Moved("this case is resolved: reopen it before you answer")


def may_move(noun: str, old: str, new: str, verb: str) -> None:
    """Raise Moved, in plain words, where the lifecycle has no such step."""
    if not allows(noun, old, new):
        raise Moved(f"this {noun} is {spoken(old)}, so it cannot be {verb}")


def spoken(status: str) -> str:
    """A status as people say it."""
    return status.replace("_", " ")


def short(text: str, what: str, *, needed: bool = True) -> str:
    """A reason on one line. BadInput when it is needed and empty, or longer than a reason is."""
    clean = " ".join(text.split())
    if needed and not clean:
        raise BadInput(f"{what}: say why in a few words")
    if len(clean) > _LONGEST_REASON:
        raise BadInput(f"{what}: {len(clean)} characters are too many, at most {_LONGEST_REASON}")
    return clean


async def record_change(
    session: AsyncSession, noun: str, row_id: int, old: str, new: str, *, brand_id: int, actor: str, now: datetime
) -> None:
    """One line of history for a change that is not a change of status ("assignee", "reply text")."""
    line = transitions.entry(noun, row_id, old, new, brand_id=brand_id, actor=actor, now=now)
    await transitions.record(session, [line])


async def back_to_draft(session: AsyncSession, case: Case, reply: Reply, actor: str, now: datetime, why: str) -> Reply:
    """Back in front of a person; every yes given so far is void."""
    await replies.void(session, [reply.id], now, why)
    await transitions.move(
        session,
        "reply",
        reply.id,
        reply.status,
        "drafted",
        brand_id=reply.brand_id,
        actor=actor,
        now=now,
        why=why,
        due_at=None,
        body="",
        send_key="",
        error="",
    )
    return (await replies.locked(session, reply.id) or (case, reply))[1]
