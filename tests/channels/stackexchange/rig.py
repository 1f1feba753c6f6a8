"""An emulated site with a door to it, as the tests of this channel use it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from channels.manifest import Listening
from channels.stackexchange.source import StackExchangeSettings, StackExchangeSource
from domain.clock import SetClock
from domain.mention import Mention
from domain.ports import Cursor, Page
from net.door import Door
from tests.channels.doors import test_door
from tests.channels.network import NOON, Network, serving
from tests.emulators.stackexchange import Site

HOUR_LATER = NOON.replace(hour=13)


class Rig:
    """One site."""

    def __init__(self, site: Site, network: Network, door: Door) -> None:
        self.site, self.network, self.door = site, network, door
        self.clock = SetClock(HOUR_LATER)

    def at(self, moment: datetime) -> None:
        """Set our clock and the site's."""
        self.clock, self.site.now = SetClock(moment), moment

    def source(self, terms: tuple[str, ...] = ("norda",), **settings: Any) -> StackExchangeSource:
        own = {"api_url": f"{self.network.base}/2.3", "site": "trains"}
        chosen = StackExchangeSettings(**(own | settings))
        return StackExchangeSource(Listening(chosen, None, terms, (), self.door, self.clock))

    async def poll(self, cursor: Cursor | None = None, **how: Any) -> tuple[list[Page], Cursor | None]:
        """Until nothing waits, each page with a new source and a cursor that went through JSON."""
        pages = []
        for _ in range(200):
            page = await self.source(**how).fetch(cursor)
            pages.append(page)
            cursor = json.loads(json.dumps(page.cursor))
            if not page.more:
                return pages, cursor
        raise AssertionError("the poll does not end")

    async def heard(self, cursor: Cursor | None = None, **how: Any) -> tuple[dict[str, Mention], Cursor | None]:
        pages, cursor = await self.poll(cursor, **how)
        return {mention.text: mention for page in pages for mention in page.mentions}, cursor

    def calls(self) -> list[str]:
        """The methods called so far."""
        return [path.partition("?")[0].removeprefix("/2.3") for _, path in self.network.requests]


@asynccontextmanager
async def rigged() -> AsyncIterator[Rig]:
    """The site served on a free port."""
    site, network = Site(), Network()
    async with serving(network, site.routes()), test_door(SetClock(HOUR_LATER)) as door:
        yield Rig(site, network, door)
