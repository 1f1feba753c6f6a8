"""A Mention is what was said: one public post or comment that matches a topic."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import datetime
from typing import Any

import msgspec
import xxhash

Part = tuple[str, float, str]
"""One named part of a priority: name, points, and the reason in plain words."""

LABELS = ("negative", "neutral", "positive", "unsure")


class Mention(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One post as its channel gave it. Text is plain (no HTML), already decoded at the boundary, and hostile.

    `thread_id` names the conversation on that network; a post that answers nothing is its own thread.
    `addressed` says that the post names us natively (a notification, an @mention of our account).
    `native` keeps what only that channel's publisher needs later (reply references, visibility).
    """

    channel: str
    external_id: str
    text: str
    posted_at: datetime
    thread_id: str
    url: str = ""
    title: str = ""
    parent_id: str | None = None
    author_id: str = ""
    author_handle: str = ""
    author_name: str = ""
    author_followers: int | None = None
    author_is_bot: bool = False
    lang_tag: str | None = None
    edited_at: datetime | None = None
    addressed: bool = False
    is_repost: bool = False
    shares: int = 0
    native: dict[str, Any] = {}

    @property
    def full_text(self) -> str:
        """Title and text as a reader sees them."""
        return f"{self.title}\n{self.text}" if self.title else self.text


class Score(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What scoring found out about one mention.

    `sentiment` is -1.0 to 1.0, None when unknown (label "unsure"); `priority` is the sum of `parts`;
    `severity` is 0 (nothing wrong) to 3 (must be answered first). `themes` say what it is about, the gravest first;
    `concepts` are the finer things its words tell of, in no language (`scoring.concepts`).
    """

    lang: str | None
    sentiment: float | None
    label: str
    priority: float
    severity: int
    parts: tuple[Part, ...]
    needs_answer: bool
    why: str
    themes: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()


SPEAKS_TO_US = "speaks to us"
NOT_TO_US = "positive, and not addressed to us"
"""Why a glad post that asks for nothing does, or does not, need an answer (`Score.why`)."""

_NOISE = re.compile(r"https?://\S+|@[\w.@-]+|[^\w\s]|_", re.UNICODE)
_LINK = re.compile(r"https?://\S+")
_HANDLE = re.compile(r"@[\w.@-]+")
_EITHER = re.compile(r"https?://\S+|@[\w.@-]+")
_SIGNS = bytes(code if chr(code).isalnum() and code < 128 else 32 for code in range(256))


def content_hash(title: str, text: str) -> str:
    """Changes exactly when what the author wrote changes: shows edits. 16 hexadecimal digits."""
    return xxhash.xxh3_64_hexdigest(f"{title}\x00{text}".encode("utf-8", "replace"))


def text_hash(text: str) -> int:
    """Equal for copies that differ in case, links, handles, punctuation or spacing. Signed 64 bits."""
    words = _ascii_words(text) if text.isascii() else _words(text)
    return xxhash.xxh3_64_intdigest(words) - (1 << 63)


def _words(text: str) -> bytes:
    folded = _NOISE.sub(" ", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split()).encode("utf-8", "replace")


def _ascii_words(text: str) -> bytes:
    """`_words` of plain text, about three times faster (a test holds the two together)."""
    folded = text.lower()
    has_link, has_handle = "://" in folded, "@" in folded
    if has_link or has_handle:
        # one kind alone has a fixed beginning, which the search can jump to
        names = _EITHER if has_link and has_handle else _LINK if has_link else _HANDLE
        folded = names.sub(" ", folded)
    return b" ".join(folded.encode().translate(_SIGNS).split())


def sha256(body: bytes) -> str:
    """Hexadecimal SHA-256, used where a hash is evidence."""
    return hashlib.sha256(body).hexdigest()
