"""Posts that were removed here: remembered by a hash of their native id, so that they never come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import msgspec
import xxhash
from sqlalchemy import Select, bindparam, func, insert
from sqlalchemy import select as pick
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import ids
from domain.mention import Mention, sha256
from storage.arrays import listed, one_of
from storage.arriving import PageIn
from storage.driver import fetch
from storage.needles import removed_of, without
from storage.tables import Removal, table
from storage.turns import take_turn

SOON: Final = timedelta(minutes=5)
"""After that what quotes a removed post is cleaned: many removals at once cost hardly more than one."""
_R = table(Removal).c
_GONE: Final = "gone:"
_LOOKED_AT: Final = 5000
"""However many wait, the sweep that comes every second looks at the oldest."""


def gone_name(channel: str, external_id: str) -> str:
    """What a removed post is called from now on: its native id may hold its author's name."""
    return _GONE + sha256(f"{channel}\x00{external_id}".encode("utf-8", "replace"))[:32]


def is_gone(external_id: str) -> bool:
    """Whether this is such a name."""
    return external_id.startswith(_GONE)


def _hash(channel: str, external_id: str) -> int:
    """Signed 64 bits: one is taken for each post that comes in, so it has to be quick."""
    return xxhash.xxh3_64_intdigest(f"{channel}\x00{external_id}".encode("utf-8", "replace")) - (1 << 63)


async def remember(session: AsyncSession, brand_id: int, channel: str, rows: Sequence[Any], now: datetime) -> None:
    """Rows of mentions as they were before their words went: what to look for later, and the hash for good."""
    found = [
        {
            "id": row_id,
            "brand_id": brand_id,
            "channel": channel,
            "name_hash": _hash(channel, row.external_id),
            "mention_id": row.id,
            "needles": msgspec.to_builtins(removed_of(row)),
            "due_at": now + SOON,
            "removed_at": now,
        }
        for row, row_id in zip(rows, ids.many(len(rows), now), strict=True)
    ]
    await (await session.connection()).execute(insert(Removal), found)


@cache
def _any() -> Select[Any]:
    here = _R.brand_id == bindparam("brand"), _R.channel == bindparam("channel")
    return pick(_R.id).where(*here).limit(1)


@cache
def _among(dialect: str) -> Select[Any]:
    here = _R.brand_id == bindparam("brand"), _R.channel == bindparam("channel")
    return pick(_R.name_hash).where(*here, _R.due_at.is_(None), one_of(_R.name_hash, "hashes", dialect))


async def without_removed(session: AsyncSession, page: PageIn) -> PageIn:
    """The page without posts that were removed here. What answers one of them names it as it is called now.

    Where nothing was ever removed this costs one small look-up for a page.
    """
    connection, dialect = await session.connection(), session.get_bind().dialect.name
    here = {"brand": page.brand_id, "channel": page.channel}
    if not await fetch(connection, _any(), here):
        return page
    await take_turn(session, page.brand_id, page.channel)
    posts = [*(arrival.mention for arrival in page.arrivals), *page.own]
    names = {name for post in posts for name in (post.external_id, post.parent_id, post.thread_id) if name}
    hashed = {_hash(page.channel, name): name for name in names}
    found = await fetch(connection, _among(dialect), here | {"hashes": listed(hashed, dialect)})
    gone = {name: gone_name(page.channel, name) for row in found if (name := hashed.get(row[0]))}
    if not gone:
        return page
    kept = [arrival for arrival in page.arrivals if arrival.mention.external_id not in gone]
    return replace(
        page,
        arrivals=[replace(arrival, mention=_renamed(arrival.mention, gone)) for arrival in kept],
        own=tuple(_renamed(post, gone) for post in page.own),
    )


def _renamed(post: Mention, gone: dict[str, str]) -> Mention:
    parent, thread = post.parent_id or "", post.thread_id
    if parent not in gone and thread not in gone:
        return post
    names = {"parent_id": gone.get(parent, post.parent_id), "thread_id": gone.get(thread, thread)}
    return msgspec.structs.replace(post, native=without(post.native, frozenset(gone)), **names)


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """One removal of each brand and channel that has some to clean up after; the others of it go along."""
    oldest = (
        pick(_R.id, _R.brand_id, _R.channel).where(_R.due_at <= now).order_by(_R.due_at).limit(_LOOKED_AT).subquery()
    )
    query = pick(func.min(oldest.c.id)).group_by(oldest.c.brand_id, oldest.c.channel)
    return list((await (await session.connection()).execute(query.limit(limit))).scalars())
