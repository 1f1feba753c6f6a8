"""Posts that we hold already and that come again: edited by their authors, or naming us after all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import bindparam, case, func, update
from sqlalchemy import select as pick
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.mention import content_hash, text_hash
from domain.praise import is_praise
from storage import corrections, replies
from storage.arriving import Arrival, PageIn, Stored, request_drafts
from storage.case_writing import Joined, Opening, join
from storage.driver import run
from storage.held import Known, Shelf
from storage.praising import unthanked
from storage.tables import Case, MentionRow, table

_M, _C = (table(model).c for model in (MentionRow, Case))
Again = list[tuple[Known, Arrival]]


async def write_known(session: AsyncSession, page: PageIn, shelf: Shelf, again: Again, stored: Stored) -> None:
    """Store what changed on posts that we hold. What was withdrawn stays so, and what lost its words (then it has no
    hash of them either) gets none again: until it is cleaned up after, networks still bring it under its name."""
    alive = _alive(again)
    # cases before their posts, as everybody who acts on one: in the other order two would wait for each other
    held = await shelf.held(sorted({row.case_id for row, _ in changing(again) if row.case_id}))
    edited = await _newer(session, alive)
    stored.edited += len(edited)
    stored.seen_again += len(again) - len(edited)
    naming = [(row, arrival) for row, arrival in alive if arrival.mention.addressed and not row.addressed]
    await _write_addressed(session, naming)
    await _write_edits(session, page, edited, {case.id: case for case in held}, stored)
    await _open_late(session, page, shelf, {row.id: (row, a) for row, a in [*edited, *naming]}.values(), stored)


def changing(again: Again) -> Again:
    """Those of which something may have changed."""
    return [(row, arrival) for row, arrival in _alive(again) if _may_change(row, arrival)]


def _alive(again: Again) -> Again:
    return [(row, arrival) for row, arrival in again if row.status != "withdrawn" and row.content_hash]


def _may_change(row: Known, arrival: Arrival) -> bool:
    m = arrival.mention
    named = m.addressed and not row.addressed
    return named or m.edited_at is not None or row.content_hash != content_hash(m.title, m.text)


async def _newer(session: AsyncSession, again: Again) -> Again:
    """Those with other words than we hold, without versions older than that: what is pushed to us may come out of
    order, or once more. The moment of the words we hold is learned from whoever tells it: a poll may not."""
    ids = [row.id for row, arrival in again if arrival.mention.edited_at is not None]
    query = pick(_M.id, _M.edited_at).where(_M.id.in_(ids), _M.edited_at.is_not(None))
    found = (await (await session.connection()).execute(query)) if ids else ()
    held = {row.id: row.edited_at for row in found}
    alive = [(row, arrival) for row, arrival in again if not _is_older(arrival.mention.edited_at, held.get(row.id))]
    same = [(r, a) for r, a in alive if r.content_hash == content_hash(a.mention.title, a.mention.text)]
    for row, arrival in same:
        if arrival.mention.edited_at not in (None, held.get(row.id)):
            dated = update(MentionRow).where(_M.id == row.id).values(edited_at=arrival.mention.edited_at)
            await (await session.connection()).execute(dated)
    unchanged = {row.id for row, _ in same}
    return [(row, arrival) for row, arrival in alive if row.id not in unchanged]


def _is_older(moment: datetime | None, held: datetime | None) -> bool:
    return moment is not None and held is not None and moment < held


async def _write_addressed(session: AsyncSession, naming: Again) -> None:
    """A post known from a public list turns out to name us: only now may it be answered by API, with these facts."""
    for row, arrival in naming:
        values = {"addressed": True, "native": arrival.mention.native, "version": _M.version + 1}
        await (await session.connection()).execute(update(MentionRow).where(_M.id == row.id).values(**values))


async def _write_edits(
    session: AsyncSession, page: PageIn, edited: Again, held: dict[int, Case], stored: Stored
) -> None:
    if not edited:
        return
    changed = [_edit_values(row, arrival) for row, arrival in edited]
    for fields in (True, False):  # with a score, or without one: then what was found before stays
        await _update_mentions(session, [each for each in changed if ("score" in each) is fields])
    await corrections.restate_edited(session, [row.id for row, _ in edited], page.now)
    cases = [row.case_id for row, _ in edited if row.case_id]
    for row, arrival in edited:
        if row.case_id:
            await (await session.connection()).execute(_worse(row.case_id, arrival))
    await join(session, page, _turned(page, edited, held))
    stale = await replies.stale_replies(session, cases, page.now, why="the author edited the post")
    await request_drafts(session, page, stale)  # the answer is still owed, to the new words
    stored.cases += cases


async def _update_mentions(session: AsyncSession, changed: Sequence[dict[str, Any]]) -> None:
    rows = [{f"new_{name}": value for name, value in each.items() if name != "score"} for each in changed]
    if not rows:
        return
    names = [name.removeprefix("new_") for name in rows[0] if name != "new_id"]
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    values["edited_at"] = func.coalesce(bindparam("new_edited_at", type_=_M.edited_at.type), _M.edited_at)
    statement = update(table(MentionRow)).where(_M.id == bindparam("new_id")).values(version=_M.version + 1, **values)
    await (await session.connection()).execute(statement, rows)


def _edit_values(row: Known, arrival: Arrival) -> dict[str, Any]:
    m, s = arrival.mention, arrival.score
    values: dict[str, Any] = {
        "id": row.id,
        "title": m.title,
        "text": m.text,
        "edited_at": m.edited_at,
        "content_hash": content_hash(m.title, m.text),
        "text_hash": text_hash(m.full_text),
        "native": m.native,
        "topic_ids": arrival.topic_ids,
    }
    if s is not None:
        values |= {"score": True, "lang": s.lang, "sentiment": s.sentiment, "label": s.label, "severity": s.severity}
        values |= {"priority": s.priority, "parts": list(s.parts), "themes": list(s.themes)}
    return values


def _turned(page: PageIn, edited: Again, held: dict[int, Case]) -> dict[int, Joined]:
    """Praise that an edit made something else: its new words are like a new post in the thread."""
    turned: dict[int, Joined] = {}
    for row, arrival in edited:
        case = held.get(row.case_id or 0)
        if case is None or not case.praise or arrival.score is None or is_praise(arrival.mention, arrival.score):
            continue
        said = replace(arrival.mention, posted_at=arrival.mention.edited_at or page.now)
        turned.setdefault(case.id, Joined(case, is_edit=True)).arrivals.append(
            (row.id, Arrival(said, arrival.score, arrival.topic_ids))
        )
    return turned


def _worse(case_id: int, arrival: Arrival) -> Any:
    """The case of an edited post changes for who looks at it, and is as urgent as its new words are."""
    change, score = update(Case).where(_C.id == case_id), arrival.score
    values: dict[str, Any] = {"version": _C.version + 1}
    if score is not None:
        urgent = score.priority > _C.priority
        for name in ("severity", "label", "why", "priority"):
            values[name] = case((urgent, getattr(score, name)), else_=_C[name])
    return change.values(**values)


async def _open_late(session: AsyncSession, page: PageIn, shelf: Shelf, again: Any, stored: Stored) -> None:
    """A post that was stored without a case needs an answer by now: its new words ask for it, or they name us."""
    wanting = [
        (row, arrival)
        for row, arrival in again
        if row.case_id is None and row.status != "ignored" and arrival.score is not None and arrival.score.needs_answer
    ]
    if not wanting:
        return
    held = await shelf.cases({row.thread_id for row, _ in wanting})
    opening = Opening(held, unthanked=await unthanked(session, page, [arrival for _, arrival in wanting]))
    linked = [(row.id, opening.case_for(page, arrival, row.id, row.thread_id)) for row, arrival in wanting]
    connection = await session.connection()
    dialect = connection.dialect.name
    await run(connection, opening.new_cases(dialect), opening.requests(dialect, page))
    for mention_id, case_id in linked:
        if case_id is not None:
            link = update(MentionRow).where(_M.id == mention_id).values(case_id=case_id)
            await connection.execute(link)
    stored.cases += await opening.join(session, page)
