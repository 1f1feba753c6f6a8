"""Where an open case stands in its brand's queue, and what would change that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy import select as pick
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Case

OPEN = ("open", "escalated")


@dataclass(frozen=True, slots=True)
class Place:
    """Place `now` of `of` open cases, the most urgent first; `without` has the place without each of the parts."""

    now: int
    of: int
    without: list[int]


async def place_of(session: AsyncSession, case: Case, points: Sequence[float]) -> Place | None:
    """The place of a case whose priority has parts of so many points; None when it is not open. One query."""
    if case.status not in OPEN:
        return None
    values = [case.priority, *(case.priority - each for each in points)]
    above = [func.count().filter(col(Case.priority) > value + 1e-6) for value in values]
    others = pick(func.count(), *above).where(
        col(Case.brand_id) == case.brand_id,
        col(Case.status).in_(OPEN),
        col(Case.id) != case.id,
        col(Case.praise).is_(case.praise),
    )
    count, now, *without = (await (await session.connection()).execute(others)).one()
    return Place(now + 1, count + 1, [ahead + 1 for ahead in without])
