"""The loop of listening: finds the sources that are due, and has each polled or streamed by a task of its own.

A source is held while it is worked on (`claims`); what is done with it is in `polling` and `streaming`, how that ends
in `endings`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from channels.manifest import Manifest
from domain.account import Account
from domain.clock import Clock
from domain.ports import Scorer
from listener.claims import PROLONG_S, Claims
from listener.ears import EarMaker, streams
from listener.endings import Endings
from listener.keeping import Heard, Keeper
from listener.polling import Poller
from listener.receiving import Receiver
from listener.streaming import Streamer
from net.door import Door
from storage import sources
from storage.database import Database
from storage.tables import Brand, SourceRow

log = structlog.get_logger()


@dataclass(slots=True)
class Listener:
    """Polls and streams every source that is due. `run_once` is one round; `run` goes on until cancelled.

    `receiver` takes what is pushed to us; it works with these ears whether or not the loop runs.
    """

    database: Database
    clock: Clock
    door: Door
    manifests: dict[str, Manifest]
    scorer_for: Callable[[Brand], Scorer]
    open_account: Callable[[Any], Account]
    changed: Callable[[int, Sequence[int]], None] = lambda brand_id, case_ids: None
    concurrency: int = 8
    sla: Mapping[str, Any] = field(default_factory=dict)
    prolong_s: float = PROLONG_S
    ears: EarMaker = field(init=False)
    keeper: Keeper = field(init=False)
    receiver: Receiver = field(init=False)
    claims: Claims = field(init=False)
    endings: Endings = field(init=False)
    poller: Poller = field(init=False)
    streamer: Streamer = field(init=False)
    _polling: dict[int, asyncio.Task[Any]] = field(default_factory=dict)
    _streaming: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        database, clock, manifests = self.database, self.clock, self.manifests
        self.ears = EarMaker(database, clock, self.door, self.scorer_for, self.open_account, self.sla)
        self.keeper = Keeper(database, clock, self.changed)
        self.receiver = Receiver(database, clock, manifests, self.ears, self.keeper)
        self.claims = Claims(database, clock, self.prolong_s)
        self.endings = Endings(database, clock, manifests, self.claims)
        self.poller = Poller(database, clock, manifests, self.ears, self.keeper, self.claims, self.endings)
        self.streamer = Streamer(self.poller)

    # --- the loop ---

    async def run(self, every_s: float = 1.0) -> None:
        """Start what is due, every second, until cancelled; then the running polls are cancelled too."""
        try:
            while True:
                await self._round()
                await self.clock.sleep(every_s)
        finally:
            tasks = list(self._polling.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _round(self) -> None:
        try:
            await self.start_due()
        except SQLAlchemyError:
            log.exception("the database does not answer; trying again")

    async def run_once(self) -> int:
        """Poll each due source once, one after the other. Returns how many were polled; streams are left out."""
        async with self.database.read() as session:
            due = await sources.due_sources(session, self.clock.now(), self._asked())
        polled = [source for source in due if not streams(source, self.manifests[source.channel])]
        for source in polled:
            await self.poll(source.id)
        return len(polled)

    async def start_due(self) -> None:
        """Start a task for each due source that has none yet."""
        room = self.concurrency - len(self._polling.keys() - self._streaming)
        async with self.database.read() as session:
            due = await sources.due_sources(session, self.clock.now(), self._asked())
        for source in due:
            streamed = streams(source, self.manifests[source.channel])
            if source.id in self._polling or (room <= 0 and not streamed):
                continue
            if streamed:
                self._streaming.add(source.id)
            room -= 0 if streamed else 1
            task = asyncio.create_task(self._guarded(source, streamed), name=f"listen:{source.name}")
            self._polling[source.id] = task
            task.add_done_callback(partial(self._forget, source.id))

    def _asked(self) -> list[str]:
        return [name for name, manifest in self.manifests.items() if manifest.is_asked]

    def _forget(self, source_id: int, _done: asyncio.Task[None]) -> None:
        self._polling.pop(source_id, None)
        self._streaming.discard(source_id)

    # --- one source ---

    async def _guarded(self, source: SourceRow, streamed: bool) -> None:
        try:
            await (self.stream(source.id) if streamed else self.poll(source.id, due=True))
        except asyncio.CancelledError:
            await self.claims.let_go(source.id)
            raise
        except Exception:
            # What nobody expected stops this source for a while, not the others, and is seen.
            log.exception("poll failed", channel=source.channel, source=source.id)
            await self.endings.after_surprise(self.claims.held.get(source.id))
        finally:
            self.claims.held.pop(source.id, None)

    async def poll(self, source_id: int, *, due: bool = False) -> Heard | None:
        """One poll of one source: all pages that wait now (bounded), each stored with its cursor.

        `due` polls only when its time has come. None when there was nothing to poll, or it did not go well.
        """
        heard: Heard | None = await self.claims.hold(source_id, self.poller.poll, due=due)
        self.claims.held.pop(source_id, None)
        return heard

    async def stream(self, source_id: int) -> None:
        """Follow a stream until it ends or fails; the next round starts it again from the stored cursor."""
        await self.claims.hold(source_id, self.streamer.stream, due=True)
        self.claims.held.pop(source_id, None)
