"""An approved answer as the bytes that are posted. No I/O."""

from __future__ import annotations

import unicodedata
from datetime import UTC

import msgspec

from domain.errors import BadInput
from domain.reply import Frozen, Outgoing


def freeze(outgoing: Outgoing) -> Frozen:
    """The request body; the key is the review, under which one answer can stand. Raises BadInput.

    `submittedAt` is the moment of the approval, so that sending again gives the same bytes.
    """
    review_id, author = outgoing.parent.native.get("review"), outgoing.account.secrets.get("secret_business_user_id")
    if not isinstance(review_id, str) or not review_id:
        raise BadInput("this review came without its id: answer it in Trustpilot Business")
    if not author:
        raise BadInput("the Trustpilot account has no user id, in whose name answers stand: connect it again")
    said = {
        "authorBusinessUserId": author,
        "message": unicodedata.normalize("NFC", outgoing.text),
        "submittedAt": outgoing.approved_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
    }
    return Frozen(body=msgspec.json.encode(said), key=review_id)
