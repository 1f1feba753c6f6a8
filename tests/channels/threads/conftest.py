"""Our account on Threads' emulator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from channels.manifest import Listening
from channels.threads.freeze import freeze
from channels.threads.publisher import ThreadsPublisher
from channels.threads.source import ThreadsSettings, ThreadsSource
from domain.account import Account
from domain.clock import SetClock
from domain.ports import Cursor, Page
from domain.reply import ApprovedReply, Outgoing, Parent
from net.door import Door
from tests.channels.doors import test_door
from tests.channels.network import NOON, Network, serving
from tests.emulators.threads import FIRST_ID, OWN_ID, OWN_NAME, TOKEN, ThreadsServer

TEXT = "Hello Mara, the seat is being dried."


@dataclass
class Rig:
    """The network, its books, and what we are there."""

    server: ThreadsServer
    network: Network
    door: Door
    account: Account
    clock: SetClock

    async def fetch(self, cursor: Cursor | None = None, **settings: Any) -> Page:
        given = ThreadsSettings(**({"kind": "search", "query": "norda"} | settings))
        listening = Listening(given, self.account, ("norda", "sunda"), (OWN_NAME,), self.door, self.clock)
        return await ThreadsSource(listening).fetch(cursor)

    async def poll(self, cursor: Cursor | None = None, **settings: Any) -> tuple[list[str], Cursor | None]:
        """Numbers of the posts of one poll, newest first."""
        found: list[str] = []
        while True:
            page = await self.fetch(cursor, **settings)
            found += [str(int(mention.external_id) - FIRST_ID) for mention in page.mentions]
            cursor = page.cursor
            if not page.more:
                return found, cursor

    @property
    def publisher(self) -> ThreadsPublisher:
        return ThreadsPublisher(self.account, self.door, self.clock)

    def approved(self, text: str = TEXT, prepared: str = "") -> ApprovedReply:
        name = str(FIRST_ID + 1)
        parent = Parent(name, name, "", "mara", "mara", {"id": name})
        frozen = freeze(Outgoing(text, "en", parent, self.account, NOON, 7001))
        return ApprovedReply(
            reply_id=7001, approval_id=1, channel="threads", account=self.account, parent=parent, text=text,
            body=frozen.body, key=frozen.key, approved_at=NOON, prepared=prepared,
        )  # fmt: skip


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    server, network, clock = ThreadsServer(), Network(), SetClock(NOON + timedelta(hours=1))
    server.post(1, "norda, the seat is wet", "mara")
    async with serving(network, server.routes()), test_door(clock) as door:
        account = Account(1, "threads", OWN_NAME, OWN_ID, network.base, {"secret_token": TOKEN})
        yield Rig(server, network, door, account, clock)
