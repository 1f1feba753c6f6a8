"""What the grouping of mentions reads and writes. Which problem a mention tells of is decided in `scoring.problems`.

A brand's mentions are looked at by rising id. Ids rise in the order of commits within one process; between processes a
page may be committed a moment later than a newer one, so ids of the last minute are looked through again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, func, insert, update
from sqlalchemy import select as pick
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import MILLISECOND, id_at
from storage.tables import Grouping, MentionRow, Problem, Told, Transition, TroubleHour, table
from storage.transitions import move

ACTOR: Final = "system:grouping"
REACH: Final = timedelta(days=14)
"""How far back the first look at a brand goes."""
_AGAIN: Final = 60_000 * MILLISECOND
_COUNTS = ("kept", "received")
_M, _P, _T, _H = (table(model).c for model in (MentionRow, Problem, Told, TroubleHour))
_COLUMNS = (
    _M.id, _M.channel, _M.author_id, _M.author_handle, _M.title, _M.text, _M.lang, _M.label, _M.severity,
    _M.posted_at, _M.case_id, _M.same_as,
)  # fmt: skip
Kin = dict[int, int]
"""Mention -> problem (a root)."""


async def waits(session: AsyncSession, brand_id: int, now: datetime) -> bool:
    """Whether a brand has mentions that were not looked at."""
    grouping = await session.get(Grouping, brand_id)
    return bool(await _fresh(session, grouping or _first(brand_id, now), 1))


async def take(session: AsyncSession, brand_id: int, now: datetime) -> Grouping:
    """Where the brand's grouping stands, held for this transaction: one worker groups a brand at a time."""
    found = await session.get(Grouping, brand_id, with_for_update=True, populate_existing=True)
    if found is None:
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        values = _first(brand_id, now).model_dump()
        await session.exec(dialect.insert(table(Grouping)).values(**values).on_conflict_do_nothing())
        found = await session.get_one(Grouping, brand_id, with_for_update=True, populate_existing=True)
    return found


def _first(brand_id: int, now: datetime) -> Grouping:
    return Grouping(brand_id=brand_id, up_to=id_at(now - REACH), since=now)


async def take_fresh(session: AsyncSession, grouping: Grouping, limit: int) -> list[Row[Any]]:
    """The next mentions to look at, by rising id; `grouping` then stands behind them."""
    rows = await _fresh(session, grouping, limit)
    if rows:
        grouping.up_to = max(grouping.up_to, rows[-1].id)
        looked = [*grouping.looked, *(row.id for row in rows)]
        grouping.looked = [row_id for row_id in looked if row_id > grouping.up_to - _AGAIN]
        session.add(grouping)
    return rows


async def _fresh(session: AsyncSession, grouping: Grouping, limit: int) -> list[Row[Any]]:
    query = pick(*_COLUMNS).where(
        _M.id > grouping.up_to - _AGAIN,
        _M.brand_id == grouping.brand_id,
        _M.status.in_(_COUNTS),
        _M.id.not_in(grouping.looked),
    )
    return list(await (await session.connection()).execute(query.order_by(_M.id).limit(limit)))


async def mentions(session: AsyncSession, row_ids: Iterable[int]) -> list[Row[Any]]:
    """These mentions, as far as their words are still here, by rising id."""
    query = pick(*_COLUMNS).where(_M.id.in_(list(row_ids)), _M.status.in_(_COUNTS))
    return list(await (await session.connection()).execute(query.order_by(_M.id)))


async def kin_of(session: AsyncSession, rows: Sequence[Row[Any]]) -> Kin:
    """The problems of what belongs to these mentions: the post they copy, else the thread they stand in."""
    originals = {row.same_as for row in rows if row.same_as}
    cases = {row.case_id for row in rows if row.case_id}
    if not originals and not cases:
        return {}
    query = pick(_T.mention_id, _M.case_id, _P.root_id).join(table(Problem), _P.id == _T.problem_id)
    query = query.join(table(MentionRow), _M.id == _T.mention_id)
    query = query.where(_M.case_id.in_(cases) | _M.id.in_(originals)).order_by(_T.mention_id.desc())
    found = list(await (await session.connection()).execute(query))
    by_mention = {mention_id: root for mention_id, _, root in found}
    by_case = {case_id: root for _, case_id, root in found if case_id}
    known = {row.id: by_case.get(row.case_id, by_mention.get(row.same_as)) for row in rows}
    return {mention_id: root for mention_id, root in known.items() if root is not None}


async def locked(session: AsyncSession, problem_ids: Iterable[int]) -> dict[int, Problem]:
    """These problems, held for this transaction, by id."""
    query = select(Problem).where(col(Problem.id).in_(list(problem_ids))).order_by(col(Problem.id)).with_for_update()
    return {row.id: row for row in await session.exec(query.execution_options(populate_existing=True))}


async def tell(session: AsyncSession, pairs: Sequence[tuple[int, int]]) -> None:
    """Store (mention, problem) pairs."""
    if pairs:
        rows = [{"mention_id": mention_id, "problem_id": problem_id} for mention_id, problem_id in pairs]
        await (await session.connection()).execute(insert(table(Told)), rows)


async def reopen(session: AsyncSession, problem: Problem, told_at: datetime, now: datetime) -> None:
    """A problem that was resolved before this post was written is open again."""
    if problem.status == "resolved" and told_at > await _resolved_at(session, problem.id):
        await move(
            session,
            "problem",
            problem.id,
            "resolved",
            "open",
            brand_id=problem.brand_id,
            actor=ACTOR,
            now=now,
            why="told again after it was resolved",
        )
        problem.status = "open"


async def _resolved_at(session: AsyncSession, problem_id: int) -> datetime:
    query = select(Transition.at).where(
        Transition.noun == "problem", Transition.row_id == problem_id, Transition.new == "resolved"
    )
    return (await session.exec(query.order_by(col(Transition.id).desc()).limit(1))).one()


async def count_hours(session: AsyncSession, brand_id: int, counts: dict[tuple[datetime, str], int]) -> None:
    """Add to how many mentions named a cause in an hour (its start)."""
    if not counts:
        return
    connection = await session.connection()
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    rows = [
        {"brand_id": brand_id, "hour_at": hour_at, "cause": cause, "mentions": count}
        for (hour_at, cause), count in sorted(counts.items())
    ]
    adding = dialect.insert(table(TroubleHour))
    keys = [_H.brand_id, _H.hour_at, _H.cause]
    grown = {"mentions": _H.mentions + adding.excluded.mentions}
    await connection.execute(adding.on_conflict_do_update(index_elements=keys, set_=grown), rows)


async def hours_of(session: AsyncSession, brand_id: int, cause: str, hours: Iterable[datetime]) -> dict[datetime, int]:
    """How many mentions named the cause in each of these hours."""
    query = pick(_H.hour_at, _H.mentions).where(
        _H.brand_id == brand_id, _H.cause == cause, _H.hour_at.in_(sorted(set(hours)))
    )
    return {row.hour_at: row.mentions for row in await (await session.connection()).execute(query)}


async def known_since(session: AsyncSession, brand_id: int) -> datetime:
    """Since when a brand's troubles are counted."""
    query = select(Grouping.since).where(Grouping.brand_id == brand_id)
    return (await session.exec(query)).first() or datetime.max.replace(tzinfo=UTC)


async def forget_hours(session: AsyncSession, before: datetime) -> None:
    """Counts that nobody compares with any more."""
    await session.exec(table(TroubleHour).delete().where(_H.hour_at < before))


async def lively(session: AsyncSession, brand_id: int, since: datetime) -> list[Problem]:
    """Open problems that were told of lately, or whose spike has not ended."""
    recent = (col(Problem.last_at) >= since) | col(Problem.spike_since).is_not(None)
    query = select(Problem).where(Problem.brand_id == brand_id, Problem.status == "open", recent)
    return list(await session.exec(query.order_by(col(Problem.last_at).desc()).limit(200)))


async def people_since(session: AsyncSession, problem_ids: Sequence[int], since: datetime) -> dict[int, int]:
    """How many different people told of each problem (a root, with what was merged into it) since then."""
    who = _M.channel + ":" + func.coalesce(func.nullif(_M.author_id, ""), _M.author_handle)
    query = pick(_P.root_id, func.count(func.distinct(who))).join(table(Told), _T.problem_id == _P.id)
    query = query.join(table(MentionRow), _M.id == _T.mention_id)
    query = query.where(_P.root_id.in_(list(problem_ids)), _M.status.in_(_COUNTS), _M.posted_at > since)
    return dict((await (await session.connection()).execute(query.group_by(_P.root_id))).all())


async def mark_spike(
    session: AsyncSession, problem: Problem, since: datetime | None, people: int, usual: float
) -> None:
    """Note that more people than usual tell of it, or (None) no longer do."""
    change = update(table(Problem)).where(_P.id == problem.id, _P.status == "open")
    rounded = round(usual, 2)
    await session.exec(change.values(spike_since=since, spike_people=people, spike_usual=rounded))
