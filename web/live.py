"""What changed, told to open pages as hints: (noun, id, version). A page that gets one asks again or offers to.

One loop per process looks into the history and at new rows every two seconds while somebody listens. So changes by
workers and by other processes are seen too, on both databases, and nobody who writes needs to know of it. What this
process does itself is told at once with `tell`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from domain.clock import Clock
from domain.ids import Ids
from storage.database import Database
from storage.news import News, news_since

log = structlog.get_logger()

HEARTBEAT_S = 15.0
_POLL_S = 2.0
_LOOK_BACK_S = 10.0
"""Ids rise by time, not by commit: a slow transaction may show an older id late, so we look this far back again."""
_WAITING = 200


@dataclass(frozen=True, slots=True)
class Hint:
    """`noun` is case, reply, mention, alert, source or desk; `is_new` says that the row has just appeared."""

    brand_id: int
    noun: str
    id: int
    case_id: int = 0
    version: int = 0
    is_new: bool = False


class Hub:
    """`listen` gives the hints of some brands until `close`. A reader that is too slow loses hints, never blocks us."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._readers: dict[asyncio.Queue[Hint | None], frozenset[int]] = {}
        self._poller: asyncio.Task[None] | None = None
        self._told: dict[tuple[str, int], datetime] = {}
        self.closed = False
        self._over = asyncio.Event()

    def tell(self, hint: Hint) -> None:
        """Pass a hint to everybody who may see its brand."""
        for queue, brands in self._readers.items():
            if hint.brand_id in brands and queue.qsize() < _WAITING:
                queue.put_nowait(hint)

    async def listen(self, brands: list[int]) -> AsyncIterator[Hint | None]:
        """Hints of these brands; None now and then, so that the caller can say that it is alive. Ends with `close`."""
        queue: asyncio.Queue[Hint | None] = asyncio.Queue()
        self._readers[queue] = frozenset(brands)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll(), name="live")
        try:
            while not self.closed:
                hint: Hint | None = None
                with suppress(TimeoutError):
                    hint = await asyncio.wait_for(queue.get(), HEARTBEAT_S)
                if not self.closed:
                    yield hint
        finally:
            self._readers.pop(queue, None)

    def close(self) -> None:
        """End every stream: at shutdown, before the server waits for its connections."""
        self.closed = True
        for queue in self._readers:
            queue.put_nowait(None)
        self._over.set()

    async def finish(self) -> None:
        """`close`, and wait for the look that is under way: a query cut off in the middle would hold its connection."""
        self.close()
        if self._poller is not None:
            await asyncio.wait([self._poller], timeout=_POLL_S)

    async def _poll(self) -> None:
        start = self._clock.now()
        while self._readers and not self.closed:
            try:
                await self.look(start)
            except SQLAlchemyError:
                log.exception("live: cannot look for news")  # the next look may succeed
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), _POLL_S)

    async def look(self, start: datetime) -> None:
        """Tell what appeared since the last look."""
        now = self._clock.now()
        since = max(start, now - timedelta(seconds=_LOOK_BACK_S))
        async with self._db.read() as session:
            found = await news_since(session, Ids(node=0).next(since))
        for piece in found:
            if (piece.mark, piece.id) not in self._told:
                self._told[piece.mark, piece.id] = now
                self.tell(_hint(piece))
        horizon = now - timedelta(seconds=3 * _LOOK_BACK_S)
        self._told = {seen: at for seen, at in self._told.items() if at > horizon}


def _hint(piece: News) -> Hint:
    return Hint(piece.brand_id, piece.noun, piece.row_id, piece.case_id, piece.version, piece.is_new)
