"""Secrets of accounts that end: which are to be renewed, who does it, and what became of it. See decision 0012.

One column is due time, claim and fence at once: `renew_at`. Who renews moves it to the end of its claim, and each write
that follows names that moment; another value means that somebody else, or a person who connected the account again, was
there meanwhile. Nothing is ever written over the secrets in use but new ones that the network has taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import AccountRow

CLAIM_S: Final = 180.0
"""Longer than a renewal can take: one request, and the sign-in that tries what it gave."""
_DOUBT_S: Final = 900.0
_SETTLES_S: Final = 600.0


def is_changing(account: AccountRow, now: datetime) -> bool:
    """Whether a refused sign-in may only mean that it used the secrets of a moment ago: they are being renewed, or were
    shortly before. Bounded, so that a network that refuses us is believed soon."""
    begun, done = account.renewing_since, account.renewed_at
    return (begun is not None and now < begun + timedelta(seconds=_DOUBT_S)) or (
        done is not None and now < done + timedelta(seconds=_SETTLES_S)
    )


def begin_anew(account: AccountRow, good_until: datetime | None) -> None:
    """A person connected it again: what was known of the renewal of its former secrets is void."""
    account.good_until, account.renew_at, account.renewing_since = good_until, None, None
    account.renewed_secrets, account.renew_error = "", ""


async def due(session: AsyncSession, channels: Sequence[str], now: datetime, limit: int) -> list[int]:
    """Working accounts of these channels whose renewal is due, or not planned yet."""
    query = select(AccountRow.id).where(col(AccountRow.channel).in_(channels), *_is_due(now))
    return list(await session.exec(query.order_by(col(AccountRow.renew_at).nulls_first()).limit(limit)))


def _is_due(now: datetime) -> tuple[Any, ...]:
    return col(AccountRow.status) == "working", or_(col(AccountRow.renew_at).is_(None), col(AccountRow.renew_at) <= now)


async def plan(session: AsyncSession, account_id: int, at: datetime) -> None:
    """Say when it is to be renewed, where nobody has."""
    unplanned = col(AccountRow.id) == account_id, col(AccountRow.renew_at).is_(None)
    await session.exec(update(AccountRow).where(*unplanned).values(renew_at=at))


async def claim(session: AsyncSession, account: AccountRow, now: datetime) -> AccountRow | None:
    """Hold this account's renewal, and note that a request may leave; None when it is not due or somebody else's.

    `renewing_since` becomes the first moment of all tries whose answer nobody holds.
    """
    same = col(AccountRow.id) == account.id, col(AccountRow.renew_at) == account.renew_at
    until, since = now + timedelta(seconds=CLAIM_S), account.renewing_since or now
    taken = await session.exec(
        update(AccountRow).where(*same, *_is_due(now)).values(renew_at=until, renewing_since=since)
    )
    if taken.rowcount != 1:
        return None
    return await session.get_one(AccountRow, account.id, populate_existing=True)


async def write(session: AsyncSession, held: AccountRow, **values: Any) -> bool:
    """Write what became of it. False, and nothing is written, when it is not ours any more."""
    ours = col(AccountRow.id) == held.id, col(AccountRow.renew_at) == held.renew_at
    done = await session.exec(update(AccountRow).where(*ours, col(AccountRow.status) == "working").values(**values))
    return bool(done.rowcount == 1)
