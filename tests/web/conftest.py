"""A desk over a real database, and browsers without a window for it."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.migrate import migrate
from tests.web.client import Browser
from tests.web.seed import Desk, build, furnish


@pytest.fixture(scope="session")
def migrated_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite file, made once."""
    path = tmp_path_factory.mktemp("desk") / "empty.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def furnished_file(migrated_desk: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Desk]:
    """A furnished SQLite file, made once; each test works on its own copy."""
    path = Path(shutil.copy(migrated_desk, tmp_path_factory.mktemp("desk") / "full.db"))

    async def fill() -> Desk:
        desk = await furnish(build(f"sqlite+aiosqlite:///{path}"))
        await desk.db.close()
        return desk

    return path, asyncio.run(fill())


@pytest.fixture
async def desk(furnished_file: tuple[Path, Desk], tmp_path: Path) -> AsyncIterator[Desk]:
    """A full desk of this test's own."""
    pattern, filled = furnished_file
    path = tmp_path / "desk.db"
    shutil.copy(pattern, path)
    desk = build(f"sqlite+aiosqlite:///{path}")
    desk.brand, desk.other_brand, desk.users, desk.cases = filled.brand, filled.other_brand, filled.users, filled.cases
    desk.foreign_case, desk.foreign_reply = filled.foreign_case, filled.foreign_reply
    yield desk
    await desk.parts.live.finish()
    await desk.db.close()


@pytest.fixture
async def empty_desk(migrated_desk: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk with people and brands, but nothing heard."""
    path = tmp_path / "desk.db"
    shutil.copy(migrated_desk, path)
    desk = await furnish(build(f"sqlite+aiosqlite:///{path}"), full=False)
    yield desk
    await desk.db.close()


@pytest.fixture
async def agent(desk: Desk) -> Browser:
    """A signed-in agent."""
    return await Browser.signed_in(desk, "agent")


@pytest.fixture
async def admin(desk: Desk) -> Browser:
    """A signed-in admin."""
    return await Browser.signed_in(desk, "admin")
