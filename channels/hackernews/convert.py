"""Items of Hacker News as Mentions, from its search index (Algolia) and from its own API (Firebase). Pure."""

from __future__ import annotations

from domain.errors import Undecodable
from domain.mention import Mention
from net.decode import bool_at, clean_text, html_to_text, int_at, text_at, time_at

CHANNEL = "hackernews"
PAGE_URL = "https://news.ycombinator.com/item?id="


def from_hit(raw: object) -> Mention:
    """A hit of search_by_date. Raises Undecodable without id, author or date."""
    external_id, author = text_at(raw, "objectID"), text_at(raw, "author")
    posted_at = time_at(raw, "created_at_i") or time_at(raw, "created_at")
    if not external_id.isdecimal() or not author or posted_at is None:
        raise Undecodable("a hit needs objectID, author and created_at")
    story = text_at(raw, "story_id") or external_id
    parent = text_at(raw, "parent_id") or None
    body = text_at(raw, "comment_text") or text_at(raw, "story_text")
    return Mention(
        channel=CHANNEL,
        external_id=external_id,
        text=html_to_text(body),
        title="" if parent else clean_text(text_at(raw, "title")),
        posted_at=posted_at,
        thread_id=story,
        url=PAGE_URL + external_id,
        parent_id=parent,
        author_id=author,
        author_handle=author,
        author_name=author,
        native={"points": int_at(raw, "points") or 0, "link": text_at(raw, "url")[:2000]},
    )


def from_item(raw: object, thread_id: str) -> Mention:
    """An item of /v0/item, whose thread the caller has found. Raises Undecodable without id, author or date."""
    external_id, author, posted_at = text_at(raw, "id"), text_at(raw, "by"), time_at(raw, "time")
    if not external_id.isdecimal() or not author or posted_at is None:
        raise Undecodable("an item needs id, by and time")
    return Mention(
        channel=CHANNEL,
        external_id=external_id,
        text=html_to_text(text_at(raw, "text")),
        title=clean_text(text_at(raw, "title")),
        posted_at=posted_at,
        thread_id=thread_id,
        url=PAGE_URL + external_id,
        parent_id=text_at(raw, "parent") or None,
        author_id=author,
        author_handle=author,
        author_name=author,
        native={"points": int_at(raw, "score") or 0, "link": text_at(raw, "url")[:2000]},
    )


def is_withdrawn(raw: object) -> bool:
    """Deleted by its author, or killed by the site."""
    return bool_at(raw, "deleted") or bool_at(raw, "dead")


def names(raw: object, terms: tuple[str, ...]) -> bool:
    """A rough look whether an item speaks of one of the terms; the listener's topics decide exactly."""
    text = f"{text_at(raw, 'title')} {html_to_text(text_at(raw, 'text'))} {text_at(raw, 'url')}".casefold()
    return any(term.casefold() in text for term in terms)
