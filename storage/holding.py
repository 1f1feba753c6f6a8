"""Which cases are due a word from us that is no answer yet: a holding reply, and later check-ins."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, exists, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import storms
from storage.replies import LIVE
from storage.tables import Case, Promise, Reply, Transition

_OWED = ("open", "escalated", "snoozed")
_TAKEN = tuple(status for status in LIVE if status not in ("requested", "drafted"))
"""A person said yes, or has it in hand: whatever it is, a word from us is on its way."""


async def holdings_due(session: AsyncSession, now: datetime, limit: int, case_id: int | None = None) -> list[int]:
    """Cases of which three quarters of the time for a word are gone, without a word and without one on its way.

    A window that is over is not looked at: that case is late, and the alerts say so. Nobody's typed text gives way.
    With `case_id` only that case is looked at.
    """
    query = select(Case.id).where(
        col(Case.hold_at) <= now, col(Case.status).in_(_OWED), col(Case.next_due_at) > now, *_nothing_on_its_way(),
        col(Case.id).not_in(storms.held_cases()),
    )  # fmt: skip
    return list(await session.exec(_of(query, case_id).order_by(col(Case.next_due_at)).limit(limit)))


async def check_ins_due(
    session: AsyncSession, now: datetime, every: timedelta, limit: int, case_id: int | None = None
) -> list[int]:
    """Unsolved cases whose author last heard from us, with a holding reply, longer than `every` ago.

    Not where a person has a draft in hand or a holding reply waits already, where one was asked for within `every`, or
    where a promise will be kept sooner. With `case_id` only that case is looked at.
    """
    query = select(Case.id).where(
        col(Case.status).in_(_OWED),
        _wrote(Reply.status == "sent", Reply.kind == "holding"),
        ~_wrote(Reply.status == "sent", col(Reply.sent_at) > now - every),
        *_nothing_on_its_way(),
        ~_noted("check_in", col(Transition.at) > now - every),
        ~_promised(now, now + every),
        col(Case.id).not_in(storms.held_cases()),
    )
    return list(await session.exec(_of(query, case_id).order_by(col(Case.id)).limit(limit)))


def _of(query: Any, case_id: int | None) -> Any:
    return query if case_id is None else query.where(Case.id == case_id)


def _nothing_on_its_way() -> tuple[Any, ...]:
    """An answer that was only drafted gives way; what somebody typed, said yes to or asked for does not."""
    in_hand = or_(Reply.kind != "answer", Reply.text != Reply.first_text)
    return (
        ~_wrote(col(Reply.status).in_(_TAKEN)),
        ~_wrote(col(Reply.status).in_(("requested", "drafted")), in_hand),
    )


def _wrote(*which: Any) -> Any:
    return exists().where(col(Reply.case_id) == col(Case.id), *which)


def _noted(noun: str, *which: Any) -> Any:
    return exists().where(col(Transition.noun) == noun, col(Transition.row_id) == col(Case.id), *which)


def _promised(now: datetime, until: datetime) -> Any:
    due = col(Promise.due_at)
    return exists().where(
        col(Promise.case_id) == col(Case.id), col(Promise.status).in_(("found", "open")), due > now, due <= until
    )
