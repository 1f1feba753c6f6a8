"""The facts of Lemmy."""

from __future__ import annotations

from channels.lemmy.client import try_account
from channels.lemmy.convert import CHANNEL
from channels.lemmy.freeze import MAX_UNITS, freeze, length
from channels.lemmy.publisher import LemmyPublisher
from channels.lemmy.source import WINDOW_S, LemmySettings, LemmySource
from channels.lemmy.verify import BATCH, verify
from channels.manifest import Answering, Manifest, otherwise

ANSWERS = (
    Answering(
        "the thread is locked",
        lambda it: bool(it.native.get("locked")),
        "none",
        "the moderators closed this thread: nobody can answer there",
        "its API: comments on a locked post are refused",
    ),
    Answering(
        "no account",
        lambda it: not it.has_account,
        "manual",
        "no working Lemmy account: open the post and answer there",
        "its API: a comment needs an account",
    ),
    Answering(
        "read on another instance",
        lambda it: not it.native.get("answerable"),
        "manual",
        "read on an instance where we have no account: open the post and answer there",
        "its API: numbers of posts are valid on the instance that gave them",
    ),
    Answering(
        "otherwise",
        otherwise,
        "api",
        "answered as a comment from our account",
        "its API",
    ),
)

MANIFEST = Manifest(
    name=CHANNEL,
    title="Lemmy",
    settings=LemmySettings,
    setting_labels={
        "kind": "What to read: new posts and comments, a search, or your mentions (needs an account)",
        "base_url": "Address of the instance, for example https://lemmy.example",
        "query": "For a search: words in place of the topics' phrases",
    },
    source=LemmySource,
    asks_for_terms=lambda settings: settings.kind == "search" and not settings.query,
    account_fields=(
        ("base_url", "Instance, for example https://lemmy.world"),
        ("handle", "Username of the brand's account there"),
        ("secret_password", "Password, used once and not kept (with an authenticator: a blank and its code behind it)"),
    ),
    try_account=try_account,
    min_interval_s=30.0,
    interval_s=120.0,
    silence_after_s=86_400.0,
    sweep_interval_s=3600.0,
    sweep_window_s=WINDOW_S,
    verify=verify,
    verify_batch=BATCH,
    max_length=MAX_UNITS,
    length=length,
    messages="people write to the account in its private messages, by its API",
    answers=ANSWERS,
    freeze=freeze,
    publisher=LemmyPublisher,
    proof="read_back",
    settle_s=60.0,
)
