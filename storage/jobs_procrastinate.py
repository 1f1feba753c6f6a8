"""The motor on PostgreSQL: procrastinate carries the nudges to any number of workers on any number of machines.

A nudge is deferred inside our own transaction, so it is there exactly when the row is. `lock` keeps steps of one reply
apart. A worker that dies stops sending heartbeats; its jobs are then cleared away (`rescue`). The sweep nudges rows
that are overdue though nobody carries them. Losing a job is harmless, running one twice too: the row decides.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import Clock
from storage.database import Database
from storage.jobs import Steps
from storage.steps import StepRunner

log = structlog.get_logger()

QUEUE = "steps"
TASK = "earshot.step"
_SWEEP_LIMIT = 200
_OVERDUE_S = 1.0
_HEARTBEAT_S = 3.0
_STALLED_S = 12.0
_DEFER = text(
    "SELECT unnest(procrastinate_defer_jobs_v1(ARRAY["
    "ROW(:queue, :task, :priority, CAST(:lock AS text), :name, jsonb_build_object('kind', CAST(:kind AS text), "
    "'row_id', CAST(:row_id AS bigint)), :due_at)::procrastinate_job_to_defer_v1]))"
)


class ProcrastinateJobs:
    """Runs steps of this process' share. Every process may also sweep: a nudge that exists already is not doubled."""

    def __init__(self, database: Database, clock: Clock, concurrency: int = 8) -> None:
        self.runner = StepRunner(clock)
        self._database = database
        self._clock = clock
        self._concurrency = concurrency
        plain = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._app = App(connector=PsycopgConnector(conninfo=plain, min_size=1, max_size=4))
        self._app.task(name=TASK, queue=QUEUE)(self._step)
        self._worker: asyncio.Task[None] | None = None

    def use(self, steps: Steps) -> None:
        """Hand over the steps (wiring)."""
        self.runner.steps = steps

    async def prepare(self) -> None:
        """Open connections and make procrastinate's own tables where they are missing."""
        await self._app.open_async()
        async with self._database.write() as session:
            connection = await session.connection()
            await connection.execute(text("SELECT pg_advisory_xact_lock(7316)"))
            there = await connection.scalar(text("SELECT to_regclass('procrastinate_jobs')"))
            if there is None:
                await self._app.schema_manager.apply_schema_async()

    async def start(self) -> None:
        """Begin to work off nudges, here."""
        await self.prepare()
        self._worker = asyncio.create_task(
            self._app.run_worker_async(
                queues=[QUEUE],
                concurrency=self._concurrency,
                install_signal_handlers=False,
                fetch_job_polling_interval=1.0,
                delete_jobs="always",
                shutdown_graceful_timeout=1.5,
                update_heartbeat_interval=_HEARTBEAT_S,
                stalled_worker_timeout=_STALLED_S,
            ),
            name="steps",
        )

    async def _step(self, kind: str, row_id: int) -> None:
        step = self.runner.steps.get(kind)
        if step is not None:
            await self.runner.run(step, row_id)

    async def nudge(self, session: AsyncSession, kind: str, row_id: int, due_at: datetime) -> None:
        """Part of the caller's transaction. One nudge per row and due time; a second one is dropped."""
        await self._defer(session, kind, row_id, due_at, f"{kind}:{row_id}:{due_at.timestamp():.0f}")

    async def _defer(self, session: AsyncSession, kind: str, row_id: int, due_at: datetime, name: str) -> bool:
        step = self.runner.steps.get(kind)
        values = {
            "queue": QUEUE,
            "task": TASK,
            "priority": -1 if step is not None and step.gives_way else 0,
            "lock": step.lock(row_id) if step is not None else None,
            "name": name,
            "kind": kind,
            "row_id": row_id,
            "due_at": due_at,
        }
        connection = await session.connection()
        try:
            async with connection.begin_nested():
                await connection.execute(_DEFER, values)
        except IntegrityError:
            return False  # the same nudge waits already
        return True

    async def sweep(self) -> int:
        """Nudge rows that are overdue though nobody carries them. Returns how many."""
        nudged, now = 0, self._clock.now()
        for kind, step in self.runner.steps.items():
            async with self._database.write() as session:
                due = await step.due(session, now - timedelta(seconds=_OVERDUE_S), _SWEEP_LIMIT)
                for row_id in due:
                    if not self.runner.parked(kind, row_id):
                        nudged += await self._defer(session, kind, row_id, now, f"{kind}:{row_id}:sweep")
        return nudged

    async def rescue(self, now: datetime) -> int:
        """Clear away the jobs of workers that are gone, with the locks they hold. Returns how many.

        They are not handed on as they are: a sweep may have nudged the same row meanwhile, and the two would stand in
        each other's way for ever. What they had not done is a due row, which the next sweep nudges.
        """
        stalled = list(await self._app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_S))
        for job in stalled:
            try:
                await self._app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
            except ConnectorException:
                log.info("a stalled job was taken by another process", job=job.id)
        return len(stalled)

    async def run_once(self) -> int:
        """Sweep and work until the queue is empty (tests). Returns how many rows were nudged."""
        nudged = await self.sweep()
        await self._app.run_worker_async(
            queues=[QUEUE], wait=False, install_signal_handlers=False, concurrency=1, delete_jobs="always"
        )
        return nudged

    async def drain(self) -> None:
        """Work until the queue is empty (tests)."""
        await self._app.run_worker_async(
            queues=[QUEUE], wait=False, install_signal_handlers=False, delete_jobs="always"
        )

    async def stop(self) -> None:
        """Let running steps end shortly; what was not done is handed on."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        await self._app.close_async()
