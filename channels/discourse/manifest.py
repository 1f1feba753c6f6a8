"""The facts of Discourse."""

from __future__ import annotations

from channels.discourse.client import try_account
from channels.discourse.convert import CHANNEL
from channels.discourse.freeze import MAX_CHARACTERS, freeze
from channels.discourse.publisher import DiscoursePublisher
from channels.discourse.source import WINDOW_S, DiscourseSettings, DiscourseSource
from channels.discourse.verify import BATCH, verify
from channels.manifest import Answering, Manifest, otherwise

ANSWERS = (
    Answering(
        "no account",
        lambda it: not it.has_account,
        "manual",
        "no working account on this forum: open the post and answer there",
        "its API: a post needs a key and a username",
    ),
    Answering(
        "read on another forum",
        lambda it: not it.native.get("answerable"),
        "manual",
        "read on a forum where we have no account: open the post and answer there",
        "its API: each forum has its own accounts",
    ),
    Answering(
        "otherwise",
        otherwise,
        "api",
        "answered in the same topic from our account; a forum may show it to its moderators first",
        "its API",
    ),
)

MANIFEST = Manifest(
    name=CHANNEL,
    title="Discourse",
    settings=DiscourseSettings,
    setting_labels={
        "kind": "What to read: new posts, a search, or your mentions (needs an account)",
        "base_url": "Address of the forum, for example https://forum.example",
        "query": "For a search: words in place of the topics' phrases",
    },
    source=DiscourseSource,
    asks_for_terms=lambda settings: settings.kind == "search" and not settings.query,
    account_fields=(
        ("base_url", "Forum, for example https://forum.example.org"),
        ("handle", "Username of the brand's account there"),
        ("secret_api_key", "API key for that user (made by the forum's admins)"),
    ),
    try_account=try_account,
    min_interval_s=30.0,
    interval_s=120.0,
    silence_after_s=3 * 86_400.0,
    sweep_interval_s=3600.0,
    sweep_window_s=WINDOW_S,
    verify=verify,
    verify_batch=BATCH,
    max_length=MAX_CHARACTERS,
    answers=ANSWERS,
    freeze=freeze,
    publisher=DiscoursePublisher,
    proof="read_back",
    settle_s=60.0,
)
