"""The emulated Reddit with a door to it, for the tests of this folder."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from channels.manifest import Listening
from channels.reddit.client import Client
from channels.reddit.freeze import freeze
from channels.reddit.publisher import RedditPublisher
from channels.reddit.source import RedditSettings, RedditSource
from domain.account import Account
from domain.clock import SetClock
from domain.mention import Mention
from domain.ports import Cursor, Page
from domain.reply import ApprovedReply, Outgoing, Parent
from net.door import Door
from tests.channels.doors import test_door as open_door
from tests.channels.network import NOON, Network, serving
from tests.channels.subjects.reddit import account_on
from tests.emulators.reddit import RedditServer

HOUR_LATER = NOON.replace(hour=13)
TEXT = "We are sorry, Mara: see <https://norda.example/help?a=1&b=2> & write to us. *Norda* team"


class Rig:
    """The emulated server with a door to it, and what the product builds on them."""

    def __init__(self, server: RedditServer, network: Network, door: Door, clock: SetClock) -> None:
        self.server, self.network, self.door, self.clock = server, network, door, clock

    @property
    def account(self) -> Account:
        return account_on(self.server, self.network.base)

    def client(self) -> Client:
        return Client(self.account, self.door, self.clock)

    def source(self, *, account: bool = True, terms: tuple[str, ...] = ("norda",), **settings: Any) -> RedditSource:
        chosen = RedditSettings(**({"subreddits": ("norda",), "answer_in": ("norda",)} | settings))
        own = self.account if account else None
        return RedditSource(Listening(chosen, own, terms, ("norda_help",), self.door, self.clock))

    async def poll(self, cursor: Cursor | None = None, **how: Any) -> tuple[list[Page], Cursor | None]:
        """All pages that wait, each by a new source and with a cursor that went through JSON."""
        pages = []
        for _ in range(60):
            page = await self.source(**how).fetch(cursor)
            pages.append(page)
            cursor = json.loads(json.dumps(page.cursor))
            if not page.more:
                return pages, cursor
        raise AssertionError("the poll does not end")

    async def heard(self, cursor: Cursor | None = None, **how: Any) -> tuple[list[Mention], Cursor | None]:
        pages, cursor = await self.poll(cursor, **how)
        return [mention for page in pages for mention in page.mentions], cursor

    def publisher(self) -> RedditPublisher:
        return RedditPublisher(self.account, self.door, self.clock)

    def approve(self, mention: Mention, text: str = TEXT) -> ApprovedReply:
        parent = parent_of(mention)
        frozen = freeze(Outgoing(text, "en", parent, self.account, self.clock.now(), 7))
        return ApprovedReply(
            7, 8, "reddit", self.account, parent, text, frozen.body, frozen.key, self.clock.now()
        )  # fmt: skip

    def posts(self) -> int:
        """POSTs of comments that reached the socket."""
        return self.network.writes("/api/comment")

    def asked(self, path: str) -> list[str]:
        """Requests under this path, with their queries."""
        return [url for _, url in self.network.requests if url.startswith(path)]


def parent_of(mention: Mention) -> Parent:
    """The mention as a reply answers it."""
    return Parent(
        mention.external_id, mention.thread_id, mention.url, mention.author_id, mention.author_handle, mention.native
    )


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    server, network, clock = RedditServer(), Network(), SetClock(HOUR_LATER)
    async with serving(network, server.routes()), open_door(clock) as door:
        yield Rig(server, network, door, clock)
