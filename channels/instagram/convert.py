"""Media and comments of Instagram's Graph API as mentions. Pure.

Each top comment under our media begins a conversation; answers to it belong there. What names us elsewhere is a
conversation of its own. Instagram leaves the "@" out of texts that name us under somebody else's media.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal

from domain.errors import Undecodable
from domain.mention import Mention
from net.decode import bool_at, clean_text, list_at, text_at, time_at

CHANNEL = "instagram"
ANSWERS = 50
"""Answers to one comment that come along with it."""
_SAID = "id,text,timestamp,username,from,parent_id,hidden"
COMMENT_FIELDS = f"{_SAID},media{{id,permalink}}"
THREAD_FIELDS = f"{COMMENT_FIELDS},replies.limit({ANSWERS}){{{_SAID}}}"
MEDIA_FIELDS = "id,timestamp,comments_count"
TAG_FIELDS = "id,caption,timestamp,username,permalink"
MENTIONED_FIELDS = "id,text,timestamp,username,media{id,permalink}"
_ID = re.compile(r"[0-9]{1,40}", re.ASCII)

Kind = Literal["comment", "mention", "caption", "tag"]
"""A comment under our media; a comment or a caption elsewhere that names us; a photo in which we are only tagged."""


def graph_id(item: object, name: str = "id") -> str:
    """The id of an item. Raises Undecodable when there is none that could be asked for."""
    found = text_at(item, name)
    if _ID.fullmatch(found) is None:
        raise Undecodable(f"an item without {name}")
    return found


def created_at(item: object) -> datetime:
    """When it was written. Raises Undecodable."""
    found = time_at(item, "timestamp")
    if found is None:
        raise Undecodable("an item without a time")
    return found


def with_answers(comments: Iterable[object]) -> Iterator[object]:
    """Comments with the answers that came along with them, which are told as part of their comment."""
    for comment in comments:
        yield comment
        for answer in list_at(comment, "replies", "data"):
            if isinstance(answer, dict):
                above = {"parent_id": text_at(comment, "id")} | {
                    name: comment[name] for name in ("media",) if isinstance(comment, dict) and name in comment
                }
                yield above | answer


def comment_to_mention(comment: object, media: str = "") -> Mention | None:
    """A comment, or an answer to one, under our media; None when it has no words. Raises Undecodable."""
    return _comment(comment, "comment", media)


def mentioned_comment(comment: object) -> Mention | None:
    """A comment under somebody else's media that names us. Raises Undecodable."""
    return _comment(comment, "mention", graph_id(comment_media(comment)))


def comment_media(comment: object) -> object:
    """The media that a comment stands under, as far as it is told."""
    media = comment.get("media") if isinstance(comment, dict) else None
    return media if isinstance(media, dict) else {"id": media}


def media_to_mention(media: object, kind: Kind) -> Mention | None:
    """A photo or video of somebody else that names us in its caption, or tags us; None without words."""
    return _mention(media, kind, graph_id(media), text_at(media, "caption"), text_at(media, "permalink"))


def _comment(comment: object, kind: Kind, media: str) -> Mention | None:
    told = comment_media(comment)
    return _mention(comment, kind, media or text_at(told, "id"), text_at(comment, "text"), text_at(told, "permalink"))


def _mention(item: object, kind: Kind, media: str, text: str, url: str) -> Mention | None:
    found, posted_at, text = graph_id(item), created_at(item), clean_text(text)
    above, name = text_at(item, "parent_id"), text_at(item, "username") or text_at(item, "from", "username")
    if not text.strip():
        return None
    return Mention(
        channel=CHANNEL,
        external_id=found,
        text=text,
        posted_at=posted_at,
        thread_id=above or found,
        parent_id=above or None,
        url=url if url.startswith("https://") else "",
        author_id=text_at(item, "from", "id"),
        author_handle=name,
        author_name=name,
        addressed=True,
        native={"kind": kind, "media": media, "top": above or found, "hidden": bool_at(item, "hidden")},
    )
