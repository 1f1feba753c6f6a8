"""The motor of one process on SQLite: a bounded number of steps at once, and a sweep over due rows, also at start.

A nudge is a hint kept in memory: after its transaction is committed, the step runs when it is due. A hint that
is lost (the process died) costs nothing, because the sweep finds the row by its due column.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import Clock
from storage.database import Database, after_commit
from storage.jobs import Step, Steps
from storage.steps import StepRunner

_SWEEP_LIMIT = 200
_FARTHEST_HINT_S = 60.0


class LocalJobs:
    """Runs steps in this process. `sweep()` is called every second by the scheduler; `run_once()` by tests."""

    def __init__(self, database: Database, clock: Clock, concurrency: int = 8) -> None:
        self.runner = StepRunner(clock)
        self._database = database
        self._clock = clock
        self._slots = asyncio.Semaphore(concurrency)
        self._bulk_slots = asyncio.Semaphore(max(1, concurrency // 2))
        self._running: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._hints: dict[asyncio.Handle, float] = {}
        self._closing = False

    def use(self, steps: Steps) -> None:
        """Hand over the steps (wiring)."""
        self.runner.steps = steps

    async def start(self) -> None:
        """Nothing to prepare: the first sweep finds what an earlier process left."""

    async def nudge(self, session: AsyncSession, kind: str, row_id: int, due_at: datetime) -> None:
        """Once this transaction is committed, look at the row when it is due."""
        after_commit(session, lambda: self._hint(kind, row_id, due_at))

    def _hint(self, kind: str, row_id: int, due_at: datetime) -> None:
        wait = max(0.0, (due_at - self._clock.now()).total_seconds())
        if wait > _FARTHEST_HINT_S:
            return  # the sweep will find it
        loop = asyncio.get_running_loop()
        self._hints = {hint: at for hint, at in self._hints.items() if at > loop.time()}
        # Our own note of the time: not every loop's handle has one (uvloop gives a plain handle for no delay).
        self._hints[loop.call_later(wait, self._start, kind, row_id)] = loop.time() + wait

    def _start(self, kind: str, row_id: int) -> None:
        name = (kind, row_id)
        if kind in self.runner.steps and name not in self._running:
            task = asyncio.create_task(self._run(self.runner.steps[kind], row_id), name=f"{kind}:{row_id}")
            self._running[name] = task
            task.add_done_callback(lambda _done: self._running.pop(name, None))

    async def _run(self, step: Step, row_id: int) -> None:
        async with self._bulk_slots if step.gives_way else self._slots:
            if self._closing:
                return  # it waited for its turn; the next start finds its row
            lock = step.lock(row_id)
            if lock is None:
                await self.runner.run(step, row_id)
            else:
                async with self._locks.setdefault(lock, asyncio.Lock()):
                    await self.runner.run(step, row_id)
                if len(self._locks) > 10_000:
                    self._locks = {name: held for name, held in self._locks.items() if held.locked()}

    async def sweep(self) -> int:
        """Start every due step that is not running. Returns how many were started."""
        started = 0
        for kind, step in self.runner.steps.items():
            async with self._database.read() as session:
                due = await step.due(session, self._clock.now(), _SWEEP_LIMIT)
            for row_id in due:
                if (kind, row_id) not in self._running and not self.runner.parked(kind, row_id):
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

    async def stop(self, grace_s: float = 1.5) -> None:
        """Let running steps end within the grace, then cancel them; their rows are found again at the next start."""
        self._closing = True
        for hint in self._hints:
            hint.cancel()
        tasks: list[asyncio.Task[Any]] = list(self._running.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
