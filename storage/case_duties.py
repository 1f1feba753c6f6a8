"""What a case still owes after it was answered: its follow-up, and what is asked about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

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


async def followed_up(session: AsyncSession, case_ids: Sequence[int]) -> set[int]:
    """Of these cases, those whose author we asked whether all is well."""
    if not case_ids:
        return set()
    asked = select(Reply.case_id).where(
        col(Reply.case_id).in_(case_ids), Reply.kind == FOLLOW_UP, Reply.status == "sent"
    )
    return set(await session.exec(asked))


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


async def is_owed(session: AsyncSession, case_id: int, now: datetime) -> bool:
    """Whether something that we promised in it stands among the duties, kept neither yet nor said to be none."""
    lately = func.coalesce(col(Promise.due_at), col(Promise.made_at)) > now - SHOWN_BROKEN
    owed = or_(Promise.status == "open", col(Promise.status).in_(("found", "broken")) & lately)
    return (await session.exec(select(Promise.id).where(Promise.case_id == case_id, owed).limit(1))).first() is not None


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
