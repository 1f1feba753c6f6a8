"""The emulated YouTube with a door to it and a clock set by hand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from channels.manifest import Listening
from channels.youtube.freeze import freeze
from channels.youtube.publisher import YouTubePublisher
from channels.youtube.settings import YouTubeSettings
from channels.youtube.source import YouTubeSource
from domain.account import Account
from domain.clock import SetClock
from domain.mention import Mention
from domain.ports import Cursor, Page
from domain.reply import ApprovedReply, Outgoing, Parent
from net.door import Door
from tests.channels.doors import test_door as open_door
from tests.channels.network import NOON, Network, serving
from tests.emulators.youtube import OWN, SECRETS, YouTubeServer


class Rig:
    """Builds a new source for each fetch, and sends each cursor through JSON."""

    def __init__(self, server: YouTubeServer, network: Network, door: Door, clock: SetClock) -> None:
        self.server, self.network, self.door, self.clock = server, network, door, clock
        self.secrets = dict(SECRETS)

    @property
    def account(self) -> Account:
        return Account(1, "youtube", "@norda", OWN, self.network.base, self.secrets)

    def key_only(self) -> None:
        """From now on our account can only read."""
        self.secrets = {"secret_api_key": SECRETS["secret_api_key"]}

    def source(self, *, terms: tuple[str, ...] = ("norda",), **settings: Any) -> YouTubeSource:
        listening = Listening(YouTubeSettings(**settings), self.account, terms, ("@norda",), self.door, self.clock)
        return YouTubeSource(listening)

    async def pages(self, cursor: Cursor | None = None, **how: Any) -> tuple[list[Page], Cursor]:
        """One round."""
        found = []
        for _ in range(200):
            page = await self.source(**how).fetch(cursor)
            found.append(page)
            cursor = json.loads(json.dumps(page.cursor))
            assert len(json.dumps(cursor)) < 64_000
            assert cursor is not None
            if not page.more:
                return found, cursor
        raise AssertionError("the round does not end")

    async def heard(self, cursor: Cursor | None = None, **how: Any) -> tuple[dict[str, Mention], Cursor]:
        """The mentions of one round by id."""
        pages, cursor = await self.pages(cursor, **how)
        return {mention.external_id: mention for page in pages for mention in page.mentions}, cursor

    def asked(self, part: str = "/youtube/v3/") -> int:
        """How many requests had this in their address so far."""
        return sum(1 for _, address in self.network.requests if part in address)

    def publisher(self) -> YouTubePublisher:
        return YouTubePublisher(self.account, self.door, self.clock)

    def approve(self, mention: Mention, text: str = "We are sorry, Mara: a refund is on its way.") -> ApprovedReply:
        """A reply to this mention, frozen as at approval."""
        parent = Parent(
            mention.external_id,
            mention.thread_id,
            mention.url,
            mention.author_id,
            mention.author_handle,
            mention.native,
        )
        now = self.clock.now()
        frozen = freeze(Outgoing(text, "en", parent, self.account, now, 7))
        return ApprovedReply(7, 8, "youtube", self.account, parent, text, frozen.body, frozen.key, now)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    server, network, clock = YouTubeServer(), Network(), SetClock(NOON + timedelta(hours=1))
    async with serving(network, server.routes()), open_door(clock) as door:
        yield Rig(server, network, door, clock)
    assert server.violations == []
