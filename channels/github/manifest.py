"""The facts of GitHub."""

from __future__ import annotations

from channels.github.client import try_account
from channels.github.convert import CHANNEL
from channels.github.feeds import GitHubSettings
from channels.github.freeze import MAX_LENGTH, freeze
from channels.github.place import LOT, WINDOW_S
from channels.github.publisher import GitHubPublisher
from channels.github.source import GitHubSource
from channels.github.verify import can, verify
from channels.manifest import Answering, Manifest, otherwise

ANSWERS = (
    Answering(
        "no account",
        lambda it: not it.has_account,
        "manual",
        "no working GitHub account: open the page and answer there",
        "its API: a comment needs an account",
    ),
    Answering(
        "read on another server",
        lambda it: not it.native.get("answerable"),
        "manual",
        "read on a server where we have no account: open the page and answer there",
        "its API: tokens are valid on the server that gave them",
    ),
    Answering(
        "the conversation is locked",
        lambda it: bool(it.native.get("locked")),
        "manual",
        "the conversation is locked: only those who may write to the repository can answer, on its page",
        "GitHub's rule for locked conversations",
    ),
    Answering(
        "otherwise",
        otherwise,
        "api",
        "answered from our account as a comment, with a hidden mark by which it is found again",
        "its API",
    ),
)

MANIFEST = Manifest(
    name=CHANNEL,
    title="GitHub",
    settings=GitHubSettings,
    setting_labels={
        "kind": "What to read: a repository, a search or your mentions",
        "repository": "For a repository: owner/name",
        "ours": "It is our own repository: everything in it is for us",
        "query": "For a search: words in place of the topics' phrases",
    },
    source=GitHubSource,
    asks_for_terms=lambda settings: settings.kind == "search" and not settings.query,
    account_fields=(
        ("base_url", "Server, empty for github.com, for example https://github.example.com for Enterprise"),
        ("secret_token", "Personal access token"),
    ),
    try_account=try_account,
    min_interval_s=30.0,
    interval_s=120.0,
    silence_after_s=14 * 86_400.0,
    sweep_interval_s=6 * 3600.0,
    sweep_window_s=WINDOW_S,
    verify=verify,
    verify_can=can,
    verify_batch=LOT,
    max_length=MAX_LENGTH,
    answers=ANSWERS,
    freeze=freeze,
    publisher=GitHubPublisher,
    proof="read_back",
    settle_s=30.0,
)
