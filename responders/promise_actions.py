"""What a person does with a promise: confirm it, give it to a colleague, say that it was kept, dismiss it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Missing, Moved
from domain.person import Person
from responders.done import Done, Undo, may_move, record_change
from responders.parts import Parts
from responders.promises import warn_at
from storage import alerts, promises, replies, transitions
from storage.tables import Membership, Promise, Reply, User

FARTHEST: Final = timedelta(days=730)
"""Nobody promises further ahead; a later date is a slip of the hand."""
_UNHEARD: Final = "the moment they were told passed, and they heard of no other"


async def confirm(
    session: AsyncSession,
    person: Person,
    promise_id: int,
    *,
    due: datetime | None = None,
    now: datetime,
    parts: Parts,
) -> Done:
    """found -> open, a duty of whoever sent it (else of this person). `due` corrects the moment that was read; where
    that was named to the customer, it still is what counts (`keep`).

    BadInput when there is no moment at all, or it has passed: nobody can keep that any more.
    """
    promise = await _promise_for(session, person, promise_id)
    may_move("promise", promise.status, "open", "confirmed")
    if due is not None and not now < due <= now + FARTHEST:
        raise BadInput("due: give a moment in the future, within two years")
    at = due or promise.due_at
    if at is None:
        raise BadInput("due: the text names no moment; say by when this must be done, or dismiss it")
    if at <= now:
        raise BadInput("due: that moment has passed; say that it was kept, give a new one, or dismiss it")
    owner = promise.owner_id or person.id
    if at != promise.due_at:
        await _note_moved(session, promise, at, person, now)
    await _move(session, promise, "open", person, now, due_at=at, warn_at=warn_at(promise.made_at, at), owner_id=owner)
    await parts.jobs.nudge(session, "break", promise_id, at)
    return _done(promise, "open", "confirmed: it is among the duties now", None)


async def postpone(
    session: AsyncSession, person: Person, promise_id: int, *, due: datetime | None, now: datetime, parts: Parts
) -> Done:
    """Another moment for an open promise, because a later reply said so. BadInput for one that has passed."""
    promise = await _promise_for(session, person, promise_id)
    may_move("promise", promise.status, "kept", "moved")
    if promise.status != "open" or due is None or not now < due <= now + FARTHEST:
        raise BadInput("due: only an open promise can be moved, to a moment in the future, within two years")
    old = promise.due_at
    values = {"due_at": due, "warn_at": warn_at(promise.made_at, due), "version": promise.version + 1}
    await replies.change(session, Promise, promise_id, **values)
    await _note_moved(session, promise, due, person, now)
    return _done(promise, "open", "moved", Undo("postpone", {"due": old}) if old and old > now else None)


async def _note_moved(session: AsyncSession, promise: Promise, due: datetime, person: Person, now: datetime) -> None:
    await record_change(
        session, "promise_due", promise.id, str(promise.due_at or ""), str(due),
        brand_id=promise.brand_id, actor=person.actor, now=now,
    )  # fmt: skip


async def keep(
    session: AsyncSession,
    person: Person,
    promise_id: int,
    *,
    reply_id: int | None = None,
    now: datetime,
    parts: Parts,
) -> Done:
    """found, open or broken -> kept: by what a person did, or by a later reply of the case. Undo: `unkeep`.

    One that broke is kept late, unless that reply had left by its moment. So is one that was moved while the customer
    heard nothing by the moment they were told: it breaks at that one first.
    """
    promise = await _promise_for(session, person, promise_id)
    may_move("promise", promise.status, "kept", "marked as kept")
    by = await _later_reply(session, promise, reply_id) if reply_id is not None else None
    told = await _told(session, promise)
    if (
        promise.status != "broken"
        and told is not None
        and told < now
        and not await promises.heard(session, promise, told)
    ):
        await _move(session, promise, "broken", person, now, _UNHEARD, due_at=told)
        promise = await _promise_for(session, person, promise_id)
    in_time = by is not None and by.sent_at and promise.due_at and by.sent_at <= promise.due_at
    late = promise.status == "broken" and not in_time
    await _move(session, promise, "kept", person, now, "kept late" if late else "", kept_by=reply_id)
    return _done(promise, "kept", "kept, though late" if late else "kept", Undo("unkeep"))


async def _told(session: AsyncSession, promise: Promise) -> datetime | None:
    """The moment that the customer was told, of a promise that was moved since; None where no moment was named."""
    moves = await transitions.history(session, "promise_due", promise.id)
    return datetime.fromisoformat(moves[0].old) if moves and moves[0].old else None


async def _later_reply(session: AsyncSession, promise: Promise, reply_id: int) -> Reply:
    reply = await session.get(Reply, reply_id)
    if reply is None or reply.case_id != promise.case_id or reply.status != "sent" or not _is_later(reply, promise):
        raise BadInput("reply_id: choose a reply of this case that was sent after the promise")
    return reply


def _is_later(reply: Reply, promise: Promise) -> bool:
    return reply.id != promise.reply_id and (reply.sent_at is None or reply.sent_at > promise.made_at)


async def unkeep(session: AsyncSession, person: Person, promise_id: int, *, now: datetime, parts: Parts) -> Done:
    """Undo of keep: kept -> open, or broken where its moment has passed."""
    promise = await _promise_for(session, person, promise_id)
    may_move("promise", promise.status, "open", "opened again")
    new = "broken" if promise.due_at is not None and promise.due_at <= now else "open"
    await _move(session, promise, new, person, now, "not kept yet", kept_by=None)
    return _done(promise, new, "among the duties again", Undo("keep"))


async def dismiss(session: AsyncSession, person: Person, promise_id: int, *, now: datetime, parts: Parts) -> Done:
    """found, open or broken -> dismissed: it promises nothing, or no longer. Undo: `restore`. Moved for one that a
    person had confirmed and whose moment has passed: it counts."""
    promise = await _promise_for(session, person, promise_id)
    may_move("promise", promise.status, "dismissed", "dismissed")
    passed = promise.status == "broken" or (promise.due_at is not None and promise.due_at <= now)
    if passed and await promises.is_confirmed(session, promise_id):
        raise Moved("this promise was confirmed and its moment has passed, so it cannot be dismissed")
    await _move(session, promise, "dismissed", person, now)
    return _done(promise, "dismissed", "dismissed: no duty", Undo("restore"))


async def restore(session: AsyncSession, person: Person, promise_id: int, *, now: datetime, parts: Parts) -> Done:
    """Undo of dismiss: dismissed -> found."""
    promise = await _promise_for(session, person, promise_id)
    may_move("promise", promise.status, "found", "taken back")
    await _move(session, promise, "found", person, now, "dismissal taken back")
    return _done(promise, "found", "back: confirm it or dismiss it", Undo("dismiss"))


async def give(
    session: AsyncSession, person: Person, promise_id: int, *, user_id: int, now: datetime, parts: Parts
) -> Done:
    """Make a colleague who answers for this brand its owner. Undo: `give` to the one before."""
    promise = await _promise_for(session, person, promise_id)
    query = select(User.name).join(Membership, col(Membership.user_id) == User.id)
    query = query.where(User.id == user_id, Membership.brand_id == promise.brand_id, Membership.role != "viewer")
    name = (await session.exec(query.where(col(User.disabled_at).is_(None)))).first()
    if name is None:
        raise BadInput("user_id: choose a person who answers for this brand")
    before = promise.owner_id
    await replies.change(session, Promise, promise_id, owner_id=user_id, version=promise.version + 1)
    await alerts.hand_on(session, promise.brand_id, f"promise:{promise_id}", user_id)
    await record_change(
        session, "promise_owner", promise_id, f"user:{before or ''}", f"user:{user_id}",
        brand_id=promise.brand_id, actor=person.actor, now=now,
    )  # fmt: skip
    undo = Undo("give", {"user_id": before}) if before else None
    return _done(promise, promise.status, f"given to {name}", undo)


async def _promise_for(session: AsyncSession, person: Person, promise_id: int) -> Promise:
    promise = await promises.locked(session, promise_id)
    if promise is None or promise.brand_id not in person.brands:
        raise Missing("there is no such promise")
    person.require("promise", promise.brand_id)
    return promise


async def _move(
    session: AsyncSession, promise: Promise, new: str, person: Person, now: datetime, why: str = "", **values: Any
) -> None:
    await transitions.move(
        session, "promise", promise.id, promise.status, new,
        brand_id=promise.brand_id, actor=person.actor, now=now, why=why, **values,
    )  # fmt: skip


def _done(promise: Promise, status: str, said: str, undo: Undo | None) -> Done:
    return Done(said, promise.case_id, status=status, version=promise.version + 1, undo=undo, promise_id=promise.id)
