"""Follows every post of the network through Jetstream and converts only what may be a mention.

Cursor: {"url", "seq", "at"}. `seq` is inclusive and counts on that host only; `at` (microseconds) is the portable
place for another host, or when the host no longer keeps our `seq`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

import msgspec
from ahocorasick_rs import AhoCorasick

from channels.bluesky.convert import POST, names
from channels.bluesky.events import Event, Info, read_frame
from channels.bluesky.profiles import named
from channels.bluesky.source import BlueskySettings
from channels.manifest import Listening
from domain.errors import Refused, Undecodable, Unreachable
from domain.mention import Mention
from domain.ports import Cursor, Page, Unreadable
from domain.query import fold
from net.batches import batches
from net.decode import decode_json, int_at, text_at

BATCH = 500
BATCH_S = 1.0
WAITING = 2_000
"""Frames that may wait for the consumer. A full queue stops reading, and the server holds the rest."""
REWIND_US = 10_000_000
SUBPROTOCOL = "xrpc.v1.json"


@dataclass(frozen=True, slots=True)
class Filter:
    """Lets pass what may concern us: one of the words anywhere, or a native mention of our account. It may let
    too much pass (the listener matches exactly), never too little."""

    find: AhoCorasick | None
    own_did: str

    @classmethod
    def of(cls, terms: tuple[str, ...], own_did: str) -> Filter:
        """Built once per stream."""
        folded = [folded for term in terms if (folded := fold(term))]
        return cls(AhoCorasick(folded) if folded else None, own_did)

    def passes(self, event: Event) -> bool:
        """Whether the event is worth converting."""
        if event.did == self.own_did:
            return False
        if self.find is not None and self.find.find_matches_as_indexes(fold(text_at(event.record, "text"))):
            return True
        return names(event.record, self.own_did)


class BlueskyStream:
    """One connection per call of `pages`; it ends with an error and is started again from the stored cursor."""

    def __init__(self, listening: Listening) -> None:
        self._settings: BlueskySettings = listening.settings
        self._listening = listening
        self._own_did = listening.account.external_id if listening.account else ""
        self._filter = Filter.of(listening.terms, self._own_did)

    async def pages(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Pages of up to 500 events or one second. Raises Unreachable when the stream breaks."""
        start, gap = self._start(cursor), None
        try:
            await self._check(start)
        except Refused as error:
            # CursorTooOld is said before the stream opens. A time that is too old is moved up to the oldest kept.
            gap = f"the stream no longer holds our place ({error}); posts in between may be missing"
            start = int_at(cursor, "at")
        place: Cursor = {"url": self._settings.url, "seq": int_at(cursor, "seq") if gap is None else None}
        frames = batches(self._frames(start), most=BATCH, within_s=BATCH_S, waiting=WAITING)
        async with aclosing(frames):
            async for batch in frames:
                page = await self._page(batch, place, gap)
                place, gap = page.cursor or place, None
                yield page
        raise Unreachable("the stream ended")

    def _start(self, cursor: Cursor | None) -> int | None:
        """Where to begin: our number on the same host, otherwise the time a little before, otherwise now."""
        at = int_at(cursor, "at")
        if text_at(cursor, "url") == self._settings.url and self._settings.wire == "v2":
            return int_at(cursor, "seq") or at
        return at - REWIND_US if at else None

    def _params(self, start: int | None) -> list[tuple[str, str]]:
        place = [("cursor", str(start))] if start else []
        if self._settings.wire == "v1":
            return [("wantedCollections", POST), *place]
        return [("collections", POST), ("kinds", "commit"), ("kinds", "account"), *place]

    async def _check(self, start: int | None) -> None:
        """Ask the address as an ordinary request: a refused cursor is explained there, a good one wants an upgrade."""
        if start is None or self._settings.wire == "v1":
            return
        url = "http" + self._settings.url.removeprefix("ws")
        answer = await self._listening.door.request("GET", url, params=self._params(start), purpose="stream place")
        try:
            name = text_at(answer.json(), "error") if answer.status == 400 else ""
        except Undecodable:
            name = ""
        if name == "CursorTooOld":
            raise Refused(name)

    async def _frames(self, start: int | None) -> AsyncGenerator[bytes]:
        headers = {"Sec-WebSocket-Protocol": SUBPROTOCOL} if self._settings.wire == "v2" else None
        async with self._listening.door.websocket(
            self._settings.url, headers=headers, params=self._params(start)
        ) as stream:
            async for frame in stream:
                yield frame

    async def _page(self, frames: list[bytes], place: Cursor, gap: str | None) -> Page:
        mentions: list[Mention] = []
        withdrawn: list[str] = []
        unreadable: list[Unreadable] = []
        cursor, seen, last = dict(place), 0, int_at(place, "seq") or -1
        for frame in frames:
            try:
                event = read_frame(decode_json(frame), self._settings.wire)
            except Undecodable as error:
                unreadable.append(Unreadable("bluesky stream", str(error), frame[:2000]))
                continue
            if isinstance(event, Info):
                gap = gap or event.gap
                continue
            if event is None or event.seq <= last:
                continue  # the server repeats the last event on every reconnect
            seen, last = seen + 1, event.seq
            cursor |= {"seq": event.seq, "at": event.at_us or cursor.get("at")}
            withdrawn += event.withdrawn
            try:
                if event.record is not None and self._filter.passes(event):
                    mentions.append(event.mention(self._own_did))
            except Undecodable as error:
                unreadable.append(Unreadable("bluesky stream", str(error), msgspec.json.encode(event.record)[:2000]))
        heard = await named(mentions, self._settings.profiles_url, self._listening.door, self._listening.clock)
        return Page(tuple(heard), cursor, False, seen, tuple(withdrawn), tuple(unreadable), gap)
