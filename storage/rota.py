"""Turns on the weekly on-call list, who can be reached for a brand, and how."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.alert import Turn
from domain.errors import Missing
from domain.ids import ids
from storage import transitions
from storage.tables import Alert, Brand, Contact, Delivery, Membership, Shift, User


async def shifts(session: AsyncSession, brand_id: int) -> list[Shift]:
    """The weekly list, from Monday on. Turns of people who left or were disabled are not in it."""
    query = (
        select(Shift)
        .join(User, col(User.id) == col(Shift.user_id))
        .join(Membership, (col(Membership.user_id) == col(User.id)) & (col(Membership.brand_id) == brand_id))
        .where(Shift.brand_id == brand_id, col(User.disabled_at).is_(None))
        .order_by(col(Shift.weekday), col(Shift.start_minute), col(Shift.id))
    )
    return list(await session.exec(query))


def turn_of(shift: Shift) -> Turn:
    """The row as the rules of the rota see it."""
    return Turn(shift.user_id, shift.weekday, shift.start_minute, shift.end_minute, shift.zone)


async def add_shift(session: AsyncSession, brand_id: int, turn: Turn, now: datetime) -> int:
    """Add a line to the list."""
    row = Shift(
        id=ids.next(now),
        brand_id=brand_id,
        user_id=turn.user_id,
        weekday=turn.weekday,
        start_minute=turn.start_minute,
        end_minute=turn.end_minute,
        zone=turn.zone,
    )
    session.add(row)
    await session.flush()
    return row.id


async def remove_shift(session: AsyncSession, brands: list[int], shift_id: int) -> Shift:
    """Take a line off the list. Missing when it is foreign or absent."""
    row = await session.get(Shift, shift_id)
    if row is None or row.brand_id not in brands:
        raise Missing("there is no such turn; reload to see the list as it is")
    await session.delete(row)
    await session.flush()
    return row


async def set_fallback(session: AsyncSession, brand_id: int, user_id: int | None) -> None:
    """Who is told when nobody is on call or answers."""
    await session.exec(update(Brand).where(col(Brand.id) == brand_id).values(fallback_user_id=user_id))


async def brand_people(session: AsyncSession, brand_id: int) -> list[tuple[User, str]]:
    """Everybody of the brand who may sign in, with their role, by name."""
    query = (
        select(User, Membership.role)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(Membership.brand_id == brand_id, col(User.disabled_at).is_(None))
        .order_by(col(User.name), col(User.id))
    )
    return [(user, role) for user, role in await session.exec(query)]


# --- contacts --------------------------------------------------------------------------------------------------


async def contacts_of(session: AsyncSession, user_ids: Iterable[int]) -> list[Contact]:
    """The contacts of these people, oldest first."""
    query = select(Contact).where(col(Contact.user_id).in_(list(user_ids))).order_by(col(Contact.id))
    return list(await session.exec(query))


async def own_contact(session: AsyncSession, user_id: int, contact_id: int) -> Contact:
    """A contact of this person. Missing when it is somebody else's or absent."""
    row = await session.get(Contact, contact_id, populate_existing=True)
    if row is None or row.user_id != user_id:
        raise Missing("there is no such contact of yours")
    return row


async def add_contact(session: AsyncSession, **values: Any) -> Contact:
    """Add a way to reach a person. `target` of kind apprise comes encrypted."""
    row = Contact(**values)
    session.add(row)
    await session.flush()
    return row


async def remove_contact(session: AsyncSession, contact: Contact, now: datetime) -> None:
    """Forget a contact. Messages on their way to it are dropped; sent ones keep their result."""
    waiting = select(Delivery, Alert.brand_id).join(Alert, col(Alert.id) == col(Delivery.alert_id))
    waiting = waiting.where(Delivery.contact_id == contact.id, Delivery.status == "due").with_for_update()
    for delivery, brand_id in list(await session.exec(waiting)):
        await transitions.move(
            session,
            "delivery",
            delivery.id,
            "due",
            "dropped",
            brand_id=brand_id,
            actor=f"user:{contact.user_id}",
            now=now,
            why="the contact was removed",
            due_at=None,
            error="the contact was removed",
        )
    await session.exec(update(Delivery).where(col(Delivery.contact_id) == contact.id).values(contact_id=None))
    await session.delete(contact)
    await session.flush()
