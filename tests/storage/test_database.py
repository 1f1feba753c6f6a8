"""The database itself: no update is lost, reading engines cannot write, what runs after a commit."""

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, SAWarning, StatementError
from sqlmodel import select

from domain.errors import BadInput, Moved
from storage import tables
from storage.database import Database, after_commit
from storage.driver import Many, run
from storage.migrate import migrate
from storage.transitions import history, move
from tests.storage.conftest import START, House


async def test_two_writers_never_lose_an_update(house: House, database_url: str) -> None:
    """Each reads, thinks and writes; on SQLite the second waits at BEGIN, on PostgreSQL at the row."""
    other = Database(database_url)

    async def count_up(database: Database) -> None:
        for _ in range(10):
            async with database.write() as session:
                source = await session.get_one(tables.SourceRow, house.source_id, with_for_update=True)
                await asyncio.sleep(0)
                source.seen += 1
                session.add(source)

    await asyncio.gather(count_up(house.db), count_up(other))
    await other.close()
    async with house.db.read() as session:
        assert (await session.get_one(tables.SourceRow, house.source_id)).seen == 20


async def test_of_two_who_move_a_row_one_is_told(house: House, database_url: str) -> None:
    other = Database(database_url)

    async def pause(database: Database) -> bool:
        try:
            async with database.write() as session:
                await move(
                    session, "source", house.source_id, "listening", "paused",
                    brand_id=house.brand_id, actor="user:1", now=START,
                )  # fmt: skip
        except Moved:
            return False
        return True

    assert sorted(await asyncio.gather(*(pause(db) for db in (house.db, other, house.db, other)))) == [0, 0, 0, 1]
    await other.close()
    async with house.db.read() as session:
        assert len(await history(session, "source", house.source_id)) == 1


async def test_whoever_is_cancelled_as_they_get_a_connection_gives_it_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser that goes away, a worker that ends, while there is so much to do that the driver lets others pass."""
    monkeypatch.setattr("psycopg.waiting.MAX_BUSY_TIME", 0.0, raising=False)
    tasks: list[asyncio.Task[None]] = []
    ended: list[bool] = []

    def cancel(*_: Any) -> None:
        asyncio.get_running_loop().call_soon(tasks[0].cancel)

    async def work(block: Any) -> None:
        async with block() as session:
            (await session.exec(select(tables.SourceRow.name))).one()

    event.listen(house.db.engine.sync_engine, "checkout", cancel)
    with warnings.catch_warnings(record=True) as lost:
        warnings.simplefilter("always")
        for block in (house.db.read, house.db.write):
            tasks.append(asyncio.create_task(work(block)))
            await asyncio.gather(*tasks, return_exceptions=True)
            ended.append(tasks.pop().cancelled())
            gc.collect()
    assert any(ended)
    told = [str(each.message) for each in lost if each.category in (SAWarning, ResourceWarning)]
    assert [said for said in told if "connection" in said.casefold()] == []


async def test_closing_waits_for_what_was_just_cancelled(database_url: str) -> None:
    """A server that is stopped cancels its requests and waits for none: each still has to give back its connection."""
    await migrate(database_url)
    db = Database(database_url)

    async def work(block: Any, begun: asyncio.Event) -> None:
        async with block() as session:
            await session.exec(select(tables.SourceRow.name))
            begun.set()
            await asyncio.Event().wait()

    with warnings.catch_warnings(record=True) as lost:
        warnings.simplefilter("always")
        begun = [asyncio.Event() for _ in range(3)]
        tasks = [asyncio.create_task(work(*each)) for each in zip((db.read, db.read, db.write), begun, strict=True)]
        for each in begun:
            await each.wait()
        for task in tasks:
            task.cancel()
        await db.close()
        assert [task.cancelled() for task in tasks] == [True] * 3
        del tasks, task
        gc.collect()
    assert [str(each.message) for each in lost] == []


@pytest.mark.parametrize("turns", [60, pytest.param(400, marks=pytest.mark.long)])
async def test_who_is_cancelled_while_connections_open_keeps_nobody_waiting_and_leaves_none_open(
    database_url: str, turns: int
) -> None:
    """Cut at any moment between the first step to a database and its end, before that end and after it."""

    async def work(block: Any) -> None:
        async with block() as session:
            await (await session.connection()).execute(text("SELECT 1"))

    gc.collect()
    with warnings.catch_warnings(record=True) as lost:
        warnings.simplefilter("always")
        for turn in range(turns):
            db = Database(database_url)
            tasks = [asyncio.create_task(work(block)) for block in (db.write, db.read) * 3]
            await asyncio.sleep(turn % 20 / 4000)
            for task in tasks[turn % 2 :: 2]:
                task.cancel()
                if turn % 3 == 0:
                    await asyncio.sleep(0)
                    task.cancel()
            async with asyncio.timeout(30):
                if turn % 4 < 2:
                    await asyncio.gather(*tasks, return_exceptions=True)
                await db.close()
                await asyncio.gather(*tasks, return_exceptions=True)
            if turn % 10 == 9:
                gc.collect()
    assert [str(each.message) for each in lost] == []


async def test_closing_does_not_wait_for_ever(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes back later is closed then."""
    monkeypatch.setattr("storage.database._LAST_WAIT_S", 0.05)
    gc.collect()
    with warnings.catch_warnings(record=True) as lost:
        warnings.simplefilter("always")
        async with house.db.read() as session:
            await session.connection()
            await asyncio.wait_for(house.db.close(), 5)
        gc.collect()
    assert [str(each.message) for each in lost] == []


async def test_who_is_cancelled_after_the_end_leaves_nothing_open_and_keeps_nobody_waiting(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One holds the only connection while the database closes, and is cancelled in its last trip; another waits."""
    monkeypatch.setattr("storage.database._LAST_WAIT_S", 0.05)
    held = asyncio.Event()

    async def hold() -> None:
        async with house.db.write() as session:
            await session.connection()
            held.set()
            await asyncio.sleep(0.2)
            waiting.cancel()  # reaches the commit

    async def wait() -> None:
        async with house.db.write() as session:
            await session.connection()

    gc.collect()
    with warnings.catch_warnings(record=True) as lost:
        warnings.simplefilter("always")
        waiting = asyncio.create_task(hold())
        await held.wait()
        behind = asyncio.create_task(wait())
        await asyncio.sleep(0)
        await house.db.close()
        async with asyncio.timeout(30):
            await asyncio.gather(waiting, behind, return_exceptions=True)
        gc.collect()
    assert [str(each.message) for each in lost] == []


async def test_a_read_on_postgresql_refuses_to_write(house: House) -> None:
    if house.db.dialect != "postgresql":
        return
    with pytest.raises(DBAPIError, match="read-only transaction"):
        async with house.db.read() as session:
            await session.exec(text("DELETE FROM person"))  # type: ignore[call-overload]
    async with house.db.write() as session:
        await session.exec(text("DELETE FROM person"))  # type: ignore[call-overload]


async def test_the_reading_engine_of_sqlite_refuses_to_write(tmp_path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'earshot.db'}"
    await migrate(url)
    db = Database(url)
    with pytest.raises(DBAPIError, match="readonly"):
        async with db.read() as session:
            await session.exec(text("DELETE FROM person"))  # type: ignore[call-overload]
    async with db.write() as session:
        found = [(await session.exec(text(f"PRAGMA {name}"))).one()[0]  # type: ignore[call-overload]
                 for name in ("journal_mode", "synchronous", "foreign_keys")]  # fmt: skip
    assert found == ["wal", 2, 1]
    await db.close()


async def test_a_reader_sees_one_moment_while_others_write(house: House) -> None:
    async with house.db.read() as session:
        before = (await session.exec(select(tables.SourceRow.name))).one()
        async with house.db.write() as writer:
            source = await writer.get_one(tables.SourceRow, house.source_id)
            source.name = "renamed"
            writer.add(source)
        assert before == "feed"
        if house.db.dialect == "sqlite":
            assert (await session.exec(select(tables.SourceRow.name))).one() == "feed"


async def test_after_a_commit_and_only_then(house: House) -> None:
    ran: list[str] = []
    async with house.db.write() as session:
        after_commit(session, lambda: ran.append("committed"))
        assert ran == []

    async def roll_back() -> None:
        async with house.db.write() as session:
            after_commit(session, lambda: ran.append("rolled back"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await roll_back()
    assert ran == ["committed"]


async def test_a_naive_moment_is_never_stored(house: House) -> None:
    async def store_naive() -> None:
        async with house.db.write() as session:
            source = await session.get_one(tables.SourceRow, house.source_id)
            source.last_ok_at = START.replace(tzinfo=None)
            session.add(source)

    with pytest.raises(StatementError, match="naive moment"):
        await store_naive()


def test_another_kind_of_database_is_one_clear_error() -> None:
    with pytest.raises(BadInput, match="use sqlite or postgresql"):
        Database("mysql+aiomysql://localhost/x")


async def test_a_schema_from_the_future_is_refused(house: House, database_url: str) -> None:
    assert await migrate(database_url) is False
    async with house.db.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(BadInput, match="start a newer Earshot"):
        await migrate(database_url)


async def test_a_read_sees_one_moment(house: House) -> None:
    query = select(tables.SourceRow.seen).where(tables.SourceRow.id == house.source_id)
    async with house.db.read() as session:
        before = (await session.exec(query)).one()
        async with house.db.write() as other:
            (await other.get_one(tables.SourceRow, house.source_id)).seen += 1
        assert (await session.exec(query)).one() == before
    async with house.db.read() as session:
        assert (await session.exec(query)).one() == before + 1


class Interrupted:
    """Transactions of two rows each, some of which are cancelled at any moment."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        mark = "?" if self.database.dialect == "sqlite" else "%s"
        self.second = Many(f"INSERT INTO note VALUES ({mark})", [(2,)])

    async def open(self) -> None:
        async with self.database.write() as session:
            await (await session.connection()).execute(text("CREATE TABLE note (a INTEGER)"))

    async def two_rows(self) -> None:
        async with self.database.write() as session:
            connection = await session.connection()
            await connection.execute(text("INSERT INTO note VALUES (1)"))
            await run(connection, self.second)

    async def again_and_again(self) -> None:
        while True:
            await self.two_rows()
            await asyncio.sleep(0)

    async def some_are_cut(self, after_s: float, again: bool) -> None:
        crowd = [asyncio.create_task(self.two_rows()) for _ in range(3)]
        await asyncio.sleep(after_s)
        for _ in range(1 + again):
            for task in crowd:
                task.cancel()
            await asyncio.sleep(0)
        await asyncio.gather(*crowd, return_exceptions=True)

    async def count(self, value: int) -> int:
        async with self.database.read() as session:
            query = text("SELECT count(*) FROM note WHERE a = :value")
            return int((await (await session.connection()).execute(query, {"value": value})).scalar_one())


@pytest.fixture
async def interrupted(database_url: str) -> AsyncIterator[Interrupted]:
    found = Interrupted(database_url)
    await found.open()
    yield found
    await found.database.close()


async def test_who_is_cancelled_leaves_neither_lock_nor_half_a_transaction(interrupted: Interrupted) -> None:
    for turn in range(150):
        await interrupted.some_are_cut(turn % 50 / 5000, again=turn % 3 == 0)
        async with asyncio.timeout(30):
            await interrupted.two_rows()
    assert await interrupted.count(1) == await interrupted.count(2) >= 150


async def test_a_time_limit_that_ends_within_a_transaction_is_a_time_limit(interrupted: Interrupted) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(interrupted.again_and_again(), 0.05)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await interrupted.two_rows()
