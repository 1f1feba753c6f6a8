"""Queries on sources, topics and brands, as the listener needs them.

A source is polled by one worker at a time: `claim` sets `claimed_until` by conditional update, and that moment is
also the fence. Who prolongs or lets go names the moment it was given; another value means that it lost the source.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.accounts import refused
from storage.coverage import extend
from storage.tables import AccountRow, Brand, SourceRow, Topic
from storage.transitions import move

LISTENER: Final = "system:listener"
AWAKE: Final = ("listening", "failing")


async def due_sources(
    session: AsyncSession, now: datetime, channels: Sequence[str], limit: int = 50
) -> list[SourceRow]:
    """Sources whose poll is due and that nobody holds, longest overdue first."""
    query = (
        select(SourceRow)
        .where(col(SourceRow.channel).in_(channels), col(SourceRow.status).in_(AWAKE), _is_due(now), _is_free(now))
        .order_by(col(SourceRow.next_poll_at).asc().nulls_first())
        .limit(limit)
    )
    return list(await session.exec(query))


def _is_due(now: datetime) -> Any:
    return or_(col(SourceRow.next_poll_at).is_(None), col(SourceRow.next_poll_at) <= now)


def _is_free(now: datetime) -> Any:
    return or_(col(SourceRow.claimed_until).is_(None), col(SourceRow.claimed_until) <= now)


async def claim(
    session: AsyncSession, source_id: int, now: datetime, for_s: float, *, due: bool = False
) -> SourceRow | None:
    """Hold a source for a while; None when another worker was faster or it was paused in between.

    `due` also asks that its time has come: the list it was found in may be older than another worker's whole poll.
    """
    taken = await session.exec(
        update(SourceRow)
        .where(
            col(SourceRow.id) == source_id,
            col(SourceRow.status).in_(AWAKE),
            _is_free(now),
            *([_is_due(now)] if due else []),
        )
        .values(claimed_until=now + timedelta(seconds=for_s))
    )
    if taken.rowcount != 1:
        return None
    return await session.get_one(SourceRow, source_id, populate_existing=True)


async def prolong(session: AsyncSession, source: SourceRow, now: datetime, for_s: float, **values: Any) -> bool:
    """Hold it longer. False when it is not ours any more, or a person paused it."""
    until = now + timedelta(seconds=for_s)
    query = update(SourceRow).where(*_ours(source), col(SourceRow.status).in_(AWAKE))
    held = await session.exec(query.values(claimed_until=until, **values))
    if held.rowcount == 1:
        source.claimed_until = until
    return bool(held.rowcount == 1)


async def release(session: AsyncSession, source: SourceRow, next_poll_at: datetime, **values: Any) -> None:
    """Let go of a source and say when it is due again. Nothing happens when another worker holds it by now."""
    await session.exec(
        update(SourceRow).where(*_ours(source)).values(claimed_until=None, next_poll_at=next_poll_at, **values)
    )


def _ours(source: SourceRow) -> tuple[Any, ...]:
    return col(SourceRow.id) == source.id, col(SourceRow.claimed_until) == source.claimed_until


async def start_over(session: AsyncSession, source_id: int, key: str, kept: dict[str, Any] | None = None) -> None:
    """The source serves something else from now on: what it knew of its place is void, in the same step, but `kept`."""
    await session.exec(update(SourceRow).where(col(SourceRow.id) == source_id).values(cursor_key=key, cursor=kept))


async def free_all(session: AsyncSession) -> int:
    """Let go of every held source. Only for the one process on SQLite, at its start. Returns how many were held."""
    freed = await session.exec(
        update(SourceRow).where(col(SourceRow.claimed_until).is_not(None)).values(claimed_until=None)
    )
    return int(freed.rowcount)


async def recovered(session: AsyncSession, source_id: int, now: datetime) -> bool:
    """A failing source works again. Returns whether it was failing until now."""
    source = await _locked(session, source_id)
    if source.status != "failing":
        return False
    await _move(session, source, "listening", now, "", error="")
    return True


async def failed(session: AsyncSession, source_id: int, now: datetime, why: str, *, stop: bool) -> bool:
    """A source fails (tried again later) or is stopped until a person mends it. Recorded once, not at each try.

    A source that a person paused or that was stopped meanwhile stays so. Returns whether its status changed.
    """
    source = await _locked(session, source_id)
    if source.status not in AWAKE:
        return False
    await extend(session, source_id, "gap", now, why)
    new = "stopped" if stop else "failing"
    if source.status == new:
        await session.exec(update(SourceRow).where(col(SourceRow.id) == source_id).values(error=why))
        return False
    await _move(session, source, new, now, why, error=why)
    return True


async def account_dead(session: AsyncSession, account_id: int, why: str, now: datetime) -> bool:
    """A network no longer lets an account in: it is dead, and everything that listens by it stops, once.

    Returns whether the account was alive until now. While its secrets change (`storage.renewals`) it stays alive.
    """
    was_alive = await refused(session, account_id, why, actor=LISTENER, now=now)
    if was_alive is None:
        return False
    query = select(SourceRow.id).where(col(SourceRow.account_id) == account_id, col(SourceRow.status).in_(AWAKE))
    for source_id in list(await session.exec(query.order_by(col(SourceRow.id)))):
        await failed(session, source_id, now, why, stop=True)
    return was_alive


async def _locked(session: AsyncSession, source_id: int) -> SourceRow:
    return await session.get_one(SourceRow, source_id, with_for_update=True, populate_existing=True)


async def _move(session: AsyncSession, source: SourceRow, new: str, now: datetime, why: str, **values: Any) -> None:
    await move(
        session, "source", source.id, source.status, new,
        brand_id=source.brand_id, actor=LISTENER, now=now, why=why, **values,
    )  # fmt: skip


async def get_source(session: AsyncSession, source_id: int) -> SourceRow | None:
    """The source as it is now."""
    return await session.get(SourceRow, source_id, populate_existing=True)


async def brand_topics(session: AsyncSession, brand_id: int) -> list[Topic]:
    """The topics a brand listens for now."""
    query = select(Topic).where(col(Topic.brand_id) == brand_id, col(Topic.enabled)).order_by(col(Topic.id))
    return list(await session.exec(query))


async def get_brand(session: AsyncSession, brand_id: int) -> Brand:
    """The brand; NoResultFound when there is none."""
    return await session.get_one(Brand, brand_id)


async def own_accounts(session: AsyncSession, brand_id: int, channel: str) -> list[AccountRow]:
    """Our accounts on one channel."""
    query = select(AccountRow).where(col(AccountRow.brand_id) == brand_id, col(AccountRow.channel) == channel)
    return list(await session.exec(query.where(col(AccountRow.status) != "removed")))


async def others_of_account(session: AsyncSession, source: SourceRow) -> list[SourceRow]:
    """The other sources that listen by this source's account, also those that are paused or stopped."""
    others = col(SourceRow.account_id) == source.account_id, col(SourceRow.id) != source.id
    return list(await session.exec(select(SourceRow).where(*others)))


def cursor_key(channel: str, settings: dict[str, Any], terms: Sequence[str]) -> str:
    """Changes when the source would serve something else: then its cursor starts anew.

    `terms` are the words the network itself is asked for; none for a source that serves the same whatever we look for
    (a feed, a hashtag, a stream), which keeps its place. How often it is polled changes nothing either.
    """
    asked = {name: value for name, value in settings.items() if name != "interval_s"}
    raw = msgspec.json.encode([channel, asked, sorted(terms)], order="sorted")
    return hashlib.sha256(raw).hexdigest()[:16]
