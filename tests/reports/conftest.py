"""A desk with weeks of history on both databases; and the history as plain SQL sees it."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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


@pytest.fixture(scope="session")
def history_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, History]:
    """The history as a SQLite file, written once."""
    path = tmp_path_factory.mktemp("reports") / "history.db"
    url = f"sqlite+aiosqlite:///{path}"

    async def write() -> History:
        await migrate(url)
        history = await _write(url)
        await history.desk.db.close()
        return history

    return path, asyncio.run(write())


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def history(
    request: pytest.FixtureRequest, tmp_path: Path, history_file: tuple[Path, History]
) -> AsyncIterator[History]:
    """The history on both databases."""
    if request.param == "postgres":
        url = str(request.getfixturevalue("postgres_db"))
        await migrate(url)
        found = await _write(url)
    else:
        found = _copied(history_file, tmp_path)
    yield found
    found.desk.parts.live.close()
    await found.desk.db.close()


@pytest.fixture
async def sqlite_history(tmp_path: Path, history_file: tuple[Path, History]) -> AsyncIterator[History]:
    """The history on SQLite, for what does not depend on the database."""
    found = _copied(history_file, tmp_path)
    yield found
    found.desk.parts.live.close()
    await found.desk.db.close()


def _copied(pattern: tuple[Path, History], folder: Path) -> History:
    path = Path(shutil.copy(pattern[0], folder / "history.db"))
    desk = build(f"sqlite+aiosqlite:///{path}", SetClock(NOW))
    desk.brand, desk.other_brand, desk.users = pattern[1].desk.brand, pattern[1].desk.other_brand, pattern[1].desk.users
    return History(desk, pattern[1].seeded, pattern[1].other, Sql(desk.db))
