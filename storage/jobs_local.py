"""The motor of one process on SQLite: a bounded number of steps at once, and a sweep over due rows, also at start.

A nudge is a hint kept in memory: after its transaction is committed, the step runs when it is due. A hint that
is lost (the process died) costs nothing, because the sweep finds the row by its due column.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import Clock
from domain.errors import Moved
from storage.database import Database, after_commit
from storage.jobs import Step, Steps

log = structlog.get_logger()

_SWEEP_LIMIT = 200
_FAILURES_BEFORE_PARKING = 3


class LocalJobs:
    """Runs steps in this process. `sweep()` is called every second by the scheduler; `run_once()` by tests."""

    def __init__(self, database: Database, clock: Clock, concurrency: int = 8) -> None:
        self._database = database
        self._clock = clock
        self._steps: Steps = {}
        self._slots = asyncio.Semaphore(concurrency)
        self._running: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._failures: dict[tuple[str, int], int] = {}
        self._timers: set[asyncio.TimerHandle] = set()
        self.on_parked: Callable[[str, int], None] = lambda kind, row_id: None

    def use(self, steps: Steps) -> None:
        """Hand over the steps (wiring)."""
        self._steps = steps

    async def nudge(self, session: AsyncSession, kind: str, row_id: int, due_at: datetime) -> None:
        """Once this transaction is committed, look at the row when it is due."""
        after_commit(session, lambda: self._arm(kind, row_id, due_at))

    def _arm(self, kind: str, row_id: int, due_at: datetime) -> None:
        wait = (due_at - self._clock.now()).total_seconds()
        if wait > 60:
            return  # the sweep will find it
        loop = asyncio.get_running_loop()
        handle = loop.call_later(max(0.0, wait), lambda: self._start(kind, row_id))
        self._timers.add(handle)
        loop.call_later(max(0.0, wait) + 1, self._timers.discard, handle)

    def _start(self, kind: str, row_id: int) -> None:
        name = (kind, row_id)
        if kind in self._steps and name not in self._running:
            task = asyncio.create_task(self._run(self._steps[kind], row_id), name=f"{kind}:{row_id}")
            self._running[name] = task
            task.add_done_callback(lambda _done: self._running.pop(name, None))

    async def _run(self, step: Step, row_id: int) -> None:
        async with self._slots:
            lock = step.lock(row_id)
            if lock is None:
                await self._handle(step, row_id)
            else:
                async with self._locks.setdefault(lock, asyncio.Lock()):
                    await self._handle(step, row_id)

    async def _handle(self, step: Step, row_id: int) -> None:
        name = (step.kind, row_id)
        try:
            await step.handle(row_id, self._clock.now())
            self._failures.pop(name, None)
        except Moved:
            self._failures.pop(name, None)  # another was faster: nothing to do
        except Exception:
            # What nobody expected stops this row, not the others: three times, then it is parked and seen.
            self._failures[name] = self._failures.get(name, 0) + 1
            log.exception("step failed", kind=step.kind, row=row_id, failures=self._failures[name])
            if self._failures[name] == _FAILURES_BEFORE_PARKING:
                self.on_parked(step.kind, row_id)

    def _parked(self, kind: str, row_id: int) -> bool:
        return self._failures.get((kind, row_id), 0) >= _FAILURES_BEFORE_PARKING

    async def sweep(self) -> int:
        """Start every due step that is not running. Returns how many were started."""
        started = 0
        for kind, step in self._steps.items():
            async with self._database.read() as session:
                due = await step.due(session, self._clock.now(), _SWEEP_LIMIT)
            for row_id in due:
                if (kind, row_id) not in self._running and not self._parked(kind, row_id):
                    self._start(kind, row_id)
                    started += 1
        return started

    async def run_once(self) -> int:
        """Sweep and wait until everything that was started is done. Returns how many steps ran."""
        started = await self.sweep()
        await self.drain()
        return started

    async def drain(self) -> None:
        """Wait for the running steps."""
        while self._running:
            await asyncio.gather(*list(self._running.values()), return_exceptions=True)

    async def stop(self, grace_s: float = 2.0) -> None:
        """Let running steps end within the grace, then cancel them; their rows are found again at the next start."""
        for timer in self._timers:
            timer.cancel()
        tasks: list[asyncio.Task[Any]] = list(self._running.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
