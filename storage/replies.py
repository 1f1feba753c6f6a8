"""Replies, their approvals and attempts: what the desk, the responders and ingest ask of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Table, and_, delete, insert, update
from sqlalchemy import case as case_when
from sqlmodel import SQLModel, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import id_at, ids
from storage import clues, feedback, transitions
from storage.tables import AccountRow, Approval, Attempt, Brand, Case, Clue, MentionRow, Reply, table
from storage.tables_depth import SignOff
from storage.tables_survey import Survey

LIVE: Final = ("requested", "drafted", "approved", "handed_over", "sending", "refused", "unknown")
"""Statuses in which a reply still stands between us and the author; one such reply per case, and behind one that is
under way a request that waits its turn."""
UNDER_WAY: Final = ("handed_over", "sending", "unknown")
"""Statuses in which a reply may be public already: it says nothing about posts that came later."""

REPLACED: Final = "replaced"
"""The status of a draft that gave way to another one and may come back."""
FOLLOW_UP: Final = "follow_up"
"""The kind of reply that asks, once, after a case was resolved, whether all is well since."""

_WAITING: Final = ("requested", "drafted", "approved")
_COLUMNS: Final[list[str]] = Reply.__table__.c.keys()  # type: ignore[attr-defined]
LEFT: Final = ("approved", *UNDER_WAY, "sent")
"""Statuses in which a reply is, or may be, somebody's answer: no other one may be like it."""
QUIET: Final = timedelta(days=5)
"""So long after our answer we wait for its author; help desks commonly take a ticket for solved after 3 to 7 days."""
RECENT: Final = timedelta(days=30)
"""So long no reply may be like another one."""
PRINT: Final = "reply"
"""The noun under which the index of clues holds replies."""
_LATE = timedelta(days=30)
"""A reply may leave so long after it was asked for, which its id tells."""
_RECENT_LIMIT = 200
_AT_ONCE = 100
"""So many prints are looked up at once: SQLite takes 500 parts of a query at most."""
_THREAD_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that drafting and the reply contract need to know. `thread` is what was said in the case, oldest first;
    `recent` are texts that left in this brand's name lately, newest first; `waiting` are drafts in other cases, where
    they were asked for."""

    reply: Reply
    case: Case
    mention: MentionRow
    thread: tuple[MentionRow, ...]
    brand: Brand
    account: AccountRow | None
    recent: tuple[str, ...]
    waiting: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    """What we sent in this case before, oldest first."""
    said_at: datetime | None = None
    """When the last of these left."""
    candidate: int = 0
    """How many drafts this case had before: the next one is a truly different one."""
    known: Mapping[str, str] = field(default_factory=dict[str, str])
    """What is known of the case by key (`responders.knowing`); keys that start with crm_ are for the desk's eyes."""
    survey: Survey | None = None
    """The one question whose link this reply carries."""
    let_down: Survey | None = None
    """The last that its author said to us, privately: a critical answer to that question, which this reply answers."""
    knowledge: tuple[tuple[str, str, str], ...] = ()
    """(name, title, text) of live articles that fit, the best first."""
    feedback: str = ""
    """The short name of the brand's feedback page; empty while it has none that is switched on."""
    market: str = ""
    """Two letters of the country that the case belongs to; empty where none is known."""
    colleagues: tuple[str, ...] = ()
    """Names of who works for the brand, but for who has the case and who looks at it."""
    formality: Mapping[str, str] = field(default_factory=dict[str, str])
    """Language -> how people of that market are addressed in it, as far as the market says."""


async def locked(session: AsyncSession, reply_id: int) -> tuple[Case, Reply] | None:
    """The reply and its case, both held until the transaction ends. Case first: everybody locks in this order."""
    case_id = (await session.exec(select(Reply.case_id).where(Reply.id == reply_id))).first()
    if case_id is None:
        return None
    case = await session.get_one(Case, case_id, with_for_update=True, populate_existing=True)
    reply = await session.get_one(Reply, reply_id, with_for_update=True, populate_existing=True)
    return case, reply


async def locked_case(session: AsyncSession, case_id: int) -> Case | None:
    """The case, held until the transaction ends."""
    return await session.get(Case, case_id, with_for_update=True, populate_existing=True)


async def live(session: AsyncSession, case_id: int) -> Reply | None:
    """The one live reply of a case, held until the transaction ends. A request that waits behind it comes last."""
    query = select(Reply).where(Reply.case_id == case_id, col(Reply.status).in_(LIVE)).with_for_update()
    order = case_when((waits_its_turn(), 1), else_=0), col(Reply.id).desc()
    query = query.order_by(*order).execution_options(populate_existing=True)
    return (await session.exec(query)).first()


def newest_live(replies: Sequence[Reply]) -> Reply | None:
    """The same of replies that were read, oldest first."""
    found = [reply for reply in reversed(replies) if reply.status in LIVE]
    return min(found, key=lambda reply: reply.status == "requested" and reply.due_at is None, default=None)


def may_come_back(case: Case, reply: Reply) -> bool:
    """Whether this draft gave way and still fits its case; its words go where a post is removed that it may quote."""
    return reply.status == REPLACED and reply.text != "" and (reply.kind == FOLLOW_UP) is (case.status == "resolved")


def waits_its_turn() -> Any:
    """The condition for requests that wait behind another reply of their case, or for their case to be reopened."""
    return and_(col(Reply.status) == "requested", col(Reply.due_at).is_(None))


async def cases_with_reply(session: AsyncSession, case_ids: Sequence[int], statuses: Sequence[str]) -> set[int]:
    """Which of these cases have a reply in one of these statuses."""
    query = select(Reply.case_id).where(col(Reply.case_id).in_(list(case_ids)), col(Reply.status).in_(statuses))
    return set(await session.exec(query))


async def due(session: AsyncSession, statuses: Sequence[str], now: datetime, limit: int) -> list[int]:
    """Ids of replies in these statuses whose next step is due, the longest waiting first."""
    query = select(Reply.id).where(col(Reply.due_at) <= now, col(Reply.status).in_(statuses))
    return list(await session.exec(query.order_by(col(Reply.due_at), col(Reply.id)).limit(limit)))


async def change(session: AsyncSession, model: type[SQLModel], row_id: int, **values: Any) -> None:
    """Set columns that say nothing about the status (for that there is one door, `transitions`). Rows already read in
    this transaction keep the values they were read with, as they do after a move."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    await (await session.connection()).execute(update(table).where(table.c.id == row_id).values(**values))


async def overdue_s(session: AsyncSession, now: datetime) -> float:
    """By how many seconds the longest waiting step of any reply is late; 0 when none is."""
    oldest = (await session.exec(select(func.min(Reply.due_at)).where(Reply.status != "approved"))).one()
    return max(0.0, (now - oldest).total_seconds()) if oldest is not None else 0.0


async def due_drafts(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Ids of requested replies that are due, the most urgent case first: in a flood the worst are ready first."""
    query = select(Reply.id).join(Case, col(Case.id) == Reply.case_id)
    query = query.where(col(Reply.due_at) <= now, Reply.status == "requested")
    order = col(Case.praise), col(Case.priority).desc(), col(Reply.id)  # whoever needs us before whoever praises us
    return list(await session.exec(query.order_by(*order).limit(limit)))


async def gather(session: AsyncSession, case: Case, reply: Reply, now: datetime) -> Gathered:
    """Everything about the situation of this reply, in a handful of reads."""
    mention = await session.get_one(MentionRow, reply.mention_id, populate_existing=True)
    thread = select(MentionRow).where(MentionRow.case_id == case.id).order_by(col(MentionRow.posted_at).desc())
    rows = list(await session.exec(thread.limit(_THREAD_LIMIT)))
    others = select(Reply).where(Reply.case_id == case.id, Reply.id < reply.id, Reply.status != "failed")
    before = list(await session.exec(others.order_by(col(Reply.id)).limit(_THREAD_LIMIT)))
    return Gathered(
        reply=reply,
        case=case,
        mention=mention,
        thread=tuple(reversed(rows)),
        brand=await session.get_one(Brand, reply.brand_id),
        account=await account_of(session, reply),
        recent=tuple(await session.exec(_others(reply, LEFT, now).order_by(col(Reply.id).desc()).limit(_RECENT_LIMIT))),
        said=tuple(row.text for row in before if row.status == "sent"),
        said_at=max((row.sent_at for row in before if row.sent_at is not None), default=None),
        candidate=len(before),
        survey=(await session.exec(select(Survey).where(Survey.reply_id == reply.id))).first(),
        feedback=await feedback.open_page(session, reply.brand_id),
    )


def _others(reply: Reply, statuses: Sequence[str], now: datetime) -> Any:
    """Texts of this brand's other replies in these statuses; drafts are those of other cases."""
    elsewhere = (col(Reply.status) != "drafted") | (col(Reply.case_id) != reply.case_id)
    within = func.coalesce(col(Reply.sent_at), now) > now - RECENT
    query = select(Reply.text).where(Reply.brand_id == reply.brand_id, Reply.id != reply.id, Reply.text != "")
    return query.where(col(Reply.status).in_(statuses), elsewhere, within, Reply.id >= _oldest(now))


def _oldest(now: datetime) -> int:
    """The lowest id that counts: a reply leaves within some weeks of being asked for, or others are newer."""
    return id_at(now - RECENT - _LATE)


async def waiting(session: AsyncSession, reply: Reply, now: datetime) -> tuple[str, ...]:
    """The newest drafts in other cases of this brand."""
    newest = _others(reply, ("drafted",), now).order_by(col(Reply.id).desc())
    return tuple(await session.exec(newest.limit(_RECENT_LIMIT)))


async def alike(
    session: AsyncSession, reply: Reply, prints: Sequence[int], statuses: Sequence[str], now: datetime
) -> tuple[str, ...]:
    """Those of this brand's other replies in these statuses within RECENT that share one of these prints; where there
    are very many, those that share most."""
    found = dict[str, None]()
    for at in range(0, len(prints), _AT_ONCE):
        near = clues.sharing(reply.brand_id, PRINT, prints[at : at + _AT_ONCE], _oldest(now))
        query = _others(reply, statuses, now).join(near, near.c.row_id == col(Reply.id))
        query = query.order_by(near.c.shared.desc(), col(Reply.id).desc()).limit(_RECENT_LIMIT)
        found |= dict.fromkeys(await session.exec(query))
    return tuple(found)


async def forget_old_prints(session: AsyncSession, now: datetime) -> None:
    """Take out of the index what no reply is likened to any more."""
    old = delete(table(Clue)).where(table(Clue).c.noun == PRINT, table(Clue).c.row_id < _oldest(now))
    await (await session.connection()).execute(old)


async def account_of(session: AsyncSession, reply: Reply) -> AccountRow | None:
    """The account this reply leaves from: the one it names, else the brand's first working one on its channel."""
    if reply.account_id is not None:
        return await session.get(AccountRow, reply.account_id, populate_existing=True)
    query = select(AccountRow).where(
        AccountRow.brand_id == reply.brand_id, AccountRow.channel == reply.channel, AccountRow.status == "working"
    )
    return (await session.exec(query.order_by(col(AccountRow.id)))).first()


# --- approvals and attempts ------------------------------------------------------------------------------------


async def live_approval(session: AsyncSession, reply_id: int) -> Approval | None:
    """The newest approval of this reply that is not void."""
    query = select(Approval).where(Approval.reply_id == reply_id, col(Approval.voided_at).is_(None))
    query = query.order_by(col(Approval.id).desc()).execution_options(populate_existing=True)
    return (await session.exec(query)).first()


async def void(session: AsyncSession, reply_ids: Sequence[int], now: datetime, why: str) -> None:
    """End the approvals and first sign-offs of these replies. Never undone: a new yes is a new row."""
    connection = await session.connection()
    for model in (Approval, SignOff):
        await connection.execute(
            update(model)
            .where(col(model.reply_id).in_(list(reply_ids)), col(model.voided_at).is_(None))
            .values(voided_at=now, void_reason=why)
        )


async def attempts(session: AsyncSession, reply_id: int) -> list[Attempt]:
    """All sendings of this reply, oldest first."""
    query = select(Attempt).where(Attempt.reply_id == reply_id).order_by(col(Attempt.id))
    return list(await session.exec(query.execution_options(populate_existing=True)))


async def sendings_since(session: AsyncSession, account_id: int, since: datetime) -> int:
    """How many sendings this account has started since that moment."""
    query = select(func.count(col(Attempt.id))).join(Reply, col(Reply.id) == col(Attempt.reply_id))
    return (await session.exec(query.where(Reply.account_id == account_id, Attempt.started_at > since))).one()


async def sending_now(session: AsyncSession, account_id: int) -> bool:
    """Whether a reply of this account is being sent at this moment."""
    query = select(Reply.id).where(Reply.account_id == account_id, Reply.status == "sending")
    return (await session.exec(query.limit(1))).first() is not None


# --- asking for drafts, and drafts that are no longer good -----------------------------------------------------


def request_row(
    case_id: int,
    *,
    brand_id: int,
    channel: str,
    mention_id: int,
    lang: str | None,
    now: datetime,
    kind: str = "answer",
) -> dict[str, Any]:
    """One requested reply as a row for bulk insert; due at once."""
    row = Reply(
        id=ids.next(now),
        brand_id=brand_id,
        case_id=case_id,
        mention_id=mention_id,
        channel=channel,
        kind=kind,
        lang=lang,
        due_at=now,
        created_at=now,
    )
    return {name: getattr(row, name) for name in _COLUMNS}


async def request(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Insert requested replies in bulk (rows of `request_row`). Behind a reply that is under way they wait for it."""
    if rows:
        behind = await cases_with_reply(session, [row["case_id"] for row in rows], UNDER_WAY)
        turns = [row | {"due_at": None} if row["case_id"] in behind else row for row in rows]
        await (await session.connection()).execute(insert(Reply), turns)


async def stale_replies(
    session: AsyncSession,
    case_ids: Sequence[int],
    now: datetime,
    why: str = "the thread moved on",
    actor: str = "system:listener",
) -> list[tuple[int, int]]:
    """Something was added to these threads, or the answered post was edited: requests, drafts and approvals made
    before are void, and no draft that gave way comes back. Call it in the transaction that stores the new mention, and
    ask for new drafts there.

    A reply that is being sent, or that a person has in hand, stays as it is. Returns (case, mention it was about), each
    case once.
    """
    found = await _to_stale(session, case_ids, (*_WAITING, REPLACED), now, why, actor)
    await _hold_again(session, [row.case_id for row in found if row.kind == "holding" and row.status != REPLACED], now)
    return list({row.case_id: row.mention_id for row in found if row.status != REPLACED}.items())


async def _hold_again(session: AsyncSession, case_ids: Sequence[int], now: datetime) -> None:
    """The word that was to hold them went stale: another one is as due."""
    if case_ids:
        waiting = update(Case).where(col(Case.id).in_(case_ids), col(Case.next_due_at) > now)
        await (await session.connection()).execute(waiting.values(hold_at=now))


async def _to_stale(
    session: AsyncSession, case_ids: Sequence[int], statuses: Sequence[str], now: datetime, why: str, actor: str
) -> list[Reply]:
    """Those in these statuses that moved, as they were before."""
    if not case_ids:
        return []
    # the cases first, in order: actions and senders lock the same way round, so nobody waits in a circle
    held = select(Case.id).where(col(Case.id).in_(list(case_ids))).order_by(col(Case.id)).with_for_update()
    await session.exec(held)
    query = select(Reply).where(col(Reply.case_id).in_(list(case_ids)), col(Reply.status).in_(statuses))
    query = query.order_by(col(Reply.id)).with_for_update().execution_options(populate_existing=True)
    found = list(await session.exec(query))
    moved: set[int] = set()
    for brand_id, status in sorted({(row.brand_id, row.status) for row in found}):
        moved.update(
            await transitions.move_page(
                session,
                "reply",
                [row.id for row in found if (row.brand_id, row.status) == (brand_id, status)],
                status,
                "stale",
                brand_id=brand_id,
                actor=actor,
                now=now,
                why=why,
                due_at=None,
            )
        )
    if moved:
        await void(session, sorted(moved), now, why)
    return [row for row in found if row.id in moved]


# --- what a sent reply means for its case ----------------------------------------------------------------------


async def answered(
    session: AsyncSession,
    case: Case,
    reply_id: int,
    *,
    actor: str,
    now: datetime,
    resolve: bool = False,
    why: str = "answered",
) -> None:
    """Our answer is out: the case waits for its author (or is resolved) and owes nothing until more is said. If nothing
    is for QUIET, its author is asked whether all is well, as after any case that was resolved.

    A holding reply is no answer: the case stays as it is and owes the answer. Who was thanked for praise waits for
    nothing. When the author wrote again while this answer was on its way, the next draft is already asked for, and its
    turn has come: the case stays open.
    """
    await change(session, Reply, reply_id, promises_due_at=now)
    await change(session, Case, case.id, hold_at=None)
    new = "resolved" if resolve or case.praise else "waiting"
    await next_turn(session, case.id, now)
    if await _is_holding(session, reply_id) and not resolve:
        await _acknowledged(session, case)
        return
    await _to_stale(session, [case.id], (REPLACED,), now, why, actor)
    if await _newer(session, case.id, reply_id):
        return
    quiet: dict[str, Any] = {"follow_up_at": now + QUIET} if new == "waiting" and case.status != "resolved" else {}
    if case.status in (new, "resolved"):
        await change(session, Case, case.id, next_due_at=None, version=case.version + 1, **quiet)
        return
    await transitions.move(
        session,
        "case",
        case.id,
        case.status,
        new,
        brand_id=case.brand_id,
        actor=actor,
        now=now,
        why=why,
        next_due_at=None,
        snoozed_until=None,
        **quiet,
    )


async def next_turn(session: AsyncSession, case_id: int, now: datetime) -> None:
    """The draft that was asked for behind another reply of the case may be written now."""
    waiting = update(Reply).where(col(Reply.case_id) == case_id, waits_its_turn())
    await (await session.connection()).execute(waiting.values(due_at=now))


async def _is_holding(session: AsyncSession, reply_id: int) -> bool:
    return (await session.exec(select(Reply.kind).where(Reply.id == reply_id))).first() == "holding"


async def _acknowledged(session: AsyncSession, case: Case) -> None:
    """Only the first clock stops: whoever was told "we are on it" still waits for the answer."""
    if case.next_due_at is None or case.status not in ("open", "escalated", "snoozed"):
        return
    owed = max(case.next_due_at, case.answer_due_at or case.next_due_at)
    await change(session, Case, case.id, next_due_at=owed, version=case.version + 1)


async def _newer(session: AsyncSession, case_id: int, reply_id: int) -> bool:
    query = select(Reply.id).where(Reply.case_id == case_id, Reply.id > reply_id, col(Reply.status).in_(LIVE))
    return (await session.exec(query.limit(1))).first() is not None


# --- what is due -----------------------------------------------------------------------------------------------


async def due_to_send(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Approved replies whose undo window is over: the longest waiting of each account that is not sending now."""
    busy = select(Reply.account_id).where(Reply.status == "sending", col(Reply.account_id).is_not(None))
    query = select(Reply.id, Reply.account_id).where(
        col(Reply.due_at) <= now, Reply.status == "approved", col(Reply.account_id).not_in(busy)
    )
    first: dict[int | None, int] = {}
    for reply_id, account_id in await session.exec(query.order_by(col(Reply.due_at), col(Reply.id)).limit(limit * 20)):
        first.setdefault(account_id, reply_id)
    return list(first.values())[:limit]


async def expired(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Approved replies whose approval has run out: they go back to a person also while publishing is off."""
    query = select(Reply.id).join(Approval, col(Approval.reply_id) == col(Reply.id))
    query = query.where(Reply.status == "approved", col(Approval.voided_at).is_(None), col(Approval.expires_at) <= now)
    return list(await session.exec(query.order_by(col(Reply.id)).limit(limit)))


async def next_of_account(session: AsyncSession, account_id: int | None, now: datetime) -> int | None:
    """The longest waiting approved reply of this account that is due."""
    query = select(Reply.id).where(Reply.account_id == account_id, Reply.status == "approved", col(Reply.due_at) <= now)
    return (await session.exec(query.order_by(col(Reply.due_at), col(Reply.id)).limit(1))).first()


async def snoozes_over(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Cases whose snooze has ended."""
    query = select(Case.id).where(Case.status == "snoozed", col(Case.snoozed_until) <= now)
    return list(await session.exec(query.order_by(col(Case.snoozed_until)).limit(limit)))


async def hold_account(session: AsyncSession, account_id: int | None, until: datetime) -> None:
    """The network asked this account to wait: what is approved for it and due before then waits as well."""
    waiting = select(Reply.id).where(
        Reply.account_id == account_id, Reply.status == "approved", col(Reply.due_at) < until
    )
    connection = await session.connection()
    await connection.execute(update(Reply).where(col(Reply.id).in_(waiting)).values(due_at=until))
