"""An account of ours on a network."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Account:
    """Who we are on one network. `secrets` (tokens, passwords) never print and never reach a page.

    `labelled`: whether the network shows the account as automated; None when it does not tell.
    """

    id: int
    channel: str
    handle: str
    external_id: str
    base_url: str
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    labelled: bool | None = None
