"""Posts and comments of the Graph API, and changes that are pushed, as mentions. Pure.

A comment under one of our posts begins a conversation of its own; one under a visitor's post belongs to that post,
which is its parent. Who wrote a post that tags us is told to nobody but its author.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.errors import Undecodable
from domain.mention import Mention
from net.decode import bool_at, clean_text, text_at, time_at

CHANNEL = "facebook"
POST_FIELDS = "id,message,created_time,updated_time,from,permalink_url"
COMMENT_FIELDS = "id,message,created_time,from,parent{id},permalink_url,can_comment,is_hidden"
ALL_NEWEST_FIRST = {"filter": "stream", "order": "reverse_chronological"}
"""Without these a list of comments leaves out some, and answers to comments."""
EDITED = ("edited", "edit")
"""Both words were seen for the same thing."""
_ID = re.compile(r"[0-9]{1,40}(?:_[0-9]{1,40}){0,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Spot:
    """What an item is and where it stands: its post, and the comment that it answers (empty: none)."""

    id: str
    post: str
    above: str = ""

    @property
    def is_comment(self) -> bool:
        return self.id != self.post


def graph_id(item: object, name: str = "id") -> str:
    """The id of an item. Raises Undecodable when there is none that could be asked for."""
    found = text_at(item, name)
    if _ID.fullmatch(found) is None:
        raise Undecodable(f"an item without {name}")
    return found


def created_at(item: object) -> datetime:
    """When it was written. Raises Undecodable."""
    found = time_at(item, "created_time")
    if found is None:
        raise Undecodable("an item without a time")
    return found


def post_to_mention(post: object, page_id: str) -> Mention | None:
    """A post on our Page, or one that tags it; None when it has no words. Raises Undecodable."""
    return _mention(post, Spot(graph_id(post), graph_id(post)), page_id)


def comment_to_mention(comment: object, post: str, page_id: str) -> Mention | None:
    """A comment under a post; None when it has no words (a sticker, a picture). Raises Undecodable."""
    return _mention(comment, Spot(graph_id(comment), post, text_at(comment, "parent", "id")), page_id)


def change_to_mention(value: object, told_s: int, page_id: str) -> Mention | None:
    """A post or comment as it is pushed; None when it has no words. Raises Undecodable.

    The moment of this version goes along: the same push once more, after an edit, is older than what we hold by then.
    """
    is_edit = text_at(value, "verb") in EDITED and told_s > 0
    version = datetime.fromtimestamp(told_s, UTC) if is_edit else created_at(value)
    return _mention(value, spot_of(value), page_id, version)


def spot_of(value: object) -> Spot:
    """Where a pushed item stands. Raises Undecodable."""
    post = graph_id(value, "post_id")
    if text_at(value, "item") != "comment":
        return Spot(post, post)
    above = text_at(value, "parent_id")
    return Spot(graph_id(value, "comment_id"), post, above if above != post else "")


def _mention(item: object, spot: Spot, page_id: str, edited_at: datetime | None = None) -> Mention | None:
    posted_at, text = created_at(item), clean_text(text_at(item, "message"))
    if not text.strip():
        return None
    return Mention(
        channel=CHANNEL,
        external_id=spot.id,
        text=text,
        posted_at=posted_at,
        thread_id=spot.above or spot.id,
        parent_id=(spot.above or spot.post) if spot.is_comment else None,
        url=_url(item, spot),
        author_id=text_at(item, "from", "id") or text_at(item, "sender_id"),
        author_name=text_at(item, "from", "name") or text_at(item, "sender_name"),
        edited_at=edited_at,
        addressed=True,
        native={
            "id": spot.id,
            "post": spot.post,
            "on_our_page": spot.post.startswith(f"{page_id}_"),
            "can_reply": bool_at(item, "can_comment", default=True),
            "hidden": bool_at(item, "is_hidden"),
        },
    )


def _url(item: object, spot: Spot) -> str:
    """Where people see it; what is pushed names the address of its post at most."""
    own, of_post = text_at(item, "permalink_url"), text_at(item, "post", "permalink_url")
    if own.startswith("https://"):
        return own
    comment = f"?comment_id={spot.id.rpartition('_')[2]}" if spot.is_comment else ""
    return (of_post if of_post.startswith("https://") else f"https://www.facebook.com/{spot.post}") + comment
