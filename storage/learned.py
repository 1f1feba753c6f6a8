"""How far a brand's scores follow what its people taught: proposed, live, off, forgotten. Each step is in history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import exists, func, or_, update
from sqlalchemy import select as pick
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.correction import NOTHING_SAID, Said
from domain.errors import Moved
from domain.mention import Mention
from storage.corrections import said_in
from storage.restating import mention_of
from storage.tables import Case, Correction, Learning, MentionRow, Reply, Transition, table
from storage.transitions import entry, record

MOST: Final = 1_000
"""Corrections, and as many posts that people left as they were, that one brand learns from: the newest."""
ENOUGH_LEFT = 500
"""Fewer posts than this that people handled and left alone are filled up with posts that nobody corrected: with
corrections alone, every word of a wrong post would look guilty."""
SETTLED: Final = timedelta(seconds=6)
"""Every process looks for a new version every five seconds; only then are open mentions scored again."""
_L, _M, _C, _T, _R, _K = (table(model).c for model in (Learning, MentionRow, Case, Transition, Reply, Correction))


@dataclass(frozen=True, slots=True)
class Lessons:
    """Posts with what people said of each; NOTHING_SAID for one that was left as it was."""

    mentions: list[Mention]
    said: list[Said]


async def state(session: AsyncSession, brand_id: int, *, held: bool = False) -> Learning:
    """How it stands (`held` for this transaction); a brand that nobody taught has an empty state that is not stored."""
    found = await session.get(Learning, brand_id, populate_existing=True, with_for_update=held or None)
    return found or Learning(brand_id=brand_id)


async def versions(session: AsyncSession) -> dict[int, int]:
    """The version of the live lessons of each brand that has any."""
    return {row[0]: row[1] for row in await session.exec(select(Learning.brand_id, Learning.version))}


def is_live(found: Learning) -> bool:
    """Whether scores follow anything."""
    return found.enabled and found.live_up_to > found.forgotten_up_to


async def newest(session: AsyncSession, brand_id: int) -> int:
    """The id of the last correction that others may learn from; 0 without any."""
    query = select(Correction.id).where(
        Correction.brand_id == brand_id, Correction.status == "standing", col(Correction.teaches)
    )
    return (await session.exec(query.order_by(col(Correction.id).desc()).limit(1))).first() or 0


# --- what a person decides -----------------------------------------------------------------------------------------


async def go_live(session: AsyncSession, brand_id: int, up_to: int, *, actor: str, now: datetime) -> None:
    """Follow the corrections up to this one. Moved when they were forgotten, or do not exist any more."""
    found = await state(session, brand_id, held=True)
    if not found.forgotten_up_to < up_to <= await newest(session, brand_id):
        raise Moved("these corrections do not stand any more: try them again before they go live")
    values = {"enabled": True, "live_up_to": up_to, "before_reset": []}
    await _change(session, found, "live", actor, now, **values)


async def switch(session: AsyncSession, brand_id: int, on: bool, *, actor: str, now: datetime) -> None:
    """Follow what is live, or do not for now."""
    found = await state(session, brand_id, held=True)
    if not found.live_up_to:
        raise Moved("nothing is live yet: try what was taught first")
    await _change(session, found, "on" if on else "off", actor, now, enabled=on)


async def reset(session: AsyncSession, brand_id: int, *, actor: str, now: datetime) -> None:
    """Forget all lessons so far: corrections go on counting for their own mentions only. Undo: `restore`."""
    found = await state(session, brand_id, held=True)
    last = await newest(session, brand_id)
    if last <= found.forgotten_up_to:
        raise Moved("there is nothing to forget")
    values = {"forgotten_up_to": last, "before_reset": [found.live_up_to, found.forgotten_up_to]}
    await _change(session, found, "forgotten", actor, now, **values)


async def restore(session: AsyncSession, brand_id: int, *, actor: str, now: datetime) -> None:
    """Undo of `reset`, until something new went live."""
    found = await state(session, brand_id, held=True)
    if len(found.before_reset) != 2:
        raise Moved("there is no reset to take back")
    live, forgotten = found.before_reset
    await _change(session, found, "remembered", actor, now, live_up_to=live, forgotten_up_to=forgotten, before_reset=[])


async def _change(session: AsyncSession, found: Learning, what: str, actor: str, now: datetime, **values: Any) -> None:
    old = "live" if is_live(found) else "rules alone"
    for name, value in values.items():
        setattr(found, name, value)
    found.version, found.rescore_due_at, found.rescored_up_to = found.version + 1, now + SETTLED, 0
    session.add(found)
    await session.flush()
    line = entry("learning", found.brand_id, old, what, brand_id=found.brand_id, actor=actor, now=now)
    await record(session, [line])


# --- what there is to learn from -----------------------------------------------------------------------------------


async def lessons(session: AsyncSession, brand_id: int, after: int, up_to: int, silent: frozenset[str]) -> Lessons:
    """The corrections of these ids with their posts, and posts that people handled meanwhile and left as they were;
    where those are few, others that nobody corrected. `silent` are channels whose text teaches nothing."""
    query = (
        select(Correction)
        .where(Correction.brand_id == brand_id, Correction.status == "standing", col(Correction.teaches))
        .where(col(Correction.id) > after, col(Correction.id) <= up_to)
        .order_by(col(Correction.id).desc())
        .limit(MOST)
    )
    said = said_in(await session.exec(query))
    if not said:
        return Lessons([], [])
    words = or_(_M.text != "", _M.title != ""), _M.channel.not_in(silent), _M.brand_id == brand_id
    rows = list(await session.exec(select(MentionRow).where(_M.id.in_(list(said)), *words)))
    if rows:
        rows += await _left(session, up_to, await _handled(session, brand_id, after, up_to), *words)
    return Lessons([mention_of(row) for row in rows], [said.get(row.id, NOTHING_SAID) for row in rows])


async def _left(session: AsyncSession, up_to: int, handled: list[int], *words: Any) -> list[MentionRow]:
    nothing_said = ~exists().where(_K.mention_id == _M.id, _K.status == "standing")
    newest = select(MentionRow).where(_M.id <= up_to, _M.status == "kept", nothing_said, *words).order_by(_M.id.desc())
    seen = list(await session.exec(newest.where(_M.case_id.in_(handled)).limit(MOST)))
    if len(seen) >= ENOUGH_LEFT:
        return seen
    others = newest.where(or_(_M.case_id.is_(None), _M.case_id.not_in(handled)))
    return [*seen, *await session.exec(others.limit(ENOUGH_LEFT - len(seen)))]


async def _handled(session: AsyncSession, brand_id: int, after: int, up_to: int) -> list[int]:
    """Cases that people did something with, the newest first."""
    by_people = _T.brand_id == brand_id, _T.actor.startswith("user:"), _T.id > after, _T.id <= up_to
    replied = pick(_R.case_id).where(_R.id.in_(pick(_T.row_id).where(*by_people, _T.noun == "reply")))
    worked_on = or_(_C.id.in_(pick(_T.row_id).where(*by_people, _T.noun == "case")), _C.id.in_(replied))
    query = pick(_C.id).where(_C.brand_id == brand_id, worked_on).order_by(_C.id.desc()).limit(MOST)
    return list((await (await session.connection()).execute(query)).scalars())


# --- open mentions are scored again --------------------------------------------------------------------------------


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Brands whose open mentions are to be scored again."""
    query = select(Learning.brand_id).where(col(Learning.rescore_due_at) <= now)
    return list(await session.exec(query.order_by(col(Learning.rescore_due_at)).limit(limit)))


async def open_mentions(
    session: AsyncSession, brand_id: int, after: int, limit: int
) -> tuple[list[MentionRow], int | None]:
    """Mentions that count, of cases that are not resolved, by rising id; nobody corrects them meanwhile. And the id
    after which the next ones come, None after the last.

    Their cases are held first, as by whoever acts on one: in the other order two would wait for each other."""
    here = (
        _C.brand_id == brand_id, _C.status != "resolved", _M.id > after, _M.status == "kept",
        or_(_M.text != "", _M.title != ""),
    )  # fmt: skip
    ids = pick(_M.id, _C.id).join(Case, _C.id == _M.case_id).where(*here).order_by(_M.id).limit(limit)
    batch = list(await (await session.connection()).execute(ids))
    if not batch:
        return [], None
    cases = pick(_C.id).where(_C.id.in_({case_id for _, case_id in batch})).order_by(_C.id).with_for_update()
    await (await session.connection()).execute(cases)
    query = select(MentionRow).join(Case, _C.id == _M.case_id).where(*here, _M.id <= batch[-1][0])
    held = list(await session.exec(query.order_by(_M.id).with_for_update(of=table(MentionRow))))
    return held, batch[-1][0] if len(batch) == limit else None


async def came_to(
    session: AsyncSession, brand_id: int, version: int, mention_id: int, more_at: datetime | None
) -> bool:
    """One batch is done with the lessons of this version; `more_at` None ends it. False when they have changed
    meanwhile: it begins anew."""
    here = _L.brand_id == brand_id, _L.version == version
    done = await (await session.connection()).execute(
        update(Learning).where(*here).values(rescored_up_to=mention_id, rescore_due_at=more_at)
    )
    return bool(done.rowcount)


async def last_30_days(session: AsyncSession, brand_id: int, now: datetime, limit: int) -> list[MentionRow]:
    """The newest mentions of the last 30 days that count and have words, the newest first."""
    query = select(MentionRow).where(
        _M.brand_id == brand_id, _M.posted_at >= now - timedelta(days=30), _M.status == "kept",
        or_(_M.text != "", _M.title != ""),
    )  # fmt: skip
    return list(await session.exec(query.order_by(_M.posted_at.desc(), _M.id.desc()).limit(limit)))


async def cases_to_do(session: AsyncSession, brand_id: int) -> set[int]:
    """The cases in the queue of this brand."""
    query = pick(_C.id).where(_C.brand_id == brand_id, _C.status.in_(("open", "escalated")))
    return set((await (await session.connection()).execute(query)).scalars())


async def waiting(session: AsyncSession, brand_id: int, after: int) -> int:
    """How many corrections that may teach came after this id and stand."""
    query = pick(func.count()).where(_K.brand_id == brand_id, _K.status == "standing", _K.teaches, _K.id > after)
    return int((await (await session.connection()).execute(query)).scalar_one())
