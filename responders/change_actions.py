"""Asking for changes to a draft: a note that stops its approval until the text is another one.

Whoever asked may approve it all the same, for that is their word on it; so may everybody once the text was changed.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Moved
from domain.ids import ids
from domain.person import Person
from responders.done import Done, Undo, record_change, reply_for, same_version, short, spoken
from responders.parts import Parts
from responders.signing import CHECKS
from storage import signing
from storage.people import person_of
from storage.tables import Note, Reply


async def ask_change(
    session: AsyncSession, person: Person, reply_id: int, *, words: str, version: int, now: datetime, parts: Parts
) -> Done:
    """Say what should be different in this draft, in at most 300 characters. Undo: `unask_change`."""
    case, reply = await reply_for(session, person, reply_id, "ask_change")
    words = short(words, "asking for changes")
    same_version(reply, version)
    if reply.status != "drafted":
        raise Moved(f"this reply is {spoken(reply.status)}, so no changes can be asked for")
    asked = Note(id=ids.next(now), case_id=case.id, user_id=person.id, text=words, created_at=now, reply_id=reply.id)
    session.add(asked)
    await session.flush()
    await _record(session, person, reply, "asked", now)
    said = "changes asked for: nobody else approves it until the text is another one"
    return Done(said, case.id, reply.id, reply.status, reply.version, Undo("unask-change"))


async def unask_change(
    session: AsyncSession, person: Person, reply_id: int, *, now: datetime, parts: Parts
) -> Done:  # fmt: skip
    """What this person wanted changed may stand after all. Moved where they ask for nothing."""
    case, reply = await reply_for(session, person, reply_id, "ask_change")
    if person.id not in [note.user_id for note in await signing.changes_to(session, reply)]:
        raise Moved("you ask for no changes to this draft")
    await signing.settle_changes(session, reply.id, now, of=person.id)
    await _record(session, person, reply, "unasked", now)
    return Done("taken back: it can be approved as it stands", case.id, reply.id, reply.status, reply.version)


async def refuse_unchanged(session: AsyncSession, person: Person, reply: Reply, text: str, now: datetime) -> None:
    """Raise BadInput with what a colleague wants changed, where this text is still the one that they saw. Who may not
    approve any more stops nobody. A changed text, or the yes of who asked, settles it."""
    is_same = text == reply.text
    for note in await signing.changes_to(session, reply) if is_same else ():
        by = await person_of(session, note.user_id)
        if by is not None and by.id != person.id and by.may("approve", reply.brand_id):
            raise BadInput(f"{by.name} asks for changes: “{note.text}” Change the text, or let them approve it")
    await signing.settle_changes(session, reply.id, now, of=person.id if is_same else None)


async def _record(session: AsyncSession, person: Person, reply: Reply, new: str, now: datetime) -> None:
    await record_change(session, CHECKS, reply.id, "", new, brand_id=reply.brand_id, actor=person.actor, now=now)
