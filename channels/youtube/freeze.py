"""An approved reply as the comment that is inserted, its length, and its text as a read-back compares it. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata

import msgspec

from domain.errors import BadInput
from domain.reply import Frozen, Outgoing, Parent

MAX_LENGTH = 10_000
"""YouTube tells that a comment can be too long (commentTextTooLong), but not from where on; this is what is seen."""


def length(text: str) -> int:
    """UTF-16 units: of the ways in which YouTube may count, the one that counts most."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def message(text: str, parent: Parent) -> str:
    """Under a conversation all replies stand in one row, so an answer to one of them names its author first."""
    text, handle = unicodedata.normalize("NFC", text), parent.author_handle
    if parent.native.get("kind") != "reply" or not handle.startswith("@"):
        return text
    named = re.search(rf"(?<![\w@]){re.escape(handle)}(?![\w-]|\.\w)", text, re.IGNORECASE)
    return text if named else f"{handle} {text}"


def freeze(outgoing: Outgoing) -> Frozen:
    """The request body of an approved reply; its key is for our own books. Raises BadInput.

    The parent is the top comment of the conversation: YouTube takes replies under no other.
    """
    top = outgoing.parent.native.get("top")
    if not top:
        raise BadInput("this is a video and no comment, so nothing can stand under it: answer it by hand")
    if not outgoing.account.secrets.get("secret_refresh_token"):
        raise BadInput(
            f"the account {outgoing.account.handle} can only read: connect it with a sign-in, or answer by hand"
        )
    text = message(outgoing.text, outgoing.parent)
    if (over := length(text) - MAX_LENGTH) > 0:
        raise BadInput(
            f"with the author's name the reply is {over} characters longer than YouTube's 10,000: shorten it"
        )
    body = msgspec.json.encode({"snippet": {"parentId": str(top), "textOriginal": text}})
    seed = f"{outgoing.reply_id}|{outgoing.approved_at.isoformat()}|".encode() + body
    return Frozen(body=body, key=hashlib.sha256(seed).hexdigest()[:32])


def comparable(text: str) -> str:
    """Text for a read-back: NFC, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())
