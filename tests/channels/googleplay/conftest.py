"""The emulated Google Play with a door to it and a clock set by hand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from channels.googleplay.client import Play
from channels.googleplay.freeze import freeze
from channels.googleplay.source import GooglePlaySettings, GooglePlaySource
from channels.manifest import Listening
from channels.upsert import UpsertPublisher
from domain.account import Account
from domain.clock import SetClock
from domain.mention import Mention
from domain.ports import Cursor, Page
from domain.reply import ApprovedReply, Outgoing, Parent
from net.door import Door
from tests.channels.doors import test_door
from tests.channels.network import Network, serving
from tests.emulators.googleplay import EMAIL, NOON, PACKAGE, GooglePlay, key_file

TEXT = "Hello Mara, version 3.2 repairs this. Norda team"


@dataclass
class Rig:
    """`play` keeps the books, `network` counts and spoils requests."""

    play: GooglePlay
    network: Network
    door: Door
    clock: SetClock

    @property
    def account(self) -> Account:
        secrets = {"secret_service_account": key_file(self.network.base)}
        return Account(1, "googleplay", PACKAGE, EMAIL, self.network.base, secrets)

    @property
    def publisher(self) -> UpsertPublisher:
        return UpsertPublisher(Play(self.account, self.door, self.clock))

    def source(self, *, account: bool = True) -> GooglePlaySource:
        chosen = msgspec.convert({"package": PACKAGE}, GooglePlaySettings)
        own = self.account if account else None
        return GooglePlaySource(Listening(chosen, own, (), (), self.door, self.clock))

    async def poll(self, cursor: Cursor | None = None) -> tuple[list[Page], Cursor | None]:
        """Page by page until no more waits; cursors go through JSON."""
        pages = []
        for _ in range(60):
            page = await self.source().fetch(cursor)
            pages.append(page)
            cursor = json.loads(json.dumps(page.cursor))
            if not page.more:
                return pages, cursor
        raise AssertionError("the poll does not end")

    async def heard(self, cursor: Cursor | None = None) -> tuple[list[Mention], Cursor | None]:
        pages, cursor = await self.poll(cursor)
        return [mention for page in pages for mention in page.mentions], cursor

    async def one(self, text: str = "It crashes", **facts: Any) -> Mention:
        """The mention of a review, as the source gives it."""
        self.play.review(text, 1, **facts)
        heard, _ = await self.heard()
        return next(mention for mention in heard if mention.author_id != EMAIL)

    def approve(self, mention: Mention, text: str = TEXT) -> ApprovedReply:
        """A reply frozen as at approval."""
        parent = Parent(mention.external_id, mention.thread_id, mention.url, "", "", mention.native)
        frozen = freeze(Outgoing(text, "en", parent, self.account, NOON, 7))
        return ApprovedReply(7, 8, "googleplay", self.account, parent, text, frozen.body, frozen.key, NOON)

    def asked(self, path: str) -> int:
        """How many requests went to addresses that hold this."""
        return sum(1 for _, address in self.network.requests if path in address)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    clock = SetClock(NOON + timedelta(hours=12))
    play, network = GooglePlay(now=clock.now), Network()
    async with serving(network, play.routes()), test_door(clock) as door:
        yield Rig(play, network, door, clock)
    assert play.violations == []
