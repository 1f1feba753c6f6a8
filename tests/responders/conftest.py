"""Worlds on both databases. The schema is migrated once; each test copies it, which costs less than the test."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from storage.migrate import migrate
from tests.responders.world import World, furnish

Furnish = Callable[..., Awaitable[World]]


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite file."""
    path = tmp_path_factory.mktemp("migrated") / "earshot.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def migrated_server(postgres_url: str) -> str:
    """The PostgreSQL server, holding an empty, migrated database called `pattern`."""
    with psycopg.connect(postgres_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute("CREATE DATABASE pattern")
    asyncio.run(migrate(f"{postgres_url.rpartition('/')[0]}/pattern"))
    return postgres_url


@pytest.fixture
def postgres_copy(migrated_server: str) -> Iterator[str]:
    """Address of a migrated database of this test's own."""
    name = f"t_{uuid4().hex[:12]}"
    with psycopg.connect(migrated_server.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE pattern".encode())
        yield f"{migrated_server.rpartition('/')[0]}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, migrated_file: Path) -> str:
    """As the fixture of all tests, but migrated already."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_copy"))
    return f"sqlite+aiosqlite:///{shutil.copy(migrated_file, tmp_path / 'earshot.db')}"


@pytest.fixture
async def build(database_url: str) -> AsyncIterator[Furnish]:
    """Builds the world of a test with its own facts."""
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
