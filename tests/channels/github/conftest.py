"""The emulated GitHub with a door to it and a clock set by hand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from channels.github.feeds import GitHubSettings
from channels.github.freeze import freeze
from channels.github.publisher import GitHubPublisher
from channels.github.source import GitHubSource
from channels.manifest import Listening
from domain.account import Account
from domain.clock import SetClock
from domain.mention import Mention
from domain.ports import Cursor, Page
from domain.reply import ApprovedReply, Outgoing, Parent
from net.door import Door
from tests.channels.doors import test_door as open_door
from tests.channels.network import NOON, Network, serving
from tests.emulators.github import LOGIN, OWN_ID, REPO, TOKEN, GitHubServer


class Rig:
    """Builds a new source for each fetch, and sends each cursor through JSON."""

    def __init__(self, server: GitHubServer, network: Network, door: Door, clock: SetClock) -> None:
        self.server, self.network, self.door, self.clock = server, network, door, clock
        self.token = TOKEN

    @property
    def account(self) -> Account:
        return Account(1, "github", LOGIN, str(OWN_ID), self.network.base, {"secret_token": self.token})

    @property
    def host(self) -> str:
        return self.network.base.removeprefix("http://")

    def source(self, *, account: bool = True, terms: tuple[str, ...] = ("norda",), **settings: Any) -> GitHubSource:
        own = self.account if account else None
        chosen = GitHubSettings(**({"base_url": self.network.base} | settings))
        return GitHubSource(Listening(chosen, own, terms, (LOGIN,), self.door, self.clock))

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
        """The mentions of one round by text."""
        pages, cursor = await self.pages(cursor, **how)
        return {mention.full_text.strip(): mention for page in pages for mention in page.mentions}, cursor

    async def repository(self, cursor: Cursor | None = None, **how: Any) -> tuple[dict[str, Mention], Cursor]:
        """The same of a repository."""
        return await self.heard(cursor, kind="repository", repository=REPO, **how)

    def publisher(self) -> GitHubPublisher:
        return GitHubPublisher(self.account, self.door, self.clock)

    def approve(self, mention: Mention, text: str = "Thank you, fixed in 2.1.") -> ApprovedReply:
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
        return ApprovedReply(7, 8, "github", self.account, parent, text, frozen.body, frozen.key, now)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    server, network, clock = GitHubServer(), Network(), SetClock(NOON + timedelta(hours=1))
    async with serving(network, server.routes()), open_door(clock) as door:
        yield Rig(server, network, door, clock)
    assert server.violations == []
