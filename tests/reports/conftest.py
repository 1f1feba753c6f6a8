"""A desk with weeks of history on both databases; and the history as plain SQL sees it."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from domain.clock import SetClock
from storage.database import Database
from storage.migrate import migrate
from tests.reports.seed import Seeded, add_brand, fill
from tests.web.client import Browser
from tests.web.seed import Desk, build, furnish

NOW = datetime(2026, 4, 20, 15, 30, tzinfo=UTC)
"""Both clock changes of this spring (Europe on 29 March, Adelaide on 5 April) lie in the weeks before."""

_SQLITE = "sqlite+aiosqlite:///"


class Sql:
    """Plain SQL on the raw tables; moments are given and compared as the database keeps them."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.is_sqlite = db.dialect == "sqlite"

    def seconds(self, later: str, earlier: str) -> str:
        """SQL for the seconds between two moments."""
        if self.is_sqlite:
            return f"((julianday({later}) - julianday({earlier})) * 86400.0)"
        return f"CAST(extract(epoch FROM ({later}) - ({earlier})) AS double precision)"

    def lower(self, one: str, other: str) -> str:
        return f"{'min' if self.is_sqlite else 'least'}({one}, {other})"

    def higher(self, one: str, other: str) -> str:
        return f"{'max' if self.is_sqlite else 'greatest'}({one}, {other})"

    def moment(self, name: str) -> str:
        """A moment given as a parameter."""
        return f":{name}" if self.is_sqlite else f"CAST(:{name} AS timestamptz)"

    async def rows(self, query: str, **given: Any) -> list[Any]:
        for name, value in given.items():
            if isinstance(value, datetime):
                given[name] = f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}" if self.is_sqlite else value
        async with self.db.read() as session:
            return list(await (await session.connection()).execute(text(query), given))

    async def one(self, query: str, **given: Any) -> Any:
        return (await self.rows(query, **given))[0][0]


@dataclass
class History:
    """A desk that is NOW, its brand with a history, and a second brand of somebody else with another one."""

    desk: Desk
    seeded: Seeded
    other: Seeded
    sql: Sql

    @property
    def db(self) -> Database:
        return self.desk.db

    @property
    def brand(self) -> int:
        return self.seeded.brand_id

    async def browser(self, role: str = "viewer") -> Browser:
        return await Browser.signed_in(self.desk, role)


async def _write(url: str) -> History:
    desk = build(url, SetClock(NOW))
    await furnish(desk, full=False)
    seeded = await fill(desk.db, desk.brand, NOW, days=40, mentions=320)
    other = await fill(desk.db, await add_brand(desk.db, "Kestrelo", NOW), NOW, days=40, mentions=60, seed=8)
    return History(desk, seeded, other, Sql(desk.db))


@dataclass(frozen=True)
class Kept:
    """A written history and where it is."""

    url: str
    history: History


def _write_once(url: str) -> History:
    async def write() -> History:
        await migrate(url)
        history = await _write(url)
        await history.desk.db.close()
        return history

    return asyncio.run(write())


@pytest.fixture(scope="session")
def history_file(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The history as a SQLite file, written once."""
    url = f"{_SQLITE}{tmp_path_factory.mktemp('reports') / 'history.db'}"
    return Kept(url, _write_once(url))


@pytest.fixture(scope="session")
def history_on_postgres(postgres_url: str) -> Kept:
    """The history on PostgreSQL, written once; tests only read it (and sign in)."""
    with psycopg.connect(postgres_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute("CREATE DATABASE report_history")
    url = f"{postgres_url.rpartition('/')[0]}/report_history"
    return Kept(url, _write_once(url))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def kept_history(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    """Where the history is, on both databases; on SQLite a copy of this test's own."""
    if request.param == "postgres":
        kept: Kept = request.getfixturevalue("history_on_postgres")
        return kept
    return _copied(request.getfixturevalue("history_file"), tmp_path)


@pytest.fixture
async def history(kept_history: Kept) -> AsyncIterator[History]:
    """The history on both databases."""
    found = _opened(kept_history)
    yield found
    await found.desk.parts.live.finish()
    await found.desk.db.close()


@pytest.fixture
async def sqlite_history(tmp_path: Path, history_file: Kept) -> AsyncIterator[History]:
    """The history on SQLite, for what does not depend on the database."""
    found = _opened(_copied(history_file, tmp_path))
    yield found
    await found.desk.parts.live.finish()
    await found.desk.db.close()


def _copied(kept: Kept, folder: Path) -> Kept:
    path = shutil.copy(kept.url.removeprefix(_SQLITE), folder / "history.db")
    return Kept(f"{_SQLITE}{path}", kept.history)


def _opened(kept: Kept) -> History:
    desk, pattern = build(kept.url, SetClock(NOW)), kept.history
    desk.brand, desk.other_brand, desk.users = pattern.desk.brand, pattern.desk.other_brand, pattern.desk.users
    return History(desk, pattern.seeded, pattern.other, Sql(desk.db))
