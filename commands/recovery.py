"""What a process finds at its start that another one, which died, left half done; and what it looks after later."""

from __future__ import annotations

from datetime import datetime

import structlog

from commands.wiring import House
from responders.worker import found_at_start
from storage import sources
from storage.jobs import Tick

log = structlog.get_logger()

_RESCUE_S = 5.0


async def take_up(house: House) -> None:
    """Take up what was left. On SQLite the data folder is locked for this process, so nobody else can be at work:
    replies left in `sending` are unknown from now on, and sources held by the dead process are polled at once.

    On PostgreSQL another worker may be alive: there each lease runs out by itself, and `rescue_ticks` hands on jobs.
    """
    if house.database.dialect != "sqlite":
        return
    now = house.clock.now()
    async with house.database.write() as session:
        freed = await sources.free_all(session)
    left = await found_at_start(house.responding, now)
    if freed or left:
        log.info("taken up after an unclean end", sources=freed, replies=left)


def rescue_ticks(house: House) -> list[Tick]:
    """On PostgreSQL, hand on the jobs of workers that are gone: a job of theirs would hold its reply for ever."""

    async def rescue(now: datetime) -> int:
        handed_on: int = await house.jobs.rescue(now)
        return handed_on

    return [Tick("rescue", _RESCUE_S, rescue)] if house.database.dialect == "postgresql" else []
