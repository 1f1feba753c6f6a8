"""An emulated instance with a door to it, as the tests of this channel use it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from channels.lemmy.convert import Site, to_mention
from channels.lemmy.freeze import freeze
from channels.lemmy.publisher import LemmyPublisher
from channels.lemmy.source import LemmySettings, LemmySource
from channels.manifest import Listening
from domain.account import Account
from domain.clock import SetClock
from domain.mention import Mention
from domain.ports import Cursor, Page
from domain.reply import ApprovedReply, Outgoing, Parent
from net.door import Door
from tests.channels.doors import test_door
from tests.channels.network import NOON, Network, serving
from tests.emulators.lemmy import OWN, TOKEN, Instance, Item

HOUR_LATER = NOON.replace(hour=13)
TEXT = "We are sorry, Mara: see https://norda.example/help & write to us."
OLD, NEW = "0.19.12", "1.0.0-beta.1"


class Rig:
    """One instance."""

    def __init__(self, instance: Instance, network: Network, door: Door) -> None:
        self.instance, self.network, self.door = instance, network, door
        self.clock = SetClock(HOUR_LATER)

    @property
    def account(self) -> Account:
        host = self.instance.host
        secrets = {"secret_token": TOKEN}
        return Account(1, "lemmy", f"{OWN}@{host}", f"https://{host}/u/{OWN}", self.network.base, secrets)

    def source(self, *, account: bool = True, terms: tuple[str, ...] = ("norda",), **settings: Any) -> LemmySource:
        chosen = LemmySettings(**({"base_url": self.network.base} | settings))
        return LemmySource(Listening(chosen, self.account if account else None, terms, (), self.door, self.clock))

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

    def publisher(self) -> LemmyPublisher:
        return LemmyPublisher(self.account, self.door, self.clock)

    def approved(self, row: Item, text: str = TEXT, *, tried: bool = False) -> ApprovedReply:
        """A reply to this post or comment; `tried`: an earlier sending may have been applied."""
        api = self.instance.api
        site = Site(self.network.base, self.account, api)
        mention = to_mention(self.instance.view(row, api), site)
        parent = Parent(mention.external_id, mention.thread_id, mention.url, mention.author_id, "mara", mention.native)
        frozen = freeze(Outgoing(text, "en", parent, self.account, HOUR_LATER, 7))
        reply = ApprovedReply(7, 8, "lemmy", self.account, parent, text, frozen.body, frozen.key, HOUR_LATER)
        return replace(reply, first_sent_at=HOUR_LATER) if tried else reply


@asynccontextmanager
async def rigged(version: str = OLD) -> AsyncIterator[Rig]:
    """The instance served on a free port."""
    instance, network = Instance(version), Network()
    async with serving(network, instance.routes()), test_door(SetClock(HOUR_LATER)) as door:
        yield Rig(instance, network, door)
