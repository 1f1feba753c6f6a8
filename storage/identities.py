"""Who is one person on several networks: what a person said of it, what may be, and what is known there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, delete, or_
from sqlmodel import col, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import ids
from storage import likeness, transitions
from storage.tables import Case, KnownFact, MentionRow
from storage.tables_identity import Identity

Who = tuple[str, str]
"""A channel, and how a case names an author there."""

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
    """What the page of a case shows of its author on other networks; `denied` are pairs of which somebody said no.
    `apart` would be the same over others, had nobody said "two people" (`identity`) of them and one of those."""

    same: list[Elsewhere]
    maybe: list[Elsewhere]
    said: list[Identity]
    apart: list[Elsewhere] = field(default_factory=list)

    @property
    def denied(self) -> list[Identity]:
        """Pairs that are two people."""
        return [row for row in self.said if row.status == "different"]


async def persons(session: AsyncSession, case: Case, told: Iterable[str] = ()) -> Persons:
    """Cases of the same person elsewhere, and open ones that may be theirs. A proposal that was answered is none.
    `told` are texts that are everybody's, as those of market packs: what stands in them speaks for nobody."""
    if not case.author_id:
        return Persons([], [], [])
    said = await of_author(session, case.brand_id, _who(case))
    chain = await _all_of(session, case.brand_id, said, _who(case))
    answered = {each for row in said for each in _pair(row) if row.status != "taken_back"}
    theirs = await _cases_of(session, case.brand_id, chain.found)
    others = await _cases_of(session, case.brand_id, chain.apart)
    known = answered | chain.found | chain.apart.keys()
    maybe = await likeness.proposed(session, case, known, told)
    shown = await _shown(session, [*theirs, *others, *(other for other, _ in maybe)])
    return Persons(
        [_elsewhere(other, shown, identity=chain.by.get(_who(other))) for other in theirs],
        [_elsewhere(other, shown, why=why) for other, why in maybe],
        said,
        [
            _elsewhere(other, shown, (_two_people(no, other, [case, *theirs]),), no)
            for other, no in ((other, chain.apart[_who(other)]) for other in others)
        ],
    )


def _two_people(no: Identity, case: Case, cases: Sequence[Case]) -> str:
    """Why the author of this case is kept apart, for the desk."""
    other = next((each for each in cases if _who(each) in _pair(no) and _who(each) != _who(case)), None)
    named = f"{other.author_name or other.author_handle} on {other.channel}" if other else "another of them"
    return f"somebody said that they and {named} are two people"


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


@dataclass(slots=True)
class _Chain:
    """Who is one person, over whatever steps: `by` is the row that brought each in. `apart` are those whom a step led
    to and somebody's "two people" keeps away, with that row."""

    found: set[Who]
    by: dict[Who, Identity]
    apart: dict[Who, Identity]


async def _all_of(session: AsyncSession, brand_id: int, said: list[Identity], who: Who) -> _Chain:
    """Everybody who is this person. Steps said earlier go first; of two who were said to be two people, the one that
    is reached later stays out, and whatever only they lead to."""
    chain, known, steps = _Chain({who}, {}, {}), {row.id: row for row in said}, said
    while steps:
        near = _near(steps, chain)
        theirs = await of_author(session, brand_id, *near) if near else []
        known |= {row.id: row for row in theirs}
        for each, row in near.items():
            if no := _between(known.values(), each, chain.found):
                chain.apart[each] = no
            else:
                chain.found.add(each)
                chain.by[each] = row
        steps = [row for row in theirs if any(each in chain.found for each in near if each in _pair(row))]
    chain.found.discard(who)
    return chain


def _near(steps: Iterable[Identity], chain: _Chain) -> dict[Who, Identity]:
    """Whom these rows lead to, each by its oldest row."""
    near: dict[Who, Identity] = {}
    for row in steps:
        if row.status == "same":
            for each in _pair(row):
                if each not in chain.found and each not in chain.apart:
                    near.setdefault(each, row)
    return near


def _between(rows: Iterable[Identity], who: Who, others: set[Who]) -> Identity | None:
    """The row by which this author is somebody else than one of these."""
    pairs = ((row, set(_pair(row))) for row in rows if row.status == "different")
    return next((row for row, pair in pairs if who in pair and pair & others), None)


async def _cases_of(session: AsyncSession, brand_id: int, whose: Iterable[Who]) -> list[Case]:
    if not (authors := list(whose)):
        return []
    query = select(Case).where(Case.brand_id == brand_id, tuple_(col(Case.channel), col(Case.author_id)).in_(authors))
    return list(await session.exec(query.order_by(col(Case.last_mention_at).desc()).limit(_MOST_SHOWN)))


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


async def torn(session: AsyncSession, case: Case, other: Case) -> bool:
    """Whether one person of these two authors would be one of two whom somebody said to be two people."""
    sides = [await _side(session, each) for each in (case, other)]
    rows = await of_author(session, case.brand_id, *sides[0])
    return any(_between(rows, each, sides[1]) is not None for each in sides[0])


async def _side(session: AsyncSession, case: Case) -> set[Who]:
    said = await of_author(session, case.brand_id, _who(case))
    return (await _all_of(session, case.brand_id, said, _who(case))).found | {_who(case)}


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
