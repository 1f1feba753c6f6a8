"""What the lists of the desk read: mentions, topics, sources, accounts. Scoped by the brands of the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput
from storage.coverage import timeline
from storage.json_lists import lists
from storage.reporting import is_corrected, is_counted, is_repost
from storage.tables import ID_BITS, AccountRow, Brand, Coverage, MentionRow, Quarantine, SourceRow, Topic

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionFilter:
    """What the address of the page of mentions says. `topic` is the id of a topic, `theme` what a mention is
    about; `lang` "unknown" is none found.

    `count` narrows to what a report counts: "mentions" (see its definition of volume), those of them that are
    "corrected", or "reposts"; empty is all.
    """

    status: str = ""
    brand: int | None = None
    channel: str = ""
    label: str = ""
    lang: str = ""
    author: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    topic: int | None = None
    theme: str = ""
    count: str = ""


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source with its timeline and what of it could not be read."""

    source: SourceRow
    brand: str
    stretches: list[Coverage]
    unread: int


async def mentions(
    session: AsyncSession, brands: list[int], wanted: MentionFilter, *, after: str = "", limit: int = PAGE
) -> tuple[list[MentionRow], str]:
    """Mentions, newest post first, and the key of the next page."""
    query = (
        select(MentionRow)
        .where(col(MentionRow.brand_id).in_(brands), *_conditions(wanted, session.get_bind().dialect.name))
        .order_by(col(MentionRow.posted_at).desc(), col(MentionRow.id).desc())
        .limit(limit + 1)
    )
    if after:
        query = query.where(_beyond(after))
    rows = list(await session.exec(query))
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], f"{last.posted_at.timestamp():.6f}-{last.id}" if last else ""


def _conditions(wanted: MentionFilter, dialect: str) -> list[Any]:
    found: list[Any] = []
    if wanted.count:
        found.append(is_repost() if wanted.count == "reposts" else is_counted())
    if wanted.count == "corrected":
        found.append(is_corrected())
    if wanted.topic is not None:
        found.append(lists("mention.topic_ids", wanted.topic, dialect))
    if wanted.theme:
        found.append(lists("mention.themes", wanted.theme, dialect))
    if wanted.lang == "unknown":
        found.append(or_(col(MentionRow.lang).is_(None), col(MentionRow.lang) == ""))
    for column, value in (
        (col(MentionRow.status), wanted.status),
        (col(MentionRow.brand_id), wanted.brand),
        (col(MentionRow.channel), wanted.channel),
        (col(MentionRow.label), wanted.label),
        (col(MentionRow.lang), wanted.lang if wanted.lang != "unknown" else ""),
    ):
        if value:
            found.append(column == value)
    if wanted.author:
        found.append(col(MentionRow.author_handle) == wanted.author)
    if wanted.since:
        found.append(col(MentionRow.posted_at) >= wanted.since)
    if wanted.until:
        found.append(col(MentionRow.posted_at) < wanted.until)
    if wanted.text:
        found.append(
            or_(
                col(MentionRow.text).icontains(wanted.text, autoescape=True),
                col(MentionRow.title).icontains(wanted.text, autoescape=True),
                col(MentionRow.author_handle).icontains(wanted.text, autoescape=True),
            )
        )
    return found


def _beyond(key: str) -> Any:
    stamp, _, id_text = key.partition("-")
    try:
        posted_at, row_id = datetime.fromtimestamp(float(stamp), UTC), int(id_text)
        if row_id.bit_length() > ID_BITS:
            raise ValueError
    except (ValueError, OverflowError, OSError):
        raise BadInput("after: this is not a place in the list; go back to its first page") from None
    same = and_(col(MentionRow.posted_at) == posted_at, col(MentionRow.id) < row_id)
    return or_(col(MentionRow.posted_at) < posted_at, same)


async def recent_mentions(session: AsyncSession, brand_id: int, limit: int) -> list[MentionRow]:
    """The newest stored mentions of one brand, for the preview of a query."""
    query = select(MentionRow).where(col(MentionRow.brand_id) == brand_id, col(MentionRow.status) != "withdrawn")
    return list(await session.exec(query.order_by(col(MentionRow.posted_at).desc()).limit(limit)))


async def topics(session: AsyncSession, brands: list[int]) -> list[tuple[Topic, str]]:
    """All topics with the names of their brands."""
    query = (
        select(Topic, Brand.name)
        .join(Brand, col(Brand.id) == col(Topic.brand_id))
        .where(col(Topic.brand_id).in_(brands))
        .order_by(col(Brand.name), col(Topic.name))
    )
    return list(await session.exec(query))


async def topic(session: AsyncSession, brands: list[int], topic_id: int) -> Topic | None:
    """One topic; None when foreign or absent."""
    return (await session.exec(select(Topic).where(col(Topic.id) == topic_id, col(Topic.brand_id).in_(brands)))).first()


async def sources(session: AsyncSession, brands: list[int], since: datetime, now: datetime) -> list[SourceView]:
    """All sources with their timelines since then; those in trouble first."""
    query = (
        select(SourceRow, Brand.name)
        .join(Brand, col(Brand.id) == col(SourceRow.brand_id))
        .where(col(SourceRow.brand_id).in_(brands))
        .order_by(col(SourceRow.channel), col(SourceRow.name))
    )
    rows = list(await session.exec(query))
    source_ids = [row[0].id for row in rows]
    stretches: dict[int, list[Coverage]] = {}
    for stretch in await timeline(session, source_ids, since, now) if source_ids else []:
        stretches.setdefault(stretch.source_id, []).append(stretch)
    unread_query = (
        select(Quarantine.source_id, func.count())
        .where(col(Quarantine.source_id).in_(source_ids))
        .group_by(col(Quarantine.source_id))
    )
    unread = dict(row for row in await session.exec(unread_query)) if source_ids else {}
    views = [SourceView(row[0], row[1], stretches.get(row[0].id, []), unread.get(row[0].id, 0)) for row in rows]
    return sorted(views, key=lambda view: view.source.status not in ("stopped", "failing"))


async def source(session: AsyncSession, brands: list[int], source_id: int) -> SourceRow | None:
    """One source; None when foreign or absent."""
    query = select(SourceRow).where(col(SourceRow.id) == source_id, col(SourceRow.brand_id).in_(brands))
    return (await session.exec(query)).first()


async def quarantined(session: AsyncSession, source_ids: list[int], limit: int = 20) -> list[Quarantine]:
    """The newest items of these sources that could not be read."""
    query = select(Quarantine).where(col(Quarantine.source_id).in_(source_ids))
    return list(await session.exec(query.order_by(col(Quarantine.id).desc()).limit(limit)))


async def accounts(session: AsyncSession, brands: list[int]) -> list[tuple[AccountRow, str]]:
    """Our accounts with the names of their brands; removed ones are not shown."""
    query = (
        select(AccountRow, Brand.name)
        .join(Brand, col(Brand.id) == col(AccountRow.brand_id))
        .where(col(AccountRow.brand_id).in_(brands), col(AccountRow.status) != "removed")
        .order_by(col(Brand.name), col(AccountRow.channel), col(AccountRow.handle))
    )
    return list(await session.exec(query))


async def account(session: AsyncSession, brands: list[int], account_id: int) -> AccountRow | None:
    """One account; None when foreign or absent."""
    query = select(AccountRow).where(col(AccountRow.id) == account_id, col(AccountRow.brand_id).in_(brands))
    return (await session.exec(query)).first()


async def own_brands(session: AsyncSession, brands: list[int]) -> list[Brand]:
    """The brands themselves."""
    return list(await session.exec(select(Brand).where(col(Brand.id).in_(brands)).order_by(col(Brand.name))))
