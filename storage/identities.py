"""Who is one person on several networks: what a person said of it, what may be, and what is known there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, delete, or_
from sqlmodel import col, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.identity import WITHIN, Writer, evidence, marks_of
from domain.ids import ids
from storage import transitions
from storage.tables import Case, KnownFact, MentionRow
from storage.tables_identity import Identity

Who = tuple[str, str]
"""A channel, and how a case names an author there."""

_OPEN: Final = ("open", "escalated")
_MOST_CASES: Final = 500
_MOST_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A case of what is the same person on another network, or may be: its newest post, what colleagues noted of it,
    and why it is shown (`identity` is the row that says so; None for a proposal)."""

    case: Case
    post: MentionRow | None
    facts: list[KnownFact]
    why: tuple[str, ...] = ()
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class Persons:
    """What the page of a case shows of its author on other networks; `denied` are pairs of which somebody said no."""

    same: list[Elsewhere]
    maybe: list[Elsewhere]
    said: list[Identity]

    @property
    def denied(self) -> list[Identity]:
        """Pairs that are two people."""
        return [row for row in self.said if row.status == "different"]


async def persons(session: AsyncSession, case: Case, mentions: Sequence[MentionRow]) -> Persons:
    """Cases of the same person elsewhere, and open ones that may be theirs. A proposal that was answered is none."""
    if not case.author_id:
        return Persons([], [], [])
    said = await of_author(session, case.brand_id, _who(case))
    same, by = await _all_of(session, case.brand_id, said, _who(case))
    answered = {each for row in said for each in _pair(row) if row.status != "taken_back"} | same
    theirs = await _cases_of(session, case.brand_id, same)
    maybe = await _proposed(session, case, mentions, answered)
    shown = await _shown(session, [*theirs, *(other for other, _ in maybe)])
    return Persons(
        [_elsewhere(other, shown, identity=by.get(_who(other))) for other in theirs],
        [_elsewhere(other, shown, why=why) for other, why in maybe],
        said,
    )


def _who(case: Case) -> Who:
    return case.channel, case.author_id


def _pair(row: Identity) -> tuple[Who, Who]:
    return (row.channel, row.author), (row.other_channel, row.other_author)


async def of_author(session: AsyncSession, brand_id: int, *who: Who) -> list[Identity]:
    """All that was said of these authors, the oldest first."""
    one = tuple_(col(Identity.channel), col(Identity.author)).in_(who)
    other = tuple_(col(Identity.other_channel), col(Identity.other_author)).in_(who)
    query = select(Identity).where(Identity.brand_id == brand_id, or_(one, other)).order_by(col(Identity.id))
    return list(await session.exec(query.execution_options(populate_existing=True)))


async def _all_of(
    session: AsyncSession, brand_id: int, said: list[Identity], who: Who
) -> tuple[set[Who], dict[Who, Identity]]:
    """Everybody who is this person, over whatever steps, and the row that brought each in."""
    found, by, new = {who}, dict[Who, Identity](), said
    while new:
        near = {each: row for row in new if row.status == "same" for each in _pair(row) if each not in found}
        found |= near.keys()
        by |= near
        new = await of_author(session, brand_id, *near) if near else []
    return found - {who}, by


async def _cases_of(session: AsyncSession, brand_id: int, whose: Iterable[Who]) -> list[Case]:
    if not (authors := list(whose)):
        return []
    query = select(Case).where(Case.brand_id == brand_id, tuple_(col(Case.channel), col(Case.author_id)).in_(authors))
    return list(await session.exec(query.order_by(col(Case.last_mention_at).desc()).limit(_MOST_SHOWN)))


async def _proposed(
    session: AsyncSession, case: Case, mentions: Sequence[MentionRow], answered: set[Who]
) -> list[tuple[Case, tuple[str, ...]]]:
    """Open cases on other channels whose author may be the same, the newest first."""
    mine = _writer(case, [post for post in mentions if (post.author_id or post.author_handle) == case.author_id])
    others = await _open_elsewhere(session, case)
    posts = await _posts(session, [other.id for other in others])
    found = [
        (other, evidence(mine, _writer(other, posts[other.id]))) for other in others if _who(other) not in answered
    ]
    return [(other, why) for other, why in found if why][:_MOST_SHOWN]


async def _open_elsewhere(session: AsyncSession, case: Case) -> list[Case]:
    near = col(Case.last_mention_at).between(case.last_mention_at - WITHIN, case.last_mention_at + WITHIN)
    query = select(Case).where(
        Case.brand_id == case.brand_id, col(Case.status).in_(_OPEN), Case.channel != case.channel, near,
        col(Case.author_id) != "",
    )  # fmt: skip
    return list(await session.exec(query.order_by(col(Case.id).desc()).limit(_MOST_CASES)))


async def _posts(session: AsyncSession, cases: list[int]) -> dict[int, list[Any]]:
    """What the authors of these cases wrote in them."""
    columns = (col(MentionRow.case_id), col(MentionRow.title), col(MentionRow.text), col(MentionRow.themes))
    wrote = or_(
        col(MentionRow.author_id) == col(Case.author_id),
        and_(col(MentionRow.author_id) == "", col(MentionRow.author_handle) == col(Case.author_id)),
    )
    query = select(*columns).join(Case, col(Case.id) == col(MentionRow.case_id))
    found: dict[int, list[Any]] = defaultdict(list)
    for row in await session.exec(query.where(col(MentionRow.case_id).in_(cases), wrote)) if cases else ():
        found[row[0] or 0].append(row)
    return found


def _writer(case: Case, posts: Sequence[Any]) -> Writer:
    themes = frozenset(theme for post in posts for theme in post.themes)
    return Writer(case.author_handle, case.author_name, themes, marks_of(f"{p.title} {p.text}" for p in posts))


async def _shown(session: AsyncSession, cases: list[Case]) -> tuple[dict[int, MentionRow], dict[int, list[KnownFact]]]:
    newest = [case.last_mention_id for case in cases if case.last_mention_id]
    posts = await session.exec(select(MentionRow).where(col(MentionRow.id).in_(newest)))
    query = select(KnownFact).where(col(KnownFact.case_id).in_([case.id for case in cases]))
    facts: dict[int, list[KnownFact]] = defaultdict(list)
    for fact in await session.exec(query.where(KnownFact.status == "standing").order_by(col(KnownFact.key))):
        facts[fact.case_id].append(fact)
    return {post.id: post for post in posts}, facts


def _elsewhere(case: Case, shown: Any, why: tuple[str, ...] = (), identity: Identity | None = None) -> Elsewhere:
    posts, facts = shown
    return Elsewhere(case, posts.get(case.last_mention_id), facts[case.id], why, identity)


async def proposal(session: AsyncSession, case: Case, other: Case) -> tuple[str, ...]:
    """What speaks for the authors of these two being one person, now."""
    posts = await _posts(session, [case.id, other.id])
    return evidence(_writer(case, posts[case.id]), _writer(other, posts[other.id]))


async def say(
    session: AsyncSession, case: Case, other: Case, status: str, why: Sequence[str], *, actor: str, now: datetime
) -> Identity:
    """Somebody said whether these two authors are one person. ValueError when that stands already in other words."""
    one, two = sorted((_who(case), _who(other)))
    rows = await of_author(session, case.brand_id, one)
    row = next((each for each in rows if _pair(each) == (one, two)), None)
    if row is not None:
        await _move(session, row, status, actor, now, ", ".join(why))
        return row
    row = Identity(
        id=ids.next(now), brand_id=case.brand_id, channel=one[0], author=one[1], other_channel=two[0],
        other_author=two[1], status=status, evidence=list(why), actor=actor, created_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    line = transitions.entry(
        "identity", row.id, "", status, brand_id=case.brand_id, actor=actor, now=now, why=", ".join(why)
    )
    await transitions.record(session, [line])
    return row


async def take_back(session: AsyncSession, row: Identity, *, actor: str, now: datetime) -> None:
    """What was said of the pair counts no longer; it may be proposed again."""
    await _move(session, row, "taken_back", actor, now, "")


async def _move(session: AsyncSession, row: Identity, new: str, actor: str, now: datetime, why: str) -> None:
    await transitions.move(
        session, "identity", row.id, row.status, new, brand_id=row.brand_id, actor=actor, now=now, why=why
    )


async def forget(session: AsyncSession, brand_id: int, channel: str, authors: Iterable[str]) -> None:
    """Of authors who are in no case any more nothing is kept here, not even who they were elsewhere."""
    gone = {each for each in authors if each}
    if not gone:
        return
    here = col(Case.brand_id) == brand_id, col(Case.channel) == channel, col(Case.author_id).in_(list(gone))
    left = await session.exec(select(Case.author_id).where(*here))
    gone -= set(left)
    one = and_(col(Identity.channel) == channel, col(Identity.author).in_(list(gone)))
    other = and_(col(Identity.other_channel) == channel, col(Identity.other_author).in_(list(gone)))
    theirs = delete(Identity).where(col(Identity.brand_id) == brand_id, or_(one, other))
    await (await session.connection()).execute(theirs)
