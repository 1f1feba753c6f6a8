"""Service reviews of Trustpilot, from its JSON. No I/O.

The private list also holds e-mail addresses and order numbers of reviewers: none of that is taken.
"""

from __future__ import annotations

from channels.reviews import Review
from channels.upsert import Standing
from domain.errors import Undecodable
from net.decode import bool_at, clean_text, dict_at, int_at, text_at, time_at

CHANNEL = "trustpilot"


def page_of(review_id: str) -> str:
    """Where people see the review."""
    return f"https://www.trustpilot.com/reviews/{review_id}"


def answer_of(review: object) -> Standing | None:
    """The answer that stands under a review."""
    if not dict_at(review, "companyReply"):
        return None
    written_at = time_at(review, "companyReply", "updatedAt") or time_at(review, "companyReply", "createdAt")
    return Standing(text_at(review, "companyReply", "text"), written_at=written_at)


def to_review(item: object) -> Review:
    """A review of the private list. Raises Undecodable."""
    review_id, posted_at = text_at(item, "id"), time_at(item, "createdAt")
    text, title = text_at(item, "text").strip(), text_at(item, "title").strip()
    if not review_id or posted_at is None or not (text or title):
        raise Undecodable("a review without id, date or words")
    updated_at = time_at(item, "updatedAt")
    return Review(
        channel=CHANNEL,
        id=review_id,
        text=clean_text(text or title),
        title=clean_text(title) if text else "",
        rating=int_at(item, "stars"),
        posted_at=posted_at,
        edited_at=updated_at if updated_at is not None and updated_at > posted_at else None,
        author_name=text_at(item, "consumer", "displayName"),
        author_id=text_at(item, "consumer", "id"),
        url=page_of(review_id),
        lang=text_at(item, "language") or None,
        native={"review": review_id, "verified": bool_at(item, "isVerified"), "status": text_at(item, "status")},
        answer=answer_of(item),
    )
