"""Resolutions of problems: who still waits for one, who was told, and who came back after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, delete, exists, func, or_
from sqlalchemy import select as pick
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.thanks import only_thanks
from storage import problems
from storage.replies import FOLLOW_UP, waits_its_turn
from storage.tables import Case, MentionRow, Problem, Reply, Told, table
from storage.tables_depth import SignOff
from storage.tables_many import Notice, Resolution

WAITS: Final = ("open", "escalated", "snoozed", "waiting")
"""Who got an answer, but no resolution yet, waits for it as well."""
BEING_ANSWERED: Final = ("approved", "handed_over", "sending", "refused", "unknown")
UNSENT: Final = ("requested", "drafted", "approved")
SHOWN: Final = 200
_M, _C, _R, _N, _T, _P = (table(model).c for model in (MentionRow, Case, Reply, Notice, Told, Problem))


@dataclass(frozen=True, slots=True)
class Waiter:
    """One who waits: their newest post of the problem, and its case where it has one; the languages of both."""

    mention_id: int
    case_id: int | None
    lang: str | None
    case_lang: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One who was looked at. `reply` is the newest that was written since, or the one that was sent; `back` what they
    wrote after they were told, other than thanks."""

    notice: Notice
    mention: MentionRow
    case: Case | None
    reply: Reply | None
    back: MentionRow | None = None

    @property
    def state(self) -> str:
        """cannot, writing, ready, leaving, told or aside (a person said no, or no draft could be written)."""
        if self.notice.why:
            return "cannot"
        status = self.reply.status if self.reply else "requested"
        return _STATES.get(status, "leaving")


_STATES: Final = {
    "requested": "writing", "drafted": "ready", "sent": "told", "rejected": "aside", "failed": "aside",
    "replaced": "aside", "stale": "aside",
}  # fmt: skip


async def standing(session: AsyncSession, problem_id: int) -> Resolution | None:
    """What stands of this problem."""
    query = select(Resolution).where(Resolution.problem_id == problem_id, Resolution.status == "standing")
    return (await session.exec(query.order_by(col(Resolution.id).desc()).limit(1))).first()


async def latest(session: AsyncSession, problem_id: int) -> Resolution | None:
    """What was confirmed last, also where it was withdrawn."""
    query = select(Resolution).where(Resolution.problem_id == problem_id).order_by(col(Resolution.id).desc())
    return (await session.exec(query.limit(1))).first()


async def of_case(session: AsyncSession, case_id: int) -> Resolution | None:
    """What stands of the problem that this case is part of."""
    root = (await problems.of_cases(session, [case_id])).get(case_id)
    return await standing(session, root) if root is not None else None


async def locked(session: AsyncSession, resolution_id: int) -> Resolution | None:
    """The resolution, held until the transaction ends. It is held before cases, never after."""
    return await session.get(Resolution, resolution_id, with_for_update=True, populate_existing=True)


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Resolutions of which somebody may still have to be told."""
    query = select(Resolution.id).where(col(Resolution.tell_due_at) <= now, Resolution.status == "standing")
    return list(await session.exec(query.order_by(col(Resolution.tell_due_at)).limit(limit)))


def in_hand() -> Any:
    """The condition for drafts that a person changed or signed off: nobody's work gives way."""
    signed = exists().where(
        col(SignOff.reply_id) == _R.id, col(SignOff.reply_version) == _R.version, col(SignOff.voided_at).is_(None)
    )
    return and_(_R.status == "drafted", or_(_R.text != _R.first_text, signed))


async def is_in_hand(session: AsyncSession, case_id: int) -> bool:
    """Whether the case has such a draft."""
    query = pick(exists().where(_R.case_id == case_id, in_hand()))
    return bool((await (await session.connection()).execute(query)).scalar())


async def waiters(session: AsyncSession, problem_id: int, resolution_id: int = 0) -> list[Waiter]:
    """Who waits and was not looked at for this resolution yet, the worst first: cases without an answer on its way, and
    people who never tagged us, one per thread."""
    busy = pick(_R.case_id).where(or_(_R.status.in_(BEING_ANSWERED), in_hand()))
    seen = pick(_N.mention_id).where(_N.resolution_id == resolution_id)
    seen_cases = pick(_N.case_id).where(_N.resolution_id == resolution_id, _N.case_id.is_not(None))
    waits = and_(_C.status.in_(WAITS), _C.id.not_in(busy), _C.id.not_in(seen_cases))
    said = _M.id, _M.case_id, _M.channel, _M.thread_id, _M.lang, _C.lang.label("case_lang")
    query = pick(*said).select_from(table(MentionRow)).join(table(Told), _T.mention_id == _M.id)
    query = query.join(table(Problem), _P.id == _T.problem_id).outerjoin(table(Case), _C.id == _M.case_id)
    query = query.where(_P.root_id == problem_id, _M.status == "kept", or_(_M.text != "", _M.title != ""))
    query = query.where(or_(waits, and_(_M.case_id.is_(None), _M.is_repost.is_(False), _M.id.not_in(seen))))
    order = func.coalesce(_C.priority, -1.0).desc(), _M.posted_at.desc(), _M.id.desc()
    found: dict[Any, Waiter] = {}
    for row in await (await session.connection()).execute(query.order_by(*order)):
        who = row.case_id or (row.channel, row.thread_id)
        found.setdefault(who, Waiter(row.id, row.case_id, row.lang, row.case_lang))
    return list(found.values())


async def noticed(session: AsyncSession, resolution_id: int, mention_id: int, case_id: int | None) -> bool:
    """Whether this one was looked at already."""
    this = or_(_N.mention_id == mention_id, and_(_N.case_id == case_id, _N.case_id.is_not(None)))
    query = pick(exists().where(_N.resolution_id == resolution_id, this))
    return bool((await (await session.connection()).execute(query)).scalar())


async def thread_has_case(session: AsyncSession, mention: MentionRow) -> bool:
    """Whether somebody else's post of the same thread has a case."""
    query = select(Case.id).where(
        Case.brand_id == mention.brand_id, Case.channel == mention.channel, Case.thread_id == mention.thread_id
    )
    return (await session.exec(query)).first() is not None


async def untold(session: AsyncSession, resolution: Resolution) -> tuple[list[int], list[int]]:
    """Cases in which nothing that was written since the resolution was sent: all of them, and of these the ones that
    were opened for it."""
    query = select(Notice).where(Notice.resolution_id == resolution.id, col(Notice.case_id).is_not(None))
    rows = list(await session.exec(query))
    told = {line.notice.case_id for line in await lines(session, resolution, limit=None) if line.state == "told"}
    left = [row for row in rows if row.case_id not in told]
    return [row.case_id for row in left if row.case_id], [row.case_id for row in left if row.case_id and row.opened]


async def drafts_of(session: AsyncSession, problem_id: int, since: datetime) -> list[int]:
    """Cases of the problem with a reply written since then that was not sent."""
    query = pick(_R.case_id).join(table(MentionRow), _M.case_id == _R.case_id)
    query = query.join(table(Told), _T.mention_id == _M.id).join(table(Problem), _P.id == _T.problem_id)
    query = query.where(_P.root_id == problem_id, _R.status.in_(UNSENT), _R.created_at >= since, _R.kind != FOLLOW_UP)
    return sorted(set((await (await session.connection()).execute(query)).scalars()))


async def forget(session: AsyncSession, resolution_id: int, case_ids: Sequence[int]) -> None:
    """These, and those who could not be told, are looked at again."""
    gone = delete(Notice).where(_N.resolution_id == resolution_id, or_(_N.case_id.in_(list(case_ids)), _N.why != ""))
    await (await session.connection()).execute(gone)


async def lines(session: AsyncSession, resolution: Resolution, limit: int | None = SHOWN) -> list[Line]:
    """Everybody who was looked at, the newest first."""
    query = select(Notice, MentionRow, Case).join(MentionRow, col(MentionRow.id) == col(Notice.mention_id))
    query = query.outerjoin(Case, col(Case.id) == col(Notice.case_id)).where(Notice.resolution_id == resolution.id)
    rows: list[tuple[Notice, MentionRow, Case | None]] = list(
        (await session.exec(query.order_by(col(Notice.id).desc()).limit(limit))).all()
    )
    written = await _written(session, {n.case_id: n.created_at for n, _, _ in rows if n.case_id})
    found = []
    for notice, mention, case in rows:
        reply = written.get(case.id) if case else None
        back = await _back(session, case, reply) if case and reply and reply.status == "sent" else None
        found.append(Line(notice, mention, case, reply, back))
    return found


async def _written(session: AsyncSession, since: Mapping[int, datetime]) -> dict[int, Reply]:
    """Case -> its newest reply since that moment; one that was sent comes before all others."""
    query = select(Reply).where(col(Reply.case_id).in_(list(since)), Reply.kind == "answer", ~waits_its_turn())
    found: dict[int, Reply] = {}
    for reply in await session.exec(query.order_by(col(Reply.id))):
        is_since = reply.created_at >= since[reply.case_id]
        if is_since and (reply.case_id not in found or found[reply.case_id].status != "sent"):
            found[reply.case_id] = reply
    return found


async def _back(session: AsyncSession, case: Case, told: Reply) -> MentionRow | None:
    """What they wrote after they were told, other than thanks; the newest."""
    query = select(MentionRow).where(
        MentionRow.case_id == case.id,
        MentionRow.status == "kept",
        MentionRow.posted_at > (told.sent_at or told.created_at),
        or_(col(MentionRow.author_id) == case.author_id, col(MentionRow.author_handle) == case.author_handle),
    )
    rows = await session.exec(query.order_by(col(MentionRow.posted_at).desc()).limit(10))
    return next((row for row in rows if row.text and not only_thanks(row.text)), None)
