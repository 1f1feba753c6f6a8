"""What the queue and the head of every page read. Every function takes the brands that the person may see."""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, text
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput
from storage.json_lists import lists
from storage.replies import LIVE, waits_its_turn
from storage.signing import asks_change, awaits_second
from storage.tables import ID_BITS, Alert, Brand, Case, MentionRow, Reply, SourceRow, User

PAGE = 50
_TODO = text("case_file.status IN ('open','escalated')")
"""Written out, not bound: SQLite uses the partial index of the queue only for exactly these words."""
_OWED = and_(_TODO, ~col(Case.praise))
_PRAISE = and_(_TODO, col(Case.praise))
"""Praise has a lane of its own: it never stands before anybody in need."""
_DUE = {"15m": timedelta(minutes=15), "1h": timedelta(hours=1), "today": timedelta(hours=24)}


@dataclass(frozen=True, slots=True)
class Strip:
    """The head of every page: open alerts, sources in trouble, cases to do and those of them that are late."""

    alerts: int
    trouble: int
    todo: int
    late: int
    brands: dict[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """What the address of the queue says. `status` is todo, praise, a status, or all; `due` is late, 15m, 1h or today.

    `figure` names a figure of a report, `cases` are the cases behind it (None: not narrowed).
    """

    status: str = "todo"
    brand: int | None = None
    channel: str = ""
    label: str = ""
    lang: str = ""
    theme: str = ""
    due: str = ""
    draft: str = ""
    mine: int | None = None
    text: str = ""
    figure: str = ""
    cases: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue. The reply is the live one, if any."""

    case: Case
    assignee: str
    title: str
    text: str
    url: str
    mention_id: int | None
    """The post that its priority comes from, mostly the most urgent one: feeling and reasons are those of the case."""
    sentiment: float | None
    parts: list[Any]
    reply_id: int | None
    reply_status: str
    reply_version: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Rows in the explained order; `after` is the key of the next page, empty on the last."""

    rows: list[QueueRow]
    after: str


@dataclass(slots=True)
class Counts:
    """How many live cases each chip of the queue would leave."""

    status: Counter[str] = field(default_factory=Counter)
    channel: Counter[str] = field(default_factory=Counter)
    label: Counter[str] = field(default_factory=Counter)
    lang: Counter[str] = field(default_factory=Counter)
    late: int = 0
    mine: int = 0


async def strip(session: AsyncSession, brands: list[int], now: datetime) -> Strip:
    """Four counts and the names of the brands."""
    alerts = select(func.count()).where(col(Alert.brand_id).in_(brands), col(Alert.status) == "raised")
    trouble = select(func.count()).where(
        col(SourceRow.brand_id).in_(brands), col(SourceRow.status).in_(("failing", "stopped"))
    )
    todo = select(func.count(), func.count(col(Case.id)).filter(col(Case.next_due_at) <= now)).where(
        col(Case.brand_id).in_(brands), _OWED
    )
    names = select(Brand.id, Brand.name).where(col(Brand.id).in_(brands)).order_by(col(Brand.name))
    cases, late = (await session.exec(todo)).one()
    return Strip(
        alerts=(await session.exec(alerts)).one(),
        trouble=(await session.exec(trouble)).one(),
        todo=cases,
        late=late,
        brands={row[0]: row[1] for row in await session.exec(names)},
    )


async def queue(
    session: AsyncSession,
    brands: list[int],
    wanted: QueueFilter,
    now: datetime,
    *,
    after: str = "",
    limit: int = PAGE,
) -> QueuePage:
    """One page of the queue: priority first, then the least time left. BadInput when `after` is not a key of ours."""
    query = (
        sa_select(Case, *_OF_MENTION, *_OF_REPLY, col(User.name))
        .join(MentionRow, col(MentionRow.id) == col(Case.last_mention_id), isouter=True)
        .join(
            Reply,
            and_(col(Reply.case_id) == col(Case.id), col(Reply.status).in_(LIVE), ~waits_its_turn()),
            isouter=True,
        )
        .join(User, col(User.id) == col(Case.assignee_id), isouter=True)
        .where(col(Case.brand_id).in_(brands), *_conditions(wanted, now, session.get_bind().dialect.name))
        .order_by(col(Case.priority).desc(), col(Case.next_due_at).asc().nulls_last(), col(Case.id))
        .limit(limit + 1)
    )
    if after:
        query = query.where(_beyond(after))
    found = [_row(row) for row in await session.exec(query)]  # type: ignore[call-overload]
    rows = list({row.case.id: row for row in found}.values())
    rows = await _explained(session, rows)
    return QueuePage(rows[:limit], queue_key(rows[limit - 1].case) if len(rows) > limit else "")


async def _explained(session: AsyncSession, rows: list[QueueRow]) -> list[QueueRow]:
    """What a row says and puts right is the post that the priority of its case comes from, which need not be its last
    one: what is read is what a key corrects. A post without words any more is none to show."""
    several = [row.case.id for row in rows if row.case.mentions > 1]
    if not several:
        return rows
    query = sa_select(col(MentionRow.case_id), *_OF_MENTION).join(Case, col(Case.id) == col(MentionRow.case_id))
    query = query.where(col(Case.id).in_(several), or_(col(MentionRow.text) != "", col(MentionRow.title) != ""))
    query = query.order_by(col(MentionRow.priority) == col(Case.priority), col(MentionRow.priority), col(MentionRow.id))
    found = await (await session.connection()).execute(query)
    names = "title", "text", "url", "mention_id", "sentiment", "parts"
    loudest: dict[int | None, dict[str, Any]] = {
        case_id: dict(zip(names, values, strict=True)) for case_id, *values in found
    }
    return [replace(row, **loudest.get(row.case.id, {})) for row in rows]


_OF_MENTION = (
    col(MentionRow.title),
    col(MentionRow.text),
    col(MentionRow.url),
    col(MentionRow.id),
    col(MentionRow.sentiment),
    col(MentionRow.parts),
)
_OF_REPLY = (col(Reply.id), col(Reply.status), col(Reply.version))
"""Only what a row shows: reading whole rows of both tables took most of the time of a page."""


def _row(found: Any) -> QueueRow:
    case, title, text_, url, mention_id, sentiment, parts, reply_id, reply_status, reply_version, assignee = found
    return QueueRow(
        case=case,
        assignee=assignee or "",
        title=title or "",
        text=text_ or "",
        url=url or "",
        mention_id=mention_id,
        sentiment=sentiment,
        parts=parts or [],
        reply_id=reply_id,
        reply_status=reply_status or "",
        reply_version=reply_version or 0,
    )


def _conditions(wanted: QueueFilter, now: datetime, dialect: str) -> list[Any]:
    found: list[Any] = []
    if wanted.status in ("todo", "praise"):
        found.append(_OWED if wanted.status == "todo" else _PRAISE)
    elif wanted.status != "all":
        found.append(col(Case.status) == wanted.status)
    for column, value in (
        (col(Case.brand_id), wanted.brand),
        (col(Case.channel), wanted.channel),
        (col(Case.label), wanted.label),
        (col(Case.lang), wanted.lang),
        (col(Case.assignee_id), wanted.mine),
    ):
        if value:
            found.append(column == value)
    if wanted.theme:
        said = aliased(MentionRow, name="said")
        about = lists("said.themes", wanted.theme, dialect)
        found.append(select(said.id).where(col(said.case_id) == col(Case.id), about).correlate(Case).exists())
    if wanted.cases is not None:
        # written out, not bound: there may be more of them than either database takes parameters
        found.append(col(Case.id).in_(bindparam(None, list(wanted.cases), expanding=True, literal_execute=True)))
    if wanted.due == "late":
        found.append(col(Case.next_due_at) <= now)
    elif wanted.due in _DUE:
        found += [col(Case.next_due_at) > now, col(Case.next_due_at) <= now + _DUE[wanted.due]]
    if wanted.draft == "second":
        found.append(awaits_second())
    elif wanted.draft == "changes":
        found.append(asks_change())
    elif wanted.draft:
        found.append(col(Reply.status).is_(None) if wanted.draft == "none" else col(Reply.status) == wanted.draft)
    if wanted.text:
        found.append(
            or_(
                col(MentionRow.text).icontains(wanted.text, autoescape=True),
                col(MentionRow.title).icontains(wanted.text, autoescape=True),
                col(Case.author_handle).icontains(wanted.text, autoescape=True),
                col(Case.author_name).icontains(wanted.text, autoescape=True),
            )
        )
    return found


def queue_key(case: Case) -> str:
    """Where a row stands in the order, as text for an address."""
    due = case.next_due_at.isoformat() if case.next_due_at else ""
    return base64.urlsafe_b64encode(json.dumps([case.priority, due, case.id]).encode()).decode().rstrip("=")


def _beyond(key: str) -> Any:
    try:
        priority, due_text, case_id = json.loads(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)))
        due = datetime.fromisoformat(due_text) if due_text else None
        priority, case_id = float(priority), int(case_id)
        if case_id.bit_length() > ID_BITS or (due is not None and due.tzinfo is None):
            raise ValueError
        due = due.astimezone(UTC) if due else None
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError):
        raise BadInput("after: this is not a place in the queue; go back to its first page") from None
    same = col(Case.priority) == priority
    later_id = col(Case.id) > case_id
    if due is None:
        rest = and_(same, col(Case.next_due_at).is_(None), later_id)
    else:
        rest = and_(
            same,
            or_(
                col(Case.next_due_at) > due,
                col(Case.next_due_at).is_(None),
                and_(col(Case.next_due_at) == due, later_id),
            ),
        )
    return or_(col(Case.priority) < priority, rest)


async def counts(session: AsyncSession, brands: list[int], wanted: QueueFilter, me: int, now: datetime) -> Counts:
    """Counts of live cases by what the chips choose from: one grouped pass."""
    scope = [brand_id for brand_id in brands if wanted.brand in (None, brand_id)]
    number = func.count(col(Case.id))
    columns = (col(Case.status), col(Case.channel), col(Case.label), col(Case.lang), col(Case.praise))
    query = (
        sa_select(
            *columns, number, number.filter(col(Case.next_due_at) <= now), number.filter(col(Case.assignee_id) == me)
        )
        .where(col(Case.brand_id).in_(scope), col(Case.status) != "resolved")
        .group_by(*columns)
    )
    found = Counts()
    for status, channel, label, lang, praise, cases, late, mine in await (await session.connection()).execute(query):
        found.status[status] += cases
        if praise and status in ("open", "escalated"):
            found.status["praise"] += cases
        elif status in ("open", "escalated"):
            found.status["todo"] += cases
            found.channel[channel] += cases
            found.label[label] += cases
            found.lang[lang or ""] += cases
            found.late += late
            found.mine += mine
    return found


async def newest_case(session: AsyncSession, brands: list[int]) -> int:
    """The highest id of a case; 0 when there is none. Ids rise with time."""
    query = select(func.max(Case.id)).where(col(Case.brand_id).in_(brands))
    return (await session.exec(query)).one() or 0


async def new_since(session: AsyncSession, brands: list[int], case_id: int) -> int:
    """How many cases to do appeared after the one with this id."""
    query = select(func.count()).where(col(Case.brand_id).in_(brands), _OWED, col(Case.id) > case_id)
    return (await session.exec(query)).one()
