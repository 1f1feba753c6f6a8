"""An approved answer as the bytes that are posted. No I/O."""

from __future__ import annotations

import re
import unicodedata

import msgspec

from domain.errors import BadInput
from domain.reply import Frozen, Outgoing

MAX_CHARACTERS = 350
_TAG = re.compile(r"</?[a-zA-Z!?][^<>]*>")


def freeze(outgoing: Outgoing) -> Frozen:
    """The request body; the key is the review, under which one answer can stand. Raises BadInput.

    Google strips what looks like an HTML tag. Then other words would be public than were approved.
    """
    native = outgoing.parent.native
    review_id = native.get("review")
    if not isinstance(review_id, str) or not review_id or not native.get("package"):
        raise BadInput("this review came without its id or its app: answer it in the Play Console")
    text = unicodedata.normalize("NFC", outgoing.text)
    if (over := len(text) - MAX_CHARACTERS) > 0:
        raise BadInput(f"the answer is {over} characters longer than Google Play's {MAX_CHARACTERS}: shorten it")
    if tag := _TAG.search(text):
        raise BadInput(f"Google Play would take {tag.group()[:40]} out of the answer: write it without < and >")
    return Frozen(body=msgspec.json.encode({"replyText": text}), key=review_id)
