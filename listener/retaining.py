"""What is kept, and for how long: the steps that purge what is too old and clean up after what was removed."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import removals, replies, retention, scrubbing
from storage.database import Database
from storage.jobs import Step, Tick
from storage.tidying import tidy

log = structlog.get_logger()

_TIDY_S: Final = 6 * 3600.0


def steps(database: Database) -> dict[str, Step]:
    """The durable steps: "keep" looks through a source daily, "scrub" cleans up after removals."""

    async def keep(source_id: int, now: datetime) -> None:
        async with database.write() as session:
            purged = await retention.purge_old(session, source_id, now)
        if purged:
            log.info("old posts purged", source=source_id, posts=purged)

    async def scrub(removal_id: int, now: datetime) -> None:
        done = await scrubbing.scrub(database, removal_id, now)
        if done:
            log.info("cleaned up after removed posts", posts=done)

    return {
        "keep": Step("keep", _due_to_keep, keep, lambda row_id: f"keep:{row_id}", gives_way=True),
        "scrub": Step("scrub", removals.due, scrub, lambda row_id: f"scrub:{row_id}", gives_way=True),
    }


async def _due_to_keep(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    return await retention.due(session, now, limit)


def ticks(database: Database) -> list[Tick]:
    """A few times a day what no reply is likened to any more goes, and after removals the files are tidied."""

    async def run(now: datetime) -> None:
        async with database.write() as session:
            await replies.forget_old_prints(session, now)
        if await tidy(database, now):
            log.info("the database's files were tidied after removals")

    return [Tick("tidy", _TIDY_S, run)]
