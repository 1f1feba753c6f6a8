"""What a person can do with a case, one function per action. See `actions` for what they share."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Missing, Moved
from domain.ids import ids
from domain.person import Person
from responders.done import Done, Undo, case_for, may_move, record_change, short, spoken
from responders.handing import sign_anew
from responders.parts import Parts
from storage import corrections, replies, transitions
from storage.tables import Case, Membership, MentionRow, Note, Reply, User

_LONGEST_SNOOZE = timedelta(days=90)
_LONGEST_NOTE = 10_000
_IRRELEVANT = "irrelevant"


async def snooze(
    session: AsyncSession,
    person: Person,
    case_id: int,
    *,
    until: datetime,
    version: int | None = None,
    now: datetime,
    parts: Parts,
) -> Done:
    """open -> snoozed until a moment in the future (BadInput otherwise). The clocks run on. Undo: `wake`."""
    case = await case_for(session, person, case_id, "triage", version)
    if until.tzinfo is None or not now < until <= now + _LONGEST_SNOOZE:
        raise BadInput(f"snooze until: give a moment in the future, at most {_LONGEST_SNOOZE.days} days ahead")
    may_move("case", case.status, "snoozed", "snoozed")
    await _move(session, case, "snoozed", person, now, snoozed_until=until)
    await parts.jobs.nudge(session, "wake", case_id, until)
    return _done(case, "snoozed", "snoozed", Undo("wake"))


async def wake(session: AsyncSession, person: Person, case_id: int, *, now: datetime, parts: Parts) -> Done:
    """snoozed -> open. Undo: `snooze` until the old moment."""
    case = await case_for(session, person, case_id, "triage")
    if case.status != "snoozed":
        raise Moved(f"this case is {spoken(case.status)}, not snoozed")
    await _move(session, case, "open", person, now, "woken", snoozed_until=None)
    return _done(case, "open", "back in the queue", Undo("snooze", {"until": case.snoozed_until}))


async def assign(
    session: AsyncSession,
    person: Person,
    case_id: int,
    *,
    user_id: int | None,
    version: int | None = None,
    now: datetime,
    parts: Parts,
) -> Done:
    """Give the case to a colleague of the brand (None: to nobody), whose name its untouched draft has from then. Undo:
    `assign` to the one before."""
    case = await case_for(session, person, case_id, "triage", version)
    name = "nobody" if user_id is None else await _colleague(session, case.brand_id, user_id)
    values = {"assignee_id": user_id, "version": case.version + 1}
    await sign_anew(session, case, user_id, now, parts)
    await replies.change(session, Case, case_id, **values)
    await record_change(
        session,
        "assignee",
        case_id,
        _user(case.assignee_id),
        _user(user_id),
        brand_id=case.brand_id,
        actor=person.actor,
        now=now,
    )
    return _done(case, case.status, f"assigned to {name}", Undo("assign", {"user_id": case.assignee_id}))


def _user(user_id: int | None) -> str:
    return "" if user_id is None else f"user:{user_id}"


async def _colleague(session: AsyncSession, brand_id: int, user_id: int) -> str:
    query = select(User.name).join(Membership, col(Membership.user_id) == User.id)
    query = query.where(User.id == user_id, Membership.brand_id == brand_id, col(User.disabled_at).is_(None))
    name = (await session.exec(query)).first()
    if name is None:
        raise BadInput("assign: choose a person who works for this brand")
    return name


async def escalate(
    session: AsyncSession,
    person: Person,
    case_id: int,
    *,
    why: str,
    version: int | None = None,
    now: datetime,
    parts: Parts,
) -> Done:
    """open or snoozed -> escalated, with a reason. Undo: `reopen`."""
    case = await case_for(session, person, case_id, "triage", version)
    why = short(why, "an escalation")
    may_move("case", case.status, "escalated", "escalated")
    await _move(session, case, "escalated", person, now, why, snoozed_until=None)
    return _done(case, "escalated", "escalated", Undo("reopen"))


async def resolve(
    session: AsyncSession,
    person: Person,
    case_id: int,
    *,
    why: str = "",
    version: int | None = None,
    now: datetime,
    parts: Parts,
) -> Done:
    """Nothing more is owed: -> resolved. An approved reply is recalled to a draft. Undo: `reopen`."""
    case = await case_for(session, person, case_id, "triage", version)
    follow_up_at = parts.limits.follow_up(now)
    await _close(session, case, person, now, short(why, "resolve", needed=False), follow_up_at)
    return _done(case, "resolved", "resolved", Undo("reopen"))


async def reopen(session: AsyncSession, person: Person, case_id: int, *, now: datetime, parts: Parts) -> Done:
    """resolved, waiting or escalated -> open; its clocks count again."""
    case = await case_for(session, person, case_id, "triage")
    may_move("case", case.status, "open", "reopened")
    await _reopen(session, case, person, now, parts)
    return _done(case, "open", "back in the queue", Undo("resolve") if case.status == "resolved" else None)


async def ignore(
    session: AsyncSession,
    person: Person,
    case_id: int,
    *,
    why: str = "",
    version: int | None = None,
    now: datetime,
    parts: Parts,
) -> Done:
    """Irrelevant: the mentions of the case are ignored, the case is resolved. Undo: `unignore`."""
    case = await case_for(session, person, case_id, "triage", version)
    why = short(why, "irrelevant", needed=False) or _IRRELEVANT
    ignored = await _mentions(session, case, "kept", "ignored", person, now, why)
    await corrections.note_irrelevant(
        session, ignored, teaches=not parts.silent(case.channel), actor=person.actor, now=now
    )
    await _close(session, case, person, now, why)
    return _done(case, "resolved", "marked as irrelevant", Undo("unignore"))


async def unignore(session: AsyncSession, person: Person, case_id: int, *, now: datetime, parts: Parts) -> Done:
    """Undo of ignore: mentions kept again, case open again."""
    case = await case_for(session, person, case_id, "triage")
    kept = await _mentions(session, case, "ignored", "kept", person, now, "relevant after all")
    await corrections.take_back_irrelevant(session, kept, actor=person.actor, now=now)
    if not kept and case.status != "resolved":
        raise Moved("this case is not marked as irrelevant")
    if case.status == "resolved":
        await _reopen(session, case, person, now, parts)
    return _done(case, "open", "back in the queue", Undo("ignore"))


async def note(session: AsyncSession, person: Person, case_id: int, *, text: str, now: datetime, parts: Parts) -> Done:
    """A private note on the case; never leaves Earshot."""
    case = await case_for(session, person, case_id, "note")
    clean = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not clean or len(clean) > _LONGEST_NOTE:
        raise BadInput(f"a note has between 1 and {_LONGEST_NOTE} characters")
    session.add(Note(id=ids.next(now), case_id=case_id, user_id=person.id, text=clean, created_at=now))
    await session.flush()
    return Done("noted", case_id, status=case.status, version=case.version)


async def remove_note(session: AsyncSession, person: Person, note_id: int, *, now: datetime, parts: Parts) -> Done:
    """Take away a note that is flagged: it quotes what its author removed. Missing for any other."""
    found = await session.get(Note, note_id)
    case = await replies.locked_case(session, found.case_id) if found is not None else None
    if found is None or case is None or case.brand_id not in person.brands:
        raise Missing("there is no such note")
    person.require("note", case.brand_id)
    if found.flagged_at is None:
        raise Moved("only a flagged note can be taken away")
    await session.delete(found)
    await record_change(
        session, "note", note_id, "flagged", "removed", brand_id=case.brand_id, actor=person.actor, now=now
    )
    return Done("the note is gone", case.id, status=case.status, version=case.version)


async def _close(
    session: AsyncSession, case: Case, person: Person, now: datetime, why: str, follow_up_at: datetime | None = None
) -> None:
    may_move("case", case.status, "resolved", "resolved")
    reply = await replies.live(session, case.id)
    if reply is not None and reply.status == "approved":
        await replies.void(session, [reply.id], now, "the case was resolved")
        await transitions.move(
            session,
            "reply",
            reply.id,
            "approved",
            "drafted",
            brand_id=reply.brand_id,
            actor=person.actor,
            now=now,
            why="the case was resolved",
            due_at=None,
            body="",
            send_key="",
        )
    ended: dict[str, Any] = {
        "next_due_at": None, "hold_at": None, "snoozed_until": None, "follow_up_at": follow_up_at,
    }  # fmt: skip
    await _move(session, case, "resolved", person, now, why, **ended)


async def _reopen(session: AsyncSession, case: Case, person: Person, now: datetime, parts: Parts) -> None:
    owed: dict[str, Any] = {"next_due_at": await _owed(session, case), "snoozed_until": None, "follow_up_at": None}
    await _move(session, case, "open", person, now, "reopened", **owed)
    reply = await replies.live(session, case.id)
    if reply is not None and reply.status == "requested" and reply.due_at is None:
        await replies.change(session, Reply, reply.id, due_at=now)
        await parts.jobs.nudge(session, "draft", reply.id, now)


async def _owed(session: AsyncSession, case: Case) -> datetime | None:
    """The nearest promise that still counts: an answer, or once one was sent, the resolution; for praise none."""
    if case.praise:
        return None
    sent = select(Reply.id).where(Reply.case_id == case.id, Reply.status == "sent").limit(1)
    if (await session.exec(sent)).first() is not None:
        return case.resolve_due_at
    return min((at for at in (case.ack_due_at, case.answer_due_at) if at is not None), default=None)


async def _mentions(
    session: AsyncSession, case: Case, old: str, new: str, person: Person, now: datetime, why: str
) -> list[int]:
    found = select(MentionRow.id).where(MentionRow.case_id == case.id, MentionRow.status == old)
    rows = list(await session.exec(found))
    # the text did not change, so the version, which approvals are bound to, stays
    kept = {"version": MentionRow.version}
    return await transitions.move_page(
        session, "mention", rows, old, new, brand_id=case.brand_id, actor=person.actor, now=now, why=why, **kept
    )


async def _move(
    session: AsyncSession, case: Case, new: str, person: Person, now: datetime, why: str = "", **values: Any
) -> None:
    await transitions.move(
        session,
        "case",
        case.id,
        case.status,
        new,
        brand_id=case.brand_id,
        actor=person.actor,
        now=now,
        why=why,
        **values,
    )


def _done(case: Case, status: str, said: str, undo: Undo | None) -> Done:
    return Done(said, case.id, status=status, version=case.version + 1, undo=undo)
