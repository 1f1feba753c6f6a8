"""The way in: one page is one transaction with its cursor.

Steps of `store_page`, in this order inside one transaction:

1. take the writer's turn (SQLite: BEGIN IMMEDIATE; PostgreSQL: one lock per brand and channel), so that two sources
   that serve the same post meet each other's rows instead of racing;
2. look up, once per page, what we already hold: posts, copies, threads, cases;
3. decide for each post with the pure rules of `domain.arrival`: new, edited or seen;
4. write in bulk: cases, mentions, requests for drafts, history;
5. move the cursor, the coverage and the counters of the source.

Dying anywhere before the commit leaves everything as it was; the page is then fetched and decided again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, or_, text, update
from sqlalchemy import select as pick
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.crashpoint import crashpoint
from domain.ids import ids
from domain.mention import Mention, Score, content_hash, text_hash
from domain.ports import Cursor, Unreadable
from domain.sla import Policy, due
from storage.bulk import formed, insert_formed, insert_rows
from storage.coverage import extend
from storage.held import Known, Shelf
from storage.replies import cases_with_live_reply, stale_replies
from storage.tables import Case, MentionRow, Quarantine, Reply, SourceRow, table
from storage.transitions import entry, record

_LISTENER = "system:listener"
_SAMPLE_CHARS = 500
_M, _C, _R, _S = (table(model).c for model in (MentionRow, Case, Reply, SourceRow))


@dataclass(frozen=True, slots=True)
class Arrival:
    """One post that matched: what the channel gave, what scoring found, which topics it belongs to."""

    mention: Mention
    score: Score | None
    topic_ids: list[int]


@dataclass(frozen=True, slots=True)
class PageIn:
    """A page on its way into the database. `history` marks posts from before we listened: kept, but no case."""

    source_id: int
    brand_id: int
    channel: str
    arrivals: Sequence[Arrival]
    cursor: Cursor | None
    now: datetime
    policy: Policy
    seen: int = 0
    withdrawn: tuple[str, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    gap: str | None = None
    keep_cursor: bool = False
    history_before: datetime | None = None


@dataclass(slots=True)
class Stored:
    """What one page changed. `cases` are the ids of cases opened or changed (for live pages)."""

    new: int = 0
    edited: int = 0
    seen_again: int = 0
    withdrawn: int = 0
    quarantined: int = 0
    cases: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Held:
    """What the database already holds of a page."""

    shelf: Shelf
    mentions: dict[str, Known]
    copies: dict[int, int]
    threads: dict[str, str]
    cases: dict[str, Case]


async def store_page(session: AsyncSession, page: PageIn) -> Stored:
    """Store one page with its cursor. Feeding the same page again changes nothing but counters."""
    await _take_turn(session, page)
    held = await _look_up(session, page)
    stored = Stored()
    crashpoint("ingest.before_insert")
    await _write_new(session, page, held, stored)
    await _write_addressed(session, page, held)
    await _write_edits(session, page, held, stored)
    await _withdraw(session, page, stored)
    await _quarantine(session, page, stored)
    crashpoint("ingest.before_cursor")
    await _move_source(session, page, stored)
    crashpoint("ingest.before_commit")
    return stored


async def _take_turn(session: AsyncSession, page: PageIn) -> None:
    if session.get_bind().dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:brand, hashtext(:channel))")
        await (await session.connection()).execute(lock, {"brand": page.brand_id & 0x7FFFFFFF, "channel": page.channel})


async def _look_up(session: AsyncSession, page: PageIn) -> _Held:
    shelf = Shelf(session, page.brand_id, page.channel)
    names = {a.mention.external_id for a in page.arrivals}
    parents = {a.mention.parent_id for a in page.arrivals if a.mention.parent_id}
    mentions = await shelf.mentions(names | parents)
    threads = {name: row.thread_id for name, row in mentions.items()}
    if missing := parents - set(mentions):
        threads |= await shelf.our_threads(missing)
    wanted = {_thread(a.mention, threads) for a in page.arrivals if a.mention.external_id not in mentions}
    return _Held(shelf, mentions, {}, threads, await shelf.cases(wanted))


def _thread(mention: Mention, threads: dict[str, str]) -> str:
    return threads.get(mention.parent_id or "", mention.thread_id)


async def _write_new(session: AsyncSession, page: PageIn, held: _Held, stored: Stored) -> None:
    fresh = _first_of_each(a for a in page.arrivals if a.mention.external_id not in held.mentions)
    if not fresh:
        return
    hashes = [text_hash(a.mention.full_text) for a in fresh]
    held.copies = await held.shelf.copies(hashes)
    mention_rows: list[list[Any]] = []
    case_rows: dict[str, _NewCase] = {}
    joined: dict[int, _Joined] = {}
    for arrival, copy_hash in zip(fresh, hashes, strict=True):
        mention = arrival.mention
        row_id = ids.next(page.now)
        thread = _thread(mention, held.threads)
        held.threads[mention.external_id] = thread
        case_id = _case_for(page, arrival, row_id, thread, held, case_rows, joined)
        same_as = held.copies.setdefault(copy_hash, row_id)
        mention_rows.append(_mention_row(page, arrival, row_id, case_id, thread, copy_hash, same_as))
    connection = await session.connection()
    await insert_rows(connection, table(Case), [new.row for new in case_rows.values()])
    await insert_rows(connection, table(MentionRow), mention_rows)
    await _request_drafts(
        session, page, [(new.row[0], new.last_mention) for new in case_rows.values() if new.wants_draft]
    )
    await _join_cases(session, page, joined)
    stored.new = len(fresh)
    stored.cases += [new.row[0] for new in case_rows.values()] + list(joined)


def _first_of_each(arrivals: Iterable[Arrival]) -> list[Arrival]:
    """A page may serve a post twice; the last version of it counts."""
    return list({arrival.mention.external_id: arrival for arrival in arrivals}.values())


@dataclass(slots=True)
class _NewCase:
    row: list[Any]
    last_mention: int
    wants_draft: bool


@dataclass(slots=True)
class _Joined:
    """A held case that got new mentions."""

    case: Case
    arrivals: list[tuple[int, Arrival]] = field(default_factory=list)


def _case_for(
    page: PageIn,
    arrival: Arrival,
    mention_id: int,
    thread: str,
    held: _Held,
    new: dict[str, _NewCase],
    joined: dict[int, _Joined],
) -> int | None:
    """The case this mention belongs to: a held one, one that this page opens, or none."""
    if case := held.cases.get(thread):
        joined.setdefault(case.id, _Joined(case)).arrivals.append((mention_id, arrival))
        return case.id
    if thread in new:
        _extend_new(new[thread], arrival, mention_id)
        return int(new[thread].row[0])
    score = arrival.score
    too_old = page.history_before is not None and arrival.mention.posted_at < page.history_before
    if score is None or not score.needs_answer or too_old:
        return None
    new[thread] = _NewCase(_case_row(page, arrival, score, mention_id, thread), mention_id, True)
    return int(new[thread].row[0])


_CASE_COLUMNS = [column.name for column in table(Case).columns]
_PRIORITY, _SEVERITY, _LABEL, _MENTIONS, _LAST_AT, _LAST_ID, _WHY = (
    _CASE_COLUMNS.index(name)
    for name in ("priority", "severity", "label", "mentions", "last_mention_at", "last_mention_id", "why")
)


def _extend_new(new: _NewCase, arrival: Arrival, mention_id: int) -> None:
    score, row = arrival.score, new.row
    row[_MENTIONS] += 1
    row[_LAST_AT] = max(row[_LAST_AT], arrival.mention.posted_at)
    row[_LAST_ID] = new.last_mention = mention_id
    if score is not None and score.priority > row[_PRIORITY]:
        row[_PRIORITY], row[_SEVERITY], row[_LABEL], row[_WHY] = (
            score.priority,
            score.severity,
            score.label,
            score.why,
        )


def _case_row(page: PageIn, arrival: Arrival, score: Score, mention_id: int, thread: str) -> list[Any]:
    """One case in the order of the table's columns (a test holds the two together)."""
    mention = arrival.mention
    clocks = due(page.policy, mention.posted_at)
    return [
        ids.next(page.now),
        page.brand_id,
        page.channel,
        thread,
        mention.author_id or mention.author_handle,
        mention.author_handle,
        mention.author_name,
        "open",
        None,  # assignee
        score.lang,
        score.label,
        score.severity,
        score.priority,
        score.why,
        page.now,
        mention.posted_at,
        mention.posted_at,
        mention_id,
        1,
        clocks.ack,
        clocks.answer,
        clocks.limit,
        clocks.resolve,
        min(clocks.ack, clocks.answer),
        None,  # snoozed until
        1,
    ]


def _mention_row(
    page: PageIn, arrival: Arrival, row_id: int, case_id: int | None, thread: str, copy_hash: int, same_as: int
) -> list[Any]:
    m, s = arrival.mention, arrival.score
    return [
        row_id,
        page.brand_id,
        page.source_id,
        case_id,
        page.channel,
        m.external_id,
        thread,
        m.parent_id,
        m.url,
        m.title,
        m.text,
        m.author_id,
        m.author_handle,
        m.author_name,
        m.author_followers,
        m.shares,
        m.addressed,
        m.is_repost,
        m.posted_at,
        page.now,
        m.edited_at,
        content_hash(m.title, m.text),
        copy_hash,
        None if same_as == row_id else same_as,
        m.native,
        arrival.topic_ids,
        "received" if s is None else "kept",
        s.lang if s else m.lang_tag,
        s.sentiment if s else None,
        s.label if s else "unsure",
        s.severity if s else 0,
        s.priority if s else 0.0,
        s.parts if s else (),
        1,
    ]


def _reply_template() -> list[Any]:
    empty = Reply(id=0, brand_id=0, case_id=0, mention_id=0, channel="", created_at=datetime.min.replace(tzinfo=UTC))
    return [getattr(empty, column.name) for column in table(Reply).columns]


# Building a model object for each row would cost more than all the rest of the page.
_REPLY = _reply_template()
_REPLY_AT = {column.name: place for place, column in enumerate(table(Reply).columns)}
_ID, _CASE, _MENTION = (_REPLY_AT[name] for name in ("id", "case_id", "mention_id"))


async def _request_drafts(session: AsyncSession, page: PageIn, wanted: Sequence[tuple[int, int]]) -> None:
    """One requested reply for each (case, mention to answer). They differ by ids only, so the rest is formed once."""
    template = _REPLY.copy()
    shared = {"brand_id": page.brand_id, "channel": page.channel, "due_at": page.now, "created_at": page.now}
    for name, value in shared.items():
        template[_REPLY_AT[name]] = value
    formed(session.get_bind().dialect.name, table(Reply), [template])
    rows = []
    for case_id, mention_id in wanted:
        row = template.copy()
        row[_ID], row[_CASE], row[_MENTION] = ids.next(page.now), case_id, mention_id
        rows.append(row)
    await insert_formed(await session.connection(), table(Reply), rows)


async def _join_cases(session: AsyncSession, page: PageIn, joined: dict[int, _Joined]) -> None:
    """New words in a thread: the case wakes or reopens, drafts on the old words go stale, a new one is asked for."""
    if not joined:
        return
    history, wanting = [], {}
    for case_id, join in joined.items():
        case, mention_id = join.case, join.arrivals[-1][0]
        wants = any(a.score is not None and a.score.needs_answer for _, a in join.arrivals)
        if wants:
            wanting[case_id] = mention_id
        if wants and case.status in ("snoozed", "waiting", "resolved"):
            history.append(_step(page, "case", case_id, case.status, "open", "the author wrote again"))
        await (await session.connection()).execute(_joined_update(page, case, join, mention_id, wants))
    await record(session, history)
    for case_id, _ in await stale_replies(session, list(joined), page.now, why="the thread has a new message"):
        wanting.setdefault(case_id, joined[case_id].arrivals[-1][0])  # the old draft is gone, the answer is still owed
    covered = await cases_with_live_reply(session, list(wanting))
    await _request_drafts(session, page, [item for item in wanting.items() if item[0] not in covered])


def _step(page: PageIn, noun: str, row_id: int, old: str, new: str, why: str) -> dict[str, Any]:
    return entry(noun, row_id, old, new, brand_id=page.brand_id, actor=_LISTENER, now=page.now, why=why)


def _joined_update(page: PageIn, case: Case, join: _Joined, mention_id: int, wants: bool) -> Any:
    scores = [a.score for _, a in join.arrivals if a.score is not None]
    top = max(scores, key=lambda s: s.priority, default=None)
    values: dict[str, Any] = {
        "mentions": _C.mentions + len(join.arrivals),
        "last_mention_at": max([case.last_mention_at, *(a.mention.posted_at for _, a in join.arrivals)]),
        "last_mention_id": mention_id,
        "version": _C.version + 1,
    }
    if wants:
        values |= {"status": "escalated" if case.status == "escalated" else "open", "snoozed_until": None}
        values["next_due_at"] = _owed_again(page, case, join)
    if top is not None and (top.priority > case.priority or case.status in ("waiting", "resolved")):
        values |= {"priority": top.priority, "severity": top.severity, "label": top.label, "why": top.why}
    return update(Case).where(_C.id == case.id).values(**values)


def _owed_again(page: PageIn, case: Case, join: _Joined) -> datetime:
    """What is owed next: an unanswered case keeps its clock, an answered one gets a new answer time."""
    if case.next_due_at is not None and case.status in ("open", "escalated", "snoozed"):
        return case.next_due_at
    return due(page.policy, min(a.mention.posted_at for _, a in join.arrivals)).answer


async def _write_addressed(session: AsyncSession, page: PageIn, held: _Held) -> None:
    """A post known from a public list turns out to name us: only now may it be answered by API, with these facts."""
    for arrival in page.arrivals:
        row = held.mentions.get(arrival.mention.external_id)
        if row is None or row.addressed or row.status == "withdrawn" or not arrival.mention.addressed:
            continue
        values = {"addressed": True, "native": arrival.mention.native, "version": _M.version + 1}
        await (await session.connection()).execute(update(MentionRow).where(_M.id == row.id).values(**values))


async def _write_edits(session: AsyncSession, page: PageIn, held: _Held, stored: Stored) -> None:
    changed: list[dict[str, Any]] = []
    cases: list[int] = []
    for arrival in _first_of_each(a for a in page.arrivals if a.mention.external_id in held.mentions):
        row, mention = held.mentions[arrival.mention.external_id], arrival.mention
        new_hash = content_hash(mention.title, mention.text)
        if row.content_hash == new_hash or row.status == "withdrawn":
            stored.seen_again += 1
            continue
        changed.append(_edit_values(arrival, row.id, new_hash))
        if row.case_id:
            cases.append(row.case_id)
    if not changed:
        return
    mentions = table(MentionRow)
    names = [name for name in changed[0] if name != "row_id"]
    statement = (
        update(mentions)
        .where(mentions.c.id == bindparam("row_id"))
        .values(version=mentions.c.version + 1, **{name: bindparam(f"new_{name}") for name in names})
    )
    rows = [{"row_id": c["row_id"]} | {f"new_{name}": c[name] for name in names} for c in changed]
    await (await session.connection()).execute(statement, rows)
    stale = await stale_replies(session, cases, page.now, why="the author edited the post")
    await _request_drafts(session, page, stale)  # the answer is still owed, to the new words
    stored.edited = len(changed)
    stored.cases += cases


def _edit_values(arrival: Arrival, row_id: int, new_hash: str) -> dict[str, Any]:
    m, s = arrival.mention, arrival.score
    values = {
        "row_id": row_id,
        "title": m.title,
        "text": m.text,
        "edited_at": m.edited_at,
        "content_hash": new_hash,
        "text_hash": text_hash(m.full_text),
        "native": m.native,
    }
    if s is not None:
        values |= {"lang": s.lang, "sentiment": s.sentiment, "label": s.label, "severity": s.severity}
        values |= {"priority": s.priority, "parts": list(s.parts)}
    return values


def _withdrawn(names: tuple[str, ...]) -> ColumnElement[bool]:
    """Rows with these native ids. A name that ends with "/" stands for all posts of an account."""
    accounts = {name for name in names if name.endswith("/")}
    whole = [_M.external_id.startswith(name, autoescape=True) for name in accounts]
    return or_(_M.external_id.in_(set(names) - accounts), *whole)


async def _withdraw(session: AsyncSession, page: PageIn, stored: Stored) -> None:
    """The author removed it: the text and the name go too, a draft on it goes stale, an otherwise empty case closes."""
    if not page.withdrawn:
        return
    found = await (await session.connection()).execute(
        pick(_M.id, _M.status, _M.case_id).where(
            _M.brand_id == page.brand_id,
            _M.channel == page.channel,
            _withdrawn(page.withdrawn),
            _M.status != "withdrawn",
        )
    )
    rows = list(found)
    if not rows:
        return
    why = "the author removed the post"
    await (await session.connection()).execute(
        update(MentionRow)
        .where(_M.id.in_([row.id for row in rows]))
        .values(
            status="withdrawn",
            text="",
            title="",
            author_id="",
            author_handle="",
            author_name="",
            native={},
            text_hash=0,
            version=_M.version + 1,
        )
    )
    await record(session, [_step(page, "mention", r.id, r.status, "withdrawn", why) for r in rows])
    cases = [row.case_id for row in rows if row.case_id]
    await _close_empty(session, page, cases, why)
    stale = await stale_replies(session, cases, page.now, why=why)
    await _request_drafts(session, page, await _still_said(session, [case_id for case_id, _ in stale]))
    stored.withdrawn = len(rows)
    stored.cases += cases


async def _still_said(session: AsyncSession, case_ids: list[int]) -> list[tuple[int, int]]:
    """The newest mention that is left in each of these cases: it is still owed an answer."""
    if not case_ids:
        return []
    left = await (await session.connection()).execute(
        pick(_M.case_id, func.max(_M.id)).where(_M.case_id.in_(case_ids), _M.status != "withdrawn").group_by(_M.case_id)
    )
    return [(row[0], row[1]) for row in left]


async def _close_empty(session: AsyncSession, page: PageIn, cases: list[int], why: str) -> None:
    left = pick(_M.case_id).where(_M.case_id.in_(cases), _M.status != "withdrawn")
    empty = await (await session.connection()).execute(
        pick(_C.id, _C.status).where(_C.id.in_(cases), _C.id.not_in(left), _C.status != "resolved")
    )
    rows = list(empty)
    if not rows:
        return
    await (await session.connection()).execute(
        update(Case)
        .where(_C.id.in_([row.id for row in rows]))
        .values(
            status="resolved",
            next_due_at=None,
            author_id="",
            author_handle="",
            author_name="",
            version=_C.version + 1,
        )
    )
    await record(session, [_step(page, "case", r.id, r.status, "resolved", why) for r in rows])


async def _quarantine(session: AsyncSession, page: PageIn, stored: Stored) -> None:
    for item in page.unreadable:
        session.add(
            Quarantine(
                id=ids.next(page.now),
                source_id=page.source_id,
                at=page.now,
                place=item.where,
                why=item.why,
                sample=item.sample[:_SAMPLE_CHARS].decode("utf-8", "backslashreplace").replace("\x00", "\\x00"),
            )
        )
    stored.quarantined = len(page.unreadable)


async def _move_source(session: AsyncSession, page: PageIn, stored: Stored) -> None:
    values: dict[str, Any] = {
        "last_ok_at": page.now,
        "seen": _S.seen + page.seen,
        "stored": _S.stored + stored.new,
    }
    if page.keep_cursor:
        values["late"] = _S.late + stored.new
    else:
        values["cursor"] = page.cursor
    if page.arrivals or page.seen:
        values["last_mention_at"] = page.now
    await (await session.connection()).execute(update(SourceRow).where(_S.id == page.source_id).values(**values))
    await extend(session, page.source_id, "seen", page.now)
    if page.gap:
        await extend(session, page.source_id, "gap", page.now + timedelta(microseconds=1), page.gap)


def count_columns() -> int:
    """How many columns `_mention_row` fills; a test holds it against the table."""
    return len(table(MentionRow).columns)
