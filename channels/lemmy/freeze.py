"""An approved reply as the bytes that are posted, its length, and its text as a read-back compares it. No I/O."""

from __future__ import annotations

import hashlib
import unicodedata

import msgspec

from channels.lemmy.convert import server_of
from domain.errors import BadInput
from domain.reply import Frozen, Outgoing
from net.decode import int_at

MAX_UNITS = 10_000


def length(text: str) -> int:
    """Characters as Lemmy counts them: UTF-16 code units, so that most emoji are two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def freeze(outgoing: Outgoing) -> Frozen:
    """The request body of an approved reply; both versions of the API take the same. Raises BadInput."""
    native = outgoing.parent.native
    number, post_id = int_at(native, "id"), int_at(native, "post_id")
    if number is None or post_id is None or native.get("server") != server_of(outgoing.account.base_url):
        raise BadInput("this post was read on another instance than our account's: answer it by hand")
    text = unicodedata.normalize("NFC", outgoing.text).strip()
    if (over := length(text) - MAX_UNITS) > 0:
        raise BadInput(f"the reply is {over} characters longer than Lemmy's 10,000: shorten it")
    parent = {"parent_id": number} if native.get("is_comment") else {}
    body = msgspec.json.encode({"content": text, "post_id": post_id} | parent)
    seed = f"{outgoing.reply_id}|{outgoing.approved_at.isoformat()}|".encode() + body
    return Frozen(body=body, key=hashlib.sha256(seed).hexdigest()[:32])


def comparable(text: str) -> str:
    """Text for a read-back: NFC, any white space as one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())
