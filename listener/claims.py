"""Sources that this process holds: claimed, prolonged while the work on them lasts, and let go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from domain.clock import Clock
from storage import sources
from storage.database import Database
from storage.tables import SourceRow

log = structlog.get_logger()

CLAIM_S: Final = 300.0
PROLONG_S: Final = 60.0
_LET_GO_S = 1.0


@dataclass(slots=True)
class Claims:
    """Who works on a source holds it; another worker leaves it alone until the claim runs out."""

    database: Database
    clock: Clock
    prolong_s: float = PROLONG_S
    held: dict[int, SourceRow] = field(default_factory=dict)
    _turns: dict[int, asyncio.Lock] = field(default_factory=dict)

    async def hold(
        self, source_id: int, work: Callable[[SourceRow], Coroutine[Any, Any, Any]], *, due: bool = False
    ) -> Any:
        """Claim the source and do the work while the claim is prolonged. None when it is not ours to do.

        `due`: only when its time has come.
        """
        async with self.database.write() as session:
            source = await sources.claim(session, source_id, self.clock.now(), CLAIM_S, due=due)
        if source is None:
            return None
        self.held[source_id] = source
        task = asyncio.create_task(work(source))
        try:
            while not (await asyncio.wait({task}, timeout=self.prolong_s))[0]:
                if not await self._prolong(source):
                    return None
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _prolong(self, source: SourceRow) -> bool:
        async with self.turn(source.id), self.database.write() as session:
            held = await sources.prolong(session, source, self.clock.now(), CLAIM_S)
        if not held:
            log.info("poll ends: paused, or another worker's", channel=source.channel, source=source.id)
        return held

    def turn(self, source_id: int) -> asyncio.Lock:
        """Storing, prolonging and letting go take turns: each names the claim as the one before left it."""
        return self._turns.setdefault(source_id, asyncio.Lock())

    async def rest(self, source: SourceRow, until: datetime, **values: Any) -> None:
        """Let go of it until then."""
        async with self.turn(source.id), self.database.write() as session:
            await sources.release(session, source, until, **values)

    async def let_go(self, source_id: int) -> None:
        """This process ends: another one may go on at once."""
        source = self.held.get(source_id)
        try:
            async with asyncio.timeout(_LET_GO_S):
                if source is not None:
                    await self.rest(source, self.clock.now())
        except (TimeoutError, SQLAlchemyError):
            log.info("a claim was left to run out", source=source_id)
