"""Accounts that were tried: stored, or connected again. The desk and the command line both come through here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.account import Account
from domain.errors import BadInput, Missing
from domain.ids import ids
from storage.renewals import begin_anew, is_changing
from storage.tables import AccountRow, Brand, SourceRow
from storage.transitions import move

Seal = Callable[[int, Mapping[str, str]], str]
"""Encrypts the secrets of the account row with this id, for storage."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of it: a `new` account, or one that is connected again, with how many sources listen again."""

    id: int
    handle: str
    new: bool
    woken: int = 0


async def refused(session: AsyncSession, account_id: int, why: str, *, actor: str, now: datetime) -> bool | None:
    """working -> dead: a network no longer lets it in. Whether it was alive until now; None, and it stays as it is,
    while its secrets change (`storage.renewals`)."""
    account = await session.get_one(AccountRow, account_id, with_for_update=True, populate_existing=True)
    if is_changing(account, now):
        return None
    if account.status != "working":
        return False
    await move(
        session, "account", account_id, "working", "dead",
        brand_id=account.brand_id, actor=actor, now=now, why=why, error=why,
    )  # fmt: skip
    return True


async def keep_tried(
    session: AsyncSession,
    brand_id: int,
    tried: Account,
    seal: Seal,
    *,
    actor: str,
    now: datetime,
    again: int | None = None,
) -> Kept:
    """Store an account that its network has just accepted. One that this brand has already gets the new secrets.

    `again` names the account that a person meant to connect again: signing in as anybody else is BadInput, because its
    sources and its approved replies go on with it.
    """
    await session.get_one(Brand, brand_id, with_for_update=True)  # two clicks at once are one account
    known = (
        await _meant(session, brand_id, tried, again) if again is not None else await _same(session, brand_id, tried)
    )
    if known is not None:
        return await _connect_again(session, known, tried, seal, actor=actor, now=now)
    row_id = ids.next(now)
    session.add(
        AccountRow(
            id=row_id,
            brand_id=brand_id,
            channel=tried.channel,
            handle=tried.handle,
            external_id=tried.external_id,
            base_url=tried.base_url,
            secrets=seal(row_id, tried.secrets),
            labelled=tried.labelled,
            good_until=tried.good_until,
            created_at=now,
        )
    )
    await session.flush()
    return Kept(row_id, tried.handle, new=True)


async def _same(session: AsyncSession, brand_id: int, tried: Account) -> AccountRow | None:
    query = select(AccountRow).where(
        AccountRow.brand_id == brand_id,
        AccountRow.channel == tried.channel,
        AccountRow.external_id == tried.external_id,
        AccountRow.status != "removed",
    )
    rows = await session.exec(query.order_by(col(AccountRow.id)).with_for_update())
    return next((row for row in rows if _place(row.base_url) == _place(tried.base_url)), None)


async def _meant(session: AsyncSession, brand_id: int, tried: Account, account_id: int) -> AccountRow:
    known = await session.get(AccountRow, account_id, with_for_update=True, populate_existing=True)
    if known is None or known.brand_id != brand_id or known.status == "removed":
        raise Missing("there is no such account")
    there = (known.channel, known.external_id, _place(known.base_url))
    if there != (tried.channel, tried.external_id, _place(tried.base_url)):
        raise BadInput(
            f"this is {tried.handle} at {tried.base_url}, not {known.handle} at {known.base_url}: nothing was changed. "
            f"Sign in as {known.handle}, or add {tried.handle} as an account of its own"
        )
    return known


def _place(base_url: str) -> str:
    return base_url.strip().rstrip("/").casefold()


async def _connect_again(
    session: AsyncSession, known: AccountRow, tried: Account, seal: Seal, *, actor: str, now: datetime
) -> Kept:
    """New secrets for an account that we have; what stopped because it could not sign in goes on."""
    was = known.error
    known.handle, known.error = tried.handle, ""
    known.secrets = seal(known.id, tried.secrets)
    known.labelled = known.labelled if tried.labelled is None else tried.labelled
    begin_anew(known, tried.good_until)
    session.add(known)
    await session.flush()
    if known.status != "dead":
        return Kept(known.id, known.handle, new=False)
    given: dict[str, Any] = {"brand_id": known.brand_id, "actor": actor, "now": now, "why": "connected again"}
    await move(session, "account", known.id, "dead", "working", error="", **given)
    stopped = select(SourceRow).where(SourceRow.account_id == known.id, SourceRow.status == "stopped")
    sources = [s for s in await session.exec(stopped.order_by(col(SourceRow.id))) if was and was in s.error]
    for source in sources:
        on: dict[str, Any] = {"error": "", "failures": 0, "next_poll_at": now}
        await move(session, "source", source.id, "stopped", "listening", **on, **given)
    return Kept(known.id, known.handle, new=False, woken=len(sources))
