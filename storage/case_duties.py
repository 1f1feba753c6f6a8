"""What a case still owes after it was answered: its follow-up, and what is asked about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import aliased
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.thanks import only_thanks
from storage.promises import SHOWN_BROKEN
from storage.replies import FOLLOW_UP, RECENT
from storage.tables import Case, MentionRow, Problem, Promise, Reply, Told
from storage.tables_many import Resolution

_LISTED = 200


async def follow_ups_due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Cases whose author is to be asked now whether all is well: resolved, or answered and quiet since."""
    query = select(Case.id).where(col(Case.follow_up_at) <= now, col(Case.status).in_(("resolved", "waiting")))
    return list(await session.exec(query.order_by(col(Case.follow_up_at)).limit(limit)))


async def followed_up(session: AsyncSession, case_ids: Sequence[int]) -> dict[int, bool]:
    """Of these cases, those whose author we asked whether all is well; and whether they heard no more of us since."""
    if not case_ids:
        return {}
    sent = select(Reply.case_id, Reply.kind).where(col(Reply.case_id).in_(case_ids), Reply.status == "sent")
    found: dict[int, bool] = {}
    for case_id, kind in await session.exec(sent.order_by(col(Reply.id))):
        if kind == FOLLOW_UP or case_id in found:
            found[case_id] = kind == FOLLOW_UP
    return found


async def last_word(session: AsyncSession, case: Case) -> MentionRow | None:
    """The author's newest post of the case that still stands with its words; nobody else is asked in their place. Of a
    case whose author has no name, its newest."""
    query = select(MentionRow).where(
        MentionRow.case_id == case.id, MentionRow.status == "kept", or_(MentionRow.text != "", MentionRow.title != "")
    )
    rows = list(
        await session.exec(query.order_by(col(MentionRow.posted_at).desc(), col(MentionRow.id).desc()).limit(50))
    )
    return next((row for row in rows if is_theirs(case, row)), None)


def is_theirs(case: Case, row: MentionRow) -> bool:
    """Whether the author of the case wrote this; of a case whose author has no name, whoever did."""
    named = {case.author_id, case.author_handle} - {""}
    return not named or bool(named & {row.author_id, row.author_handle})


async def only_praised(session: AsyncSession, case_id: int) -> bool:
    """Whether every post of the case praises us and names no problem, or is nothing but thanks. The label of the case
    itself is that of what came since the last answer."""
    columns = MentionRow.label, MentionRow.severity, MentionRow.text
    query = select(*columns).where(MentionRow.case_id == case_id, MentionRow.status == "kept")
    posts = list(await session.exec(query))
    return bool(posts) and all((post[0], post[1]) == ("positive", 0) or only_thanks(post[2]) for post in posts)


def owed(shown_since: Any) -> ColumnElement[bool]:
    """A promise that stands among the duties: kept neither yet nor said to be none. What is not open stands there no
    longer once its moment is before `shown_since`."""
    lately = func.coalesce(col(Promise.due_at), col(Promise.made_at)) > shown_since
    return or_(col(Promise.status) == "open", col(Promise.status).in_(("found", "broken")) & lately)


async def is_owed(session: AsyncSession, case_id: int, now: datetime) -> bool:
    """Whether something that we promised in it stands among the duties."""
    query = select(Promise.id).where(Promise.case_id == case_id, owed(now - SHOWN_BROKEN)).limit(1)
    return (await session.exec(query)).first() is not None


def awaits_us(shown_since: Any) -> ColumnElement[bool]:
    """A case whose author waits for us: it is to be answered, or something is `owed` in it. One that was answered and
    owes nothing waits for them, and for praise nothing is owed."""
    status = col(Case.status)
    waits = or_(status.in_(("open", "escalated", "snoozed")), (status == "waiting") & _promised(shown_since))
    return col(Case.praise).is_(False) & waits


def _promised(shown_since: Any) -> ColumnElement[bool]:
    return exists().where(col(Promise.case_id) == col(Case.id), owed(shown_since))


async def waits_elsewhere(session: AsyncSession, case: Case, now: datetime) -> bool:
    """Whether its author waits for us in another case of this channel, or is owed something there, though it was
    resolved."""
    if not case.author_id:
        return False
    here = Case.brand_id == case.brand_id, Case.channel == case.channel, Case.author_id == case.author_id
    since = now - SHOWN_BROKEN
    query = select(Case.id).where(*here, Case.id != case.id, or_(awaits_us(since), _promised(since))).limit(1)
    return (await session.exec(query)).first() is not None


async def last_answer_at(session: AsyncSession, case_id: int) -> datetime | None:
    """When our last answer left: no holding reply is one, and no follow-up."""
    answers = Reply.case_id == case_id, Reply.status == "sent", col(Reply.kind).not_in(("holding", FOLLOW_UP))
    return (await session.exec(select(func.max(Reply.sent_at)).where(*answers))).one()


async def awaits_mending(session: AsyncSession, case_id: int, now: datetime) -> bool:
    """Whether it is part of a problem that several told of, the last one within RECENT, and that nobody has solved."""
    root = aliased(Problem)
    query = (
        select(root.id)
        .join(Problem, col(Problem.root_id) == col(root.id))
        .join(Told, col(Told.problem_id) == col(Problem.id))
        .join(MentionRow, col(MentionRow.id) == col(Told.mention_id))
        .outerjoin(Resolution, (col(Resolution.problem_id) == col(root.id)) & (col(Resolution.status) == "standing"))
        .where(MentionRow.case_id == case_id, root.mentions > 1, root.last_at > now - RECENT)
        .where(col(Resolution.id).is_(None))
    )
    return (await session.exec(query.limit(1))).first() is not None


async def kinds_written(session: AsyncSession, case_id: int) -> list[tuple[str, str]]:
    """(kind, status) of every reply of the case."""
    return list(await session.exec(select(Reply.kind, Reply.status).where(Reply.case_id == case_id)))


async def follow_ups_coming(session: AsyncSession, brands: Sequence[int]) -> list[Case]:
    """Resolved cases whose author will be asked, the nearest first."""
    query = select(Case).where(
        col(Case.brand_id).in_(brands), Case.status == "resolved", col(Case.follow_up_at).is_not(None)
    )
    return list(await session.exec(query.order_by(col(Case.follow_up_at)).limit(_LISTED)))


async def drafted(session: AsyncSession, brands: Sequence[int], kind: str) -> list[tuple[Reply, Case]]:
    """Drafts of this kind that wait for a person, the longest waiting first."""
    query = select(Reply, Case).join(Case, col(Case.id) == col(Reply.case_id))
    query = query.where(col(Reply.brand_id).in_(brands), Reply.kind == kind, Reply.status == "drafted")
    return [(reply, case) for reply, case in await session.exec(query.order_by(col(Reply.id)).limit(_LISTED))]
