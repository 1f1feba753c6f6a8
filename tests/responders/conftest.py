"""Worlds on both databases."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from storage.migrate import migrate
from tests.responders.world import World, furnish

Furnish = Callable[..., Awaitable[World]]


@pytest.fixture(scope="session")
async def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite file; tests copy it, because migrating each time costs more than the test."""
    path = tmp_path_factory.mktemp("migrated") / "earshot.db"
    await migrate(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
async def build(database_url: str, migrated: Path) -> AsyncIterator[Furnish]:
    """Builds the world of a test with its own facts."""
    if database_url.startswith("sqlite"):
        shutil.copy(migrated, database_url.partition(":///")[2])
    await migrate(database_url)
    worlds: list[World] = []

    async def furnished(**facts: Any) -> World:
        worlds.append(await furnish(database_url, **facts))
        return worlds[-1]

    yield furnished
    for world in worlds:
        await world.db.close()


@pytest.fixture
async def world(build: Furnish) -> World:
    """The usual world: an account on a network that can be read back, but does not recognise repeats."""
    return await build()
