"""Looking again at stored posts: the next batch of a source's round, what changed on its network, how the round stands.

A round walks the posts of a source by rising id, which is the order in which they came. Nothing is written on the way
in: where the round stands is one number of the source. No index leads to the posts of one source, so a batch looks at a
stretch of the whole table at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, or_, update
from sqlalchemy import select as pick
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ports import Held
from storage.arriving import PageIn, Stored
from storage.held import Shelf
from storage.known_posts import write_known
from storage.purging import HAS_WORDS
from storage.tables import MentionRow, SourceRow, table
from storage.turns import take_turn
from storage.withdrawal import withdraw

STRETCH: Final = 20_000
_M, _S = (table(model).c for model in (MentionRow, SourceRow))


@dataclass(frozen=True, slots=True)
class Batch:
    """Posts to look at, with what we hold of each (title and text). `up_to` is where the round stands once they are
    done; `last` says that it is through then."""

    held: tuple[Held, ...]
    words: dict[str, str]
    up_to: int
    last: bool


async def due(session: AsyncSession, channels: Sequence[str], now: datetime, limit: int) -> list[int]:
    """Sources on these channels whose next batch is due, also those that are paused: what is stored there is stored."""
    ready = or_(col(SourceRow.next_verify_at).is_(None), col(SourceRow.next_verify_at) <= now)
    query = select(SourceRow.id).where(col(SourceRow.channel).in_(channels), ready)
    return list(await session.exec(query.order_by(col(SourceRow.next_verify_at).nulls_first()).limit(limit)))


async def next_batch(session: AsyncSession, source: SourceRow, round_at: datetime, size: int) -> Batch:
    """What the round that began at `round_at` looks at next. Posts that came later are the next round's."""
    connection, after = await session.connection(), source.verified_up_to
    end = (await connection.execute(pick(_M.id).where(_M.id > after).order_by(_M.id).offset(STRETCH).limit(1))).scalar()
    columns = [_M[name] for name in ("id", "external_id", "thread_id", "url", "native", "addressed", "title", "text")]
    query = pick(*columns).where(_M.id > after, _M.received_at < round_at, *_stands(source))
    if end is not None:
        query = query.where(_M.id <= end)
    rows = list(await connection.execute(query.order_by(_M.id).limit(size)))
    through = len(rows) < size
    return Batch(
        held=tuple(Held(r.external_id, r.thread_id, r.url, r.addressed, dict(r.native)) for r in rows),
        words={row.external_id: f"{row.title}\n{row.text}" for row in rows},
        up_to=(end or after) if through else rows[-1].id,
        last=through and end is None,
    )


async def count(session: AsyncSession, source: SourceRow) -> int:
    """How many posts of the source there are to look at. Reads the whole table: only for sources whose looks are
    bounded, and take long for it."""
    query = pick(func.count()).select_from(table(MentionRow)).where(*_stands(source))
    return int((await (await session.connection()).execute(query)).scalar_one())


def _stands(source: SourceRow) -> tuple[Any, ...]:
    return _M.source_id == source.id, _M.status != "withdrawn", HAS_WORDS


async def apply(session: AsyncSession, page: PageIn) -> Stored:
    """Write what a look found: edited posts as if they were heard edited, and those that are gone. Nothing is told of
    the source: a look is no poll."""
    await take_turn(session, page.brand_id, page.channel)
    stored = Stored()
    shelf = Shelf(session, page.brand_id, page.channel)
    known = await shelf.mentions(arrival.mention.external_id for arrival in page.arrivals)
    again = [(known[name], a) for a in page.arrivals if (name := a.mention.external_id) in known]
    await write_known(session, page, shelf, again, stored)
    await withdraw(session, page, stored)
    return stored


async def move_on(session: AsyncSession, source: SourceRow, **values: Any) -> bool:
    """Say how the round stands, unless another worker did meanwhile."""
    same = (
        _S.id == source.id,
        _S.verified_up_to == source.verified_up_to,
        _S.verify_round_at.is_not_distinct_from(source.verify_round_at),
    )
    done = await (await session.connection()).execute(update(SourceRow).where(*same).values(**values))
    return bool(done.rowcount == 1)
