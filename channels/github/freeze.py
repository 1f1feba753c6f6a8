"""An approved reply as the comment that is posted, with a hidden mark by which it is found again. Pure."""

from __future__ import annotations

import hashlib

import msgspec

from channels.github.convert import server_of
from channels.github.queries import REPLY
from domain.errors import BadInput
from domain.reply import Frozen, Outgoing

LIMIT = 65_536
"""Characters of a body, from the error that GitHub gives."""
_MARK = "\n\n<!-- earshot:{} -->"
KEY_LENGTH = 32
MAX_LENGTH = LIMIT - len(_MARK.format("x" * KEY_LENGTH))


def mark(key: str) -> str:
    """The hidden mark at the end of a comment: an HTML comment, which GitHub keeps and does not show."""
    return _MARK.format(key)


def freeze(outgoing: Outgoing) -> Frozen:
    """The request body and the key of an approved reply. Raises BadInput when it cannot be sent so."""
    native = outgoing.parent.native
    if not native.get("number") or native.get("server") != server_of(outgoing.account.base_url):
        raise BadInput("this was read on another server than our account's: answer it by hand")
    if (over := len(outgoing.text) - MAX_LENGTH) > 0:
        raise BadInput(f"the reply is {over} characters longer than GitHub allows: shorten it")
    seed = f"{outgoing.reply_id}|{outgoing.approved_at.isoformat()}|{outgoing.parent.external_id}|{outgoing.text}"
    key = hashlib.sha256(seed.encode("utf-8", "replace")).hexdigest()[:KEY_LENGTH]
    text = outgoing.text + mark(key)
    if native.get("kind") != "discussion":
        return Frozen(msgspec.json.encode({"body": text}), key)
    variables = {"discussionId": native.get("node"), "replyToId": native.get("top") or None, "body": text}
    return Frozen(msgspec.json.encode({"query": REPLY, "variables": variables}), key)
