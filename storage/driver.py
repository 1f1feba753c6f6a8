"""What Earshot asks of SQLite's driver itself: trips that are never cut, and several statements in one of them.

Through the engine, one statement on SQLite is three trips to the driver's thread and back, and costs nine times as
much as the look-up itself. A page of a few dozen posts notices each trip (bench/pipeline --page 40), so here whatever
can go together makes one. Connection and transaction are the same, so are the errors raised. On PostgreSQL everything
goes through the engine.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from aiosqlite import Connection
from sqlalchemy import exc
from sqlalchemy import util as engine_util
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection as EngineConnection
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.expression import Executable

_SQLITE = sqlite.dialect(paramstyle="qmark")
Form = Callable[[Any], Any] | None
Rows = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Query:
    """A statement over texts and whole numbers (other columns would come as the database keeps them), with its values.

    `statement` is one of a few that live as long as the program: its SQL is kept.
    """

    statement: Executable
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Many:
    """One piece of the driver's own SQL with the values of each row; without rows it does nothing."""

    sql: str
    rows: Sequence[Sequence[Any]]


class UncutConnection(Connection):
    """A connection whose trips come to their end: who is cancelled meanwhile learns of it afterwards.

    The driver's thread does its work all the same. Cut off from it, the engine knows neither whether a transaction was
    begun nor whether it was committed; it throws the connection away, which keeps the lock on the file as long as
    anything refers to it. All other writers then wait ten seconds and fail.
    """

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if not self._running or not self._connection:
            raise ValueError("Connection closed")  # the driver's word, which the engine knows
        return await self._trip(partial(fn, *args, **kwargs))

    async def _trip(self, what: Callable[[], Any]) -> Any:
        done = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((done, what))
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            while not done.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([done])
        put_off()
        return done.result()

    def stop(self) -> asyncio.Future[Any] | None:
        """End the thread. Whoever says so again (the engine, when somebody is cancelled while it closes this) would
        wait for ever for a thread that is gone."""
        return super().stop() if self._running else None


def put_off() -> None:
    """Whoever just caught the cancellation of their task gets it again at the next wait: a time limit encloses a whole
    `read()` or `write()`, never single trips."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()  # what counts cancellations (`asyncio.timeout`) shall count this one once
        task.cancel()


async def connect(path: str, pragmas: Sequence[str]) -> Connection:
    """Open one of these, set as these pragmas say, in one trip. We say BEGIN ourselves. Its thread keeps no process
    from ending."""
    connection = UncutConnection(partial(_opened, path, pragmas), iter_chunk_size=64)
    connection._thread.daemon = True
    connection._thread.start()
    try:
        connection._connection = await connection._trip(connection._connector)
    except BaseException:
        connection.stop()
        raise
    return connection


def _opened(path: str, pragmas: Sequence[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


async def run(connection: AsyncConnection, *steps: Query | Many) -> list[Rows]:
    """Run these steps in their order; the rows that each gave (none for `Many`)."""
    if connection.dialect.name == "sqlite":
        return await _in_one_trip(connection, [_call(step) for step in steps])
    return [await _through_engine(connection, step) for step in steps]


async def fetch(connection: AsyncConnection, statement: Executable, values: Mapping[str, Any]) -> Rows:
    """The rows of one query."""
    return (await run(connection, Query(statement, values)))[0]


def begin(connection: EngineConnection, sql: str) -> None:
    """Begin a transaction on SQLite in one trip."""
    driver: Any = connection.connection.driver_connection
    try:
        engine_util.await_only(driver.execute(sql))
    except sqlite3.Error as error:
        raise _named(error, sql) from error


async def _through_engine(connection: AsyncConnection, step: Query | Many) -> Rows:
    if isinstance(step, Query):
        found = await connection.execute(step.statement, dict(step.values))
        return found.all() if found.returns_rows else []
    if step.rows:
        await connection.exec_driver_sql(step.sql, [tuple(row) for row in step.rows])
    return []


Call = tuple[str, Sequence[Any], bool]
"""SQL, its values, and whether they are those of many rows."""


async def _in_one_trip(connection: AsyncConnection, calls: Sequence[Call]) -> list[Rows]:
    driver: Connection = (await connection.get_raw_connection()).driver_connection  # type: ignore[assignment]
    # The driver offers one trip for one statement; the step beneath runs any function in its thread.
    return await driver._execute(_run_all, driver._conn, calls)  # type: ignore[no-any-return,no-untyped-call]


def _run_all(connection: sqlite3.Connection, calls: Sequence[Call]) -> list[Rows]:
    found: list[Rows] = []
    for sql, values, many in calls:
        try:
            cursor = connection.executemany(sql, values) if many else connection.execute(sql, values)
            found.append([] if many else cursor.fetchall())
        except sqlite3.Error as error:
            raise _named(error, sql) from error
    return found


def _named(error: sqlite3.Error, sql: str) -> exc.DBAPIError:
    """The engine's error for one of the driver's, without the values (they are people's posts)."""
    named: exc.DBAPIError = getattr(exc, type(error).__name__, exc.DBAPIError)(sql, None, error)
    return named


def _call(step: Query | Many) -> Call:
    if isinstance(step, Many):
        return step.sql, step.rows, True
    sql, parameters = _compiled(step.statement)
    given = ((step.values.get(name, own), form) for name, own, form in parameters)
    return sql, [form(value) if form else value for value, form in given], False


@cache
def _compiled(statement: Any) -> tuple[str, list[tuple[str, Any, Form]]]:
    """The SQL, and for each parameter in order: name, the statement's own value, the form SQLite takes."""
    compiled = statement.compile(dialect=_SQLITE)
    binds = [(name, compiled.binds[name]) for name in compiled.positiontup]
    return str(compiled), [
        (name, bind.value, bind.type.dialect_impl(_SQLITE).bind_processor(_SQLITE)) for name, bind in binds
    ]
