"""Reviews of Google Play, from its JSON. No I/O.

The id of a review stays when its author changes it; what moves is `lastModified`, and the first moment is not told.
"""

from __future__ import annotations

from urllib.parse import urlencode

from channels.reviews import Review
from channels.upsert import Standing
from domain.errors import Undecodable
from net.decode import clean_text, int_at, list_at, text_at, time_at, value_at

CHANNEL = "googleplay"


def page_of(package: str, review_id: str) -> str:
    """Where people see the review."""
    return f"https://play.google.com/store/apps/details?{urlencode({'id': package, 'reviewId': review_id})}"


def _comment(review: object, name: str) -> object:
    """The author's words ("userComment") or ours ("developerComment"); None when there are none."""
    found = (value_at(comment, name) for comment in list_at(review, "comments"))
    return next((comment for comment in found if isinstance(comment, dict)), None)


def answer_of(review: object) -> Standing | None:
    """The answer that stands under a review."""
    ours = _comment(review, "developerComment")
    if ours is None:
        return None
    return Standing(text_at(ours, "text"), written_at=time_at(ours, "lastModified", "seconds"))


def _title_and_text(words: str) -> tuple[str, str]:
    """Old reviews have a title of their own, before a tab."""
    title, tab, text = words.partition("\t")
    return (title.strip(), text.strip()) if tab and text.strip() else ("", words.strip())


def to_review(item: object, package: str) -> Review:
    """A review of reviews.list. Raises Undecodable.

    The language is that of the device, not of the words, so it is kept beside the review and decides nothing.
    """
    review_id, said = text_at(item, "reviewId"), _comment(item, "userComment")
    title, text = _title_and_text(clean_text(text_at(said, "text")))
    modified_at = time_at(said, "lastModified", "seconds")
    if not review_id or not text or modified_at is None:
        raise Undecodable("a review without id, words or date")
    return Review(
        channel=CHANNEL,
        id=review_id,
        text=text,
        title=title,
        rating=int_at(said, "starRating"),
        posted_at=modified_at,
        author_name=text_at(item, "authorName"),
        url=page_of(package, review_id),
        native={
            "review": review_id,
            "package": package,
            "changed": int(modified_at.timestamp()),
            "app_version": text_at(said, "appVersionName"),
            "device": text_at(said, "device"),
            "device_language": text_at(said, "reviewerLanguage"),
        },
        answer=answer_of(item),
    )
