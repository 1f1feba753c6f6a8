"""The facts of Bluesky."""

from __future__ import annotations

from typing import Any

from channels.bluesky.client import try_account
from channels.bluesky.convert import CHANNEL
from channels.bluesky.freeze import MAX_GRAPHEMES, freeze, length
from channels.bluesky.publisher import BlueskyPublisher
from channels.bluesky.source import WINDOW_S, BlueskySettings, BlueskySource
from channels.bluesky.stream import BlueskyStream
from channels.bluesky.verify import MOST, verify
from channels.manifest import Answering, Manifest, otherwise
from channels.policies import Bound, Policies


def keyless(brand: str) -> list[tuple[str, dict[str, Any]]]:
    """The stream of all posts, matched here."""
    return [("all posts on Bluesky", {"kind": "stream"})] if brand.strip() else []


ANSWERS = (
    Answering(
        "no account",
        lambda it: not it.has_account,
        "manual",
        "no working Bluesky account: open the post and answer there",
        "its API: a post needs an account",
    ),
    Answering(
        "the author did not address us",
        lambda it: not it.addressed,
        "manual",
        "the author did not address us, and Bluesky counts unasked replies by software as spam: answer by hand",
        "Bluesky's developer guidelines",
    ),
    Answering(
        "the post has no content id",
        lambda it: not it.native.get("cid"),
        "manual",
        "the post came without its content id: open it and answer there",
        "its API: a reply names the content id of what it answers",
    ),
    Answering(
        "otherwise",
        otherwise,
        "api",
        "the author addressed our account; the reply goes out once, under a key fixed at approval",
        "its API",
    ),
)

MANIFEST = Manifest(
    name=CHANNEL,
    title="Bluesky",
    settings=BlueskySettings,
    setting_labels={
        "kind": "What to read: all posts as a stream, a search or your notifications (both need an account)",
        "query": "For a search: words in place of the topics' phrases",
    },
    source=BlueskySource,
    stream=BlueskyStream,
    keyless=keyless,
    asks_for_terms=lambda settings: settings.kind == "search" and not settings.query,
    account_fields=(
        ("base_url", "Server, usually https://bsky.social"),
        ("handle", "Handle, for example norda.bsky.social"),
        ("secret_app_password", "App password (Settings, Privacy and security, App passwords)"),
    ),
    try_account=try_account,
    min_interval_s=15.0,
    interval_s=60.0,
    silence_after_s=86_400.0,
    sweep_interval_s=3600.0,
    sweep_window_s=WINDOW_S,
    verify=verify,
    verify_batch=MOST,
    max_length=MAX_GRAPHEMES,
    length=length,
    answers=ANSWERS,
    policies=Policies(per_day=Bound(11_666, "its rate limits: 35,000 points a day, three for a post")),
    freeze=freeze,
    publisher=BlueskyPublisher,
    proof="record",
    key_valid_s=10 * 365 * 86_400.0,
    settle_s=5.0,
)
