"""Storms as others ask for them: what is held, in which order it is let go, and approved replies that wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, Subquery, and_, delete, exists, func, or_
from sqlalchemy import select as pick
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.alert import StormSeen
from domain.ids import ids
from storage import replies
from storage.problems import OWED
from storage.tables import Brand, Case, MentionRow, Problem, Reply, Told, table
from storage.tables_storm import Frozen, LetGo, Storm

ON: Final = ("frozen", "stated", "releasing")
NOT_POSTED: Final[Mapping[str, Any]] = {"posted_at": None, "posted_url": "", "posted_by": ""}
"""The columns of a storm whose statement is not out: other words are not."""
_LIVE: Final = ("requested", "drafted", "approved")
_S, _G, _F, _C, _M, _R, _T = (table(m).c for m in (Storm, LetGo, Frozen, Case, MentionRow, Reply, Told))
_PART, _ANY = table(Problem).alias("part"), table(Problem).alias("anyone")


@dataclass(frozen=True, slots=True)
class Held:
    """A case that is held and waits for us; `lang` is that of its newest post, `case_lang` its own."""

    case_id: int
    lang: str | None
    case_lang: str | None
    next_due_at: datetime | None


def _covered() -> Subquery:
    """Cases that a storm is over, with that storm: those of its problem, in which posts change by people's hands, or
    all of its brand."""
    told = pick(_S.id.label("storm_id"), _M.case_id.label("case_id")).select_from(table(Storm))
    told = told.join(_PART, _PART.c.id == _S.problem_id).join(_ANY, _ANY.c.root_id == _PART.c.root_id)
    told = told.join(table(Told), _T.problem_id == _ANY.c.id).join(table(MentionRow), _M.id == _T.mention_id)
    told = told.where(_S.status.in_(ON), _M.case_id.is_not(None))
    every = pick(_S.id, _C.id).select_from(table(Storm)).join(table(Case), _C.brand_id == _S.brand_id)
    return told.union_all(every.where(_S.status.in_(ON), _S.problem_id.is_(None))).subquery("covered")


def held_cases() -> Select[Any]:
    """The ids of all cases that are held, for a condition."""
    over = _covered().c
    gone = exists().where(_G.storm_id == over.storm_id, _G.case_id == over.case_id)
    return pick(over.case_id).where(~gone)


async def on(session: AsyncSession, problem_id: int) -> Storm | None:
    """The storm that is on over a problem, or over what was merged into it."""
    query = select(Storm).join(_PART, _PART.c.id == col(Storm.problem_id))
    query = query.where(_PART.c.root_id == problem_id, col(Storm.status).in_(ON))
    return (await session.exec(query.order_by(col(Storm.id).desc()).execution_options(populate_existing=True))).first()


async def on_brand(session: AsyncSession, brand_id: int) -> Storm | None:
    """The storm that is on over a whole brand."""
    query = select(Storm).where(
        Storm.brand_id == brand_id, col(Storm.problem_id).is_(None), col(Storm.status).in_(ON)
    )  # fmt: skip
    return (await session.exec(query.order_by(col(Storm.id).desc()).execution_options(populate_existing=True))).first()


async def all_on(session: AsyncSession, brands: Sequence[int]) -> list[tuple[Storm, Problem | None]]:
    """Every storm that is on, with the problem that stands for it; None where it is over a whole brand."""
    query = select(Storm, Problem).outerjoin(_PART, _PART.c.id == col(Storm.problem_id))
    query = query.outerjoin(Problem, col(Problem.id) == _PART.c.root_id)
    query = query.where(col(Storm.brand_id).in_(brands), col(Storm.status).in_(ON))
    return [(storm, problem) for storm, problem in await session.exec(query.order_by(col(Storm.id)))]


async def seen(
    session: AsyncSession, brand_id: int, brand: str, title_of: Callable[[Problem], str]
) -> tuple[StormSeen, ...]:
    """Every storm of a brand that owes a word: its statement until that is out, then the next one."""
    return tuple(
        _seen(storm, title_of(problem) if problem else f"all of {brand}")
        for storm, problem in await all_on(session, [brand_id])
    )


def _seen(storm: Storm, title: str) -> StormSeen:
    is_out, due = storm.posted_at is not None or storm.status == "releasing", storm.next_at
    if not is_out or due is None:
        return StormSeen(id=storm.id, title=title, is_out=False, since=storm.created_at, due_at=storm.statement_by)
    return StormSeen(id=storm.id, title=title, is_out=True, since=storm.posted_at or storm.created_at, due_at=due)


async def locked(session: AsyncSession, storm_id: int) -> Storm | None:
    """The storm, held until the transaction ends. It is held before cases, never after: who holds a case may still
    write that a reply of it waits for this storm."""
    return await session.get(Storm, storm_id, with_for_update={"key_share": True}, populate_existing=True)


async def take_turn(session: AsyncSession, brand_id: int) -> None:
    """Whoever begins a storm of this brand waits for who began one, until the transaction ends. Not its problem is held
    for that: who holds cases may want it."""
    await session.get_one(Brand, brand_id, with_for_update={"key_share": True})


async def over(session: AsyncSession, case_id: int) -> list[Storm]:
    """The storms over this case, whether it was let go or not; hardly ever more than one."""
    if (await session.exec(select(Storm.id).where(col(Storm.status).in_(ON)).limit(1))).first() is None:
        return []
    covered = _covered().c
    mine = pick(covered.storm_id).where(covered.case_id == case_id)
    query = select(Storm).where(col(Storm.id).in_(mine)).order_by(col(Storm.id))
    return list(await session.exec(query.execution_options(populate_existing=True)))


async def holding(session: AsyncSession, case_id: int) -> Storm | None:
    """The storm that holds this case."""
    for storm in await over(session, case_id):
        if not await is_let_go(session, storm.id, case_id):
            return storm
    return None


async def is_let_go(session: AsyncSession, storm_id: int, case_id: int) -> bool:
    """Whether this storm holds this case no longer."""
    query = select(LetGo.id).where(LetGo.storm_id == storm_id, LetGo.case_id == case_id)
    return (await session.exec(query)).first() is not None


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Storms of which the next few cases are to be let go."""
    query = select(Storm.id).where(Storm.status == "releasing", col(Storm.due_at) <= now)
    return list(await session.exec(query.order_by(col(Storm.due_at)).limit(limit)))


async def held(session: AsyncSession, storm: Storm) -> list[Held]:
    """Who is held and waits for us, in the order in which they are let go: the most urgent first, then the oldest."""
    busy = exists().where(_R.case_id == _C.id, _R.status.in_(_LIVE))
    gone = pick(_G.case_id).where(_G.storm_id == storm.id)
    query = pick(_C.id, _M.lang, _C.lang.label("case_lang"), _C.next_due_at).select_from(table(Case))
    query = query.outerjoin(table(MentionRow), _M.id == _C.last_mention_id)
    covered = _covered().c
    mine = pick(covered.case_id).where(covered.storm_id == storm.id)
    query = query.where(_C.id.in_(mine), _C.id.not_in(gone), or_(_C.status.in_(OWED), busy))
    rows = await (await session.connection()).execute(
        query.order_by(func.coalesce(_C.priority, -1.0).desc(), _C.posted_at, _C.id)
    )
    return [Held(row.id, row.lang, row.case_lang, row.next_due_at) for row in rows]


async def counts(session: AsyncSession, storm_id: int) -> tuple[int, int]:
    """How many cases were let go, and how many approved replies wait."""
    gone = select(func.count(col(LetGo.id))).where(LetGo.storm_id == storm_id)
    wait = select(func.count(col(Frozen.id))).where(Frozen.storm_id == storm_id)
    return (await session.exec(gone)).one(), (await session.exec(wait)).one()


async def let_go_since(session: AsyncSession, storm_id: int, since: datetime) -> int:
    """How many cases its step let go after that moment."""
    query = select(func.count(col(LetGo.id))).where(LetGo.storm_id == storm_id, col(LetGo.created_at) > since)
    return (await session.exec(query.where(col(LetGo.actor).startswith("system:")))).one()


async def let_go(session: AsyncSession, storm_id: int, case_id: int, actor: str, now: datetime) -> None:
    """This case is held no longer."""
    session.add(LetGo(id=ids.next(now), storm_id=storm_id, case_id=case_id, actor=actor, created_at=now))
    await session.flush()


async def hold_again(session: AsyncSession, storm_id: int) -> None:
    """Whoever was let go and got no answer since is held again."""
    sent = exists().where(_R.case_id == _G.case_id, _R.status == "sent", _R.sent_at >= _G.created_at)
    await (await session.connection()).execute(delete(LetGo).where(_G.storm_id == storm_id, ~sent))


# --- approved replies that wait --------------------------------------------------------------------------------


async def freeze(session: AsyncSession, storm: Storm, now: datetime) -> int:
    """No approved reply of the cases it holds leaves. The cases first, in order: senders lock the same way round."""
    query = select(Case.id).where(col(Case.id).in_(held_cases())).order_by(col(Case.id)).with_for_update()
    cases = list(await session.exec(query))
    waiting = select(Reply).where(
        col(Reply.case_id).in_(cases), Reply.status == "approved", col(Reply.due_at).is_not(None)
    )
    found = list(await session.exec(waiting.with_for_update().execution_options(populate_existing=True)))
    for reply in found:
        await freeze_one(session, storm, reply.id, now)
    return len(found)


async def freeze_one(session: AsyncSession, storm: Storm, reply_id: int, now: datetime) -> None:
    """This approved reply, held by the caller, waits until its storm lets it go."""
    await replies.change(session, Reply, reply_id, due_at=None, error="")
    await forget(session, reply_id)
    session.add(Frozen(id=ids.next(now), storm_id=storm.id, reply_id=reply_id, created_at=now))
    await session.flush()


async def thaws_due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Replies that waited for a storm which holds their case no longer: it is over, let go, or of another problem."""
    query = select(Frozen.reply_id).join(Reply, col(Reply.id) == col(Frozen.reply_id))
    query = query.where(or_(col(Reply.case_id).not_in(held_cases()), _moved_on()))
    return list(await session.exec(query.order_by(col(Frozen.id)).limit(limit)))


def _moved_on() -> Any:
    return ~and_(_R.status == "approved", _R.due_at.is_(None))


async def forget(session: AsyncSession, reply_id: int) -> None:
    """It waits no longer."""
    await (await session.connection()).execute(delete(Frozen).where(_F.reply_id == reply_id))
