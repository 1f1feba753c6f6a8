"""Promises in what we sent: stored as found, listed, and when they are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.alert import PromiseSeen
from storage.tables import Approval, Case, Promise, Reply, Transition, User

MOST_LISTED = 200
SHOWN_BROKEN = timedelta(days=14)
"""How long a broken promise stays among the duties."""
_TOLD_BROKEN = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """A promise as pages show it: its words, whose it is, the case it is about, and whether a person confirmed it."""

    promise: Promise
    words: str
    owner: str
    case: Case
    confirmed: bool


async def unread(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Sent replies that nobody has read for promises yet."""
    query = select(Reply.id).where(col(Reply.promises_due_at) <= now).order_by(col(Reply.promises_due_at))
    return list(await session.exec(query.limit(limit)))


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Promises that are still owed, confirmed or not, whose moment has passed."""
    query = select(Promise.id).where(col(Promise.status).in_(("found", "open")), col(Promise.due_at) <= now)
    return list(await session.exec(query.order_by(col(Promise.due_at)).limit(limit)))


async def locked(session: AsyncSession, promise_id: int) -> Promise | None:
    """The promise, held until the transaction ends."""
    return await session.get(Promise, promise_id, with_for_update=True, populate_existing=True)


def _confirmed() -> Any:
    """Whether a person confirmed the promise, and nobody has dismissed it since."""
    last = select(Transition.new).where(
        Transition.noun == "promise", Transition.row_id == Promise.id, col(Transition.new).in_(("open", "found"))
    )
    newest = last.order_by(col(Transition.id).desc()).limit(1).correlate(Promise).scalar_subquery()
    return func.coalesce(newest, "found") == "open"


async def is_confirmed(session: AsyncSession, promise_id: int) -> bool:
    """The same of one promise."""
    return bool((await session.exec(select(_confirmed()).where(Promise.id == promise_id))).first())


def kept_in_time() -> Any:
    """Whether the reply that kept a promise left by its moment, whenever a person said so."""
    return exists().where(col(Reply.id) == col(Promise.kept_by), col(Reply.sent_at) <= col(Promise.due_at))


async def heard(session: AsyncSession, promise: Promise, until: datetime) -> bool:
    """Whether the author of its case got a further reply after the promise, by that moment."""
    query = select(Reply.id).where(
        Reply.case_id == promise.case_id, Reply.status == "sent", col(Reply.sent_at) > promise.made_at,
        col(Reply.sent_at) <= until,
    )  # fmt: skip
    return (await session.exec(query.limit(1))).first() is not None


async def sender_of(session: AsyncSession, reply_id: int) -> int | None:
    """Who said yes to this reply last."""
    query = select(Approval.user_id).where(Approval.reply_id == reply_id).order_by(col(Approval.id).desc())
    return (await session.exec(query.limit(1))).first()


async def of_case(session: AsyncSession, case_id: int) -> list[PromiseRow]:
    """All promises of a case that were not dismissed, oldest first."""
    return await _rows(session, [col(Promise.case_id) == case_id, col(Promise.status) != "dismissed"])


async def ledger(session: AsyncSession, brands: Sequence[int], now: datetime, owner_id: int | None) -> list[PromiseRow]:
    """What is owed in these brands (by one person): found, open, and what was broken lately; the nearest first."""
    recent = col(Promise.due_at) > now - SHOWN_BROKEN
    shown = or_(
        col(Promise.status) == "open",
        (col(Promise.status) == "found") & or_(col(Promise.due_at).is_(None), recent),
        (col(Promise.status) == "broken") & recent,
    )
    mine = [col(Promise.owner_id) == owner_id] if owner_id is not None else []
    return await _rows(session, [col(Promise.brand_id).in_(brands), shown, *mine])


async def _rows(session: AsyncSession, conditions: list[object]) -> list[PromiseRow]:
    query = (
        select(Promise, Reply.text, User.name, Case, _confirmed())  # type: ignore[call-overload]
        .join(Reply, col(Reply.id) == col(Promise.reply_id))
        .join(Case, col(Case.id) == col(Promise.case_id))
        .join(User, col(User.id) == col(Promise.owner_id), isouter=True)
        .where(*conditions)
        .order_by(col(Promise.due_at).is_(None), col(Promise.due_at), col(Promise.id))
        .limit(MOST_LISTED)
    )
    return [
        PromiseRow(promise, text[promise.start : promise.stop], name or "", case, bool(confirmed))
        for promise, text, name, case, confirmed in await session.exec(query)
    ]


async def seen(session: AsyncSession, brand_id: int, now: datetime) -> tuple[PromiseSeen, ...]:
    """Promises of a brand that somebody must be told of: close to their moment, or just broken."""
    recent = col(Promise.due_at) > now - _TOLD_BROKEN  # what nobody confirmed long after must not crowd out the rest
    near = (col(Promise.status) == "open") & (col(Promise.warn_at) <= now)
    late = col(Promise.status).in_(("found", "broken")) & (col(Promise.warn_at) <= now) & recent
    rows = await _rows(session, [col(Promise.brand_id) == brand_id, or_(near, late)])
    return tuple(
        PromiseSeen(
            id=row.promise.id,
            case_id=row.case.id,
            channel=row.case.channel,
            status=row.promise.status,
            owner_id=row.promise.owner_id,
            owner=row.owner,
            due_at=row.promise.due_at or now,
        )
        for row in rows
    )
