"""Worlds on both databases."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from storage.migrate import migrate
from tests.responders.world import World, furnish

Furnish = Callable[..., Awaitable[World]]


@pytest.fixture
async def build(database_url: str) -> AsyncIterator[Furnish]:
    """Builds the world of a test with its own facts."""
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
