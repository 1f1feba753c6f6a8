"""An approved reply as the bytes that are posted, and its text as a read-back compares it. No I/O."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlencode

from domain.errors import BadInput
from domain.mention import sha256
from domain.reply import Frozen, Outgoing

MAX_CHARACTERS = 8000


def freeze(outgoing: Outgoing) -> Frozen:
    """The form of the one request. Raises BadInput for a text that Facebook would not take."""
    text = unicodedata.normalize("NFC", outgoing.text)
    if (over := len(text) - MAX_CHARACTERS) > 0:
        raise BadInput(f"the reply is {over} characters longer than Facebook's {MAX_CHARACTERS}: shorten it")
    body = urlencode({"message": text}).encode()
    return Frozen(body, sha256(body)[:32])


def normal(text: str) -> str:
    """Equal for what Facebook shows and what was sent."""
    return " ".join(unicodedata.normalize("NFC", text).split())
