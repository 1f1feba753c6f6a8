"""What the desk is built from. `run.py` fills it once; tests fill it with their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from domain.account import Account
from domain.clock import Clock
from responders.parts import Parts as Responding
from storage.database import Database
from web.fragments import Fragments
from web.gate import Gate
from web.live import Hub
from web.passwords import Passwords
from web.throttle import Throttle

if TYPE_CHECKING:
    from alerts.parts import Parts as Alerting
    from channels.manifest import Manifest
    from listener.receiving import Receiver
    from listener.teaching import Teacher

TryAccount = Callable[[str, Mapping[str, str]], Awaitable[Account]]
"""Signs in with the fields of a channel's form and returns the account completed; SignInFailed or BadInput."""

SealSecrets = Callable[[int, Mapping[str, str]], str]
"""Encrypts the secrets of the account row with this id, for storage."""


async def _no_accounts(channel: str, fields: Mapping[str, str]) -> Account:
    raise NotImplementedError


def _no_secrets(row_id: int, secrets: Mapping[str, str]) -> str:
    raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """`public_url` is how people reach the desk; `secure` says that this is by TLS (cookies then say so too).

    `responding` is what the actions of `responders` need. `secret` signs the short messages between two pages.
    """

    db: Database
    clock: Clock
    live: Hub
    responding: Responding
    channels: Mapping[str, Manifest]
    public_url: str
    secret: bytes
    hosts: tuple[str, ...] = ()
    """Further host names under which the desk may be asked for, besides that of `public_url` and this machine."""
    secure: bool = False
    version: str = "0"
    metrics_token: str = ""
    try_account: TryAccount = _no_accounts
    seal_secrets: SealSecrets = _no_secrets
    passwords: Passwords = field(default_factory=Passwords)
    throttle: Throttle = field(default_factory=Throttle)
    fragments: Fragments = field(default_factory=Fragments)
    alerting: Alerting | None = None
    """What paging is built from; None where contacts can be looked at but not tried."""
    teacher: Teacher | None = None
    """Tries out what people taught; None where nothing is learned."""
    receiver: Receiver | None = None
    """Takes what networks push; None where nothing is taken."""
    gate: Gate = field(default_factory=Gate)
    told_gate: Gate = field(default_factory=lambda: Gate(per_s=1 / 60, burst=10))
    """How many messages people of one network may leave on a feedback page: ten, then one a minute."""

    @property
    def known_hosts(self) -> frozenset[str]:
        """Every host name that a request may carry (a stranger's page must not reach us under its own name)."""
        own = urlsplit(self.public_url).hostname or ""
        return frozenset({own, "localhost", "127.0.0.1", "::1", *self.hosts} - {""})
