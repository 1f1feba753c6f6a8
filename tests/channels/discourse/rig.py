"""An emulated forum with a door to it, as the tests of this channel use it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from channels.discourse.convert import Site, author_id, server_of, to_mention
from channels.discourse.freeze import freeze
from channels.discourse.publisher import DiscoursePublisher
from channels.discourse.source import DiscourseSettings, DiscourseSource
from channels.manifest import Listening
from domain.account import Account
from domain.clock import SetClock
from domain.mention import Mention
from domain.ports import Cursor, Page
from domain.reply import ApprovedReply, Outgoing, Parent
from net.door import Door
from tests.channels.doors import test_door
from tests.channels.network import NOON, Network, serving
from tests.emulators.discourse import KEY, OWN, OWN_ID, Forum, Item

HOUR_LATER = NOON.replace(hour=13)
TEXT = "We are sorry, Mara: see https://norda.example/help & write to us."


class Rig:
    """One forum."""

    def __init__(self, forum: Forum, network: Network, door: Door) -> None:
        self.forum, self.network, self.door = forum, network, door
        self.clock = SetClock(HOUR_LATER)

    @property
    def account(self) -> Account:
        own = author_id(server_of(self.network.base), OWN_ID)
        return Account(1, "discourse", OWN, own, self.network.base, {"secret_api_key": KEY})

    @property
    def site(self) -> Site:
        return Site(self.network.base, self.account)

    def source(self, *, account: bool = True, terms: tuple[str, ...] = ("norda",), **settings: Any) -> DiscourseSource:
        chosen = DiscourseSettings(**({"base_url": self.network.base} | settings))
        own = self.account if account else None
        return DiscourseSource(Listening(chosen, own, terms, (), self.door, self.clock))

    async def poll(self, cursor: Cursor | None = None, **how: Any) -> tuple[list[Page], Cursor | None]:
        """Until nothing waits, each page with a new source and a cursor that went through JSON."""
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

    def publisher(self) -> DiscoursePublisher:
        return DiscoursePublisher(self.account, self.door, self.clock)

    def approved(self, post: Item, text: str = TEXT, *, tried: bool = False) -> ApprovedReply:
        """A reply to this post; `tried`: an earlier sending may have been applied."""
        mention = to_mention(post, self.site)
        parent = Parent(mention.external_id, mention.thread_id, mention.url, mention.author_id, "mara", mention.native)
        frozen = freeze(Outgoing(text, "en", parent, self.account, HOUR_LATER, 7))
        reply = ApprovedReply(7, 8, "discourse", self.account, parent, text, frozen.body, frozen.key, HOUR_LATER)
        return replace(reply, first_sent_at=HOUR_LATER) if tried else reply


@asynccontextmanager
async def rigged() -> AsyncIterator[Rig]:
    """The forum served on a free port."""
    forum, network = Forum(), Network()
    async with serving(network, forum.routes()), test_door(SetClock(HOUR_LATER)) as door:
        yield Rig(forum, network, door)
