"""What a person can do with an alert: acknowledge (the repeats stop), resolve, reopen. Pages and tests call these."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.crashpoint import crashpoint
from domain.errors import Missing, Moved, NotAllowed
from domain.person import Person
from storage import alerts, transitions
from storage.database import after_commit
from storage.people import person_of
from storage.sessions import peek_token, use_token
from storage.tables import Alert, User

_DONE = {"raised": "open", "acknowledged": "acknowledged", "resolved": "resolved"}


async def acknowledge(session: AsyncSession, person: Person, alert_id: int, *, now: datetime) -> Alert:
    """raised -> acknowledged: this person looks after it, nobody is told again. Twice by one person is fine."""
    alert = await _alert_for(session, person, alert_id, "acknowledge")
    if alert.status == "acknowledged" and alert.acknowledged_by == person.id:
        return alert
    if alert.status == "acknowledged":
        other = await session.get(User, alert.acknowledged_by) if alert.acknowledged_by else None
        raise Moved(f"{other.name if other else 'somebody'} has acknowledged this alert already")
    await _move(session, alert, "acknowledged", person, now, "acknowledged", acknowledged_by=person.id)
    crashpoint("alert.before_ack_commit")
    after_commit(session, lambda: crashpoint("alert.acknowledged"))
    return alert


async def person_by_link(session: AsyncSession, alert_id: int, token: str, now: datetime) -> Person | None:
    """Whose link this is, if it is good for this alert now. Changes nothing: mail scanners open links."""
    row = await peek_token(session, alerts.ACK, token, now)
    if row is None or row.subject != alerts.ack_subject(alert_id) or row.user_id is None:
        return None
    return await person_of(session, row.user_id)


async def acknowledge_by_link(session: AsyncSession, alert_id: int, token: str, *, now: datetime) -> Alert:
    """Acknowledge with the link of a message, signed in or not. The link is used up."""
    person = await person_by_link(session, alert_id, token, now)
    if person is None or await use_token(session, alerts.ACK, token, now) is None:
        raise NotAllowed("this link was used or has ended; sign in to acknowledge the alert")
    return await acknowledge(session, person, alert_id, now=now)


async def resolve(session: AsyncSession, person: Person, alert_id: int, *, now: datetime) -> Alert:
    """raised, acknowledged -> resolved. If the cause is still there, the next sweep raises a new alert."""
    alert = await _alert_for(session, person, alert_id, "acknowledge")
    if alert.status != "resolved":
        await _move(session, alert, "resolved", person, now, "resolved by hand")
    return alert


async def reopen(session: AsyncSession, person: Person, alert_id: int, *, now: datetime) -> Alert:
    """acknowledged -> raised: hand it back; whoever is on call is told at once."""
    alert = await _alert_for(session, person, alert_id, "acknowledge")
    if alert.status != "acknowledged":
        raise Moved(f"this alert is {_DONE[alert.status]}: only an acknowledged one can be handed back")
    await _move(session, alert, "raised", person, now, "handed back", notify_due_at=now, acknowledged_by=None)
    return alert


async def _alert_for(session: AsyncSession, person: Person, alert_id: int, action: str) -> Alert:
    alert = await alerts.locked_alert(session, alert_id)
    if alert is None or alert.brand_id not in person.roles:
        raise Missing("there is no such alert")
    person.require(action, alert.brand_id)
    return alert


async def _move(
    session: AsyncSession, alert: Alert, new: str, person: Person, now: datetime, why: str, **values: Any
) -> None:
    values.setdefault("notify_due_at", None)
    await transitions.move(
        session,
        "alert",
        alert.id,
        alert.status,
        new,
        brand_id=alert.brand_id,
        actor=person.actor,
        now=now,
        why=why,
        **values,
    )
    await session.refresh(alert)
