"""The facts of the sandbox network."""

from __future__ import annotations

from channels.manifest import Answering, Manifest, otherwise
from channels.sandbox.publisher import SandboxPublisher, freeze, try_account
from channels.sandbox.server import MAX_TEXT
from channels.sandbox.source import SandboxSettings, SandboxSource
from channels.sandbox.verify import verify

ANSWERS = (
    Answering(
        "no account",
        lambda it: not it.has_account,
        "manual",
        "There is no account for the sandbox network yet: answer on its page.",
        "ours",
    ),
    Answering(
        "otherwise",
        otherwise,
        "api",
        "The sandbox network takes replies by API. Nothing there is public.",
        "ours",
    ),
)

MANIFEST = Manifest(
    name="sandbox",
    title="Sandbox",
    settings=SandboxSettings,
    setting_labels={
        "base_url": "Address of the sandbox network",
    },
    source=SandboxSource,
    account_fields=(("base_url", "Address of the sandbox network"), ("secret_token", "Token")),
    try_account=try_account,
    min_interval_s=0.5,
    interval_s=3.0,
    silence_after_s=30 * 86_400.0,
    sweep_interval_s=None,
    verify=verify,
    verify_within_s=3600.0,
    max_length=MAX_TEXT,
    answers=ANSWERS,
    freeze=freeze,
    publisher=SandboxPublisher,
    proof="read_back",
    settle_s=2.0,
)
