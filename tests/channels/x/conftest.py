"""The emulated X, in the names of 2022 to 2026 and in those of August 2026."""

from collections.abc import AsyncIterator

import pytest

from tests.channels.x.rig import Rig, rigged


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rigged() as made:
        yield made


@pytest.fixture(params=["tweet", "post"])
async def either(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    """The network in the old names, then in the new."""
    async with rigged(request.param) as made:
        yield made
