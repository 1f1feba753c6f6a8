"""The facts of Mastodon and of servers that speak its API."""

from __future__ import annotations

import re
from typing import Any

from channels.manifest import Manifest, Situation
from channels.mastodon.client import try_account
from channels.mastodon.convert import CHANNEL
from channels.mastodon.freeze import MAX_CHARACTERS, freeze, length
from channels.mastodon.publisher import MastodonPublisher
from channels.mastodon.source import WINDOW_S, MastodonSettings, MastodonSource
from domain.reply import Capability

KEYLESS_SERVERS = ("mastodon.social", "mstdn.social")
"""Large servers whose hashtag timelines anybody may read; each sees another part of the network."""


def keyless(brand: str) -> list[tuple[str, dict[str, Any]]]:
    """Hashtag timelines of the brand's name, written as one word."""
    tag = re.sub(r"\W", "", brand.casefold())
    if not tag:
        return []
    return [
        (f"#{tag} on {server}", {"kind": "hashtag", "base_url": f"https://{server}", "tag": tag})
        for server in KEYLESS_SERVERS
    ]


def capability(situation: Situation) -> Capability:
    """By API from the server the post was read on; a `#nobot` in the author's profile is honoured."""
    if situation.native.get("nobot"):
        return Capability("manual", "the author asks automated accounts to stay away (#nobot): answer by hand or not")
    if not situation.has_account:
        return Capability("manual", "no working Mastodon account: open the post and answer there")
    if not situation.native.get("answerable"):
        server = situation.native.get("server") or "another server"
        return Capability("manual", f"read on {server}, where we have no account: open the post and answer there")
    return Capability("api", "answered from our account, unlisted, addressed to the author")


MANIFEST = Manifest(
    name=CHANNEL,
    title="Mastodon",
    settings=MastodonSettings,
    source=MastodonSource,
    keyless=keyless,
    asks_for_terms=lambda settings: settings.kind == "search" and not settings.query,
    account_fields=(("base_url", "Server, for example https://mastodon.social"), ("secret_token", "Access token")),
    try_account=try_account,
    min_interval_s=15.0,
    interval_s=60.0,
    silence_after_s=3 * 86_400.0,
    sweep_interval_s=3600.0,
    sweep_window_s=WINDOW_S,
    max_length=MAX_CHARACTERS,
    length=length,
    capability=capability,
    freeze=freeze,
    publisher=MastodonPublisher,
    proof="read_back",
    settle_s=60.0,
)
