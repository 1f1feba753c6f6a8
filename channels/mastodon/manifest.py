"""The facts of Mastodon and of servers that speak its API."""

from __future__ import annotations

import re
from typing import Any

from channels.manifest import Answering, Manifest, otherwise
from channels.mastodon.client import try_account
from channels.mastodon.convert import CHANNEL
from channels.mastodon.freeze import MAX_CHARACTERS, freeze, length, message
from channels.mastodon.publisher import MastodonPublisher
from channels.mastodon.source import WINDOW_S, MastodonSettings, MastodonSource
from channels.mastodon.verify import verify
from channels.policies import Bound, Policies

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


ANSWERS = (
    Answering(
        "the author's profile says #nobot",
        lambda it: bool(it.native.get("nobot")),
        "manual",
        "the author asks automated accounts to stay away (#nobot): answer by hand or not",
        "a custom of the network",
    ),
    Answering(
        "no account",
        lambda it: not it.has_account,
        "manual",
        "no working Mastodon account: open the post and answer there",
        "its API: a post needs an account",
    ),
    Answering(
        "read on another server",
        lambda it: not it.native.get("answerable"),
        "manual",
        "read on a server where we have no account: open the post and answer there",
        "its API: ids of posts are valid on the server that gave them",
    ),
    Answering(
        "otherwise",
        otherwise,
        "api",
        "answered from our account, unlisted, addressed to the author",
        "its API",
    ),
)

MANIFEST = Manifest(
    name=CHANNEL,
    title="Mastodon",
    settings=MastodonSettings,
    setting_labels={
        "kind": "What to read: a hashtag, a search or your mentions (both need an account)",
        "base_url": "Server to ask, for example https://mastodon.social; the account's own if empty",
        "tag": "For a hashtag: the tag without blanks",
        "more_tags": "Up to four further tags",
        "query": "For a search: words in place of the topics' phrases",
    },
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
    verify=verify,
    verify_batch=10,
    max_length=MAX_CHARACTERS,
    length=length,
    worded=message,
    messages="a post that only those it names can see (`direct`) reaches the account, by its documentation",
    answers=ANSWERS,
    policies=Policies(per_day=Bound(2400, "its source: 300 posts in three hours")),
    freeze=freeze,
    publisher=MastodonPublisher,
    proof="read_back",
    settle_s=60.0,
)
