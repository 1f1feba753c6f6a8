"""An approved reply as the bytes that are posted, and its text as a read-back compares it. No I/O."""

from __future__ import annotations

import hashlib
import unicodedata

import msgspec

from channels.discourse.convert import server_of
from domain.errors import BadInput
from domain.reply import Frozen, Outgoing
from net.decode import int_at

MAX_CHARACTERS = 32_000
"""Discourse's default. A forum's own limits come with its posts."""


def freeze(outgoing: Outgoing) -> Frozen:
    """The request body of an approved reply. Raises BadInput when it cannot be sent so.

    Nothing is added to the text, so that equal bytes stay equal for the forum's own duplicate nets.
    """
    native = outgoing.parent.native
    topic_id, number = int_at(native, "topic_id"), int_at(native, "post_number")
    if topic_id is None or number is None or native.get("server") != server_of(outgoing.account.base_url):
        raise BadInput("this post was read on another forum than our account's: answer it by hand")
    text = unicodedata.normalize("NFC", outgoing.text).strip()
    _check_length(len(text), int_at(native, "least") or 0, int_at(native, "most") or MAX_CHARACTERS)
    body = msgspec.json.encode({"raw": text, "topic_id": topic_id, "reply_to_post_number": number})
    seed = f"{outgoing.reply_id}|{outgoing.approved_at.isoformat()}|".encode() + body
    return Frozen(body=body, key=hashlib.sha256(seed).hexdigest()[:32])


def _check_length(length: int, least: int, most: int) -> None:
    if length < least:
        raise BadInput(f"this forum wants at least {least} characters and the reply has {length}: say a little more")
    if length > most:
        raise BadInput(f"this forum allows {most} characters and the reply has {length}: shorten it")


def comparable(text: str) -> str:
    """Text for a read-back: NFC, any white space as one space (Discourse changes some, and strips the ends)."""
    return " ".join(unicodedata.normalize("NFC", text).replace("\u180e", " ").split())
