"""YouTube's JSON to mentions. Pure.

A comment's id is the same everywhere; a reply's begins with that of its top comment, but nothing rests on that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from domain.errors import Undecodable
from domain.mention import Mention
from net.decode import bool_at, clean_text, html_to_text, int_at, list_at, text_at, time_at, value_at

CHANNEL = "youtube"
_VIDEO = re.compile(r"(?:[?&]v=|youtu\.be/|/shorts/|/live/|^)([\w-]{11})(?![\w-])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a comment stands: its video, the top comment of its conversation, and whether that one speaks to us."""

    video: str
    thread: str
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Us:
    """Who we are there: our channel's id, our handles, whether our account can write."""

    channel_id: str
    handles: tuple[str, ...]
    may_write: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """What a source remembers of a thread: when it began (epoch seconds), how many replies there are, and whether the
    page held all of them."""

    id: str
    video: str
    began_s: int
    replies: int
    is_complete: bool
    ours: bool


def video_id(text: str) -> str:
    """The id in a video's address, or the id itself; empty when there is none."""
    found = _VIDEO.search(text.strip())
    return found.group(1) if found else ""


def comment_url(spot: Spot, comment_id: str, channel_id: str) -> str:
    """Where people see the comment; comments on a channel itself have no address of their own."""
    if spot.video:
        return f"https://www.youtube.com/watch?v={spot.video}&lc={comment_id}"
    return f"https://www.youtube.com/channel/{channel_id}"


def thread_heard(thread: object, us: Us, *, ours: bool) -> Heard:
    """The facts of a comment thread. Raises Undecodable without id or time."""
    top = value_at(thread, "snippet", "topLevelComment")
    found, began = _id(thread), time_at(top, "snippet", "publishedAt")
    if began is None:
        raise Undecodable("a thread without time")
    replies = max(0, int_at(thread, "snippet", "totalReplyCount") or 0)
    return Heard(
        id=found,
        video=text_at(thread, "snippet", "videoId"),
        began_s=int(began.timestamp()),
        replies=replies,
        is_complete=len(list_at(thread, "replies", "comments")) >= replies,
        ours=ours or (bool(us.channel_id) and _author_id(top) == us.channel_id),
    )


def is_public(item: object) -> bool:
    """Whether everybody sees this thread or comment; its channel's owner is shown others too."""
    status = text_at(item, "snippet", "moderationStatus", default="published")
    return status == "published" and bool_at(item, "snippet", "isPublic", default=True)


def to_mention(comment: object, spot: Spot, us: Us, *, can_reply: bool = True, addressed: bool = False) -> Mention:
    """One comment, top or reply. Raises Undecodable without id, text or time.

    `addressed`: whoever writes under our video speaks to us. So does who answers us or names our handle.
    """
    found, posted_at = _id(comment), time_at(comment, "snippet", "publishedAt")
    text = value_at(comment, "snippet", "textOriginal")
    text = value_at(comment, "snippet", "textDisplay") if not isinstance(text, str) else text
    if not isinstance(text, str) or posted_at is None:
        raise Undecodable("a comment without text or time")
    name, is_reply = text_at(comment, "snippet", "authorDisplayName"), found != spot.thread
    return Mention(
        channel=CHANNEL,
        external_id=found,
        text=clean_text(text),
        posted_at=posted_at,
        thread_id=spot.thread,
        parent_id=spot.thread if is_reply else None,
        url=comment_url(spot, found, text_at(comment, "snippet", "channelId")),
        author_id=_author_id(comment),
        author_handle=name if name.startswith("@") else "",
        author_name=name,
        edited_at=_edited_at(comment, posted_at),
        addressed=addressed or (is_reply and spot.ours) or _names_us(text, us.handles),
        native={
            "kind": "reply" if is_reply else "comment",
            "top": spot.thread,
            "video": spot.video,
            "may_write": us.may_write,
            "can_reply": can_reply,
        },
    )


def video_to_mention(result: object) -> Mention:
    """A video that a search found. Titles come escaped as HTML. Raises Undecodable."""
    found, posted_at = text_at(result, "id", "videoId"), time_at(result, "snippet", "publishedAt")
    title = value_at(result, "snippet", "title")
    if not found or posted_at is None or not isinstance(title, str):
        raise Undecodable("a video without id, title or time")
    return Mention(
        channel=CHANNEL,
        external_id=found,
        title=html_to_text(title),
        text=html_to_text(text_at(result, "snippet", "description")),
        posted_at=posted_at,
        thread_id=found,
        url=f"https://www.youtube.com/watch?v={found}",
        author_id=text_at(result, "snippet", "channelId"),
        author_name=text_at(result, "snippet", "channelTitle"),
        native={"kind": "video", "video": found},
    )


def _id(item: object) -> str:
    found = value_at(item, "id")
    if not isinstance(found, str) or not found:
        raise Undecodable("an item without an id")
    return found


def _author_id(comment: object) -> str:
    return text_at(comment, "snippet", "authorChannelId", "value")


def _edited_at(comment: object, posted_at: datetime) -> datetime | None:
    changed = time_at(comment, "snippet", "updatedAt")
    return changed if changed is not None and changed > posted_at else None


def _names_us(text: str, handles: tuple[str, ...]) -> bool:
    if "@" not in text:
        return False
    named = {found.rstrip(".-").casefold() for found in re.findall(r"(?<![\w@])@([\w.-]+)", text)}
    return any(handle.lstrip("@").casefold() in named for handle in handles)
