"""What a person does with a promise: confirm it, give it to a colleague, say that it was kept, dismiss it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Missing
from domain.person import Person
from responders.done import Done, Undo, may_move, record_change
from responders.parts import Parts
from responders.promises import warn_at
from storage import alerts, promises, replies, transitions
from storage.tables import Membership, Promise, Reply, User

FARTHEST: Final = timedelta(days=730)
"""Nobody promises further ahead; a later date is a slip of the hand."""


async def confirm(
    session: AsyncSession,
    person: Person,
    promise_id: int,
    *,
    due: datetime | None = None,
    now: datetime,
    parts: Parts,
) -> Done:
    """found -> open, a duty of whoever sent it (else of this person). `due` corrects the moment that was read.

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
        raise BadInput("due: that moment has passed; give a new one, or dismiss it")
    owner = promise.owner_id or person.id
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
    await record_change(
        session, "promise_due", promise_id, str(old or ""), str(due),
        brand_id=promise.brand_id, actor=person.actor, now=now,
    )  # fmt: skip
    return _done(promise, "open", "moved", Undo("postpone", {"due": old}) if old and old > now else None)


async def keep(
    session: AsyncSession,
    person: Person,
    promise_id: int,
    *,
    reply_id: int | None = None,
    now: datetime,
    parts: Parts,
) -> Done:
    """open or broken -> kept: by what a person did, or by a later reply of the case. Undo: `unkeep`."""
    promise = await _promise_for(session, person, promise_id)
    may_move("promise", promise.status, "kept", "marked as kept")
    if reply_id is not None:
        await _later_reply(session, promise, reply_id)
    late = promise.status == "broken"
    await _move(session, promise, "kept", person, now, "kept late" if late else "", kept_by=reply_id)
    return _done(promise, "kept", "kept, though late" if late else "kept", Undo("unkeep"))


async def _later_reply(session: AsyncSession, promise: Promise, reply_id: int) -> None:
    reply = await session.get(Reply, reply_id)
    later = reply is not None and reply.case_id == promise.case_id and reply.status == "sent"
    if not later or reply_id == promise.reply_id:
        raise BadInput("reply_id: choose a reply of this case that was sent after the promise")


async def unkeep(session: AsyncSession, person: Person, promise_id: int, *, now: datetime, parts: Parts) -> Done:
    """Undo of keep: kept -> open. One whose moment has passed is broken again by itself."""
    promise = await _promise_for(session, person, promise_id)
    may_move("promise", promise.status, "open", "opened again")
    await _move(session, promise, "open", person, now, "not kept yet", kept_by=None)
    return _done(promise, "open", "among the duties again", Undo("keep"))


async def dismiss(session: AsyncSession, person: Person, promise_id: int, *, now: datetime, parts: Parts) -> Done:
    """found or open -> dismissed: it promises nothing, or no longer. Undo: `restore`."""
    promise = await _promise_for(session, person, promise_id)
    may_move("promise", promise.status, "dismissed", "dismissed")
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
