"""The emulated App Store with a door to it and a clock set by hand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from channels.appstore.connect import Connect
from channels.appstore.source import AppStoreSettings, AppStoreSource
from channels.manifest import Listening
from channels.upsert import UpsertPublisher
from domain.account import Account
from domain.clock import SetClock
from domain.mention import Mention
from domain.ports import Cursor, Page
from net.door import Door
from tests.channels.doors import test_door
from tests.channels.network import Network, serving
from tests.emulators.appstore import APP, ISSUER, NOON, AppStore, secrets


@dataclass
class Rig:
    """`store` keeps the books, `network` counts and spoils requests."""

    store: AppStore
    network: Network
    door: Door
    clock: SetClock

    @property
    def account(self) -> Account:
        return Account(1, "appstore", "Norda Rail", ISSUER, self.network.base, secrets())

    @property
    def client(self) -> Connect:
        return Connect(self.account, self.door, self.clock)

    @property
    def publisher(self) -> UpsertPublisher:
        return UpsertPublisher(self.client)

    def source(self, *, account: bool = True, **settings: Any) -> AppStoreSource:
        chosen = msgspec.convert({"app_id": APP, "feed_url": self.network.base} | settings, AppStoreSettings)
        return AppStoreSource(Listening(chosen, self.account if account else None, (), (), self.door, self.clock))

    async def poll(self, cursor: Cursor | None = None, **how: Any) -> tuple[list[Page], Cursor | None]:
        """Page by page until no more waits; cursors go through JSON."""
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


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    clock = SetClock(NOON + timedelta(hours=12))
    store, network = AppStore(now=clock.now), Network()
    async with serving(network, store.routes()), test_door(clock) as door:
        yield Rig(store, network, door, clock)
    assert store.violations == []
