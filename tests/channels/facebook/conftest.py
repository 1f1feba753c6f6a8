"""The emulated Page with a door to it and a clock set by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from domain.clock import SetClock
from tests.channels.doors import test_door as open_door
from tests.channels.facebook.rig import Rig
from tests.channels.network import NOON, Network, serving
from tests.emulators.facebook import FacebookServer


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    server, network, clock = FacebookServer(), Network(), SetClock(NOON + timedelta(hours=1))
    async with serving(network, server.routes()), open_door(clock) as door:
        yield Rig(server, network, door, clock)
    assert server.violations == []
