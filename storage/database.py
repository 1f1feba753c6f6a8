"""Connections and transactions. SQLite and PostgreSQL run the same code above this file.

SQLite policy (each point was measured): WAL, `synchronous=FULL` (NORMAL loses acknowledged commits at power loss),
a busy timeout, `BEGIN IMMEDIATE` for every writing transaction (a deferred one fails at once when another wrote in
between), one writing connection, and a separate read-only engine for pages.
"""

from __future__ import annotations

import asyncio
import fcntl
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

from sqlalchemy import event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.clock import SystemClock
from domain.errors import BadInput
from storage.driver import begin, connect, put_off

_BUSY_TIMEOUT_MS = 10_000
_LAST_WAIT_S = 1.0
"""Whoever was cancelled gives a connection back in some milliseconds; whoever was not is not waited for any longer."""
_TURNS = 4
"""For so many turns of the loop nothing is in use: who waited for what was just given back has it by then."""
_ONE_MOMENT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
"""For all statements of a read, as on SQLite: a page never shows a reply that was sent beside a case that still waits
for it. Said in the transaction: as an option of the connection it is set while nobody is there yet to give that back,
and whoever is cancelled in that moment loses it."""


_EVERY = (f"busy_timeout={_BUSY_TIMEOUT_MS}", "foreign_keys=ON")
_READING = (*_EVERY, "query_only=ON")
_WRITING = (
    *_EVERY,
    "journal_mode=WAL",
    "synchronous=FULL",
    "wal_autocheckpoint=4000",
    "secure_delete=FAST",  # what was removed is written over where it stood; `tidy` does the rest
    "cache_size=-16000",  # the default of 2 MB makes a page of 500 posts write its own pages twice
)


def _sqlite_engine(url: URL, *, read_only: bool) -> AsyncEngine:
    # every transaction begins below and ends by its own COMMIT or ROLLBACK: one more on return would undo nothing
    opening = partial(connect, url.database or ":memory:", _READING if read_only else _WRITING)
    more: dict[str, Any] = {"pool_reset_on_return": None, "async_creator": opening}
    engine = create_async_engine(url, pool_size=4 if read_only else 1, max_overflow=0, pool_timeout=60, **more)
    sql = "BEGIN" if read_only else "BEGIN IMMEDIATE"
    event.listen(engine.sync_engine, "begin", lambda connection: begin(connection, sql))
    return engine


async def _given_back(engine: AsyncEngine) -> None:
    pool: Any = engine.pool
    clock, turns = SystemClock(), 0
    until = clock.monotonic() + _LAST_WAIT_S
    while turns < _TURNS and clock.monotonic() < until:
        turns = 0 if pool.checkedout() else turns + 1
        await clock.sleep(0 if turns else 0.005)


class Database:
    """One database. `write()` is one transaction, committed when the block ends well; `read()` never writes."""

    def __init__(self, url: str) -> None:
        """`url` is `sqlite+aiosqlite:///path` or `postgresql+psycopg://…`; BadInput for any other."""
        self.url = make_url(url)
        self.dialect = self.url.get_backend_name()
        if self.dialect == "sqlite":
            self._writer = _sqlite_engine(self.url, read_only=False)
            self._reader = _sqlite_engine(self.url, read_only=True)
        elif self.dialect == "postgresql":
            self._writer = create_async_engine(self.url, pool_size=8, max_overflow=4, pool_pre_ping=True)
            self._reader = self._writer
        else:
            raise BadInput(f"database address: {self.dialect} is not supported; use sqlite or postgresql")
        self._closed = False
        for engine in self._engines():
            event.listen(engine.sync_engine.pool, "checkin", self._close_late)

    def _engines(self) -> Iterable[AsyncEngine]:
        return dict.fromkeys((self._writer, self._reader))  # on PostgreSQL both are one

    def _close_late(self, _connection: Any, record: ConnectionPoolEntry) -> None:
        """What is given back to an engine after its end would be forgotten there, and stay open."""
        if self._closed:
            try:
                record.invalidate()
            except asyncio.CancelledError:
                put_off()  # its place is given back first: others may wait for it

    @property
    def engine(self) -> AsyncEngine:
        """The writing engine (migrations, bulk work)."""
        return self._writer

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One writing transaction; what was registered with `after_commit` runs once it is durable, what was with
        `after_rollback` when it is not to be."""
        async with AsyncSession(self._writer, expire_on_commit=False, autoflush=True) as session:
            try:
                async with session.begin():
                    yield session
            except BaseException:
                for action in session.info.pop("after_rollback", ()):
                    action()
                raise
            for action in session.info.pop("after_commit", ()):
                action()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """One consistent read."""
        async with AsyncSession(self._reader, expire_on_commit=False) as session, session.begin():
            if self.dialect == "postgresql":
                await (await session.connection()).execute(_ONE_MOMENT)
            yield session

    async def tidy(self) -> bool:
        """Leave nothing in the file of what was removed from the tables: SQLite keeps old pieces of pages, and old
        pages in its log. About 10 s per gigabyte, in which nobody writes. False when another process is in the way.
        PostgreSQL does this by its own vacuum."""
        if self.dialect != "sqlite":
            return True
        async with self._writer.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            try:
                await driver.execute("VACUUM")
                rows = await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.OperationalError:
                return False
            return not next(iter(rows))[0]

    async def close(self) -> None:
        """Close all connections, those in use once they are given back: a server that stops cancels its requests and
        waits for none of them."""
        for engine in self._engines():
            await _given_back(engine)
        self._closed = True
        for engine in self._engines():
            await engine.dispose()


def after_commit(session: AsyncSession, action: Any) -> None:
    """Run `action()` after this transaction is committed, never when it is rolled back."""
    session.info.setdefault("after_commit", []).append(action)


def after_rollback(session: AsyncSession, action: Any) -> None:
    """Run `action()` when this transaction comes to nothing, its commit included."""
    session.info.setdefault("after_rollback", []).append(action)


def lock_data_dir(data_dir: Path) -> IO[str]:
    """Hold the data folder for one process; BadInput when another process already runs on it."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        handle = (data_dir / "earshot.lock").open("w")
    except OSError as error:
        raise BadInput(f"{data_dir}: {error.strerror}; choose a --data-dir that this user may write to") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise BadInput(
            f"another Earshot already runs on {data_dir}: stop it, or give this one its own --data-dir"
        ) from None
    return handle
