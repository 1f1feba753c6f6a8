"""Threads' posts to mentions. No I/O."""

from __future__ import annotations

import re

from domain.errors import Undecodable
from domain.mention import Mention
from net.decode import clean_text, parse_time, text_at

CHANNEL = "threads"

_ID = re.compile(r"[0-9A-Za-z]{1,64}")


def post_id(item: object) -> str:
    """The id of a post, or an empty string where there is none that could be asked for again."""
    name = text_at(item, "id")
    return name if _ID.fullmatch(name) else ""


def is_by(item: object, handle: str) -> bool:
    """Whether this person wrote it."""
    return bool(handle) and text_at(item, "username").casefold() == handle.lstrip("@").casefold()


def to_mention(item: object, *, handle: str, addressed: bool) -> Mention:
    """One post. The author is known by name only: Threads keeps their id to itself. Raises Undecodable."""
    name, author, posted_at = post_id(item), text_at(item, "username"), parse_time(text_at(item, "timestamp"))
    if not name or not author or posted_at is None:
        raise Undecodable("a post without id, author or time")
    text = clean_text(text_at(item, "text"))
    return Mention(
        channel=CHANNEL,
        external_id=name,
        text=text,
        posted_at=posted_at,
        thread_id=post_id_at(item, "root_post") or post_id_at(item, "replied_to") or name,
        parent_id=post_id_at(item, "replied_to") or None,
        url=text_at(item, "permalink"),
        author_id=author.casefold(),
        author_handle=author,
        addressed=addressed or _names(text, handle),
        is_repost=text_at(item, "media_type") == "REPOST_FACADE",
        native={"id": name},
    )


def post_id_at(item: object, field: str) -> str:
    """The id of another post that this one names ({"id": ...}), or an empty string."""
    name = text_at(item, field, "id")
    return name if _ID.fullmatch(name) else ""


def _names(text: str, handle: str) -> bool:
    wanted = handle.lstrip("@")
    return bool(wanted) and re.search(rf"(?<![\w@])@{re.escape(wanted)}(?![\w.]*\w)", text, re.IGNORECASE) is not None
