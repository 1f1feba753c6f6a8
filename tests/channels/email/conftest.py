"""A town with a mailbox of ours on a real Dovecot, and the post office that sends for us."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.email.imap import Imap
from channels.email.publisher import EmailPublisher
from channels.email.servers import Login, login_of
from channels.email.source import EmailSettings, EmailSource
from channels.manifest import Listening
from domain.account import Account
from domain.clock import SetClock
from domain.ports import Cursor, Page
from net.door import Door
from tests.channels.doors import test_door
from tests.channels.network import NOON, Network, Post
from tests.channels.subjects.email import SUBJECT, mail
from tests.emulators.post_office import PostOffice, Trouble
from tests.peers.dovecot import Dovecot


@dataclass
class Town:
    """`trouble` is what the post office does next."""

    dovecot: Dovecot
    office: PostOffice
    door: Door
    account: Account
    clock: SetClock = field(default_factory=lambda: SetClock(NOON + timedelta(hours=1)))

    @property
    def user(self) -> str:
        return self.account.external_id

    @property
    def login(self) -> Login:
        return login_of(self.account)

    @property
    def imap(self) -> Imap:
        return Imap(self.login, self.door)

    def having(self, **changes: Any) -> Town:
        """The same town with another account; `servers` replaces words of its servers."""
        return replace(self, account=replace(self.account, **changes))

    def sending(self, copies: str) -> Town:
        """The same town where the account says so about its copies."""
        return self.having(base_url=self.account.base_url.removesuffix("sent=server") + copies)

    def misbehave(self, **trouble: Any) -> None:
        self.office.trouble = lambda: Trouble(**trouble)

    def deliver(self, raw: bytes, minutes: float = 0, folder: str = "") -> None:
        """A mail arrives, so many minutes after noon."""
        self.dovecot.deliver(self.user, raw, NOON + timedelta(minutes=minutes), folder)

    def write(self, number: int, text: str = "", folder: str = "") -> None:
        """A customer writes."""
        self.deliver(mail(Post(number, text or f"norda mail {number}")), number / 60, folder)

    async def fetch(self, cursor: Cursor | None = None, **settings: Any) -> Page:
        listening = Listening(
            settings=EmailSettings(**settings), account=self.account, terms=(), handles=(self.account.handle,),
            door=self.door, clock=self.clock,
        )  # fmt: skip
        return await EmailSource(listening).fetch(cursor)

    @property
    def publisher(self) -> EmailPublisher:
        return EmailPublisher(self.account, self.door)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    network, clock = Network(), SetClock(NOON + timedelta(hours=1))
    async with SUBJECT.serving(network, tmp_path), test_door(clock) as door:
        found = Town(network.state["dovecot"], network.state["office"], door, SUBJECT.account(network), clock)
        found.office.trouble = lambda: None
        yield found
