"""Authors who praised us more than once, for marketing people. Nothing is stored: what is removed is gone here too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import case, func, or_
from sqlalchemy import select as pick
from sqlmodel import col, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.opt_out import author_hash
from domain.praise import CLEARLY, may_be_praise
from storage.tables import Case, MentionRow, OptOut, Reply

MOST: Final = 200
LEAST: Final = 2
"""Posts of praise that make an advocate: once is a good day, twice is a habit."""
_LOOKED_AT: Final = 2
"""For each who is listed so many are looked at: some glad posts ask for something, which no column tells."""
_NOT_NAMED: Final = frozenset(("praise", "question", "other", "spam"))
_M = MentionRow
_AUTHOR: Final = case((col(_M.author_id) != "", col(_M.author_id)), else_=col(_M.author_handle))
_CASES_AUTHOR: Final = col(Case.author_id)

Who = tuple[int, str, str]
"""A brand, a channel, and how a case names its author there."""


@dataclass(frozen=True, slots=True)
class Advocate:
    """One author on one channel. `praised` counts posts of praise in the period, `about` says what of (the themes, the
    most frequent first), `newest` is the latest of them; `thanked_at` is when we last thanked them, if ever."""

    newest: MentionRow
    praised: int
    about: tuple[str, ...]
    thanked_at: datetime | None


async def advocates(
    session: AsyncSession, brands: Sequence[int], since: datetime, private: Collection[str] = ()
) -> list[Advocate]:
    """Who praised us at least `LEAST` times since then, the most faithful first, at most `MOST`. Copies of a post count
    once; who wants to be left alone is none, nor who wrote to us on one of the `private` channels."""
    counted, who = func.count(col(_M.id)), (col(_M.brand_id), col(_M.channel), _AUTHOR)
    public = col(_M.channel).not_in(list(private))
    query = pick(*who, counted).where(*_praise(brands, since), public).group_by(*who).having(counted >= LEAST)
    rows = await (await session.connection()).execute(query.order_by(counted.desc(), func.max(col(_M.id)).desc()))
    found: list[Who] = [(brand, channel, author) for brand, channel, author, _ in rows]
    silent = await _left_alone(session, brands)
    found = [who for who in found if (who[0], author_hash(who[1], who[2], "")) not in silent][: _LOOKED_AT * MOST]
    posts = await _posts(session, brands, since, found)
    named = [who for who in found if len(posts.get(who, ())) >= LEAST]
    named = sorted(named, key=lambda who: -len(posts[who]))[:MOST]
    thanked = await _thanked(session, named)
    return [_advocate(posts[who], thanked.get(who)) for who in named]


def _praise(brands: Sequence[int], since: datetime) -> list[Any]:
    to_us = or_(col(_M.addressed), col(_M.sentiment) >= CLEARLY)
    return [
        col(_M.brand_id).in_(brands), col(_M.status) == "kept", col(_M.posted_at) >= since, col(_M.label) == "positive",
        col(_M.severity) == 0, ~col(_M.is_repost), col(_M.same_as).is_(None), _AUTHOR != "", to_us,
    ]  # fmt: skip


def _is_one_of(found: Sequence[Who]) -> Any:
    return tuple_(col(_M.brand_id), col(_M.channel), _AUTHOR).in_(found)


def _advocate(posts: list[MentionRow], thanked_at: datetime | None) -> Advocate:
    themes = Counter(theme for post in posts for theme in post.themes if theme not in _NOT_NAMED)
    return Advocate(posts[0], len(posts), tuple(name for name, _ in themes.most_common()), thanked_at)


async def _left_alone(session: AsyncSession, brands: Sequence[int]) -> set[tuple[int, str]]:
    query = select(OptOut.brand_id, OptOut.author_hash).where(col(OptOut.brand_id).in_(brands))
    return set(await session.exec(query.where(OptOut.status == "standing")))


async def _posts(
    session: AsyncSession, brands: Sequence[int], since: datetime, found: Sequence[Who]
) -> dict[Who, list[MentionRow]]:
    """Their posts of praise, the newest first."""
    query = select(MentionRow).where(*_praise(brands, since), _is_one_of(found))
    posts: dict[Who, list[MentionRow]] = {}
    for post in await session.exec(query.order_by(col(_M.posted_at).desc(), col(_M.id).desc())) if found else ():
        if may_be_praise([part[0] for part in post.parts], post.themes):
            posts.setdefault((post.brand_id, post.channel, post.author_id or post.author_handle), []).append(post)
    return posts


async def _thanked(session: AsyncSession, found: Sequence[Who]) -> dict[Who, datetime]:
    who = col(Case.brand_id), col(Case.channel), _CASES_AUTHOR
    query = pick(*who, func.max(col(Reply.sent_at))).join(Reply, col(Reply.case_id) == col(Case.id))
    query = query.where(col(Case.praise), col(Reply.status) == "sent", tuple_(*who).in_(found)).group_by(*who)
    rows = await (await session.connection()).execute(query) if found else ()
    return {(brand, channel, author): at for brand, channel, author, at in rows if at is not None}
