"""What a person says of two authors on two networks: that they are one person, or two. `actions` tells what is shared.

Cases stay on their channels, each with its own rules and its own reply; what is known of one is shown beside the other,
and never told in a draft there.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Missing, Moved
from domain.person import Person
from responders.done import Done, Undo, case_for
from responders.markets import PACKS, texts
from responders.parts import Parts
from storage import identities, likeness, replies
from storage.tables import Case
from storage.tables_identity import Identity


async def same_person(
    session: AsyncSession, person: Person, case_id: int, *, other_id: int, now: datetime, parts: Parts
) -> Done:
    """The authors of these two cases are one person: all their cases show each other, also those to come. Undo:
    `unsay`. Moved where somebody answered it already, or nothing speaks for it any more."""
    return await _say(session, person, case_id, other_id, "same", now)


async def other_person(
    session: AsyncSession, person: Person, case_id: int, *, other_id: int, now: datetime, parts: Parts
) -> Done:
    """They are two people, and it is not proposed again. Undo: `unsay`."""
    return await _say(session, person, case_id, other_id, "different", now)


async def unsay(
    session: AsyncSession, person: Person, case_id: int, *, identity_id: int, now: datetime, parts: Parts
) -> Done:
    """Take back what was said of this author and another one; it may be proposed again."""
    case = await case_for(session, person, case_id, "triage")
    if not identity_id:
        raise BadInput("identity_id: name what is taken back")
    row = await session.get(Identity, identity_id, with_for_update=True, populate_existing=True)
    if row is None or row.brand_id != case.brand_id:
        raise Missing("there is nothing to take back")
    if row.status == "taken_back":
        raise Moved("this was taken back already")
    await identities.take_back(session, row, actor=person.actor, now=now)
    return await _done(session, case, "taken back: it may be proposed again", None)


async def _say(session: AsyncSession, person: Person, case_id: int, other_id: int, status: str, now: datetime) -> Done:
    first = await session.get(Case, case_id)  # who may not is told so before anything is held
    if first is None or first.brand_id not in person.brands:
        raise Missing("there is no such case")
    person.require("triage", first.brand_id)
    if not other_id:
        raise BadInput("other_id: name the other case")
    held = {each: await case_for(session, person, each, "triage") for each in sorted({case_id, other_id})}
    case, other = held[case_id], held[other_id]
    if case.brand_id != other.brand_id or not likeness.may_be_one(case, other):
        raise Missing("these are not two authors of one brand who may be one person")
    why = await likeness.proposal(session, case, other, texts(PACKS.all().values()))
    if not why or not (case.author_id and other.author_id):
        raise Moved("nothing speaks for it any more: reload to see what happened")
    said = await identities.of_author(session, case.brand_id, (case.channel, case.author_id))
    pair = {(case.channel, case.author_id), (other.channel, other.author_id)}
    if any(
        {(r.channel, r.author), (r.other_channel, r.other_author)} == pair and r.status != "taken_back" for r in said
    ):
        raise Moved("somebody answered this already: reload to see what happened")
    if status == "same" and await identities.torn(session, case, other):
        raise Moved("that would make one person of two whom somebody said to be two people: take that back first")
    row = await identities.say(session, case, other, status, why, actor=person.actor, now=now)
    await replies.change(session, Case, other.id, version=other.version + 1)
    words = "one person: their cases show each other from now on" if status == "same" else "two people: not asked again"
    return await _done(session, case, words, row)


async def _done(session: AsyncSession, case: Case, said: str, row: Identity | None) -> Done:
    await replies.change(session, Case, case.id, version=case.version + 1)
    undo = Undo("unsay-person", {"identity_id": row.id}) if row else None
    return Done(said, case.id, version=case.version + 1, undo=undo)
