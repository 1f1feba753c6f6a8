"""Named persons and their roles."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput
from domain.ids import ids
from domain.person import ROLES, Person
from storage.sessions import end_all
from storage.tables import Brand, Membership, User

FIRST_EMAIL = "admin@localhost"


@dataclass(frozen=True, slots=True)
class Member:
    """One line of the page of people: a person and their roles, as seen by somebody who shares a brand with them."""

    user: User
    roles: dict[int, str]


async def person_of(session: AsyncSession, user_id: int) -> Person | None:
    """The person with their roles; None when absent or disabled."""
    user = await session.get(User, user_id)
    if user is None or user.disabled_at is not None:
        return None
    found = await session.exec(select(Membership).where(col(Membership.user_id) == user_id))
    roles = {membership.brand_id: membership.role for membership in found}
    return Person(user.id, user.name, user.email, user.zone, roles)


async def names_of(session: AsyncSession, brand_id: int, but: Collection[int | None]) -> tuple[str, ...]:
    """The names of who works for a brand, also of those who may not sign in any more, without these people."""
    query = select(User.id, User.name).join(Membership, col(Membership.user_id) == User.id)
    found = await session.exec(query.where(Membership.brand_id == brand_id).order_by(col(User.id)))
    return tuple(name for user_id, name in found if user_id not in but)


async def by_email(session: AsyncSession, email: str) -> User | None:
    """The person with this address, also a disabled one."""
    return (await session.exec(select(User).where(col(User.email) == email.strip().casefold()))).first()


async def first_admin(session: AsyncSession, now: datetime) -> User:
    """The first person of an installation: made when there is nobody, admin of every brand that has no admin."""
    user = (await session.exec(select(User).where(col(User.disabled_at).is_(None)).order_by(col(User.id)))).first()
    if user is None:
        user = User(id=ids.next(now), email=FIRST_EMAIL, name="Admin", created_at=now)
        session.add(user)
        await session.flush()
    brand_ids = set(await session.exec(select(Brand.id)))
    held = set(await session.exec(select(Membership.brand_id).where(col(Membership.role) == "admin")))
    for brand_id in sorted(brand_ids - held):
        await set_role(session, user.id, brand_id, "admin")
    return user


async def add_person(session: AsyncSession, email: str, name: str, zone: str, now: datetime) -> User:
    """A new person without roles. BadInput when the address is no address or is taken."""
    email = email.strip().casefold()
    if "@" not in email or len(email) > 254:
        raise BadInput(f"mail address: {email!r} is not one; write it like name@example.org")
    if await by_email(session, email):
        raise BadInput(f"mail address: {email} is taken; change that person's role instead")
    user = User(id=ids.next(now), email=email, name=name.strip() or email, zone=zone, created_at=now)
    session.add(user)
    await session.flush()
    return user


async def set_role(session: AsyncSession, user_id: int, brand_id: int, role: str) -> None:
    """Give a role in a brand, or take it away with an empty one."""
    if role and role not in ROLES:
        raise BadInput(f"role: {role!r} does not exist; choose one of {', '.join(ROLES)}")
    await session.exec(
        delete(Membership).where(col(Membership.user_id) == user_id, col(Membership.brand_id) == brand_id)
    )
    if role:
        session.add(Membership(user_id=user_id, brand_id=brand_id, role=role))
        await session.flush()


async def disable(session: AsyncSession, user: User, now: datetime) -> None:
    """Nobody signs in as this person any more; all their sessions end at once."""
    user.disabled_at = now
    session.add(user)
    await end_all(session, user.id)


async def brands_of(session: AsyncSession, user_id: int) -> list[int]:
    """All brands in which this person has a role."""
    return list(await session.exec(select(Membership.brand_id).where(col(Membership.user_id) == user_id)))


async def members(session: AsyncSession, brands: list[int]) -> list[Member]:
    """Everybody who has a role in one of these brands, by name."""
    rows = await session.exec(
        select(User, Membership)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(col(Membership.brand_id).in_(brands))
        .order_by(col(User.name), col(User.id))
    )
    found: dict[int, Member] = {}
    for user, membership in rows:
        found.setdefault(user.id, Member(user, {})).roles[membership.brand_id] = membership.role
    return list(found.values())
