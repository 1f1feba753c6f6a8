"""An approved answer as the bytes that are posted. No I/O."""

from __future__ import annotations

import unicodedata

import msgspec

from domain.errors import BadInput
from domain.reply import Frozen, Outgoing

MAX_CHARACTERS = 5970
"""Seen by others in App Store Connect; Apple's documentation names no number."""


def freeze(outgoing: Outgoing) -> Frozen:
    """The request body; the key is the review, under which one answer can stand. Raises BadInput."""
    review_id = outgoing.parent.native.get("review")
    if not isinstance(review_id, str) or not review_id:
        raise BadInput("this review was read in the public feed, which gives no id to answer by: answer it by hand")
    text = unicodedata.normalize("NFC", outgoing.text)
    if (over := len(text) - MAX_CHARACTERS) > 0:
        raise BadInput(f"the answer is {over} characters longer than Apple's {MAX_CHARACTERS}: shorten it")
    data = {
        "type": "customerReviewResponses",
        "attributes": {"responseBody": text},
        "relationships": {"review": {"data": {"type": "customerReviews", "id": review_id}}},
    }
    return Frozen(body=msgspec.json.encode({"data": data}), key=review_id)
