"""What tells whether a first answer was the last that was needed: who wrote which case, and what came back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_
from sqlalchemy import select as pick
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.arriving import LISTENER
from storage.feedback import CHANNEL as FEEDBACK
from storage.reporting import Milliseconds
from storage.tables import Case, MentionRow, Transition
from storage.tables_identity import Identity

Author = tuple[int, str, str]
"""A brand, a channel, and the name a case has for its author there."""


class Written(NamedTuple):
    """A case: who wrote it and when (milliseconds since 1970). `author` is None where nobody can be recognised."""

    id: int
    author: Author | None
    posted_ms: int


@dataclass(frozen=True, slots=True)
class Contacts:
    """Cases posted from some moment on, the themes of each, when what its author wrote opened it again, when it was
    first escalated, and pairs of authors who are one person (`same`, the oldest word first) or two (`different`)."""

    cases: list[Written]
    themes: dict[int, frozenset[str]]
    back_ms: dict[int, tuple[int, ...]]
    escalated_ms: dict[int, int]
    same: list[tuple[Author, Author]]
    different: list[tuple[Author, Author]]


async def contacts(session: AsyncSession, brands: Sequence[int], since: datetime) -> Contacts:
    """All that was written to these brands since then, on every channel."""
    here = col(Case.brand_id).in_(brands), col(Case.posted_at) >= since
    who = col(Case.brand_id), col(Case.channel), col(Case.author_id)
    rows = await _rows(session, pick(col(Case.id), *who, Milliseconds(col(Case.posted_at))).where(*here))
    same, different = [await _said(session, brands, status) for status in ("same", "different")]
    opened = and_(
        col(Transition.new) == "open", col(Transition.old).in_(("waiting", "resolved")),
        col(Transition.actor) == LISTENER,
    )  # fmt: skip
    escalated = await _moments(session, here, col(Transition.new) == "escalated")
    known = {author for pair in same for author in pair}
    return Contacts(
        [Written(row[0], _known(tuple(row[1:4]), known), row[4]) for row in rows],
        await _themes(session, here),
        await _moments(session, here, opened),
        {case_id: moments[0] for case_id, moments in escalated.items()},
        same,
        different,
    )


def _known(author: Any, known: set[Author]) -> Author | None:
    """On a feedback page nobody is known, unless a colleague said who it is."""
    named: Author = author
    return named if named[2] and (named[1] != FEEDBACK or named in known) else None


async def _rows(session: AsyncSession, query: Any) -> list[Any]:
    return list((await (await session.connection()).execute(query)).all())


async def _themes(session: AsyncSession, here: tuple[Any, ...]) -> dict[int, frozenset[str]]:
    query = pick(col(MentionRow.case_id), col(MentionRow.themes)).join(Case, col(Case.id) == col(MentionRow.case_id))
    found: dict[int, set[str]] = defaultdict(set)
    for case_id, themes in await _rows(session, query.where(*here)):
        found[case_id].update(themes)
    return {case_id: frozenset(themes) for case_id, themes in found.items()}


async def _moments(session: AsyncSession, here: tuple[Any, ...], which: Any) -> dict[int, tuple[int, ...]]:
    """When these steps were taken, by case, the first one first."""
    query = pick(col(Case.id), Milliseconds(col(Transition.at))).join(
        Transition, and_(col(Transition.noun) == "case", col(Transition.row_id) == col(Case.id))
    )
    found: dict[int, list[int]] = defaultdict(list)
    for case_id, at in await _rows(session, query.where(*here, which)):
        found[case_id].append(at)
    return {case_id: tuple(sorted(moments)) for case_id, moments in found.items()}


async def _said(session: AsyncSession, brands: Sequence[int], status: str) -> list[tuple[Author, Author]]:
    columns = (
        col(Identity.brand_id), col(Identity.channel), col(Identity.author), col(Identity.other_channel),
        col(Identity.other_author),
    )  # fmt: skip
    said = col(Identity.brand_id).in_(brands), col(Identity.status) == status
    return [
        ((brand, channel, author), (brand, other_channel, other))
        for brand, channel, author, other_channel, other in await _rows(
            session, pick(*columns).where(*said).order_by(col(Identity.id))
        )
    ]
