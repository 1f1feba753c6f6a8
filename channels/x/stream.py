"""Hears by X's filtered stream, and closes by search what was said while no stream was open.

The stream keeps nothing for us (that is for enterprises), so each connection is opened first and then everything since
the last known post is searched; what comes meanwhile waits. Posts served twice change nothing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta

from channels.manifest import Listening
from channels.x.convert import Own
from channels.x.heard import heard
from channels.x.place import Place
from channels.x.problems import Said, payment, read_problem
from channels.x.query import RULE_LENGTH, queries
from channels.x.reading import Included, notices
from channels.x.rules import keep_rules, lets_through
from channels.x.snowflake import believable, number_at
from channels.x.source import XSettings, XSource
from domain.errors import ChannelError, RateLimited, Undecodable, Unreachable
from domain.mention import Mention
from domain.ports import Cursor, Page, Unreadable
from net.batches import batches
from net.decode import decode_json, dict_at, list_at, text_at
from net.door import Lines

BATCH = 100
BATCH_S = 1.0
WAITING = 2_000
WHERE = "x stream"
ZOMBIE_WAIT = timedelta(seconds=60)
SETTLED = timedelta(seconds=60)
"""X's search takes posts in up to half a minute late."""


@dataclass(slots=True)
class Batch:
    """What one batch of lines brings, while it is read. `moves`: the place moves with its posts."""

    place: Place
    rules: frozenset[str]
    moves: bool
    mentions: list[Mention] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    seen: int = 0


class XStream:
    """One connection per call of `pages`; it ends with an error and is started again from the stored cursor."""

    def __init__(self, listening: Listening) -> None:
        self._settings: XSettings = listening.settings
        self._listening = listening
        self._own = Own.of(listening.account, listening.handles)
        self._catch_up = XSource(listening)

    async def pages(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        """The pages of the search since the last known post, then what is pushed. Raises Unreachable when it ends."""
        client = self._catch_up.client()
        rules = queries(self._settings.query, self._listening.terms, self._own.names, RULE_LENGTH)
        if not rules:
            raise RateLimited(None, "no topic has words yet, so there is nothing to stream")
        self._catch_up.affordable(cursor)
        ids = await keep_rules(client, rules)
        async with client.stream() as lines:
            self._check(lines)
            async with aclosing(self._follow(lines, cursor, ids)) as pages:
                async for page in pages:
                    yield page
        raise Unreachable("the stream ended")

    async def _follow(self, lines: Lines, cursor: Cursor | None, rules: frozenset[str]) -> AsyncGenerator[Page]:
        """Search, then follow; and search once more when X's search has surely taken in what was said before the stream
        was open. Until then the place does not move with the stream: a break would leave a hole."""
        settled_at, settled = self._listening.clock.now() + SETTLED, False
        pushed = batches(aiter(lines), most=BATCH, within_s=BATCH_S, waiting=WAITING)
        async with aclosing(pushed):
            async for page in self._searched(cursor):
                cursor = page.cursor
                yield page
            async for batch in pushed:
                page = self._page(batch, Batch(self._catch_up.place(cursor), rules, settled))
                cursor = page.cursor
                yield page
                self._catch_up.affordable(cursor)
                if not settled and self._listening.clock.now() >= settled_at:
                    settled = True
                    async for page in self._searched(cursor):
                        cursor = page.cursor
                        yield page

    async def _searched(self, cursor: Cursor | None) -> AsyncGenerator[Page]:
        while True:
            page = await self._catch_up.fetch(cursor)
            yield page
            if not page.more:
                return
            cursor = page.cursor

    def _check(self, lines: Lines) -> None:
        """Raises what stands between us and the stream."""
        now = self._listening.clock.now()
        error = read_problem(lines.answer, now)
        if isinstance(error, RateLimited) and b"toomanyconnections" in lines.answer.body.lower():
            why = "X still counts another stream of this app, and allows one: it is tried again in a minute"
            raise RateLimited(now + ZOMBIE_WAIT, why)
        if error is not None:
            raise error

    def _page(self, lines: list[bytes], batch: Batch) -> Page:
        for line in lines:
            if line.strip():  # an empty one is a sign of life, and the page without posts passes it on
                self._take(line, batch)
        return Page(tuple(batch.mentions), batch.place.cursor(), seen=batch.seen, unreadable=tuple(batch.unreadable))

    def _take(self, line: bytes, batch: Batch) -> None:
        try:
            body = decode_json(line)
        except Undecodable as error:
            batch.unreadable.append(Unreadable(WHERE, str(error), line[:2000]))
            return
        post, included = dict_at(body, "data"), Included.of(body)
        if not post and list_at(body, "errors"):
            raise _told(body)
        batch.seen += 1
        meter = batch.place.meter.count([text_at(post, "id")], included.posts, included.users)
        newest = believable(number_at(post, "id"), self._listening.clock.now()) if batch.moves else 0
        batch.place = batch.place.raised(newest, meter)
        if lets_through(batch.rules, body):
            mentions, unreadable = heard([post], included, self._own, WHERE)
            batch.mentions += mentions
            batch.unreadable += [*unreadable, *notices(WHERE, body, [post])]


def _told(body: object) -> ChannelError:
    """What X says before it closes a stream."""
    said = Said.of(body)
    return payment(200, said) or Unreachable(f"X closes the stream: {said.sentence or said.kind}")
