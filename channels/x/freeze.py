"""An approved reply as the bytes that are posted, and its text as a read-back compares it. No I/O."""

from __future__ import annotations

import hashlib
import re
import unicodedata

import msgspec

from channels.x.query import names_of
from channels.x.weight import MAX_WEIGHT, links, weight
from domain.errors import BadInput
from domain.reply import Frozen, Outgoing

_CASHTAG = re.compile(r"(?<![\w$])\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?!\w)")
_LEADING_NAMES = re.compile(r"^(?:\s*@[A-Za-z0-9_]{1,15}(?!\w))+\s*")


def freeze(outgoing: Outgoing) -> Frozen:
    """The request body of an approved reply, and a key of our own (X knows none). Raises BadInput.

    The author's name is not put in front: X does that itself, and does not count it.
    """
    parent_id = str(outgoing.parent.native.get("id") or "")
    if not parent_id.isdecimal():
        raise BadInput("this post came without its id, so an answer cannot point to it: answer it by hand")
    _check_summoned(outgoing)
    text = unicodedata.normalize("NFC", outgoing.text)
    _check_text(text)
    body = msgspec.json.encode({"reply": {"in_reply_to_tweet_id": parent_id}, "text": text})
    seed = f"{outgoing.reply_id}|{outgoing.approved_at.isoformat()}|".encode() + body
    return Frozen(body=body, key=hashlib.sha256(seed).hexdigest()[:32])


def _check_summoned(outgoing: Outgoing) -> None:
    called = outgoing.parent.native.get("summoned") or []
    own = names_of([outgoing.account.handle])
    if not own or own[0] not in called:
        who = ", ".join(f"@{name}" for name in called) or "nobody of us"
        raise BadInput(
            "X lets an account answer by API only those who named it in that very post or quoted it. This author named "
            f"{who}, not {outgoing.account.handle}: answer by hand"
        )


def _check_text(text: str) -> None:
    if (over := weight(text) - MAX_WEIGHT) > 0:
        raise BadInput(f"the reply is {over} longer than X's {MAX_WEIGHT} (a link counts 23, an emoji 2): shorten it")
    if len(tags := _CASHTAG.findall(text)) > 1:
        raise BadInput(f"X takes one cashtag in a post, this text has {', '.join(tags)}: leave out all but one")


def comparable(text: str) -> str:
    """Text for a read-back: NFC, without the names that X puts in front, links without their scheme, single spaces."""
    plain = _LEADING_NAMES.sub("", unicodedata.normalize("NFC", text))
    for link in links(plain):
        plain = plain.replace(link, re.sub(r"(?i)^https?://(www\.)?", "", link).rstrip("/"))
    return " ".join(plain.split())
