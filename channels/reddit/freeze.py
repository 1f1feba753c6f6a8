"""An approved reply as the form that is posted, and its text as a read-back compares it. No I/O."""

from __future__ import annotations

import hashlib
import html
import unicodedata
from urllib.parse import urlencode

from channels.reddit.convert import is_full_name
from domain.errors import BadInput
from domain.reply import Frozen, Outgoing, Parent

MAX_CHARACTERS = 10_000
"""Reddit's own limit. Some subreddits set a lower one that the API does not tell."""


def check_place(parent: Parent) -> None:
    """Whether this post may be answered by API. Raises BadInput."""
    if not is_full_name(parent.external_id):
        raise BadInput("this post came without its full name on Reddit: answer it by hand")
    if not parent.native.get("may_answer"):
        raise BadInput(f"r/{parent.native.get('subreddit', '?')} is not listed in `answer_in`: answer it by hand")


def freeze(outgoing: Outgoing) -> Frozen:
    """The form of an approved reply, in asyncpraw's own order. Raises BadInput when it cannot be sent so.

    Reddit takes the same comment twice and knows no key: `key` only names these bytes of this approval.
    """
    check_place(outgoing.parent)
    text = unicodedata.normalize("NFC", outgoing.text)
    if (over := len(text) - MAX_CHARACTERS) > 0:
        raise BadInput(f"the reply is {over} characters longer than Reddit's {MAX_CHARACTERS}: shorten it")
    body = urlencode({"api_type": "json", "text": text, "thing_id": outgoing.parent.external_id}).encode("ascii")
    seed = f"{outgoing.reply_id}|{outgoing.approved_at.isoformat()}|".encode() + body
    return Frozen(body=body, key=hashlib.sha256(seed).hexdigest()[:32])


def comparable(text: str) -> str:
    """Text for a read-back: NFC, entities decoded (Reddit encodes `& < >` without raw_json), single spaces."""
    return " ".join(html.unescape(unicodedata.normalize("NFC", text)).split())
