"""Another draft in place of the one that is there, and the former one back: nothing that was written is thrown away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Moved
from domain.person import Person
from responders import knowing
from responders.approval import final_text
from responders.done import Done, Undo, back_to_draft, case_for, may_move, same_version, short, spoken
from responders.keeping import checked, keep_text
from responders.parts import Parts
from storage import replies, surveys, transitions
from storage.tables import Case, Reply

_WHY = "a new draft was asked for"


@dataclass(frozen=True, slots=True)
class Typed:
    """What stood in the editor, and in which draft, as the page showed it."""

    reply_id: int
    version: int
    text: str


async def redraft(
    session: AsyncSession, person: Person, case_id: int, *, kind: str = "", typed: Typed | None = None, now: datetime,
    parts: Parts,
) -> Done:  # fmt: skip
    """Ask for a fresh draft; a draft, approved or refused reply of the case gives way, with what was `typed` in it.
    Moved while one is under way. Undo: `restore` of the former one.

    Without a `kind` it is of the same kind. Of a resolved case only its follow-up can be written anew, and stays one.
    """
    case = await case_for(session, person, case_id, "redraft")
    old = await replies.live(session, case_id)
    follow_up = old if old is not None and case.status == "resolved" and old.kind == replies.FOLLOW_UP else None
    if case.status == "resolved" and follow_up is None:
        raise Moved("this case is resolved: reopen it first")
    kept = await _give_way(session, person, case, typed, now, parts)
    mention_id = follow_up.mention_id if follow_up else case.last_mention_id or (old.mention_id if old else None)
    if mention_id is None:
        raise BadInput("this case has no mention to answer")
    same = old.kind if old is not None and old.kind != replies.FOLLOW_UP else "answer"
    row = replies.request_row(
        case_id,
        brand_id=case.brand_id,
        channel=case.channel,
        mention_id=mention_id,
        lang=case.lang,
        now=now,
        kind=replies.FOLLOW_UP if follow_up else short(kind or same, "the kind of draft"),
    )
    await replies.request(session, [row])
    if follow_up is not None:
        await surveys.carried_by(session, follow_up.id, row["id"])
    await parts.jobs.nudge(session, "draft", row["id"], now)
    return Done("a new draft is on its way", case_id, row["id"], "requested", 1, _undo(kept))


async def bring_back(
    session: AsyncSession, person: Person, case: Case, reply: Reply, typed: Typed | None, now: datetime, parts: Parts
) -> Done:
    """replaced -> drafted: it is looked at and approved like any draft. Undo: `restore` of what it took the place of.

    Moved where it does not fit its case any more."""
    if not replies.may_come_back(case, reply):
        raise Moved("this draft does not fit its case any more")
    old = await replies.live(session, case.id)
    kept = await _give_way(session, person, case, typed, now, parts)
    reply = await back_to_draft(session, case, reply, person.actor, now, "brought back")
    if old is not None:
        await surveys.carried_by(session, old.id, reply.id)
    return Done("the draft is back", case.id, reply.id, "drafted", reply.version, _undo(kept))


def _undo(kept: Reply | None) -> Undo | None:
    return Undo("restore", row_id=kept.id) if kept is not None else None


async def _give_way(
    session: AsyncSession, person: Person, case: Case, typed: Typed | None, now: datetime, parts: Parts
) -> Reply | None:
    """Whatever is live steps aside, also what waits behind it. Returns what may come back."""
    kept = None
    old = await replies.live(session, case.id)
    await _keep_typed(session, person, case, old, typed, now, parts)
    while old is not None:
        if old.status in replies.UNDER_WAY:
            raise Moved(f"the reply of this case is {spoken(old.status)}: settle it first")
        new = "stale" if old.status == "requested" else replies.REPLACED  # nothing was written that could come back
        await replies.void(session, [old.id], now, _WHY)
        await transitions.move(
            session,
            "reply",
            old.id,
            old.status,
            new,
            brand_id=old.brand_id,
            actor=person.actor,
            now=now,
            why=_WHY,
            due_at=None,
        )
        kept = kept or (old if new == replies.REPLACED else None)
        old = await replies.live(session, case.id)
    return kept


async def _keep_typed(
    session: AsyncSession, person: Person, case: Case, old: Reply | None, typed: Typed | None, now: datetime,
    parts: Parts,
) -> None:  # fmt: skip
    """An editor that was emptied holds nothing to keep. Moved where the page showed another draft, or another
    version."""
    if typed is None or not typed.text.strip():
        return
    text = final_text(typed.text)
    if old is None or old.id != typed.reply_id:
        raise Moved("this case has no such draft any more: reload to see what happened")
    if text == old.text:
        return
    same_version(old, typed.version)
    may_move("reply", old.status, "approved", "edited")
    findings = await checked(session, await knowing.gather(session, case, old, now, person), text, parts, now)
    await keep_text(session, person, old, text, findings, now)
