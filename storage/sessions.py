"""Browser sessions and one-time tokens. Only hashes are kept: reading the database gives nobody a way in."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel import col, delete, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import OneTimeToken, Session

IDLE_S = 12 * 3600
ABSOLUTE_S = 7 * 24 * 3600
_SEEN_EVERY_S = 300
"""How often `seen_at` is written: a write per page would make every reader a writer."""


def hashed(token: str) -> str:
    """What we keep of a token. It has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


async def open_session(session: AsyncSession, user_id: int, now: datetime) -> str:
    """A new session; returns the cookie's value, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    session.add(
        Session(
            token_hash=hashed(token),
            user_id=user_id,
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(seconds=ABSOLUTE_S),
        )
    )
    await session.flush()
    return token


async def find_session(session: AsyncSession, token: str, now: datetime) -> Session | None:
    """The live session of this cookie: neither idle too long nor too old."""
    row = await session.get(Session, hashed(token))
    if row is None or now >= row.expires_at or now >= row.seen_at + timedelta(seconds=IDLE_S):
        return None
    return row


def wants_touch(row: Session, now: datetime) -> bool:
    """Whether it is time to write down that the session is in use."""
    return now >= row.seen_at + timedelta(seconds=_SEEN_EVERY_S)


async def touch(session: AsyncSession, token_hash: str, now: datetime) -> None:
    """Note that the session is in use."""
    await session.exec(update(Session).where(col(Session.token_hash) == token_hash).values(seen_at=now))


async def end_session(session: AsyncSession, token: str) -> None:
    """Sign out."""
    await session.exec(delete(Session).where(col(Session.token_hash) == hashed(token)))


async def end_all(session: AsyncSession, user_id: int) -> None:
    """End every session of a person (disabled, password changed) and void their open links."""
    await session.exec(delete(Session).where(col(Session.user_id) == user_id))
    await session.exec(
        delete(OneTimeToken).where(col(OneTimeToken.user_id) == user_id, col(OneTimeToken.used_at).is_(None))
    )


async def make_token(
    session: AsyncSession, purpose: str, user_id: int, now: datetime, lifetime_s: float, subject: str = ""
) -> str:
    """A new single-use token, good for this purpose and person only."""
    token = secrets.token_urlsafe(32)
    session.add(
        OneTimeToken(
            token_hash=hashed(token),
            purpose=purpose,
            user_id=user_id,
            subject=subject,
            created_at=now,
            expires_at=now + timedelta(seconds=lifetime_s),
        )
    )
    await session.flush()
    return token


async def peek_token(session: AsyncSession, purpose: str, token: str, now: datetime) -> OneTimeToken | None:
    """The token if it could be used now; changes nothing."""
    row = await session.get(OneTimeToken, hashed(token))
    return row if row and row.purpose == purpose and row.used_at is None and now < row.expires_at else None


async def use_token(session: AsyncSession, purpose: str, token: str, now: datetime) -> OneTimeToken | None:
    """Use the token up; None when it was used before, is too old, or was made for something else."""
    row = await peek_token(session, purpose, token, now)
    if row is None:
        return None
    done = await session.exec(
        update(OneTimeToken)
        .where(col(OneTimeToken.token_hash) == row.token_hash, col(OneTimeToken.used_at).is_(None))
        .values(used_at=now)
    )
    return row if done.rowcount == 1 else None
