"""The way in: one page is one transaction with its cursor.

Steps of `store_page`, in this order inside one transaction:

1. take the writer's turn (SQLite: BEGIN IMMEDIATE; PostgreSQL: one lock per brand and channel), so that two sources
   that serve the same post meet each other's rows instead of racing; then hold all cases that the page may touch, in
   one round and in the order of their ids, as everybody does who takes several: nobody waits in a circle;
2. our own posts confirm what a person posted by hand;
3. look up, once per page, what we already hold: posts, copies, threads, cases;
4. write in bulk what is new: cases, mentions, requests for drafts, history; then what changed, and what was removed;
5. move the cursor, the coverage and the counters of the source, if the page was fetched under a claim that still holds.

Dying anywhere before the commit leaves everything as it was; the page is then fetched and decided again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import cache, partial
from typing import Any

from sqlalchemy import Integer, bindparam, case, or_, update
from sqlalchemy import select as pick
from sqlalchemy.sql.dml import ReturningUpdate
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.crashpoint import crashpoint
from domain.errors import Moved
from domain.ids import ids
from domain.mention import Mention, content_hash, text_hash
from domain.praise import is_praise
from storage import coverage
from storage.arriving import Arrival, PageIn, Stored
from storage.bulk import inserting
from storage.by_hand import by_hand, confirm_by_hand
from storage.case_writing import BACK_WITHIN, Opening, matter_of
from storage.driver import Query, run
from storage.held import Known, Shelf, Theirs
from storage.known_posts import changing, write_known
from storage.praising import unthanked
from storage.sources import AWAKE
from storage.tables import Case, Json, MentionRow, Quarantine, SourceRow, UtcDateTime, table
from storage.turns import take_turn
from storage.withdrawal import cases_of_withdrawn, withdraw

__all__ = ["Arrival", "PageIn", "Stored", "store_page"]

_SAMPLE_CHARS = 500
_S, _Q = (table(model).c for model in (SourceRow, Quarantine))


async def store_page(session: AsyncSession, page: PageIn) -> Stored:
    """Store one page with its cursor. Feeding the same page again changes nothing but counters.

    Raises Moved when the claim under which the page was fetched holds no longer: nothing of it may be stored then.
    """
    await take_turn(session, page.brand_id, page.channel)
    stored, shelf = Stored(), Shelf(session, page.brand_id, page.channel)
    known = await _known(shelf, page.arrivals)
    await _hold_cases(session, page, shelf, known)
    for post in page.own:
        stored.cases += await confirm_by_hand(session, page, post)
    crashpoint("ingest.before_insert")
    await _write_new(session, page, shelf, known, stored)
    again = [(known[name], arrival) for name, arrival in _one_each(page.arrivals).items() if name in known]
    await write_known(session, page, shelf, again, stored)
    await withdraw(session, page, stored)
    await _quarantine(session, page, stored)
    crashpoint("ingest.before_cursor")
    await _move_source(session, page, stored)
    crashpoint("ingest.before_commit")
    return stored


async def _known(shelf: Shelf, arrivals: Iterable[Arrival]) -> dict[str, Known]:
    """The stored posts of a page and the stored parents of its posts, by native id."""
    names = {a.mention.external_id for a in arrivals}
    return await shelf.mentions(names | {a.mention.parent_id for a in arrivals if a.mention.parent_id})


def _one_each(arrivals: Iterable[Arrival]) -> dict[str, Arrival]:
    """A page may serve a post twice. The last version of it counts, unless its date says that it is an older one: what
    is pushed to us may come out of order."""
    found: dict[str, Arrival] = {}
    for arrival in arrivals:
        other = found.get(arrival.mention.external_id)
        if other is None or not _is_older(arrival.mention, other.mention):
            found[arrival.mention.external_id] = arrival
    return found


def _is_older(mention: Mention, other: Mention) -> bool:
    return mention.edited_at is not None and other.edited_at is not None and mention.edited_at < other.edited_at


async def _hold_cases(session: AsyncSession, page: PageIn, shelf: Shelf, known: dict[str, Known]) -> None:
    """What the steps below take one after another, they have then. SQLite has one writer: nobody else holds any."""
    if session.get_bind().dialect.name != "postgresql":
        return
    placed = await _placed(shelf, page, known)
    again = changing([(known[name], arrival) for name, arrival in _one_each(page.arrivals).items() if name in known])
    threads = {thread for _, thread in placed} | {row.thread_id for row, _ in again if row.case_id is None}
    found = await shelf.case_ids(threads) | {row.case_id for row, _ in again if row.case_id}
    found |= set(await _takers(shelf, page, placed))
    for post in page.own:
        found |= {reply.case_id for reply in await by_hand(session, page, post)}
    await shelf.hold(found | await cases_of_withdrawn(session, page))


async def _placed(shelf: Shelf, page: PageIn, known: dict[str, Known]) -> list[tuple[Arrival, str]]:
    """The new posts with the threads they stand in: parents before their answers, and the last one of a thread is its
    newest."""
    fresh = [arrival for name, arrival in _one_each(page.arrivals).items() if name not in known]
    fresh.sort(key=_posted_at)
    threads = await _threads(shelf, fresh, known) if fresh else {}
    placed = []
    for arrival in fresh:
        mention = arrival.mention
        thread = threads[mention.external_id] = threads.get(mention.parent_id or "", mention.thread_id)
        placed.append((arrival, thread))
    return placed


async def _write_new(
    session: AsyncSession, page: PageIn, shelf: Shelf, known: dict[str, Known], stored: Stored
) -> None:
    placed = await _placed(shelf, page, known)
    if not placed:
        return
    hashes = [text_hash(arrival.mention.full_text) for arrival, _ in placed]
    held, copies = await shelf.cases_and_copies({thread for _, thread in placed}, hashes)
    alone = [each for each in placed if each[1] not in held]
    thankable = await unthanked(
        session, page, [arrival for arrival, _ in alone if not page.is_history(arrival.mention)]
    )
    opening = Opening(held, await _theirs(shelf, page, alone), thankable)
    rows: list[list[Any]] = []
    for (arrival, thread), copy_hash, row_id in zip(placed, hashes, ids.many(len(placed), page.now), strict=True):
        case_id = opening.case_for(page, arrival, row_id, thread)
        same_as = copies.setdefault(copy_hash, row_id)
        rows.append(_mention_row(page, arrival, row_id, case_id, thread, copy_hash, same_as))
    connection = await session.connection()
    dialect = connection.dialect.name
    mentions = inserting(dialect, table(MentionRow), rows)
    await run(connection, opening.new_cases(dialect), mentions, opening.requests(dialect, page))
    stored.new = len(placed)
    stored.cases += await opening.join(session, page)


async def _theirs(
    shelf: Shelf, page: PageIn, placed: Iterable[tuple[Arrival, str]]
) -> dict[str, list[tuple[Theirs, Case]]]:
    """The cases that authors of these posts (with their threads) still have with us, by author, where one may join."""
    found = await _takers(shelf, page, placed)
    theirs: dict[str, list[tuple[Theirs, Case]]] = {}
    for held in await shelf.held(found):
        if held.status == "resolved":
            continue  # just now
        theirs.setdefault(found[held.id].author_id, []).append((found[held.id], held))
    return theirs


async def _takers(shelf: Shelf, page: PageIn, placed: Iterable[tuple[Arrival, str]]) -> dict[int, Theirs]:
    """As `_theirs`, by id and not held."""
    written: dict[str, list[tuple[Arrival, str]]] = {}
    for arrival, thread in placed:
        score, mention = arrival.score, arrival.mention
        tells = score is not None and (score.needs_answer or is_praise(mention, score))
        needs = tells and not page.is_history(mention)
        if arrival.mention.author_id and needs:
            written.setdefault(arrival.mention.author_id, []).append((arrival, thread))
    if not written:
        return {}
    return {
        each.case_id: each
        for each in await shelf.of_authors(written, page.now, BACK_WITHIN)
        if any(each.takes(matter_of(arrival), thread) for arrival, thread in written[each.author_id])
    }


def _posted_at(arrival: Arrival) -> Any:
    return arrival.mention.posted_at


async def _threads(shelf: Shelf, fresh: Iterable[Arrival], known: dict[str, Known]) -> dict[str, str]:
    """Threads of the posts that these answer: stored ones, and our own replies."""
    threads = {name: row.thread_id for name, row in known.items()}
    missing = {a.mention.parent_id for a in fresh if a.mention.parent_id} - set(threads)
    return threads | await shelf.our_threads(name for name in missing if name) if missing else threads


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
        s.themes if s else (),
        1,
    ]


async def _quarantine(session: AsyncSession, page: PageIn, stored: Stored) -> None:
    """Keep what could not be read, once: an overlap or an unchanged feed serves it again and again."""
    samples = {_printable(item.sample): item for item in page.unreadable}
    if not samples:
        return
    query = pick(_Q.place, _Q.why, _Q.sample).where(_Q.source_id == page.source_id, _Q.sample.in_(list(samples)))
    held = {tuple(row) for row in await (await session.connection()).execute(query)}
    for item in page.unreadable:
        entry = (item.where, item.why, _printable(item.sample))
        if entry not in held:
            held.add(entry)
            row_id, (place, why, sample) = ids.next(page.now), entry
            session.add(
                Quarantine(id=row_id, source_id=page.source_id, at=page.now, place=place, why=why, sample=sample)
            )
            stored.quarantined += 1


def _printable(sample: bytes) -> str:
    return sample[:_SAMPLE_CHARS].decode("utf-8", "backslashreplace").replace("\x00", "\\x00")


async def _move_source(session: AsyncSession, page: PageIn, stored: Stored) -> None:
    connection = await session.connection()
    covers = page.complete and (page.pushed or not page.keep_cursor)
    growing = [coverage.growing(page.source_id, page.now, page.patience_s)] if covers and not page.gap else []
    moved, *grown = await run(connection, _moving(page, stored), *growing)
    if not moved:
        raise Moved("this source was paused, or another worker holds it by now")
    if page.gap:
        await coverage.missed(session, page.source_id, page.now, page.gap)
    if covers and not any(grown):
        why = coverage.NOT_PUSHED if page.pushed else coverage.NOT_POLLED
        resumed = page.resumed and not page.gap
        await coverage.seen(session, page.source_id, page.now, patience_s=page.patience_s, resumed=resumed, why=why)


def _moving(page: PageIn, stored: Stored) -> Query:
    newest = page.newest_at or (page.now if page.arrivals or page.seen else None)
    values = {
        "source": page.source_id,
        "held_until": page.held_until,
        "hold_until": page.hold_until,
        "at": page.now,
        "served": page.seen,
        "fresh": stored.new,
        "place": page.cursor,
        # a moment in the future is the author's invention
        "newest": newest and min(newest, page.now + timedelta(seconds=1)),
    }
    is_late = page.keep_cursor and not page.pushed
    facts = page.held_until is not None, page.hold_until is not None, newest is not None
    return Query(_move(not page.keep_cursor, is_late, *facts), values)


@cache
def _move(moves: bool, is_late: bool, is_claimed: bool, prolongs: bool, is_dated: bool) -> ReturningUpdate[Any]:
    """The source as this page leaves it; gives its id, or nothing when the claim holds no longer."""
    at = partial(bindparam, type_=UtcDateTime)
    fresh: Any = bindparam("fresh", type_=Integer)
    values: dict[str, Any] = {
        "last_ok_at": at("at"),
        "seen": _S.seen + bindparam("served", type_=Integer),
        "stored": _S.stored + fresh,
    }
    values |= {"late": _S.late + fresh} if is_late else {}
    values |= {"cursor": bindparam("place", type_=Json)} if moves else {}
    if prolongs:
        values["claimed_until"] = at("hold_until")
    if is_dated:
        older = or_(_S.last_mention_at.is_(None), _S.last_mention_at < at("newest"))
        values["last_mention_at"] = case((older, at("newest")), else_=_S.last_mention_at)
    moved = update(table(SourceRow)).where(_S.id == bindparam("source")).values(**values).returning(_S.id)
    if not is_claimed:
        return moved
    return moved.where(_S.claimed_until == at("held_until"), or_(*(_S.status == awake for awake in AWAKE)))


def count_columns() -> int:
    """How many columns `_mention_row` fills; a test holds it against the table."""
    return len(table(MentionRow).columns)
