"""Reviews of the App Store, from its public feed and from App Store Connect. No I/O."""

from __future__ import annotations

from datetime import datetime

from channels.reviews import Review
from channels.upsert import Standing
from domain.errors import Undecodable
from net.decode import clean_text, dict_at, int_at, list_at, text_at, time_at, value_at

CHANNEL = "appstore"
ANSWER = "answer"
_WEB = ("https://", "http://")


def app_page(app_id: str, country: str = "") -> str:
    """Where people see the reviews of an app: a single one has no address."""
    return f"https://apps.apple.com/{country + '/' if country else ''}app/id{app_id}?see-all=reviews"


def console_of(url: str) -> str:
    """App Store Connect's page of the app that `url` (see `app_page`) shows: there a person answers by hand."""
    app_id = url.partition("/app/id")[2].partition("?")[0]
    return f"https://appstoreconnect.apple.com/apps/{app_id}" if app_id.isdecimal() else url


def feed_entries(feed: object) -> list[object]:
    """The reviews of a page of the feed: a single one comes without its list, none without `entry`.

    Older feeds begin with the app itself, which has a name and no rating.
    """
    found = dict_at(feed, "feed").get("entry")
    entries = found if isinstance(found, list) else [] if found is None else [found]
    return [entry for entry in entries if not dict_at(entry, "im:name")]


def from_feed(entry: object, app_id: str, country: str, fallback: datetime) -> Review:
    """An entry of the public feed. `fallback` is the moment of one without a date, which older feeds lack altogether.

    Its id is another one than App Store Connect's, so it cannot be answered by. Raises Undecodable.
    """
    review_id, text = text_at(entry, "id", "label"), text_at(entry, "content", "label").strip()
    title = text_at(entry, "title", "label").strip()
    if not review_id.isdecimal() or not (text or title):
        raise Undecodable("a review without id or words")
    profile, updated = text_at(entry, "author", "uri", "label"), time_at(entry, "updated", "label")
    return Review(
        channel=CHANNEL,
        id=review_id,
        text=clean_text(text or title),
        title=clean_text(title) if text else "",
        rating=int_at(entry, "im:rating", "label"),
        posted_at=updated or fallback,
        is_dated=updated is not None,
        author_name=text_at(entry, "author", "name", "label"),
        author_id=profile if profile.startswith(_WEB) else "",
        url=app_page(app_id, country),
        native={"country": country, "app_version": text_at(entry, "im:version", "label")},
    )


def with_answers(document: object) -> list[object]:
    """The reviews of a document (one or many), each with the answer that came along beside it (`include=response`)."""
    data = value_at(document, "data")
    answers = {
        text_at(item, "id"): item
        for item in list_at(document, "included")
        if text_at(item, "type") == "customerReviewResponses"
    }
    return [
        {**review, ANSWER: answers.get(text_at(review, "relationships", "response", "data", "id"))}
        if isinstance(review, dict)
        else review
        for review in (data if isinstance(data, list) else [data])
    ]


def standing_of(item: object) -> Standing:
    """A customerReviewResponse. `shown` is false while Apple has taken it and does not show it yet."""
    state = text_at(item, "attributes", "state")
    return Standing(
        text=text_at(item, "attributes", "responseBody"),
        external_id=text_at(item, "id"),
        written_at=time_at(item, "attributes", "lastModifiedDate"),
        evidence={"state": state, "shown": state == "PUBLISHED"},
    )


def answer_of(review: object) -> Standing | None:
    """The answer that stands under a review of `with_answers`."""
    answer = value_at(review, ANSWER)
    return standing_of(answer) if text_at(answer, "id") else None


def from_connect(review: object, app_id: str) -> Review:
    """A review of `with_answers`. Raises Undecodable."""
    review_id, posted_at = text_at(review, "id"), time_at(review, "attributes", "createdDate")
    text, title = text_at(review, "attributes", "body").strip(), text_at(review, "attributes", "title").strip()
    if not review_id or posted_at is None or not (text or title):
        raise Undecodable("a review without id, date or words")
    return Review(
        channel=CHANNEL,
        id=review_id,
        text=clean_text(text or title),
        title=clean_text(title) if text else "",
        rating=int_at(review, "attributes", "rating"),
        posted_at=posted_at,
        author_name=text_at(review, "attributes", "reviewerNickname"),
        url=app_page(app_id),
        native={"review": review_id, "app": app_id, "territory": text_at(review, "attributes", "territory")},
        answer=answer_of(review),
    )
