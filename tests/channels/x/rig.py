"""The emulated X with a door to it, on a clock set by hand, and what most tests do with it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from channels.manifest import Listening
from channels.x.client import Client
from channels.x.freeze import freeze
from channels.x.publisher import XPublisher
from channels.x.source import XSettings, XSource
from channels.x.stream import XStream
from domain.account import Account
from domain.clock import SetClock
from domain.mention import Mention
from domain.ports import Cursor, Page
from domain.reply import ApprovedReply, Outgoing, Parent
from net.door import Door
from tests.channels.doors import test_door
from tests.channels.network import NOON, Network, serving
from tests.channels.subjects.x import SECRETS
from tests.emulators.x import XServer
from tests.emulators.x_books import OWN_ID

HOUR_LATER = NOON + timedelta(hours=1)
TEXT = "We are sorry, Mara: see https://norda.example/help & write to us. 🚆"


@dataclass
class Rig:
    """One network, one account of ours."""

    server: XServer
    network: Network
    door: Door
    clock: SetClock

    @property
    def account(self) -> Account:
        return Account(1, "x", "norda", OWN_ID, self.network.base, SECRETS)

    def listening(self, *, terms: tuple[str, ...] = ("norda",), account: bool = True, **settings: Any) -> Listening:
        chosen = XSettings(**({"spelling": self.server.spelling} | settings))
        return Listening(chosen, self.account if account else None, terms, ("norda",), self.door, self.clock)

    def source(self, **how: Any) -> XSource:
        return XSource(self.listening(**how))

    def stream(self, **how: Any) -> XStream:
        return XStream(self.listening(kind="stream", **how))

    async def poll(self, cursor: Cursor | None = None, **how: Any) -> tuple[list[Page], Cursor | None]:
        """One poll: page by page until no more waits, with a cursor that goes through JSON."""
        pages = []
        for _ in range(100):
            page = await self.source(**how).fetch(cursor)
            pages.append(page)
            cursor = json.loads(json.dumps(page.cursor))
            if not page.more:
                return pages, cursor
        raise AssertionError("the poll does not end")

    async def heard(self, cursor: Cursor | None = None, **how: Any) -> tuple[list[Mention], Cursor | None]:
        pages, cursor = await self.poll(cursor, **how)
        return [mention for page in pages for mention in page.mentions], cursor

    def publisher(self) -> XPublisher:
        return XPublisher(self.account, self.door, self.clock)

    def client(self) -> Client:
        return Client(self.account, self.door, self.clock, "post" if self.server.spelling == "post" else "tweet")

    def asked(self, path: str = "/2/tweets/search/recent") -> list[str]:
        """The addresses asked so far under this path."""
        return [asked for _, asked in self.network.requests if asked.startswith(path)]


@asynccontextmanager
async def rigged(spelling: str = "tweet", at: datetime = HOUR_LATER) -> AsyncIterator[Rig]:
    """A rig whose network spells its fields so."""
    clock = SetClock(at)
    server, network = XServer(now=clock.now, spelling=spelling), Network()
    async with serving(network, server.routes()), test_door(clock) as door:
        yield Rig(server, network, door, clock)


def parent_of(mention: Mention) -> Parent:
    return Parent(
        mention.external_id, mention.thread_id, mention.url, mention.author_id, mention.author_handle, mention.native
    )


def approve(rig: Rig, mention: Mention, text: str = TEXT, **facts: Any) -> ApprovedReply:
    """A reply frozen as at approval."""
    parent = parent_of(mention)
    frozen = freeze(Outgoing(text, "en", parent, rig.account, HOUR_LATER, 7))
    return ApprovedReply(7, 8, "x", rig.account, parent, text, frozen.body, frozen.key, HOUR_LATER, **facts)
