"""Any RSS or Atom feed: forums, news, blogs, review sites."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

import msgspec
import xxhash

from channels.manifest import Listening, SourceSettings
from channels.rss.client import FeedClient, Got
from channels.rss.convert import identity, scope_of, to_mention
from channels.rss.parse import Entry, Feed, parse
from domain.errors import Undecodable
from domain.mention import Mention
from domain.ports import Cursor, Page, Unreadable
from net.decode import clean_string, int_at, list_at, parse_time, text_at

KNOWN_IDS = 500
MOVED_REPEATS = 5
SHORTEST = 10
"""Feeds list the newest 10 entries, or more."""
READ_WHOLE_S = 3600
"""So old may the last look at all entries be. WordPress dates its feed of comments by the newest one: to the feed's
validators nothing changed when an older comment is let through or edited."""


class RssSettings(SourceSettings, frozen=True, kw_only=True):
    """`url`: the feed's address. `lang`: language of its posts, where the feed states none."""

    url: Annotated[str, msgspec.Meta(pattern="^https?://[^/]", max_length=2000)]
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """What a feed's cursor holds: validators, short hashes of the last page's ids, its permanent redirects, and when
    all entries were last read (seconds since 1970)."""

    etag: str
    modified: str
    ids: tuple[str, ...]
    moved_to: str
    moved: int
    read_at: int

    def cursor(self) -> Cursor:
        """As stored. After MOVED_REPEATS polls in a row with a permanent redirect, a hint stands in it."""
        hint = f"the feed has moved to {self.moved_to}: change its address" if self.moved >= MOVED_REPEATS else ""
        return {
            "etag": self.etag, "modified": self.modified, "ids": list(self.ids), "moved_to": self.moved_to,
            "moved": self.moved, "hint": hint, "read_at": self.read_at,
        }  # fmt: skip


def place_of(cursor: Cursor | None) -> Place:
    """From a stored cursor."""
    ids = tuple(known for known in list_at(cursor, "ids") if isinstance(known, str))
    moved, read_at = int_at(cursor, "moved") or 0, int_at(cursor, "read_at") or 0
    return Place(text_at(cursor, "etag"), text_at(cursor, "modified"), ids, text_at(cursor, "moved_to"), moved, read_at)


class RssSource:
    """Gives all entries of the feed each time that it changed; what is new or edited is the listener's to see."""

    def __init__(self, listening: Listening) -> None:
        self._settings: RssSettings = listening.settings
        self._client = FeedClient(listening.door, listening.clock)
        self._clock = listening.clock
        self._scope = scope_of(self._settings.url)

    async def fetch(self, cursor: Cursor | None) -> Page:
        """Raises Undecodable for what is no feed, Gone for 404 and 410."""
        before, now = place_of(cursor), int(self._clock.now().timestamp())
        asked = (before.etag, before.modified) if 0 <= now - before.read_at < READ_WHOLE_S else ("", "")
        got = await self._client.get(self._settings.url, *asked)
        repeats = before.moved + 1 if got.moved_to and got.moved_to == before.moved_to else int(bool(got.moved_to))
        if got.answer.status == 304:
            return Page((), replace(before, moved_to=got.moved_to, moved=repeats).cursor())
        headers = got.answer.headers
        feed = await asyncio.to_thread(parse, got.answer.body, headers.get("content-type", ""), got.answer.url)
        mentions, unreadable = self._read(feed, self._fallback(feed, got))
        ids = tuple(_short(mention.external_id) for mention in mentions)
        # A broken feed keeps no validator: its next answer is read again in full.
        etag, modified = (headers.get("etag", ""), headers.get("last-modified", "")) if feed.whole else ("", "")
        place = Place(_header(etag), _header(modified), ids[:KNOWN_IDS] or before.ids, got.moved_to, repeats, now)
        gap = _gap(before.ids, ids) if cursor is not None else None
        return Page(tuple(mentions), place.cursor(), False, len(feed.entries), (), tuple(unreadable), gap)

    def _fallback(self, feed: Feed, got: Got) -> datetime:
        return feed.updated or parse_time(got.answer.headers.get("date")) or self._clock.now()

    def _read(self, feed: Feed, fallback: datetime) -> tuple[list[Mention], list[Unreadable]]:
        mentions: dict[str, Mention] = {}
        unreadable: list[Unreadable] = []
        for entry in feed.entries:
            try:
                mention = to_mention(entry, self._scope, fallback, self._settings.lang or feed.lang)
            except Undecodable as problem:
                unreadable.append(_unreadable(entry, problem))
            else:
                mentions.setdefault(mention.external_id, mention)
        return list(mentions.values()), unreadable


def _gap(before: tuple[str, ...], now: tuple[str, ...]) -> str | None:
    """A page that shares no entry with the last one has rolled over in between; one that was empty then may have."""
    if before and now and not set(before) & set(now):
        return "the feed rolled over: none of the entries seen last time is in it any more; poll it more often"
    if not before and len(now) >= SHORTEST:
        return "the feed was empty last time and is full now: more may have been said in between than it shows"
    return None


def _unreadable(entry: Entry, problem: Undecodable) -> Unreadable:
    """Named by what it is, not by where it stands: its place changes with every new entry."""
    sample = f"{identity(entry)}; fields: {entry.raw}".encode("utf-8", "replace")
    return Unreadable("an entry of the feed", problem.detail, sample[:2000])


def _short(external_id: str) -> str:
    return xxhash.xxh3_64_hexdigest(external_id.encode("utf-8", "replace"))[:10]


def _header(value: str) -> str:
    """Stored as it came; a header that could not be sent back is left out."""
    return value if len(value) <= 1000 and clean_string(value) == value else ""
