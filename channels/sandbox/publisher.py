"""Answers on the sandbox network: frozen bytes, one request, found again by key."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from channels.sandbox.client import SandboxClient
from domain.account import Account
from domain.errors import OutcomeUnknown, Refused, SignInFailed
from domain.mention import sha256
from domain.reply import ApprovedReply, Frozen, Outgoing, PublishedReply
from net.decode import text_at
from net.door import Door


def freeze(outgoing: Outgoing, prefix: str = "") -> Frozen:
    """The bytes of the one request, and the key by which the reply is found again. Pure.

    `prefix` marks a parent of another network ("replay:").
    """
    said = f"{outgoing.reply_id}\x00{outgoing.approved_at.isoformat()}\x00{outgoing.text}"
    key = "earshot-" + sha256(said.encode())[:32]
    body = msgspec.json.encode(
        {
            "account": name_of(outgoing.account),
            "key": key,
            "parent_id": prefix + outgoing.parent.external_id,
            "text": outgoing.text,
        }
    )
    return Frozen(body=body, key=key)


def name_of(account: Account) -> str:
    """Our name on the sandbox network. A replay's account has no handle: who is named in its file is another's."""
    return account.external_id or account.handle


class SandboxPublisher:
    """Publishes for one account. `prefix` as in `freeze`."""

    def __init__(self, account: Account, door: Door, prefix: str = "") -> None:
        self._handle = name_of(account)
        self._client = SandboxClient(account.base_url, door, account.secrets.get("secret_token", ""))
        self._prefix = prefix

    async def publish(self, reply: ApprovedReply) -> PublishedReply:
        """Exactly one request; errors as in `domain.ports.Publisher`."""
        post = await self._client.reply(reply.body, reply.key, first_attempt=reply.first_sent_at is None)
        if text_at(post, "author") != self._handle or not text_at(post, "id"):
            raise OutcomeUnknown("the answer does not name our post")
        return _published(post)

    async def find_published(self, reply: ApprovedReply) -> PublishedReply | None:
        """Among the answers to the parent, the one of ours with this key."""
        for post in await self._client.replies(self._prefix + reply.parent.external_id):
            if text_at(post, "key") == reply.key and text_at(post, "author") == self._handle:
                return _published(post)
        return None


def _published(post: Any) -> PublishedReply:
    evidence = {name: text_at(post, name) for name in ("key", "author", "created_at")}
    return PublishedReply(text_at(post, "id"), text_at(post, "url"), evidence)


async def try_account(account: Account, door: Door) -> Account:
    """Sign in; the account completed with its handle. Raises SignInFailed."""
    client = SandboxClient(account.base_url, door, account.secrets.get("secret_token", ""))
    try:
        handle = text_at(await client.me(), "handle")
    except Refused as refusal:
        raise SignInFailed(refusal.detail) from refusal
    if not handle:
        raise SignInFailed("the sandbox network does not say whose token this is")
    return replace(account, handle=handle, external_id=handle)
