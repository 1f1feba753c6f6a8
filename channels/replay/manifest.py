"""The facts of a replay."""

from __future__ import annotations

from functools import partial

from channels.manifest import Answering, Manifest, otherwise
from channels.replay.source import ReplaySettings, ReplaySource
from channels.sandbox.publisher import SandboxPublisher, freeze, try_account
from channels.sandbox.server import MAX_TEXT

PREFIX = "replay:"


ANSWERS = (
    Answering(
        "no account",
        lambda it: not it.has_account,
        "manual",
        "A replay without an account on the sandbox network: the answer is only kept here.",
        "ours",
    ),
    Answering(
        "otherwise",
        otherwise,
        "api",
        "A replay: the answer goes to the sandbox network, not to the person in the file.",
        "ours: the people in a file cannot be answered",
    ),
)

MANIFEST = Manifest(
    name="replay",
    title="Replay",
    settings=ReplaySettings,
    setting_labels={
        "path": "File of posts, one JSON object per line",
        "speed": "Speed: 0 as fast as possible, 1 the original pace, 60 a minute per second",
        "shift": "Dates: now lets the posts happen now, keep leaves them their own",
    },
    takes_all=True,
    source=ReplaySource,
    account_fields=(("base_url", "Address of the sandbox network"), ("secret_token", "Token")),
    try_account=try_account,
    min_interval_s=0.5,
    interval_s=2.0,
    silence_after_s=365 * 86_400.0,
    sweep_interval_s=None,
    max_length=MAX_TEXT,
    answers=ANSWERS,
    freeze=partial(freeze, prefix=PREFIX),
    publisher=partial(SandboxPublisher, prefix=PREFIX),
    proof="read_back",
    settle_s=2.0,
)
