"""Resolutions of problems: who still waits for one, who was told, and who came back after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, delete, exists, func, or_
from sqlalchemy import case as either
from sqlalchemy import select as pick
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.thanks import only_thanks
from storage import problems
from storage.replies import FOLLOW_UP, LIVE, waits_its_turn
from storage.tables import Case, MentionRow, Problem, Reply, Told, table
from storage.tables_depth import SignOff
from storage.tables_many import Notice, Resolution

WAITS: Final = ("open", "escalated", "snoozed", "waiting")
"""Who got an answer, but no resolution yet, waits for it as well."""
ON_ITS_WAY: Final = ("approved", "sending")
BEING_ANSWERED: Final = (*ON_ITS_WAY, "handed_over", "refused", "unknown")
UNSENT: Final = ("requested", "drafted", "approved")
SHOWN: Final = 200
AFTER: Final = "they wrote after it was mended"
"""Why those are told nothing who may have it again: a person looks at what they say."""
_M, _C, _R, _N, _T, _P = (table(model).c for model in (MentionRow, Case, Reply, Notice, Told, Problem))
_AUTHOR = func.coalesce(func.nullif(_M.author_id, ""), _M.author_handle)


@dataclass(frozen=True, slots=True)
class Waiter:
    """One who waits: their newest post of the problem, and its case where it has one; the languages of both. `held`
    says why they are not looked at now; it is empty where they are next."""

    mention_id: int
    case_id: int | None
    lang: str | None
    case_lang: str | None
    channel: str
    name: str
    held: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One who was looked at. `reply` is the newest that was written to them since and says it, or the one that was
    sent; `back` what they wrote after it was mended, other than thanks."""

    notice: Notice
    mention: MentionRow
    case: Case | None
    reply: Reply | None
    back: MentionRow | None = None

    @property
    def state(self) -> str:
        """after (it was mended), cannot, writing, ready, leaving, told or aside (a person said no, or none could be
        written)."""
        if self.notice.why:
            return "after" if self.notice.why == AFTER else "cannot"
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


def mended_at(row: Resolution) -> datetime:
    """Who writes later writes of something that is not mended."""
    return row.since or row.created_at


def is_after(row: Resolution, mention: MentionRow) -> bool:
    """Whether this was written after it was mended, and says more than thanks: then it may be broken again."""
    return mention.posted_at > mended_at(row) and not only_thanks(mention.text)


def author_of(mention: MentionRow) -> str:
    """By what we tell people apart."""
    return mention.author_id or mention.author_handle


async def waiters(session: AsyncSession, problem_id: int, resolution_id: int = 0) -> list[Waiter]:
    """Who waits and was not looked at for this resolution yet, the worst first: everybody in a case, its own author
    before others, and people who never tagged us, thread by thread. One after another, as a case has one live reply."""
    own = _C.author_id == _AUTHOR
    said = _M.id, _M.case_id, _M.channel, _M.thread_id, _M.lang, _C.lang.label("case_lang")
    who = _AUTHOR.label("author"), func.coalesce(func.nullif(_M.author_name, ""), _M.author_handle).label("name")
    query = pick(*said, *who).select_from(table(MentionRow)).join(table(Told), _T.mention_id == _M.id)
    query = query.join(table(Problem), _P.id == _T.problem_id).outerjoin(table(Case), _C.id == _M.case_id)
    query = query.where(_P.root_id == problem_id, _M.status == "kept", or_(_M.text != "", _M.title != ""))
    query = query.where(or_(_M.case_id.is_(None), _C.status.in_(WAITS)), or_(_M.is_repost.is_(False), own))
    order = func.coalesce(_C.priority, -1.0).desc(), either((own, 0), else_=1), _M.posted_at.desc(), _M.id.desc()
    cases = pick(_M.case_id).join(table(Told), _T.mention_id == _M.id).join(table(Problem), _P.id == _T.problem_id)
    held = await held_cases(session, cases.where(_P.root_id == problem_id), resolution_id)
    seen = await _looked_at(session, resolution_id)
    found, first = dict[Any, Waiter](), dict[Any, str]()
    for row in await (await session.connection()).execute(query.order_by(*order)):
        place = row.case_id or (row.channel, row.thread_id)
        if (place, row.author) in found or (place, row.author) in seen:
            continue
        why = held.get(row.case_id) or (_behind(first[place]) if place in first else "")
        first.setdefault(place, row.name)
        found[place, row.author] = Waiter(
            row.id, row.case_id, row.lang, row.case_lang, row.channel, row.name, why
        )  # fmt: skip
    return list(found.values())


async def held_cases(session: AsyncSession, case_ids: Any, resolution_id: int) -> dict[int, str]:
    """Those of these cases in which nobody is looked at now, with the reason: the one live reply is on its way, in
    somebody's hands, or tells another one of the thread."""
    telling = exists().where(
        _N.resolution_id == resolution_id, _N.case_id == _R.case_id, _N.why == "", _N.created_at <= _R.created_at
    )
    query = pick(_R.case_id, _R.status, in_hand().label("typed"), telling.label("telling"))
    query = query.add_columns(func.coalesce(func.nullif(_M.author_name, ""), _M.author_handle).label("name"))
    query = query.join(table(MentionRow), _M.id == _R.mention_id).where(_R.case_id.in_(case_ids), _R.status.in_(LIVE))
    found = dict[int, str]()
    for row in await (await session.connection()).execute(query.order_by(_R.id.desc())):
        if row.status in ON_ITS_WAY:
            found[row.case_id] = "an answer is on its way"
        elif row.status in BEING_ANSWERED or row.typed:
            found[row.case_id] = "a colleague has it in hand"
        elif row.telling:
            found.setdefault(row.case_id, _behind(row.name))
    return found


def _behind(name: str) -> str:
    return f"waits behind {name or 'somebody'} in the same thread"


async def _looked_at(session: AsyncSession, resolution_id: int) -> set[tuple[Any, str]]:
    """(place, author) of everybody who was looked at: a case, and the thread."""
    query = pick(_N.case_id, _M.case_id.label("now_in"), _M.channel, _M.thread_id, _AUTHOR.label("author"))
    query = query.join(table(MentionRow), _M.id == _N.mention_id).where(_N.resolution_id == resolution_id)
    rows = list(await (await session.connection()).execute(query))
    return {(place, row.author) for row in rows for place in (row.case_id, row.now_in, (row.channel, row.thread_id))}


async def noticed(session: AsyncSession, resolution_id: int, mention: MentionRow) -> bool:
    """Whether this one was looked at already, there."""
    there = and_(_M.channel == mention.channel, _M.thread_id == mention.thread_id)
    if mention.case_id is not None:
        there = or_(there, _N.case_id == mention.case_id, _M.case_id == mention.case_id)
    query = pick(_N.id).join(table(MentionRow), _M.id == _N.mention_id)
    query = query.where(_N.resolution_id == resolution_id, there, _AUTHOR.in_([author_of(mention)])).limit(1)
    return (await (await session.connection()).execute(query)).first() is not None


async def was_opened(session: AsyncSession, case_id: int) -> bool:
    """Whether this case was opened to tell those who never tagged us."""
    query = select(Notice.id).where(Notice.case_id == case_id, col(Notice.opened).is_(True)).limit(1)
    return (await session.exec(query)).first() is not None


async def newest_of(session: AsyncSession, mention: MentionRow) -> MentionRow:
    """What its author wrote last in its case, or the post itself."""
    query = select(MentionRow).where(
        MentionRow.case_id == mention.case_id, MentionRow.status == "kept", _AUTHOR.in_([author_of(mention)]),
        or_(_M.text != "", _M.title != ""),
    )  # fmt: skip
    query = query.order_by(col(MentionRow.posted_at).desc(), col(MentionRow.id).desc()).limit(1)
    return (await session.exec(query)).first() or mention


async def beside(session: AsyncSession, problem_id: int, mention: MentionRow) -> list[MentionRow]:
    """The post and all others of its thread that tell of the problem and have no case, held until the transaction ends;
    the newest first."""
    query = select(MentionRow).join(Told, col(Told.mention_id) == col(MentionRow.id))
    query = query.join(Problem, col(Problem.id) == col(Told.problem_id)).where(
        Problem.root_id == problem_id, MentionRow.brand_id == mention.brand_id, MentionRow.channel == mention.channel,
        MentionRow.thread_id == mention.thread_id, col(MentionRow.case_id).is_(None), MentionRow.status == "kept",
        col(MentionRow.is_repost).is_(False),
    )  # fmt: skip
    query = query.order_by(col(MentionRow.posted_at).desc(), col(MentionRow.id).desc())
    return list(await session.exec(query.with_for_update(of=MentionRow)))


async def thread_has_case(session: AsyncSession, mention: MentionRow) -> bool:
    """Whether somebody else's post of the same thread has a case."""
    query = select(Case.id).where(
        Case.brand_id == mention.brand_id, Case.channel == mention.channel, Case.thread_id == mention.thread_id
    )
    return (await session.exec(query)).first() is not None


async def untold(session: AsyncSession, resolution: Resolution) -> list[Notice]:
    """Those with a case to whom nothing that was written since the resolution was sent."""
    found = await lines(session, resolution, limit=None)
    return [line.notice for line in found if line.notice.case_id and line.state != "told"]


async def drafts_of(session: AsyncSession, problem_id: int, since: datetime) -> list[int]:
    """Cases of the problem with a reply written since then that was not sent."""
    query = pick(_R.case_id).join(table(MentionRow), _M.case_id == _R.case_id)
    query = query.join(table(Told), _T.mention_id == _M.id).join(table(Problem), _P.id == _T.problem_id)
    query = query.where(_P.root_id == problem_id, _R.status.in_(UNSENT), _R.created_at >= since, _R.kind != FOLLOW_UP)
    return sorted(set((await (await session.connection()).execute(query)).scalars()))


async def forget(session: AsyncSession, resolution_id: int, notices: Sequence[Notice]) -> None:
    """These, and those who could not be told, are looked at again."""
    these = _N.id.in_([row.id for row in notices])
    await (await session.connection()).execute(
        delete(Notice).where(_N.resolution_id == resolution_id, these | (_N.why != ""))
    )


async def lines(session: AsyncSession, resolution: Resolution, limit: int | None = SHOWN) -> list[Line]:
    """Everybody who was looked at, the newest first."""
    query = select(Notice, MentionRow, Case).join(MentionRow, col(MentionRow.id) == col(Notice.mention_id))
    query = query.outerjoin(Case, col(Case.id) == col(Notice.case_id)).where(Notice.resolution_id == resolution.id)
    rows: list[tuple[Notice, MentionRow, Case | None]] = list(
        (await session.exec(query.order_by(col(Notice.id).desc()).limit(limit))).all()
    )
    cases = {case.id for _, _, case in rows if case}
    written, later = await _written(session, cases, resolution), await _later(session, cases, resolution)
    found = []
    for notice, mention, case in rows:
        who = case.id if case else 0, author_of(mention)
        theirs = [reply for reply in written.get(who, []) if reply.created_at >= notice.created_at]
        sent = [reply for reply in theirs if reply.status == "sent"]
        alone = mention if notice.why == AFTER else None
        found.append(Line(notice, mention, case, next(iter([*sent, *theirs[::-1]]), None), later.get(who, alone)))
    return found


_Who = tuple[int, str]
"""One of a case: its id, and by what we tell people apart."""


async def _written(session: AsyncSession, case_ids: Iterable[int], resolution: Resolution) -> dict[_Who, list[Reply]]:
    """What was written to each since it was confirmed, the oldest first, but for answers to what they wrote after it
    was mended: these say nothing of it."""
    query = select(Reply, MentionRow).join(MentionRow, col(MentionRow.id) == col(Reply.mention_id)).where(
        col(Reply.case_id).in_(list(case_ids)), Reply.kind == "answer", ~waits_its_turn(),
        Reply.created_at >= resolution.created_at,
    )  # fmt: skip
    found = defaultdict[_Who, list[Reply]](list)
    for reply, mention in await session.exec(query.order_by(col(Reply.id))):
        if not is_after(resolution, mention):
            found[reply.case_id, author_of(mention)].append(reply)
    return found


async def _later(session: AsyncSession, case_ids: Iterable[int], resolution: Resolution) -> dict[_Who, MentionRow]:
    """What each wrote after it was mended, other than thanks; the newest."""
    query = select(MentionRow).where(
        col(MentionRow.case_id).in_(list(case_ids)), MentionRow.status == "kept", MentionRow.text != "",
        MentionRow.posted_at > mended_at(resolution),
    )  # fmt: skip
    rows = await session.exec(query.order_by(col(MentionRow.posted_at)))
    return {(row.case_id or 0, author_of(row)): row for row in rows if is_after(resolution, row)}
