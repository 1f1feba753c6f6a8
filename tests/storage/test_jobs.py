"""Both motors keep the same promises: a committed nudge runs, a rolled-back one does not, a due row is found."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import SystemClock
from domain.errors import Moved
from storage.database import Database
from storage.jobs import Step
from storage.jobs_local import LocalJobs
from storage.jobs_procrastinate import ProcrastinateJobs
from storage.tables import SourceRow
from tests.storage.conftest import START, House


class Work:
    """A step that clears the due column of a source; `fail` makes it break."""

    def __init__(self, house: House) -> None:
        self.house, self.ran, self.fail = house, [], False  # type: ignore[var-annotated]

    async def due(self, session: AsyncSession, now: datetime, limit: int) -> list[int]:
        query = select(SourceRow.id).where(col(SourceRow.next_poll_at) <= now).limit(limit)
        return list(await session.exec(query))

    async def handle(self, row_id: int, now: datetime) -> None:
        self.ran.append(row_id)
        if self.fail:
            raise RuntimeError("nobody expected this")
        async with self.house.db.write() as session:
            done = await session.exec(
                update(SourceRow)
                .where(col(SourceRow.id) == row_id, col(SourceRow.next_poll_at).is_not(None))
                .values(next_poll_at=None)
            )
            if done.rowcount != 1:
                raise Moved


@pytest.fixture
async def motor(house: House) -> AsyncIterator[Any]:
    if house.db.dialect == "sqlite":
        jobs: Any = LocalJobs(house.db, SystemClock())
    else:
        jobs = ProcrastinateJobs(house.db, SystemClock())
        await jobs.prepare()
    yield jobs
    await jobs.stop()


@pytest.fixture
def work(house: House, motor: Any) -> Work:
    work = Work(house)
    motor.use({"poll": Step("poll", work.due, work.handle, lambda row_id: f"row:{row_id}")})
    return work


async def make_due(house: House, session: AsyncSession) -> None:
    await session.exec(update(SourceRow).where(col(SourceRow.id) == house.source_id).values(next_poll_at=START))


async def test_a_due_row_is_found_and_done_once(house: House, motor: Any, work: Work) -> None:
    async with house.db.write() as session:
        await make_due(house, session)
    await motor.run_once()
    await motor.run_once()
    assert work.ran == [house.source_id]


async def test_what_a_person_waits_for_does_not_queue_behind_bulk_work(house: House, motor: Any) -> None:
    ran: list[str] = []

    def step(kind: str, *, gives_way: bool) -> Step:
        async def nothing(session: AsyncSession, now: datetime, limit: int) -> list[int]:
            return []

        async def handle(row_id: int, now: datetime) -> None:
            ran.append(kind)
            await SystemClock().sleep(0.002)

        return Step(kind, nothing, handle, gives_way=gives_way)

    motor.use({"bulk": step("bulk", gives_way=True), "quick": step("quick", gives_way=False)})
    async with house.db.write() as session:
        for row_id in range(30):
            await motor.nudge(session, "bulk", row_id, START)
        await motor.nudge(session, "quick", 1, START)
    await SystemClock().sleep(0.005)
    await motor.drain()
    assert len(ran) == 31
    assert "quick" in ran[:10]


async def test_a_committed_nudge_runs_without_a_sweep(house: House, motor: Any, work: Work) -> None:
    async with house.db.write() as session:
        await make_due(house, session)
        await motor.nudge(session, "poll", house.source_id, START)
        await motor.nudge(session, "poll", house.source_id, START)
    await SystemClock().sleep(0.05)
    await motor.drain()
    assert work.ran == [house.source_id]


async def test_a_nudge_that_is_rolled_back_never_runs(house: House, motor: Any, work: Work) -> None:
    async def nudge_and_die() -> None:
        async with house.db.write() as session:
            await motor.nudge(session, "poll", house.source_id, START)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await nudge_and_die()
    await SystemClock().sleep(0.05)
    await motor.drain()
    assert work.ran == []


async def test_a_row_that_keeps_failing_is_parked_and_seen(house: House, motor: Any, work: Work) -> None:
    work.fail, seen = True, []
    motor.runner.on_parked = lambda kind, row_id: seen.append((kind, row_id))
    async with house.db.write() as session:
        await make_due(house, session)
    for _ in range(5):
        await motor.run_once()
    assert (len(work.ran), seen) == (3, [("poll", house.source_id)])
    assert motor.runner.all_parked == [("poll", house.source_id)]


async def test_a_step_that_was_moved_by_another_is_no_failure(house: House, motor: Any, work: Work) -> None:
    async with house.db.write() as session:
        await motor.nudge(session, "poll", house.source_id, START)
    await SystemClock().sleep(0.05)
    await motor.drain()
    assert (work.ran, motor.runner.all_parked) == ([house.source_id], [])


def test_nudges_work_on_the_loop_that_the_commands_use(tmp_path: Path) -> None:
    """uvloop gives another kind of handle than asyncio; a nudge at once must work on both."""
    uvloop = pytest.importorskip("uvloop")

    async def nudge_at_once() -> list[int]:
        ran: list[int] = []

        async def handle(row_id: int, now: datetime) -> None:
            ran.append(row_id)

        async def nothing(session: AsyncSession, now: datetime, limit: int) -> list[int]:
            return []

        db = Database(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
        jobs = LocalJobs(db, SystemClock())
        jobs.use({"poll": Step("poll", nothing, handle)})
        async with db.write() as session:
            for row_id in (1, 2, 3):
                await jobs.nudge(session, "poll", row_id, START)
        await SystemClock().sleep(0.05)
        await jobs.drain()
        await jobs.stop()
        await db.close()
        return ran

    assert sorted(uvloop.run(nudge_at_once())) == [1, 2, 3]
