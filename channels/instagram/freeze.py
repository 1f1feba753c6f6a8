"""An approved reply as the bytes that are posted, and its text as a read-back compares it. No I/O."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlencode

from domain.errors import BadInput
from domain.mention import sha256
from domain.reply import Frozen, Outgoing, Parent

MAX_CHARACTERS = 2200


def message(text: str, parent: Parent) -> str:
    """The words that are posted: an answer to an answer stands below its first comment, so it names its person."""
    name = f"@{parent.author_handle.lstrip('@')}"
    is_answer = parent.native.get("kind") == "comment" and parent.native.get("top") != parent.external_id
    named = re.search(rf"(?<![\w@]){re.escape(name)}(?![\w.])", text, re.IGNORECASE)
    return unicodedata.normalize("NFC", text if named or not is_answer or len(name) < 2 else f"{name} {text}")


def freeze(outgoing: Outgoing) -> Frozen:
    """The form of the one request. Raises BadInput for a text that Instagram would not take."""
    parent, words = outgoing.parent, message(outgoing.text, outgoing.parent)
    if (over := len(words) - MAX_CHARACTERS) > 0:
        raise BadInput(f"the reply is {over} characters longer than Instagram's {MAX_CHARACTERS}: shorten it")
    form = {"message": words}
    if parent.native.get("kind") in ("mention", "caption"):
        form["media_id"] = str(parent.native.get("media"))
    if parent.native.get("kind") == "mention":
        form["comment_id"] = parent.external_id
    body = urlencode(form).encode()
    return Frozen(body, sha256(body)[:32])


def normal(text: str) -> str:
    """Equal for what Instagram shows and what was sent: it may leave out the "@" of names."""
    return " ".join(unicodedata.normalize("NFC", text).replace("@", "").split())
