"""Which open cases on other networks may be of the same person, by what their authors wrote; only ever proposed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from typing import Any, Final

from sqlalchemy import and_, or_
from sqlalchemy import select as pick
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.identity import SAME_MARK, WITHIN, Writer, common, evidence, marks_of, marks_of_ours
from storage.feedback import CHANNEL as FEEDBACK
from storage.tables import AccountRow, Article, Brand, Case, KnownFact, MentionRow, SourceRow

_OPEN: Final = ("open", "escalated")
_MOST_CASES: Final = 500
_MOST_SHOWN: Final = 10
_OUR_FACTS: Final = ("done", "known_outage", "next", "site")
"""Keys of known facts that tell of us; the others may be a number of the author's own."""


async def proposed(
    session: AsyncSession, case: Case, answered: Set[tuple[str, str]], told: Iterable[str]
) -> list[tuple[Case, tuple[str, ...]]]:
    """Open cases whose author may be the same, the newest first, with what speaks for it; without those that somebody
    answered. They are on other channels, or on a feedback page, where nobody knows who tells."""
    found = await _alike(session, case, await _open_near(session, case, _elsewhere(case)), told)
    return [(other, why) for other, why in found if (other.channel, other.author_id) not in answered][:_MOST_SHOWN]


def may_be_one(case: Case, other: Case) -> bool:
    """Whether authors of these two cases can be one person without being known as such."""
    return case.channel != other.channel or (case.channel == FEEDBACK and case.author_id != other.author_id)


def _elsewhere(case: Case) -> Any:
    """As `may_be_one`, as a condition."""
    nameless = and_(col(Case.channel) == FEEDBACK, col(Case.author_id) != case.author_id)
    return or_(col(Case.channel) != case.channel, nameless)


async def proposal(session: AsyncSession, case: Case, other: Case, told: Iterable[str]) -> tuple[str, ...]:
    """What speaks for the authors of these two being one person, now."""
    found = await _alike(session, case, [other], told)
    return found[0][1] if found else ()


async def _alike(
    session: AsyncSession, case: Case, others: Sequence[Case], told: Iterable[str]
) -> list[tuple[Case, tuple[str, ...]]]:
    posts = await _posts(session, [case.id, *(other.id for other in others)])
    mine, writers = _writer(case, posts[case.id]), [(other, _writer(other, posts[other.id])) for other in others]
    if any(SAME_MARK in evidence(mine, writer) for _, writer in writers):
        ours = await _ours(session, case.brand_id, told)
        mine = _writer(case, posts[case.id], ours)
        writers = [(other, _writer(other, posts[other.id], ours)) for other in others]
        shared = await _shared(session, case, ours)
        mine, writers = mine.without(shared), [(other, writer.without(shared)) for other, writer in writers]
    found = [(other, evidence(mine, writer)) for other, writer in writers]
    return [(other, why) for other, why in found if why]


async def _shared(session: AsyncSession, case: Case, ours: frozenset[str]) -> frozenset[str]:
    """The marks that go round among the authors of open cases, on whatever channel."""
    here = await _open_near(session, case, Case.channel == case.channel)
    elsewhere = await _open_near(session, case, Case.channel != case.channel)
    cases = list({each.id: each for each in (case, *here, *elsewhere)}.values())
    posts = await _posts(session, [each.id for each in cases])
    return common(((each.channel, each.author_id), _writer(each, posts[each.id], ours).marks) for each in cases)


async def _ours(session: AsyncSession, brand_id: int, told: Iterable[str]) -> frozenset[str]:
    """Numbers and addresses of the brand: what it tells anybody, and its own accounts."""
    brand = await session.get_one(Brand, brand_id)
    texts = [*told, *brand.handles, *brand.links, *_leaves(brand.voice), *_leaves(brand.policy)]
    for account in await session.exec(select(AccountRow).where(AccountRow.brand_id == brand_id)):
        texts += [account.handle, account.external_id]
    for settings in await session.exec(select(SourceRow.settings).where(SourceRow.brand_id == brand_id)):
        texts += _leaves(settings)
    live = select(Article.title, Article.text).where(Article.brand_id == brand_id, Article.status == "live")
    texts += [part for article in await session.exec(live) for part in article]
    known = select(KnownFact.value).where(
        KnownFact.brand_id == brand_id, col(KnownFact.key).in_(_OUR_FACTS), KnownFact.status == "standing"
    )
    return marks_of_ours([*texts, *await session.exec(known)])


def _leaves(value: Any) -> list[str]:
    """All texts in it."""
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in _leaves(each)]
    if isinstance(value, list):
        return [leaf for each in value for leaf in _leaves(each)]
    return [value] if isinstance(value, str) else []


async def _open_near(session: AsyncSession, case: Case, where: Any) -> list[Case]:
    near = col(Case.last_mention_at).between(case.last_mention_at - WITHIN, case.last_mention_at + WITHIN)
    query = select(Case).where(
        Case.brand_id == case.brand_id, col(Case.status).in_(_OPEN), where, near, col(Case.author_id) != ""
    )
    return list(await session.exec(query.order_by(col(Case.id).desc()).limit(_MOST_CASES)))


async def _posts(session: AsyncSession, cases: list[int]) -> dict[int, list[Any]]:
    """What the authors of these cases wrote in them."""
    left = col(MentionRow.native)["to"].as_string().label("address")
    columns = (col(MentionRow.case_id), col(MentionRow.title), col(MentionRow.text), col(MentionRow.themes), left)
    wrote = or_(
        col(MentionRow.author_id) == col(Case.author_id),
        and_(col(MentionRow.author_id) == "", col(MentionRow.author_handle) == col(Case.author_id)),
    )
    query: Any = pick(*columns).join(Case, col(Case.id) == col(MentionRow.case_id))
    found: dict[int, list[Any]] = defaultdict(list)
    query = query.where(col(MentionRow.case_id).in_(cases), wrote)
    for row in await (await session.connection()).execute(query) if cases else ():
        found[row[0] or 0].append(row)
    return found


def _writer(case: Case, posts: Sequence[Any], ours: frozenset[str] = frozenset()) -> Writer:
    themes = frozenset(theme for post in posts for theme in post.themes)
    marks = marks_of((f"{post.title} {post.text}" for post in posts), ours)
    address = next((post.address for post in posts if post.address), "") if case.channel == FEEDBACK else ""
    return Writer(case.author_handle, case.author_name, themes, marks, address.casefold())
