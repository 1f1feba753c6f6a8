"""An account of ours on a network."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Account:
    """Who we are on one network. `secrets` (tokens, passwords) never print and never reach a page.

    `labelled`: whether the network shows the account as automated; None when it does not tell. `good_until`: when the
    secrets end, when the network tells so as the account is tried.
    """

    id: int
    channel: str
    handle: str
    external_id: str
    base_url: str
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    labelled: bool | None = None
    good_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Renewed:
    """All secrets of an account after a renewal, and for how many seconds they are good; None: the network is silent
    about that."""

    secrets: dict[str, str] = field(repr=False)
    good_for_s: float | None = None
