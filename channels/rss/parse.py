"""Bytes of a feed as a plain value, by feedparser. Slow on large feeds: call it in a thread."""

from __future__ import annotations

import calendar
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import feedparser

from domain.errors import Undecodable

_PROLOG_END = re.compile(rb"<\s*\w")
_DECLARES = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_ODD_ENCODING = re.compile(rb"""encoding\s*=\s*["'](utf-?_?7|cp037|ebcdic|utf-?_?32)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `html` parts still hold their markup; moments are None when missing or unreadable."""

    guid: str
    link: str
    title: str
    title_is_html: bool
    body: str
    body_is_html: bool
    author: str
    published: datetime | None
    updated: datetime | None
    raw: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A parsed feed. `whole` is False when its XML was broken and what could be read was taken."""

    entries: tuple[Entry, ...]
    updated: datetime | None
    lang: str | None
    whole: bool


def parse(body: bytes, content_type: str, url: str) -> Feed:
    """Raises Undecodable when this is no feed, or declares a document type (entities are an attack, never news)."""
    refuse_declarations(body)
    headers = {"content-type": content_type or "application/xml", "content-location": url}
    try:
        # A file object, never the bytes themselves: feedparser takes a bare string for an address or a file name.
        found = feedparser.parse(io.BytesIO(body), response_headers=headers)
    except Exception as error:  # its many old parsers fail in their own ways on hostile bytes
        raise Undecodable(f"the feed cannot be parsed ({type(error).__name__})") from error
    if not found.get("version") and not found.entries:
        raise Undecodable("this is not an RSS or Atom feed")
    if found.get("bozo") and not found.entries and _is_broken(found):
        raise Undecodable("the feed is broken and nothing in it can be read")
    feed = found.get("feed", {})
    updated = _moment(feed, "updated_parsed") or _moment(feed, "published_parsed")
    lang = feed.get("language") if isinstance(feed.get("language"), str) else None
    return Feed(tuple(_entry(raw) for raw in found.entries), updated, lang, not _is_broken(found))


def refuse_declarations(body: bytes) -> None:
    """Look at what stands before the first element; NULs go first, so that UTF-16 hides nothing."""
    plain = body[:200_000].replace(b"\x00", b"")
    first = _PROLOG_END.search(plain)
    prolog = plain[: first.start()] if first else plain
    if _DECLARES.search(prolog):
        raise Undecodable("the feed declares a document type or entities; such feeds are not read")
    if _ODD_ENCODING.search(prolog):
        raise Undecodable("the feed's encoding is not accepted; UTF-8 is expected")


def _is_broken(found: Any) -> bool:
    """A wrong media type or a declared encoding that differs is no broken feed."""
    harmless = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
    return bool(found.get("bozo")) and not isinstance(found.get("bozo_exception"), harmless)


def _entry(raw: Any) -> Entry:
    body, body_is_html = _body(raw)
    title_detail = raw.get("title_detail") or {}
    return Entry(
        guid=_words(raw.get("id")),
        link=_words(raw.get("link")),
        title=_words(raw.get("title")),
        title_is_html=title_detail.get("type") != "text/plain",
        body=body,
        body_is_html=body_is_html,
        author=_words(raw.get("author")),
        published=_moment(raw, "published_parsed"),
        updated=_moment(raw, "updated_parsed"),
        raw=", ".join(sorted(str(key) for key in raw)),
    )


def _body(raw: Any) -> tuple[str, bool]:
    """The content (the longest, where there are several), else the summary: WordPress escapes a comment's once more."""
    contents = [part for part in raw.get("content") or [] if _words(part.get("value"))]
    parts = contents or [raw.get("summary_detail") or {}]
    found = max(parts, key=lambda part: len(_words(part.get("value"))))
    return _words(found.get("value")), found.get("type") != "text/plain"


def _words(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _moment(raw: Any, name: str) -> datetime | None:
    """feedparser gives struct_time in UTC; a date without a zone is taken for UTC."""
    value = raw.get(name)
    try:
        return datetime.fromtimestamp(calendar.timegm(value), UTC) if value else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None
