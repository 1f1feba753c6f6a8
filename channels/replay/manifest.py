"""The facts of a replay."""

from __future__ import annotations

from functools import partial

from channels.manifest import Manifest, Situation
from channels.replay.source import ReplaySettings, ReplaySource
from channels.sandbox.publisher import SandboxPublisher, freeze, try_account
from channels.sandbox.server import MAX_TEXT
from domain.reply import Capability

PREFIX = "replay:"


def capability(situation: Situation) -> Capability:
    """The people in a file cannot be answered; what we say goes to the sandbox network."""
    if situation.has_account:
        return Capability("api", "A replay: the answer goes to the sandbox network, not to the person in the file.")
    return Capability("manual", "A replay without an account on the sandbox network: the answer is only kept here.")


MANIFEST = Manifest(
    name="replay",
    title="Replay",
    settings=ReplaySettings,
    takes_all=True,
    source=ReplaySource,
    account_fields=(("base_url", "Address of the sandbox network"), ("secret_token", "Token")),
    try_account=try_account,
    min_interval_s=0.5,
    interval_s=2.0,
    silence_after_s=365 * 86_400.0,
    sweep_interval_s=None,
    max_length=MAX_TEXT,
    capability=capability,
    freeze=partial(freeze, prefix=PREFIX),
    publisher=partial(SandboxPublisher, prefix=PREFIX),
    proof="read_back",
    settle_s=2.0,
)
