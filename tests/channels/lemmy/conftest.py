"""The instance for every test of this folder, once as Lemmy 0.19 and once as 1.0."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.channels.lemmy.rig import NEW, OLD, Rig, rigged


@pytest.fixture(params=[OLD, NEW])
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with rigged(request.param) as rig:
        yield rig
