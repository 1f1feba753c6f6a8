"""The facts of the sandbox network."""

from __future__ import annotations

from channels.manifest import Manifest, Situation
from channels.sandbox.publisher import SandboxPublisher, freeze, try_account
from channels.sandbox.server import MAX_TEXT
from channels.sandbox.source import SandboxSettings, SandboxSource
from domain.reply import Capability


def capability(situation: Situation) -> Capability:
    """By API once there is an account; by hand on its page before that."""
    if situation.has_account:
        return Capability("api", "The sandbox network takes replies by API. Nothing there is public.")
    return Capability("manual", "There is no account for the sandbox network yet: answer on its page.")


MANIFEST = Manifest(
    name="sandbox",
    title="Sandbox",
    settings=SandboxSettings,
    source=SandboxSource,
    account_fields=(("base_url", "Address of the sandbox network"), ("secret_token", "Token")),
    try_account=try_account,
    min_interval_s=0.5,
    interval_s=3.0,
    silence_after_s=30 * 86_400.0,
    sweep_interval_s=None,
    max_length=MAX_TEXT,
    capability=capability,
    freeze=freeze,
    publisher=SandboxPublisher,
    proof="read_back",
    settle_s=2.0,
)
