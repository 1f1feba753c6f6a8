"""An approved reply as the container that is made of it, and its length as Threads counts it. No I/O."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import urlencode

import regex

from channels.threads.convert import post_id
from domain.errors import BadInput
from domain.reply import Frozen, Outgoing

MAX_CHARACTERS = 500
MAX_LINKS = 5
"""Both limits of Threads' documentation; more links are refused when the container is made."""

_GRAPHEME = regex.compile(r"\X")
_EMOJI = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3")
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"]*[^\s<>\".,;:!?)\]']", re.IGNORECASE)


def length(text: str) -> int:
    """Characters, where an emoji counts as many as its bytes in UTF-8 (Threads: Posts, limitations)."""
    return sum(
        len(found[0].encode("utf-8", "replace")) if _EMOJI.search(found[0]) else len(found[0])
        for found in _GRAPHEME.finditer(text)
    )


def freeze(outgoing: Outgoing) -> Frozen:
    """The form of the first step, and a name for it. Raises BadInput when it cannot be sent so."""
    text = unicodedata.normalize("NFC", outgoing.text)
    parent = post_id(outgoing.parent.native)
    if not parent:
        raise BadInput("this post came without its id, so an answer cannot point to it: answer it by hand")
    if not outgoing.account.external_id.isalnum():
        raise BadInput("our Threads account was never tried, so its id is not known: connect it again")
    if (over := length(text) - MAX_CHARACTERS) > 0:
        raise BadInput(
            f"the reply is {over} characters longer than Threads' 500 (an emoji counts 4 or more): shorten it"
        )
    if len(set(_LINK.findall(text))) > MAX_LINKS:
        raise BadInput(f"Threads takes at most {MAX_LINKS} links in a post: leave some out")
    body = urlencode({"media_type": "TEXT", "text": text, "reply_to_id": parent}).encode("ascii")
    seed = f"{outgoing.reply_id}|{outgoing.approved_at.isoformat()}|".encode() + body
    return Frozen(body=body, key=hashlib.sha256(seed).hexdigest()[:32])


def comparable(text: str) -> str:
    """Text for a read-back: NFC, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())
