"""Statements of the way in, given to the driver in one step.

Through the engine, a statement on SQLite is four trips to the driver's thread and back and costs nine times as much,
which a page of 500 posts notices. Connection and transaction are the same, so are the errors raised. On PostgreSQL
everything goes through the engine.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from aiosqlite import Connection
from sqlalchemy import exc
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.expression import Executable

_SQLITE = sqlite.dialect(paramstyle="qmark")
Form = Callable[[Any], Any] | None


async def fetch(connection: AsyncConnection, statement: Executable, values: dict[str, Any]) -> Sequence[Any]:
    """The rows of a query over texts and whole numbers (other columns would come as the database keeps them).

    `statement` is one of a few that live as long as the program: its SQL is kept.
    """
    if connection.dialect.name != "sqlite":
        return (await connection.execute(statement, values)).all()
    sql, bound = _in_sqlite(statement, values)
    async with _driver(connection, sql) as driver:
        return list(await driver.execute_fetchall(sql, bound))


async def change(connection: AsyncConnection, statement: Executable, values: dict[str, Any]) -> None:
    """Run one UPDATE; `statement` as for `fetch`."""
    if connection.dialect.name == "sqlite":
        await fetch(connection, statement, values)
    else:
        await connection.execute(statement, values)


async def change_many(connection: AsyncConnection, sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run one piece of the driver's own SQL with the values of each row."""
    if connection.dialect.name != "sqlite":
        await connection.exec_driver_sql(sql, [tuple(row) for row in rows])
        return
    async with _driver(connection, sql) as driver, driver.executemany(sql, rows):
        pass


@asynccontextmanager
async def _driver(connection: AsyncConnection, sql: str) -> AsyncIterator[Connection]:
    """The driver's connection; its errors become the engine's, without the values (they are people's posts)."""
    try:
        yield (await connection.get_raw_connection()).driver_connection  # type: ignore[misc]
    except sqlite3.Error as error:
        raise getattr(exc, type(error).__name__, exc.DBAPIError)(sql, None, error) from error


def _in_sqlite(statement: Executable, values: dict[str, Any]) -> tuple[str, list[Any]]:
    sql, parameters = _compiled(statement)
    given = ((values.get(name, own), form) for name, own, form in parameters)
    return sql, [form(value) if form else value for value, form in given]


@cache
def _compiled(statement: Any) -> tuple[str, list[tuple[str, Any, Form]]]:
    """The SQL, and for each parameter in order: name, the statement's own value, the form SQLite takes."""
    compiled = statement.compile(dialect=_SQLITE)
    binds = [(name, compiled.binds[name]) for name in compiled.positiontup]
    return str(compiled), [
        (name, bind.value, bind.type.dialect_impl(_SQLITE).bind_processor(_SQLITE)) for name, bind in binds
    ]
