"""What the reports count. Every function takes the brands first; the moments are `since <= at < until`, in UTC.

Counting happens in the database where rows would be many; what percentiles need comes as narrow tuples. Who answered
when is read from transitions and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, String, Text, and_, case, cast, exists, false, func, literal_column, or_, text
from sqlalchemy import select as pick
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.coverage import timeline
from storage.promises import kept_in_time
from storage.tables import Brand, Case, Correction, Coverage, MentionRow, Promise, Reply, SourceRow, Topic, Transition

COUNTED: Final = ("kept", "received")
"""Statuses of a mention that counts."""

Offsets = Sequence[tuple[datetime, int]]
"""(until when, seconds east of UTC), in order: how local days are cut."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What is looked at: from when until when, and on which channel (all when empty)."""

    since: datetime
    until: datetime
    channel: str = ""


class MentionCount(NamedTuple):
    """How many posts share a local day (YYYY-MM-DD), channel, feeling, language, status and being a repost."""

    day: str
    channel: str
    label: str
    lang: str | None
    status: str
    is_repost: bool
    posts: int


class HourCount(NamedTuple):
    """How many mentions share a local hour (YYYY-MM-DD HH)."""

    hour: str
    posts: int


class CaseTimes(NamedTuple):
    """The moments of one case, in milliseconds since 1970 (a report may hold a hundred thousand of them).

    The first three say whether its post, its promised and its latest answer time lie in the period. `relevant`: it
    still holds a post that counts. `word_ms` and `answer_ms` are our first sent reply of any kind and our first sent
    answer; `closed_ms` is when it was last resolved, if it still is.
    """

    is_posted: bool
    is_due: bool
    is_limit: bool
    relevant: bool
    id: int
    posted_ms: int
    opened_ms: int
    due_ms: int | None
    limit_ms: int | None
    word_ms: int | None = None
    answer_ms: int | None = None
    closed_ms: int | None = None


class SentCase(NamedTuple):
    """A case to which we wrote, and whether all that was sent left as it was drafted."""

    case_id: int
    as_drafted: bool


class Rejection(NamedTuple):
    """A case with a rejected draft, and the reason."""

    case_id: int
    reason: str


class PromiseEnd(NamedTuple):
    """A promise whose moment fell into the period: its case, its status, and whether it was ever broken."""

    case_id: int
    status: str
    was_broken: bool


class SourceTimeline(NamedTuple):
    """A source with its stretches that touch the period, oldest first."""

    source: SourceRow
    stretches: list[Coverage]


class _Local(FunctionElement[str]):
    """The local time of a moment, given seconds east of UTC, in a form that each database spells in its own way."""

    type = String()
    inherit_cache = True
    sqlite: str
    postgresql: str


class LocalDay(_Local):
    """The local day of a moment as YYYY-MM-DD."""

    name = "local_day"
    inherit_cache = True
    sqlite, postgresql = "%Y-%m-%d", "YYYY-MM-DD"


class LocalHour(_Local):
    """The local hour of a moment as YYYY-MM-DD HH."""

    name = "local_hour"
    inherit_cache = True
    sqlite, postgresql = "%Y-%m-%d %H", "YYYY-MM-DD HH24"


@compiles(_Local, "sqlite")
def _local_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    moment, offset = (compiler.process(part, **kw) for part in element.clauses)
    return f"strftime('{element.sqlite}', {moment}, ({offset}) || ' seconds')"


@compiles(_Local, "postgresql")
def _local_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    moment, offset = (compiler.process(part, **kw) for part in element.clauses)
    return f"to_char({moment} AT TIME ZONE 'UTC' + ({offset}) * interval '1 second', '{element.postgresql}')"


async def _rows(session: AsyncSession, query: Any) -> list[Any]:
    # all at once: row by row costs more than the whole query
    return list((await (await session.connection()).execute(query)).all())


class Milliseconds(FunctionElement[int]):
    """A moment as whole milliseconds since 1970."""

    name = "milliseconds"
    type = BigInteger()
    inherit_cache = True


@compiles(Milliseconds, "sqlite")
def _milliseconds_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    (moment,) = (compiler.process(part, **kw) for part in element.clauses)
    return f"CAST(round((julianday({moment}) - 2440587.5) * 86400000.0) AS INTEGER)"


@compiles(Milliseconds, "postgresql")
def _milliseconds_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    (moment,) = (compiler.process(part, **kw) for part in element.clauses)
    return f"CAST(round(extract(epoch FROM {moment}) * 1000) AS bigint)"


def is_counted() -> Any:
    """The condition for a mention that counts: neither irrelevant nor removed, and no repost."""
    return and_(col(MentionRow.status).in_(COUNTED), col(MentionRow.is_repost).is_(False))


def is_repost() -> Any:
    """The condition for a repost that is neither irrelevant nor removed."""
    return and_(col(MentionRow.status).in_(COUNTED), col(MentionRow.is_repost).is_(True))


def is_corrected() -> Any:
    """The condition for a mention whose feeling a person put right."""
    return exists().where(
        col(Correction.mention_id) == col(MentionRow.id),
        col(Correction.kind) == "sentiment",
        col(Correction.status) == "standing",
    )


def _posts(brands: Sequence[int], cut: Cut) -> list[Any]:
    found = [
        col(MentionRow.brand_id).in_(brands),
        col(MentionRow.posted_at) >= cut.since,
        col(MentionRow.posted_at) < cut.until,
    ]
    return [*found, col(MentionRow.channel) == cut.channel] if cut.channel else found


async def mention_counts(
    session: AsyncSession, brands: Sequence[int], cut: Cut, offsets: Offsets
) -> list[MentionCount]:
    """Every post of the period in one pass, grouped by all that reports ask for."""
    query = (
        pick(
            LocalDay(col(MentionRow.posted_at), _offset(offsets)),
            col(MentionRow.channel),
            col(MentionRow.label),
            col(MentionRow.lang),
            col(MentionRow.status),
            col(MentionRow.is_repost),
            func.count(),
        )
        .where(*_posts(brands, cut))
        .group_by(text("1, 2, 3, 4, 5, 6"))
    )
    return [MentionCount(*row) for row in await _rows(session, query)]


async def hour_counts(session: AsyncSession, brands: Sequence[int], cut: Cut, offsets: Offsets) -> list[HourCount]:
    """How many mentions that count were written in each local hour; hours without any are not there."""
    query = (
        pick(LocalHour(col(MentionRow.posted_at), _offset(offsets)), func.count())
        .where(*_posts(brands, cut), is_counted())
        .group_by(text("1"))
    )
    return [HourCount(*row) for row in await _rows(session, query)]


def _offset(offsets: Offsets) -> Any:
    """The offset at a post's moment. Whole numbers of ours, written out: PostgreSQL must see one expression."""
    last: Any = literal_column(str(int(offsets[-1][1])))
    if len(offsets) == 1:
        return last
    whens: list[Any] = [
        (col(MentionRow.posted_at) < until, literal_column(str(int(east)))) for until, east in offsets[:-1]
    ]
    return case(*whens, else_=last)


async def topic_counts(session: AsyncSession, brands: Sequence[int], cut: Cut) -> dict[int, int]:
    """How many mentions that count matched each topic (by id)."""
    here = [*_posts(brands, cut), is_counted()]
    if session.get_bind().dialect.name == "postgresql":
        each = func.jsonb_array_elements_text(col(MentionRow.topic_ids)).table_valued("value").lateral()
    else:
        each = func.json_each(col(MentionRow.topic_ids)).table_valued("value")
    value = cast(each.c.value, Text)
    query = pick(value, func.count()).select_from(MentionRow).join(each, text("1 = 1")).where(*here).group_by(text("1"))
    return {int(row[0]): row[1] for row in await _rows(session, query)}


async def corrected(session: AsyncSession, brands: Sequence[int], cut: Cut) -> int:
    """How many mentions that count had their feeling put right by a person."""
    query = (
        pick(func.count())
        .select_from(Correction)
        .join(MentionRow, col(MentionRow.id) == col(Correction.mention_id))
        .where(col(Correction.kind) == "sentiment", col(Correction.status) == "standing")
        .where(*_posts(brands, cut), is_counted())
    )
    return int((await _rows(session, query))[0][0])


async def topic_names(session: AsyncSession, brands: Sequence[int]) -> dict[int, str]:
    """The topics of these brands by id."""
    rows = await session.exec(select(Topic.id, Topic.name).where(col(Topic.brand_id).in_(brands)))
    return {row[0]: row[1] for row in rows}


async def brand_names(session: AsyncSession, brands: Sequence[int]) -> dict[int, str]:
    """The brands by id, in the order of their names."""
    rows = await session.exec(select(Brand.id, Brand.name).where(col(Brand.id).in_(brands)).order_by(col(Brand.name)))
    return {row[0]: row[1] for row in rows}


async def voices(session: AsyncSession, brands: Sequence[int]) -> list[dict[str, Any]]:
    """How these brands are set."""
    return [brand.voice for brand in await session.exec(select(Brand).where(col(Brand.id).in_(brands)))]


async def channels(session: AsyncSession, brands: Sequence[int]) -> list[str]:
    """The channels these brands listen on."""
    query = select(SourceRow.channel).where(col(SourceRow.brand_id).in_(brands)).distinct()
    return sorted(await session.exec(query))


# --- cases -----------------------------------------------------------------------------------------------------


def _within(moment: Any, cut: Cut) -> Any:
    return and_(moment >= cut.since, moment < cut.until)


def _cases(brands: Sequence[int], cut: Cut) -> list[Any]:
    """Cases of which a post or a promise falls into the period; a promise is never older than its post."""
    moments = (col(Case.posted_at), col(Case.answer_due_at), col(Case.answer_limit_at))
    found = [
        col(Case.brand_id).in_(brands),
        ~col(Case.praise),
        col(Case.posted_at) < cut.until,
        or_(*(_within(moment, cut) for moment in moments)),
    ]
    return [*found, col(Case.channel) == cut.channel] if cut.channel else found


async def case_times(session: AsyncSession, brands: Sequence[int], cut: Cut) -> list[CaseTimes]:
    """The cases that were posted, or whose answer was promised for a moment, in the period."""
    here = _cases(brands, cut)
    sent, closed = await _sent(session, here), await _closed(session, here)
    relevant = exists().where(col(MentionRow.case_id) == col(Case.id), col(MentionRow.status).in_(COUNTED))
    query = pick(
        _within(col(Case.posted_at), cut),
        func.coalesce(_within(col(Case.answer_due_at), cut), false()),
        func.coalesce(_within(col(Case.answer_limit_at), cut), false()),
        relevant,
        col(Case.id),
        Milliseconds(col(Case.posted_at)),
        Milliseconds(col(Case.opened_at)),
        Milliseconds(col(Case.answer_due_at)),
        Milliseconds(col(Case.answer_limit_at)),
    ).where(*here)
    nothing = (None, None)
    rows = await _rows(session, query)
    return [CaseTimes._make((*row, *sent.get(row[4], nothing), closed.get(row[4]))) for row in rows]


async def _sent(session: AsyncSession, here: list[Any]) -> dict[int, tuple[int | None, int | None]]:
    first = func.min(col(Transition.at))
    query = (
        pick(col(Case.id), Milliseconds(first), Milliseconds(first.filter(col(Reply.kind) != "holding")))
        .join(Reply, col(Reply.case_id) == col(Case.id))
        .join(Transition, and_(col(Transition.noun) == "reply", col(Transition.row_id) == col(Reply.id)))
        .where(*here, col(Transition.new) == "sent")
        .group_by(col(Case.id))
    )
    return {row[0]: (row[1], row[2]) for row in await _rows(session, query)}


async def _closed(session: AsyncSession, here: list[Any]) -> dict[int, int]:
    query = (
        pick(col(Case.id), Milliseconds(func.max(col(Transition.at))))
        .join(Transition, and_(col(Transition.noun) == "case", col(Transition.row_id) == col(Case.id)))
        .where(*here, col(Case.status) == "resolved", col(Transition.new) == "resolved")
        .group_by(col(Case.id))
    )
    return {row[0]: row[1] for row in await _rows(session, query)}


# --- what people did with drafts -------------------------------------------------------------------------------


def _steps(brands: Sequence[int], cut: Cut, new: str) -> list[Any]:
    found = [
        col(Transition.brand_id).in_(brands),
        col(Transition.at) >= cut.since,
        col(Transition.at) < cut.until,
        col(Transition.noun) == "reply",
        col(Transition.new) == new,
    ]
    return [*found, col(Reply.channel) == cut.channel] if cut.channel else found


async def sent_cases(session: AsyncSession, brands: Sequence[int], cut: Cut) -> list[SentCase]:
    """Cases with a reply sent in the period."""
    edited = case((col(Reply.text) == col(Reply.first_text), 0), else_=1)
    query = (
        pick(col(Reply.case_id), func.max(edited))
        .join(Transition, col(Transition.row_id) == col(Reply.id))
        .where(*_steps(brands, cut, "sent"))
        .group_by(col(Reply.case_id))
    )
    return [SentCase(row[0], row[1] == 0) for row in await _rows(session, query)]


async def promises_due(session: AsyncSession, brands: Sequence[int], cut: Cut) -> list[PromiseEnd]:
    """Promises whose moment fell into the period, with how they stand; one that was broken once stays so, unless the
    reply that kept it had left by then."""
    ever = exists().where(
        col(Transition.noun) == "promise", col(Transition.row_id) == col(Promise.id), col(Transition.new) == "broken"
    )
    query = pick(col(Promise.case_id), col(Promise.status), and_(ever, ~kept_in_time())).where(
        col(Promise.brand_id).in_(brands),
        col(Promise.status).in_(("open", "kept", "broken")),
        _within(col(Promise.due_at), cut),
    )
    if cut.channel:
        query = query.join(Case, col(Case.id) == col(Promise.case_id)).where(col(Case.channel) == cut.channel)
    return [PromiseEnd(*row) for row in await _rows(session, query.order_by(col(Promise.id)))]


async def overruled(session: AsyncSession, brands: Sequence[int], cut: Cut) -> list[Rejection]:
    """Cases in which a finding was overruled in the period, with "rule: reason", oldest first."""
    query = (
        pick(col(Reply.case_id), col(Transition.why))
        .join(Transition, col(Transition.row_id) == col(Reply.id))
        .where(
            col(Transition.brand_id).in_(brands),
            _within(col(Transition.at), cut),
            col(Transition.noun) == "reply_check",
            col(Transition.new) == "overruled",
        )
        .order_by(col(Transition.id))
    )
    if cut.channel:
        query = query.where(col(Reply.channel) == cut.channel)
    return [Rejection(*row) for row in await _rows(session, query)]


async def rejections(session: AsyncSession, brands: Sequence[int], cut: Cut) -> list[Rejection]:
    """Cases with a draft that was rejected in the period and still is, once per reason (the last one given counts)."""
    later = Transition.__table__.alias("later")  # type: ignore[attr-defined]
    last = (
        pick(func.max(later.c.id))
        .where(later.c.noun == "reply", later.c.row_id == col(Reply.id), later.c.new == "rejected")
        .scalar_subquery()
    )
    query = (
        pick(col(Reply.case_id), col(Transition.why))
        .join(Transition, col(Transition.row_id) == col(Reply.id))
        .where(*_steps(brands, cut, "rejected"), col(Reply.status) == "rejected", col(Transition.id) == last)
        .distinct()
    )
    return [Rejection(*row) for row in await _rows(session, query)]


# --- what was not seen -----------------------------------------------------------------------------------------


async def source_timelines(session: AsyncSession, brands: Sequence[int], cut: Cut) -> list[SourceTimeline]:
    """Every source of these brands with its timeline, by channel and name."""
    query = select(SourceRow).where(col(SourceRow.brand_id).in_(brands))
    if cut.channel:
        query = query.where(col(SourceRow.channel) == cut.channel)
    rows = list(await session.exec(query.order_by(col(SourceRow.channel), col(SourceRow.name), col(SourceRow.id))))
    stretches: dict[int, list[Coverage]] = {}
    found = await timeline(session, [row.id for row in rows], cut.since, cut.until) if rows else []
    for stretch in found:
        stretches.setdefault(stretch.source_id, []).append(stretch)
    return [SourceTimeline(row, stretches.get(row.id, [])) for row in rows]


# --- the posts themselves --------------------------------------------------------------------------------------


async def posts_after(
    session: AsyncSession, brands: Sequence[int], cut: Cut, after: tuple[datetime, int] | None, limit: int
) -> list[tuple[MentionRow, str, bool]]:
    """One page of all items of the period with the names of their sources and whether a person put their feeling
    right, oldest first, beyond the key `after`."""
    query = (
        select(MentionRow, SourceRow.name, is_corrected())
        .join(SourceRow, col(SourceRow.id) == col(MentionRow.source_id))
        .where(*_posts(brands, cut))
        .order_by(col(MentionRow.posted_at), col(MentionRow.id))
        .limit(limit)
    )
    if after is not None:
        moment, row_id = after
        same = and_(col(MentionRow.posted_at) == moment, col(MentionRow.id) > row_id)
        query = query.where(or_(col(MentionRow.posted_at) > moment, same))
    return list(await session.exec(query))
