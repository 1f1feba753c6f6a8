"""What happened since an id: new transitions and new cases. One cheap look by primary key per table."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select as sa_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Case, MentionRow, Reply, Transition

_LIMIT = 300


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened. `mark` and `id` name the event, `noun` and `row_id` the row it happened to."""

    mark: str
    id: int
    brand_id: int
    noun: str
    row_id: int
    case_id: int = 0
    version: int = 0
    is_new: bool = False


async def news_since(session: AsyncSession, after_id: int) -> list[News]:
    """Transitions, new cases and new mentions of old cases with an id above `after_id`; the newest few hundred."""
    return [
        *await _transitions(session, after_id),
        *await _cases(session, after_id),
        *await _mentions(session, after_id),
    ]


async def _transitions(session: AsyncSession, after_id: int) -> list[News]:
    rows = await (await session.connection()).execute(
        sa_select(
            col(Transition.id),
            col(Transition.brand_id),
            col(Transition.noun),
            col(Transition.row_id),
            col(Reply.case_id),
        )
        .join(
            Reply,
            col(Transition.noun).in_(("reply", "reply_check")) & (col(Reply.id) == col(Transition.row_id)),
            isouter=True,
        )
        .where(col(Transition.id) > after_id)
        .order_by(col(Transition.id).desc())
        .limit(_LIMIT)
    )
    return [
        News("moved", id_, brand, noun, row, case_id=row if noun in ("case", "suggestion") else case or 0)
        for id_, brand, noun, row, case in rows
        if noun not in ("mention", "delivery")
    ]


async def _cases(session: AsyncSession, after_id: int) -> list[News]:
    rows = await session.exec(
        select(Case.id, Case.brand_id, Case.version)
        .where(col(Case.id) > after_id)
        .order_by(col(Case.id).desc())
        .limit(_LIMIT)
    )
    return [News("case", id_, brand, "case", id_, id_, version, True) for id_, brand, version in rows]


async def _mentions(session: AsyncSession, after_id: int) -> list[News]:
    rows = await session.exec(
        select(MentionRow.id, MentionRow.brand_id, MentionRow.case_id)
        .where(col(MentionRow.id) > after_id)
        .order_by(col(MentionRow.id).desc())
        .limit(_LIMIT)
    )
    return [News("mention", id_, brand, "mention", id_, case or 0, is_new=True) for id_, brand, case in rows]
