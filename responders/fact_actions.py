"""What a person can do with what is known of a case. See `actions` for what all actions share."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Moved
from domain.person import Person
from responders.done import Done, Undo, case_for
from responders.facts import is_private
from responders.markets import PACKS, choose_market
from responders.parts import Parts
from storage import facts
from storage.tables import Case, KnownFact, Membership

KEYS: Final = ("done", "next", "known_outage", "order_number", "formality", "market", "site", "crm_name", "crm_id")
"""Offered on the page; any other key may be typed."""
LONGEST: Final = 500
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


def masked(row: KnownFact, person: Person) -> bool:
    """Whether this person sees only that there is a value."""
    return is_private(row.key) and not person.may("know", row.brand_id)


async def know(
    session: AsyncSession, person: Person, case_id: int, *, key: str, value: str, owner_id: int | None = None,
    due_on: date | None = None, now: datetime, parts: Parts,
) -> Done:  # fmt: skip
    """Somebody knows this of the case from now on. What is to be done next has an owner: who notes it, unless another
    is named. Undo: `forget`."""
    case = await case_for(session, person, case_id, "know")
    key, value = _key(key), " ".join(value.split())
    if not value or len(value) > LONGEST:
        raise BadInput(f"value: write 1 to {LONGEST} characters")
    if key == "market":
        value = _market(value)
    if key == "next":
        owner_id = owner_id or person.id
    elif owner_id or due_on:
        raise BadInput("owner and day: only what is to be done next has them; note it under the key next")
    await _colleague(session, case, owner_id)
    row = await facts.note(session, case, key, value, owner_id=owner_id, due_on=due_on, actor=person.actor, now=now)
    undo = Undo("forget", {"fact_id": row.id}) if row else None
    return _done(case, f"noted: {key}" if row else "that is known already", undo)


async def forget(
    session: AsyncSession, person: Person, case_id: int, *, fact_id: int, now: datetime, parts: Parts
) -> Done:
    """It is not so after all: what was noted before under its key counts again. Undo: `remember`."""
    case, row = await _fact(session, person, case_id, fact_id)
    if row.status != "standing":
        raise Moved("this does not stand any more: reload to see what does")
    await facts.take_back(session, row, actor=person.actor, now=now)
    return _done(case, f"taken back: {row.key}", Undo("remember", {"fact_id": row.id}))


async def remember(
    session: AsyncSession, person: Person, case_id: int, *, fact_id: int, now: datetime, parts: Parts
) -> Done:
    """What was taken back is so. Undo: `forget`."""
    case, row = await _fact(session, person, case_id, fact_id)
    if row.status != "taken_back":
        raise Moved("this was not taken back: reload to see what stands")
    await facts.put_back(session, row, actor=person.actor, now=now)
    return _done(case, f"noted: {row.key}", Undo("forget", {"fact_id": row.id}))


async def _fact(session: AsyncSession, person: Person, case_id: int, fact_id: int) -> tuple[Case, KnownFact]:
    case = await case_for(session, person, case_id, "know")
    row = await session.get(KnownFact, fact_id, populate_existing=True)
    if row is None or row.case_id != case_id:
        raise Moved("nothing of this kind was noted here: reload to see what stands")
    return case, row


def _key(typed: str) -> str:
    key = re.sub(r"[\s-]+", "_", typed.strip().lower())
    if not _KEY.fullmatch(key):
        raise BadInput("key: write a word like order_number: letters a to z, digits and _, a letter first")
    return key


def _market(typed: str) -> str:
    """One that has a pack: any other would be noted and count nowhere."""
    if (code := typed.upper()) not in PACKS.all():
        raise BadInput(f"market: {typed[:40]!r} has no market pack; write its two letters: {choose_market()}")
    return code


async def _colleague(session: AsyncSession, case: Case, user_id: int | None) -> None:
    query = select(Membership.user_id).where(Membership.brand_id == case.brand_id, Membership.role != "viewer")
    if user_id is not None and user_id not in set(await session.exec(query.order_by(col(Membership.user_id)))):
        raise BadInput("owner: choose a colleague of this brand")


def _done(case: Case, said: str, undo: Undo | None) -> Done:
    return Done(said, case.id, status=case.status, version=case.version, undo=undo)
