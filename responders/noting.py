"""What colleagues noted of a case, as far as it is so at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from responders.moments import zone_named
from storage import delays, facts
from storage.tables import Brand, Case, KnownFact

_DELAYED: Final = ("takes_longer", "next")
"""The keys under which a delay is noted."""


async def noted(session: AsyncSession, case: Case, now: datetime) -> dict[str, str]:
    """Key -> value, and `next_by` beside `next`: only what was noted of this very case. What was to be until a moment
    that has passed is left out; so is a delay once the case is done, by a later note or resolution."""
    rows = [row for row in await facts.of_case(session, case.id) if row.value]
    rows = await _current(session, case, rows, now)
    known = {row.key: row.value for row in rows}
    return known | {f"{row.key}_by": row.due_on.isoformat() for row in rows if row.due_on}


async def _current(
    session: AsyncSession, case: Case, rows: Sequence[KnownFact], now: datetime
) -> list[KnownFact]:  # fmt: skip
    said = await delays.of_case(session, case.id)
    by_moment = {delay.created_at: delay for delay in said}
    done = any(row.key == "done" and row.id > said[-1].id for row in rows) if said else False
    is_over = bool(said) and (done or await delays.is_settled(session, case, said[-1]))
    today = now.astimezone(zone_named((await session.get_one(Brand, case.brand_id)).zone)).date()

    def counts(row: KnownFact) -> bool:
        delay = by_moment.get(row.created_at) if row.key in _DELAYED else None
        if delay is not None:
            return not is_over and now < delay.until
        return row.due_on is None or today <= row.due_on

    return [row for row in rows if counts(row)]
