"""The facts of pushed posts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from channels.manifest import Answering, Listening, Manifest, SourceSettings, otherwise
from channels.webhook import signing
from channels.webhook.convert import CHANNEL, to_page
from domain.account import Account
from domain.errors import BadInput, SignInFailed
from domain.ports import Page
from net.door import Door

SHORTEST_SECRET = 24
_SECRET = "secret_signing"


class WebhookSettings(SourceSettings, frozen=True, kw_only=True):
    """Nothing to choose: the sender decides what it pushes."""


def receive(listening: Listening, headers: Mapping[str, str], body: bytes, now: datetime) -> Page:
    """A push of the sender with whom we share a secret."""
    if listening.account is None:
        raise SignInFailed("no account, so no secret")
    signing.check(listening.account.secrets.get(_SECRET, ""), headers, body, now)
    return to_page(body, listening.handles)


async def try_account(account: Account, door: Door) -> Account:
    """Nothing to sign in to; only what could not be safe is refused."""
    if not account.handle:
        raise BadInput("name: give the name under which we answer there; posts by it are ours")
    if len(account.secrets.get(_SECRET, "")) < SHORTEST_SECRET:
        raise BadInput(f"secret: at least {SHORTEST_SECRET} characters; `openssl rand -hex 32` makes a good one")
    return replace(account, external_id=account.handle.casefold().lstrip("@"))


MANIFEST = Manifest(
    name=CHANNEL,
    title="Webhook",
    settings=WebhookSettings,
    receive=receive,
    push_steps="Another program posts signed JSON there: docs/channels/webhook.md in the Earshot folder tells how.",
    account_fields=(
        ("handle", "Our name there: posts by it are ours"),
        (_SECRET, f"Secret shared with the sender, {SHORTEST_SECRET} characters or more"),
    ),
    try_account=try_account,
    takes_all=True,
    silence_after_s=7 * 86_400.0,
    sweep_interval_s=None,
    answers=(
        Answering(
            "always",
            otherwise,
            "manual",
            "What was pushed to us is answered where it was written: open the post and answer there.",
            "ours: a push has no way back",
        ),
    ),
)
