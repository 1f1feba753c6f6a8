"""What the tests of Instagram start from: a new source for each fetch, every cursor through JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from channels.instagram import MANIFEST
from channels.instagram.freeze import freeze
from channels.instagram.publisher import InstagramPublisher
from channels.instagram.source import InstagramSettings, InstagramSource
from channels.manifest import Listening
from domain.account import Account
from domain.clock import SetClock
from domain.mention import Mention
from domain.ports import Cursor, Page
from domain.reply import ApprovedReply, Outgoing, Parent
from net.door import Door
from tests.channels.network import Network
from tests.emulators.graph import SECRETS, Item, sign
from tests.emulators.instagram import USER_ID, USERNAME, InstagramServer

TEXT = "We are sorry, Mara: a refund is on its way."


@dataclass
class Rig:
    """A house beside one account."""

    server: InstagramServer
    network: Network
    door: Door
    clock: SetClock
    secrets: dict[str, str] = field(default_factory=lambda: dict(SECRETS))
    gaps: list[str] = field(default_factory=list)

    @property
    def account(self) -> Account:
        return Account(1, "instagram", f"@{USERNAME}", USER_ID, self.network.base, self.secrets)

    @property
    def listening(self) -> Listening:
        return Listening(InstagramSettings(), self.account, ("norda",), ("norda",), self.door, self.clock)

    async def fetch(self, cursor: Cursor | None = None) -> Page:
        """One call."""
        page = await InstagramSource(self.listening).fetch(cursor)
        assert len(json.dumps(page.cursor)) < 64_000
        return page

    async def pages(self, cursor: Cursor | None = None) -> tuple[list[Page], Cursor]:
        """One round."""
        found = []
        for _ in range(300):
            page = await self.fetch(cursor)
            found.append(page)
            cursor = json.loads(json.dumps(page.cursor))
            assert cursor is not None
            if not page.more:
                return found, cursor
        raise AssertionError("the round does not end")

    async def heard(self, cursor: Cursor | None = None) -> tuple[dict[str, Mention], Cursor]:
        """The mentions of one round by text."""
        pages, cursor = await self.pages(cursor)
        self.gaps += [page.gap for page in pages if page.gap]
        return {mention.text: mention for page in pages for mention in page.mentions}, cursor

    def push(self, *entries: Item) -> Page:
        """What a push of these entries names."""
        body = self.server.push(*entries)
        assert MANIFEST.receive is not None
        return MANIFEST.receive(self.listening, sign(body), body, self.clock.now())

    async def pushed(self, *items: Item) -> list[Mention]:
        """The mentions that a push of these leads to."""
        page = self.push(*(self.server.told(item) for item in items))
        assert page.mentions == ()
        pages, _ = await self.pages(page.cursor)
        return [mention for found in pages for mention in found.mentions]

    def asked(self, part: str = "/v26.0/") -> int:
        """How many requests had this in their address so far."""
        return sum(1 for _, address in self.network.requests if part in address)

    def publisher(self) -> InstagramPublisher:
        return InstagramPublisher(self.account, self.door, self.clock)

    def approve(self, mention: Mention, text: str = TEXT) -> ApprovedReply:
        """A reply to this mention, frozen as at approval."""
        parent = Parent(
            mention.external_id, mention.thread_id, mention.url, mention.author_id, mention.author_handle,
            mention.native,
        )  # fmt: skip
        now = self.clock.now()
        frozen = freeze(Outgoing(text, "en", parent, self.account, now, 7))
        return ApprovedReply(7, 8, "instagram", self.account, parent, text, frozen.body, frozen.key, now)
