"""Alerts and their deliveries: what the worker and the pages ask of the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.alert import LiveAlert, Raise
from domain.ids import ids
from storage import transitions
from storage.tables import Alert, Brand, Delivery, OneTimeToken, Transition, User

ACTOR = "system:alerts"
ACK = "acknowledge"
ACK_LIFETIME_S = 12 * 3600.0
LIVE = ("raised", "acknowledged")


def ack_subject(alert_id: int) -> str:
    """What an acknowledge link is bound to."""
    return f"alert:{alert_id}"


# --- detection -------------------------------------------------------------------------------------------------


async def live_alerts(session: AsyncSession) -> list[LiveAlert]:
    """All alerts that are not resolved."""
    rows = list(await session.exec(select(Alert).where(col(Alert.status).in_(LIVE)).order_by(col(Alert.id))))
    acked = [row.id for row in rows if row.status == "acknowledged"]
    query = select(Transition.row_id, func.max(col(Transition.at))).where(
        Transition.noun == "alert", Transition.new == "acknowledged", col(Transition.row_id).in_(acked)
    )
    moments = dict((await session.exec(query.group_by(col(Transition.row_id)))).all()) if acked else {}
    return [
        LiveAlert(
            row.id, row.brand_id, row.rule, row.subject, row.status, row.title, row.raised_at, moments.get(row.id)
        )
        for row in rows
    ]


async def store_alert(session: AsyncSession, brand_id: int, want: Raise, now: datetime) -> int | None:
    """Store a new alert, due at once; None when the same one stands already (another process was faster)."""
    alert_id = ids.next(now)
    values = {
        "id": alert_id,
        "brand_id": brand_id,
        "rule": want.rule,
        "subject": want.subject,
        "urgent": want.urgent,
        "title": want.title,
        "body": want.body,
        "status": "raised",
        "raised_at": now,
        "notify_due_at": now,
        "rounds": 0,
        "for_user_id": want.for_user_id,
    }
    connection = await session.connection()
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement: Any = insert(Alert).values(**values)
    statement = statement.on_conflict_do_nothing(
        index_elements=["brand_id", "rule", "subject"], index_where=text("status <> 'resolved'")
    )
    done = await connection.execute(statement.returning(col(Alert.id)))
    return done.scalar_one_or_none()


async def hand_on(session: AsyncSession, brand_id: int, subject: str, user_id: int) -> None:
    """Live alerts about this are this person's from now on."""
    about = col(Alert.brand_id) == brand_id, col(Alert.subject) == subject, col(Alert.status) != "resolved"
    await session.exec(update(Alert).where(*about).values(for_user_id=user_id))


async def reword(session: AsyncSession, alert_id: int, title: str, body: str) -> None:
    """The count of a shared alert has changed."""
    await session.exec(update(Alert).where(col(Alert.id) == alert_id).values(title=title, body=body))


# --- rounds and deliveries -------------------------------------------------------------------------------------


async def due_alerts(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Raised alerts whose next round is due, urgent ones first, then the longest waiting."""
    query = select(Alert.id).where(col(Alert.notify_due_at) <= now, col(Alert.status) == "raised")
    query = query.order_by(col(Alert.urgent).desc(), col(Alert.notify_due_at), col(Alert.id))
    return list(await session.exec(query.limit(limit)))


async def due_deliveries(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Deliveries that are due; also those that were being sent when their process died (`due_at` is their lease)."""
    query = select(Delivery.id).where(col(Delivery.due_at) <= now, col(Delivery.status).in_(("due", "delivering")))
    return list(await session.exec(query.order_by(col(Delivery.due_at), col(Delivery.id)).limit(limit)))


async def locked_alert(session: AsyncSession, alert_id: int) -> Alert | None:
    """The alert, held until the transaction ends."""
    return await session.get(Alert, alert_id, with_for_update=True, populate_existing=True)


async def locked_delivery(session: AsyncSession, delivery_id: int) -> tuple[Alert, Delivery] | None:
    """The delivery and its alert, both held. Alert first: everybody locks in this order."""
    alert_id = (await session.exec(select(Delivery.alert_id).where(Delivery.id == delivery_id))).first()
    if alert_id is None:
        return None
    alert = await session.get_one(Alert, alert_id, with_for_update=True, populate_existing=True)
    delivery = await session.get_one(Delivery, delivery_id, with_for_update=True, populate_existing=True)
    return alert, delivery


async def next_round(session: AsyncSession, alert: Alert, notify_due_at: datetime) -> int:
    """Count a new round; the alert is due again at `notify_due_at`. Returns the number of the round."""
    round_ = alert.rounds + 1
    await session.exec(
        update(Alert).where(col(Alert.id) == alert.id).values(rounds=round_, notify_due_at=notify_due_at)
    )
    return round_


async def rounds_since_raised(session: AsyncSession, alert: Alert) -> int:
    """Rounds since the alert was raised or, when it was handed back, since then. Their numbers never start anew,
    because they are part of the key by which a repeated message is recognised."""
    query = select(func.max(col(Transition.at))).where(
        Transition.noun == "alert", Transition.row_id == alert.id, Transition.new == "raised"
    )
    again_at: datetime | None = (await session.exec(query)).one()
    if again_at is None:
        return alert.rounds
    rounds = select(func.count(func.distinct(col(Delivery.round)))).where(Delivery.alert_id == alert.id)
    return (await session.exec(rounds.where(col(Delivery.created_at) >= again_at))).one()


async def add_deliveries(session: AsyncSession, rows: Sequence[Delivery]) -> None:
    """Write the messages of a round."""
    session.add_all(rows)
    await session.flush()


async def round_results(session: AsyncSession, alert_id: int, round_: int) -> list[str]:
    """The statuses of the deliveries of one round."""
    query = select(Delivery.status).where(Delivery.alert_id == alert_id, Delivery.round == round_)
    return list(await session.exec(query))


async def bring_forward(session: AsyncSession, alert_id: int, now: datetime) -> None:
    """The next round is due now."""
    due = update(Alert).where(col(Alert.id) == alert_id, col(Alert.status) == "raised", col(Alert.notify_due_at) > now)
    await session.exec(due.values(notify_due_at=now))


async def move_delivery(
    session: AsyncSession, alert: Alert, delivery: Delivery, new: str, now: datetime, why: str = "", **values: Any
) -> None:
    """Move one delivery and record it in the history of the alert's brand."""
    await transitions.move(
        session,
        "delivery",
        delivery.id,
        delivery.status,
        new,
        brand_id=alert.brand_id,
        actor=ACTOR,
        now=now,
        why=why,
        **values,
    )


async def forget_old_links(session: AsyncSession, now: datetime) -> None:
    """Acknowledge links that ended more than a day ago are deleted."""
    ended = col(OneTimeToken.expires_at) < now - timedelta(days=1)
    await session.exec(delete(OneTimeToken).where(col(OneTimeToken.purpose) == ACK, ended))


async def unreached(session: AsyncSession, brands: Sequence[int] | None = None) -> list[Alert]:
    """Raised alerts of whose latest round no message got through and none is on its way: staff must see this here."""
    on_its_way = select(Delivery.id).where(
        col(Delivery.alert_id) == col(Alert.id),
        col(Delivery.round) == col(Alert.rounds),
        col(Delivery.status).in_(("due", "delivering", "delivered")),
    )
    query = select(Alert).where(Alert.status == "raised", Alert.rounds > 0, ~on_its_way.exists())
    if brands is not None:
        query = query.where(col(Alert.brand_id).in_(list(brands)))
    return list(await session.exec(query.order_by(col(Alert.id))))


# --- pages -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AlertView:
    """One alert with its story."""

    alert: Alert
    brand: str
    deliveries: list[Delivery]
    history: list[Transition]
    people: dict[int, str]


async def alert_list(
    session: AsyncSession, brands: list[int], *, status: str = "", rule: str = "", limit: int = 100
) -> list[Alert]:
    """Alerts, newest first. Without a status: those that are not resolved."""
    query = select(Alert).where(col(Alert.brand_id).in_(brands))
    query = query.where(col(Alert.status).in_((status,) if status else LIVE))
    if rule:
        query = query.where(Alert.rule == rule)
    return list(await session.exec(query.order_by(col(Alert.id).desc()).limit(limit)))


async def alert_counts(session: AsyncSession, brands: list[int]) -> dict[str, int]:
    """How many alerts are in each status."""
    query = select(Alert.status, func.count()).where(col(Alert.brand_id).in_(brands)).group_by(col(Alert.status))
    return dict((await session.exec(query)).all())


async def alert_view(session: AsyncSession, brands: list[int], alert_id: int) -> AlertView | None:
    """One alert of these brands; None when it is foreign or absent, alike."""
    query = select(Alert, Brand.name).join(Brand, col(Brand.id) == col(Alert.brand_id))
    found = (await session.exec(query.where(Alert.id == alert_id, col(Alert.brand_id).in_(brands)))).first()
    if found is None:
        return None
    alert, brand = found
    sent = select(Delivery).where(Delivery.alert_id == alert_id).order_by(col(Delivery.id).desc()).limit(200)
    deliveries = list(await session.exec(sent))
    history = await transitions.history(session, "alert", alert_id)
    people = await names(session, {row.user_id for row in deliveries} | _actors(history) | {alert.acknowledged_by})
    return AlertView(alert, brand, deliveries, history, people)


async def recent_deliveries(
    session: AsyncSession, brands: list[int], since: datetime, limit: int = 100
) -> list[tuple[Delivery, Alert]]:
    """The latest messages of these brands, newest first."""
    query = select(Delivery, Alert).join(Alert, col(Alert.id) == col(Delivery.alert_id))
    query = query.where(col(Alert.brand_id).in_(brands), col(Delivery.created_at) >= since)
    return [
        (delivery, alert)
        for delivery, alert in await session.exec(query.order_by(col(Delivery.id).desc()).limit(limit))
    ]


async def names(session: AsyncSession, user_ids: set[int] | set[int | None]) -> dict[int, str]:
    """How these people are called."""
    wanted = [user_id for user_id in user_ids if user_id is not None]
    query = select(User.id, User.name).where(col(User.id).in_(wanted))
    return dict((await session.exec(query)).all())


def _actors(history: Sequence[Transition]) -> set[int]:
    return {int(row.actor.partition(":")[2]) for row in history if row.actor.startswith("user:")}
