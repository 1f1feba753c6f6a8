"""What paging is built from. `run.py` fills it once; tests fill it with their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from alerts.notifiers.mail import MailServer
from alerts.rules import Limits
from channels.manifest import Manifest
from domain.clock import Clock
from domain.ports import Jobs
from net.address import AllowList
from storage.database import Database

Seal = Callable[[str, str], str]
"""(value, context) -> the other form of it: `Vault.seal` and `Vault.open`."""


class Parked:
    """Steps that the motor gave up on, until the next sweep has seen them."""

    def __init__(self) -> None:
        self._noted: set[tuple[str, int]] = set()

    def note(self, kind: str, row_id: int) -> None:
        """For the motor's `on_parked`."""
        self._noted.add((kind, row_id))

    def noted(self) -> set[tuple[str, int]]:
        """What was noted and not yet forgotten."""
        return set(self._noted)

    def forget(self, steps: set[tuple[str, int]]) -> None:
        """These are stored now."""
        self._noted -= steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """`public_url` is how people reach the desk, for the link in a message. `allow` lists the hosts of self-hosted
    chat servers that are not public. `mail` is None when no mail server is set."""

    database: Database
    clock: Clock
    jobs: Jobs
    channels: Mapping[str, Manifest]
    public_url: str
    seal: Seal
    open_: Seal
    mail: MailServer | None = None
    allow: AllowList = field(default_factory=AllowList)
    limits: Limits = field(default_factory=Limits)
    parked: Parked = field(default_factory=Parked)

    def link(self, alert_id: int, token: str = "") -> str:
        """The address of an alert's page; with a token it can be acknowledged without signing in."""
        page = f"{self.public_url.rstrip('/')}/alerts/{alert_id}"
        return f"{page}?t={token}" if token else page


def contact_context(contact_id: int) -> str:
    """What a contact's encrypted address is bound to: copied to another row it cannot be opened."""
    return f"contact:{contact_id}"
