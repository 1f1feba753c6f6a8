"""The facts of Threads."""

from __future__ import annotations

from channels.manifest import Answering, Manifest, otherwise
from channels.threads.client import try_account
from channels.threads.convert import CHANNEL
from channels.threads.freeze import MAX_CHARACTERS, freeze, length
from channels.threads.publisher import ThreadsPublisher
from channels.threads.source import WINDOW_S, ThreadsSettings, ThreadsSource
from channels.threads.verify import BATCH, verify

ANSWERS = (
    Answering(
        "no account",
        lambda it: not it.has_account,
        "manual",
        "no working Threads account: open the post and answer there",
        "its API: a reply needs an account",
    ),
    Answering(
        "the post came without its id",
        lambda it: not it.native.get("id"),
        "manual",
        "the post came without its id: open it and answer there",
        "its API: a reply names the id of what it answers",
    ),
    Answering(
        "otherwise",
        otherwise,
        "api",
        "answered from our account: prepared first, then published once",
        "its API: whoever may search or read mentions may reply to what was found",
    ),
)

MANIFEST = Manifest(
    name=CHANNEL,
    title="Threads",
    settings=ThreadsSettings,
    setting_labels={
        "kind": "What to read: posts that name your account, or a search",
        "query": "For a search: words in place of the topics' phrases",
    },
    source=ThreadsSource,
    asks_for_terms=lambda settings: settings.kind == "search" and not settings.query,
    account_fields=(
        ("base_url", "Address of its API, usually https://graph.threads.net"),
        ("secret_token", "Access token, a long-lived one (60 days)"),
    ),
    try_account=try_account,
    min_interval_s=60.0,
    interval_s=300.0,
    silence_after_s=3 * 86_400.0,
    sweep_interval_s=6 * 3600.0,
    sweep_window_s=WINDOW_S,
    verify=verify,
    verify_batch=BATCH,
    max_length=MAX_CHARACTERS,
    length=length,
    answers=ANSWERS,
    freeze=freeze,
    publisher=ThreadsPublisher,
    proof="two_phase",
    key_valid_s=86_400.0,
    settle_s=60.0,
)
