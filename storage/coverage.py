"""The coverage timeline of a source: what was seen, what was not, and what was caught up later.

States: `seen` (polls went well), `gap` (posts of this stretch may be missing), `late` (it was a gap, and a poll that
went on from its cursor read it afterwards), `paused` (a person switched the source off).

A gap at the very end is open: the next complete poll decides whether it was caught up. A gap that the network itself
tells of (a feed that rolled over) is closed at once and stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, update
from sqlalchemy import select as pick
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from domain.ids import ids
from storage.driver import Query, fetch
from storage.tables import Coverage, SourceRow, UtcDateTime, table

NOT_POLLED = "not polled: Earshot was stopped, or too busy"
NOT_PUSHED = "nothing was pushed to us for longer than is normal"
_OPEN_GAPS = 100
_LONGEST_GAP = timedelta(days=30)


_COLUMNS = table(Coverage).c
_NOW = bindparam("now", type_=UtcDateTime)
_GROW = (
    update(table(Coverage))
    .where(
        _COLUMNS.id
        == pick(_COLUMNS.id)
        .where(_COLUMNS.source_id == bindparam("source"))
        .order_by(_COLUMNS.started_at.desc(), _COLUMNS.id.desc())
        .limit(1)
        .scalar_subquery(),
        _COLUMNS.state == "seen",
        _COLUMNS.ended_at >= bindparam("earliest", type_=UtcDateTime),
    )
    .values(ended_at=case((_COLUMNS.ended_at < _NOW, _NOW), else_=_COLUMNS.ended_at))
    .returning(_COLUMNS.id)
)


async def last_stretch(session: AsyncSession, source_id: int) -> Coverage | None:
    """The newest stretch of this source."""
    return (await session.exec(_newest_first(source_id).limit(1))).first()


def _newest_first(source_id: int) -> SelectOfScalar[Coverage]:
    query = select(Coverage).where(col(Coverage.source_id) == source_id)
    return query.order_by(col(Coverage.started_at).desc(), col(Coverage.id).desc())


async def extend(session: AsyncSession, source_id: int, state: str, now: datetime, reason: str = "") -> None:
    """The source is in `state` up to `now`: the last stretch grows, or a new one begins where it ended."""
    last = await last_stretch(session, source_id)
    if last is not None and last.state == state and (not reason or last.reason == reason):
        await _set(session, last, ended_at=max(last.ended_at, now))
        return
    await _begin(session, source_id, state, last.ended_at if last is not None else now, now, reason)


def growing(source_id: int, now: datetime, patience_s: float) -> Query:
    """What nearly every complete poll does: the last stretch grows. Gives no row when `seen` must decide."""
    return Query(_GROW, {"source": source_id, "now": now, "earliest": now - timedelta(seconds=patience_s)})


async def seen(
    session: AsyncSession, source_id: int, now: datetime, *, patience_s: float, resumed: bool, why: str = NOT_POLLED
) -> None:
    """A poll is complete. `resumed` says that it went on from where the one before stopped.

    What lies between the last good poll and now is seen too, unless that is longer than `patience_s`, or polls failed
    meanwhile: then it was caught up late when this poll resumed, and it is a gap when it began anew. `why` says what
    was amiss when it took too long.
    """
    usual = growing(source_id, now, patience_s)
    if await fetch(await session.connection(), usual.statement, usual.values):
        return None
    last = await last_stretch(session, source_id)
    if last is None:
        return await _begin(session, source_id, "seen", now, now)
    found = "late" if resumed else "gap"
    if last.state == "seen":
        await _begin(session, source_id, found, last.ended_at, now, why)
    elif last.state == "gap":
        await _close_gaps(session, source_id, last, found, now)
    else:
        return await _begin(session, source_id, "seen", last.ended_at, now)
    await _begin(session, source_id, "seen", now, now)


async def _close_gaps(session: AsyncSession, source_id: int, last: Coverage, state: str, now: datetime) -> None:
    """The open gap ends now; it and those right before it were one break."""
    await _set(session, last, ended_at=max(last.ended_at, now))
    for stretch in list(await session.exec(_newest_first(source_id).limit(_OPEN_GAPS))):
        if stretch.state != "gap":
            return
        await _set(session, stretch, state=state)


async def missed(session: AsyncSession, source_id: int, now: datetime, reason: str) -> None:
    """The network says that posts since the last good poll are out of reach: a gap that nothing closes."""
    await extend(session, source_id, "gap", now, reason)
    await _begin(session, source_id, "seen", now, now)


async def _set(session: AsyncSession, stretch: Coverage, **values: object) -> None:
    await session.exec(update(Coverage).where(col(Coverage.id) == stretch.id).values(**values))


async def _begin(
    session: AsyncSession, source_id: int, state: str, started_at: datetime, ended_at: datetime, reason: str = ""
) -> None:
    row = Coverage(
        id=ids.next(ended_at),
        source_id=source_id,
        started_at=started_at,
        ended_at=max(started_at, ended_at),
        state=state,
        reason=reason,
    )
    session.add(row)
    await session.flush()


async def timeline(session: AsyncSession, source_ids: list[int], since: datetime, until: datetime) -> list[Coverage]:
    """All stretches of these sources that touch the period, oldest first."""
    query = (
        select(Coverage)
        .where(
            col(Coverage.source_id).in_(source_ids), col(Coverage.ended_at) >= since, col(Coverage.started_at) <= until
        )
        .order_by(col(Coverage.source_id), col(Coverage.started_at), col(Coverage.id))
    )
    return list(await session.exec(query))


async def recent_gaps(session: AsyncSession, brands: Sequence[int], since: datetime) -> list[tuple[str, float]]:
    """Sources of these brands of which posts since then may be missing, with how many seconds of gaps that is."""
    query = (
        select(SourceRow.id, SourceRow.name, Coverage.started_at, Coverage.ended_at)
        .join(SourceRow, col(SourceRow.id) == col(Coverage.source_id))
        .where(
            col(SourceRow.brand_id).in_(brands),
            Coverage.state == "gap",
            col(Coverage.started_at) >= since - _LONGEST_GAP,
            col(Coverage.ended_at) > since,
        )
    )
    seconds: dict[tuple[int, str], float] = {}
    for source_id, name, started_at, ended_at in await session.exec(query.order_by(col(SourceRow.name))):
        lost = (ended_at - max(started_at, since)).total_seconds()
        seconds[source_id, name] = seconds.get((source_id, name), 0.0) + lost
    return [(name, lost) for (_, name), lost in seconds.items() if lost > 0]
