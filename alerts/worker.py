"""Tells people, round after round, until one of them acknowledges or the cause is gone.

Two durable steps. "alert": a raised alert is due, so a round of messages is written, one row per contact, in the
transaction that also says when the next round is due. "deliver": one message is sent: marked `delivering`, committed,
sent, marked with its result. A process that dies in between leaves the row to whoever finds it after its lease: the
message may then arrive twice, with one and the same key, and is never lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from alerts import detection, rota
from alerts.message import Message, compose
from alerts.notifiers import apprise_text, mail
from alerts.notifiers.outcome import Outcome
from alerts.parts import Parts, contact_context
from alerts.rounds import WIDEST, brought_forward, retry_after, wait, width
from domain.crashpoint import crashpoint
from domain.ids import ids
from net.metrics import DELIVERIES, UNREACHABLE
from storage import alerts
from storage import rota as rota_rows
from storage.jobs import Step, Tick
from storage.people import FIRST_EMAIL
from storage.sessions import make_token
from storage.tables import Alert, Brand, Contact, Delivery, User

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
"""A message that is still `delivering` after this was being sent by a process that died (a sending takes 20 s)."""
SWEEP_S = 5.0


def steps(parts: Parts) -> dict[str, Step]:
    """The durable steps of paging."""

    async def alert(row_id: int, now: datetime) -> None:
        await page(parts, row_id, now)

    async def delivery(row_id: int, now: datetime) -> None:
        await deliver(parts, row_id, now)

    return {
        "alert": Step("alert", alerts.due_alerts, alert),
        "deliver": Step("deliver", alerts.due_deliveries, delivery),
    }


def ticks(parts: Parts) -> list[Tick]:
    """Detection, and once an hour the tidying of old acknowledge links."""

    async def detect(now: datetime) -> int:
        return await detection.sweep(parts, now)

    async def tidy(now: datetime) -> None:
        async with parts.database.write() as session:
            await alerts.forget_old_links(session, now)

    return [Tick("alerts", SWEEP_S, detect), Tick("alert links", 3600.0, tidy)]


# --- a round ---------------------------------------------------------------------------------------------------


async def page(parts: Parts, alert_id: int, now: datetime) -> None:
    """Write the next round of messages of a raised alert, and when the one after it is due."""
    async with parts.database.write() as session:
        alert = await alerts.locked_alert(session, alert_id)
        if alert is None or alert.status != "raised" or alert.notify_due_at is None or alert.notify_due_at > now:
            return
        step = await alerts.rounds_since_raised(session, alert) + 1
        round_ = await alerts.next_round(session, alert, now + wait(step, alert.urgent))
        rows = await _messages(session, alert, round_, width(step), now)
        await alerts.add_deliveries(session, rows)
        for row in rows:
            await parts.jobs.nudge(session, "deliver", row.id, now)
        crashpoint("alert.before_round_commit")
    crashpoint("alert.after_round_commit")
    if rows:
        log.info("alert round", alert=alert_id, round=round_, messages=len(rows))
    else:
        UNREACHABLE.inc()
        log.error("nobody can be reached for an alert: add contacts on the on-call page", alert=alert_id)


async def _messages(session: AsyncSession, alert: Alert, round_: int, wide: int, now: datetime) -> list[Delivery]:
    """One row per contact of the people this round reaches; wider when they have no contact at all."""
    team, people = await team_of(session, alert.brand_id, now)
    for circle in range(wide, WIDEST + 1):
        first = alert.for_user_id if circle == 1 and alert.for_user_id in people else None
        reached = [people[user_id] for user_id in ([first] if first else rota.reach(team, circle))]
        if rows := await _rows(session, alert, round_, reached, now):
            return rows
    return []


async def team_of(session: AsyncSession, brand_id: int, now: datetime) -> tuple[rota.Team, dict[int, User]]:
    """Who can be told about this brand now. People who left or were disabled are not among them."""
    brand = await session.get_one(Brand, brand_id)
    members = await rota_rows.brand_people(session, brand_id)
    people = {user.id: user for user, _ in members}
    turns = [rota_rows.turn_of(shift) for shift in await rota_rows.shifts(session, brand_id)]
    team = rota.Team(
        on_call=tuple(user_id for user_id in rota.on_call(turns, now) if user_id in people),
        fallback=(brand.fallback_user_id,) if brand.fallback_user_id in people else (),
        admins=tuple(user.id for user, role in members if role == "admin"),
        everyone=tuple(people),
    )
    return team, people


async def _rows(
    session: AsyncSession, alert: Alert, round_: int, people: Sequence[User], now: datetime
) -> list[Delivery]:
    contacts = await rota_rows.contacts_of(session, [user.id for user in people])
    rows = [_row(alert, round_, contact.user_id, contact, now) for contact in contacts]
    for user in people:
        # who has not said how to be reached is reached where they sign in
        if user.email != FIRST_EMAIL and not any(contact.user_id == user.id for contact in contacts):
            rows.append(_row(alert, round_, user.id, None, now, user.email))
    return rows


def _row(alert: Alert, round_: int, user_id: int, contact: Contact | None, now: datetime, email: str = "") -> Delivery:
    to = f"c{contact.id}" if contact else f"p{user_id}"
    return Delivery(
        id=ids.next(now),
        alert_id=alert.id,
        user_id=user_id,
        contact_id=contact.id if contact else None,
        notifier=contact.kind if contact else "mail",
        target=shown(contact) if contact else email,
        dedup_key=f"alert-{alert.id}-r{round_}-{to}",
        round=round_,
        due_at=now,
        created_at=now,
    )


def shown(contact: Contact) -> str:
    """How pages name a contact. The address of a service is a secret, so it is never shown or copied."""
    return contact.target if contact.kind == "mail" else contact.label


# --- one message -----------------------------------------------------------------------------------------------


async def deliver(parts: Parts, delivery_id: int, now: datetime) -> None:
    """Send one message and store what became of it."""
    begun = await _begin(parts, delivery_id, now)
    if begun is None:
        return
    delivery, target, message = begun
    crashpoint("alert.before_send")
    outcome = await notify(parts, delivery.notifier, target, message, now)
    crashpoint("alert.after_send_before_mark")
    await _end(parts, delivery_id, outcome, now)
    crashpoint("alert.after_mark")


async def notify(parts: Parts, notifier: str, target: str, message: Message, now: datetime) -> Outcome:
    """One message by one way."""
    if notifier == "mail":
        return await mail.send(parts.mail, message, target, now)
    if notifier == "apprise":
        return await apprise_text.send(target, message, parts.allow)
    return Outcome("never", f"no way of notifying is called {notifier}")


def opened(parts: Parts, contact: Contact) -> str:
    """The real address of a contact."""
    return contact.target if contact.kind == "mail" else parts.open_(contact.target, contact_context(contact.id))


async def _begin(parts: Parts, delivery_id: int, now: datetime) -> tuple[Delivery, str, Message] | None:
    """Mark the row `delivering` with a lease; None when there is nothing to send (any more)."""
    async with parts.database.write() as session:
        found = await alerts.locked_delivery(session, delivery_id)
        if found is None or found[1].due_at is None or found[1].due_at > now:
            return None
        alert, delivery = found
        if delivery.status == "delivering":
            why = "its process died while sending: it may arrive twice, with the same key"
            await alerts.move_delivery(session, alert, delivery, "due", now, why, due_at=now)
            delivery.status = "due"
        if delivery.status != "due":
            return None
        contact = await session.get(Contact, delivery.contact_id) if delivery.contact_id else None
        if why := _needless(alert, delivery, contact):
            await alerts.move_delivery(session, alert, delivery, "dropped", now, why, due_at=None, error=why)
            return None
        lease = now + LEASE
        await alerts.move_delivery(session, alert, delivery, "delivering", now, due_at=lease, tries=delivery.tries + 1)
        message = await _message(session, parts, alert, delivery, now)
        target = opened(parts, contact) if contact else delivery.target
    return delivery, target, message


def _needless(alert: Alert, delivery: Delivery, contact: Contact | None) -> str:
    if alert.status != "raised":
        return f"the alert was {alert.status} before"
    if contact is None and delivery.notifier != "mail":
        return "the contact was removed"
    return ""


async def _message(session: AsyncSession, parts: Parts, alert: Alert, delivery: Delivery, now: datetime) -> Message:
    subject = alerts.ack_subject(alert.id)
    token = await make_token(session, alerts.ACK, delivery.user_id, now, alerts.ACK_LIFETIME_S, subject)
    return compose(
        title=f"{'URGENT ' if alert.urgent else ''}{alert.title}",
        body=alert.body,
        why=await _why(session, alert, delivery, now),
        link=parts.link(alert.id, token),
        dedup_key=delivery.dedup_key,
    )


async def _why(session: AsyncSession, alert: Alert, delivery: Delivery, now: datetime) -> str:
    team, _ = await team_of(session, alert.brand_id, now)
    if delivery.user_id == alert.for_user_id:
        reason = "it is yours"
    elif delivery.user_id in team.on_call:
        reason = "you are on call"
    elif delivery.user_id in team.fallback:
        reason = "you are the fallback of the on-call list"
    elif delivery.user_id in team.admins:
        reason = "you are an admin and nobody nearer could be reached or has answered"
    else:
        reason = "nobody nearer could be reached or has answered"
    again = f" Message {delivery.round}; it is repeated until somebody acknowledges." if delivery.round > 1 else ""
    return f"Why you: {reason}.{again}"


async def _end(parts: Parts, delivery_id: int, outcome: Outcome, now: datetime) -> None:
    """Store the result. When nothing of a round got through, the next and wider one follows at once."""
    async with parts.database.write() as session:
        found = await alerts.locked_delivery(session, delivery_id)
        if found is None or found[1].status != "delivering":
            return
        alert, delivery = found
        pause = retry_after(delivery.tries) if outcome.result == "later" else None
        if outcome.result == "delivered":
            result, values = "delivered", {"due_at": None, "delivered_at": now, "error": ""}
        elif pause is not None:
            result, values = "due", {"due_at": now + pause, "error": outcome.said}
        else:
            result, values = "failed", {"due_at": None, "error": outcome.said}
        await alerts.move_delivery(session, alert, delivery, result, now, outcome.said, **values)
        if result == "failed":
            await _after_failure(session, parts, alert, delivery, now)
    DELIVERIES.labels(delivery.notifier, result).inc()
    if result != "delivered":
        log.warning("alert not delivered", alert=alert.id, delivery=delivery_id, result=result, why=outcome.said)


async def _after_failure(session: AsyncSession, parts: Parts, alert: Alert, delivery: Delivery, now: datetime) -> None:
    results = await alerts.round_results(session, alert.id, delivery.round)
    if set(results) & {"due", "delivering", "delivered"}:
        return
    UNREACHABLE.inc()
    log.error("no message of this round got through", alert=alert.id, round=delivery.round)
    if delivery.round == alert.rounds and brought_forward(await alerts.rounds_since_raised(session, alert)):
        await alerts.bring_forward(session, alert.id, now)
        await parts.jobs.nudge(session, "alert", alert.id, now)
