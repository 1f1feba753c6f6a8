"""How long posts take to reach us, per source: counted in the database by steps, read as "95 % within …"."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import case, func
from sqlalchemy import select as pick
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.reporting import Milliseconds
from storage.tables import MentionRow, SourceRow

STEPS_S: Final = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21_600, 43_200, 86_400)
_LONGER: Final = len(STEPS_S)
_SHARE: Final = 0.95


class Lag(NamedTuple):
    """Of `posts` posts 95 % were here within `p95_s` seconds of their writing; None: some took longer than a day."""

    posts: int
    p95_s: int | None


async def lags(session: AsyncSession, brands: Sequence[int], since: datetime) -> dict[int, Lag]:
    """By source, over posts written since then. What a new source read back from before it was added does not count."""
    took = Milliseconds(col(MentionRow.received_at)) - Milliseconds(col(MentionRow.posted_at))
    whens: list[Any] = [(took <= step * 1000, place) for place, step in enumerate(STEPS_S)]
    place = case(*whens, else_=_LONGER)
    query = (
        pick(col(MentionRow.source_id), place, func.count())
        .join(SourceRow, col(SourceRow.id) == col(MentionRow.source_id))
        .where(
            col(MentionRow.brand_id).in_(brands),
            col(MentionRow.posted_at) >= since,
            col(MentionRow.posted_at) >= col(SourceRow.created_at),
        )
        .group_by(col(MentionRow.source_id), place)
    )
    counts: dict[int, dict[int, int]] = {}
    for source_id, step, posts in await (await session.connection()).execute(query):
        counts.setdefault(source_id, {})[step] = posts
    return {source_id: lag_of(found) for source_id, found in counts.items()}


def lag_of(counts: dict[int, int]) -> Lag:
    """From how many posts took up to each step (by its place in STEPS_S). Nearest rank."""
    posts, seen = sum(counts.values()), 0
    rank = math.ceil(posts * _SHARE)
    for step in sorted(counts):
        seen += counts[step]
        if seen >= rank:
            return Lag(posts, STEPS_S[step] if step < _LONGER else None)
    return Lag(posts, None)
