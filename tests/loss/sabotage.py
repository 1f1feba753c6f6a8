"""Planted faults: naive forms of listening. The checker must find each of them.

They are put in by swapping functions of the product in this process, and taken out again; sources are wrapped.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from copy import copy
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from channels.bluesky.stream import BlueskyStream
from channels.email.source import Place
from channels.manifest import Listening
from channels.mastodon import timeline
from channels.mastodon.timeline import Position, Timeline, readable_id
from channels.x import stream
from channels.x.stream import XStream
from domain.ports import Cursor, Page, Source
from listener.polling import Poller
from listener.receiving import Receiver
from storage import known_posts
from tests.channels.proofs import Hearing
from tests.channels.subject import Subject
from tests.sabotage import Swaps, cursor_before_page, uses


def no_overlap() -> Swaps:
    """Only what is newer than the newest known one is asked for."""

    async def step(self: Timeline, position: Position) -> tuple[list[object], Position, bool]:
        if len(position.trail) < 2:
            return await self._walk(position)
        items = await self.read([("min_id", position.trail[0])])
        ids = tuple(filter(None, map(readable_id, items)))
        return items, Position((*ids, *position.trail)[:20]), bool(ids)

    return [(Timeline, "step", step)]


def since_id() -> Swaps:
    """`since_id` gives the newest page after an id, `min_id` the next one."""

    async def step(self: Timeline, position: Position) -> tuple[list[object], Position, bool]:
        items = await self.read([("since_id", position.trail[-1])] if position.trail else [])
        ids = tuple(filter(None, map(readable_id, items)))
        return items, Position((*ids, *position.trail)[: timeline.TRAIL]), False

    return [(Timeline, "step", step)]


def sweeps_read_nothing() -> Swaps:
    """A sweep is noted, and not made."""

    async def sweep(*_: Any) -> None:
        return None

    return [(Poller, "_sweep", sweep)]


def no_sweeps() -> Swaps:
    """Nothing is ever read again."""
    return [(Poller, "_sweep_due", lambda *_: False)]


def edits_are_known_already() -> Swaps:
    """A post that is stored is not looked at again."""

    async def write_known(*_: Any) -> None:
        return None

    return uses(known_posts.write_known, write_known)


def no_search_after_a_break() -> Swaps:
    """A stream is opened again, and nothing is searched for."""

    async def searched(*_: Any) -> AsyncGenerator[Page]:
        return
        yield  # pragma: no cover

    return [(XStream, "_searched", searched)]


def searches_are_up_to_date() -> Swaps:
    """What search takes in late is not waited for."""
    return [(stream, "SETTLED", timedelta(0))]


def older_versions_count() -> Swaps:
    """Whatever is pushed last stands, in whatever order pushes come."""

    async def newer(session: Any, changed: known_posts.Again) -> known_posts.Again:
        return changed

    return [(known_posts, "_newer", newer)]


def thanked_and_not_stored() -> Swaps:
    """The sender is thanked for what is kept nowhere."""

    async def keep(*_: Any) -> None:
        return None

    return [(Receiver, "_keep", keep)]


def a_stream_begins_now() -> Swaps:
    """A stream is opened again without the place where it stopped."""
    return [(BlueskyStream, "_start", lambda *_: None)]


def new_numbers_are_not_noticed() -> Swaps:
    """A number of a mail is believed to stand for ever, and no sweep heals it."""
    return [(Place, "under", lambda place, validity: place), *sweeps_read_nothing()]


UNSWEPT = ("no overlap", "since_id in place of min_id")
"""Faults that a sweep would heal: they are looked for on a source that has none."""
SWAPS: dict[str, tuple[Callable[[], Swaps], str, str]] = {
    "the cursor before the page": (cursor_before_page, "Sandbox", "lost"),
    "no overlap": (no_overlap, "Mastodon, hashtag", "stale"),
    "since_id in place of min_id": (since_id, "Mastodon, hashtag", "lost"),
    "sweeps that read nothing": (sweeps_read_nothing, "Mastodon, hashtag", "lost"),
    "no sweeps": (no_sweeps, "Bluesky, search", "sweep"),
    "a break is not searched": (no_search_after_a_break, "X, stream", "lost"),
    "a break is searched too early": (searches_are_up_to_date, "X, stream", "lost"),
    "older versions count": (older_versions_count, "Webhook", "stale"),
    "thanked and not stored": (thanked_and_not_stored, "Webhook", "lost"),
    "a stream begins now": (a_stream_begins_now, "Bluesky, stream", "lost"),
    "new numbers are not noticed": (new_numbers_are_not_noticed, "E-mail", "lost"),
    "edits are passed over": (edits_are_known_already, "Hacker News", "stale"),
}
"""Name -> how it is planted, for which source, and the kind of problem that the checker must report."""
RARE = frozenset({"a break is searched too early"})
"""Those that need a post within the half minute before a connection: found in 9 of 12 lives of 1,000 posts, and in one
of 12 of 250."""


# --- sources that break their promise --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FaultySource:
    """A channel's source, spoilt in the named way."""

    inner: Source
    fault: str

    async def fetch(self, cursor: Cursor | None) -> Page:
        page = await self.inner.fetch(cursor)
        if self.fault == "one bad item costs its page" and page.unreadable:
            return replace(page, mentions=())
        if self.fault == "bad items vanish":
            return replace(page, unreadable=())
        if self.fault == "gaps are not told":
            return replace(page, gap=None)
        if self.fault == "removals are passed over":
            return replace(page, withdrawn=())
        return page


SOURCES = {
    "one bad item costs its page": ("Sandbox", "lost"),
    "gaps are not told": ("Feed", "lost"),
    "bad items vanish": ("Replay", "unread"),
    "removals are passed over": ("Reddit", "kept"),
}
"""Fault -> for which source, and the kind of problem that the checker must report."""


def spoilt(hearing: Hearing, fault: str) -> Hearing:
    """The same, with its source spoilt."""
    make = hearing.subject.manifest.source
    assert make is not None

    def source(listening: Listening) -> Source:
        return FaultySource(make(listening), fault)

    return replace(hearing, subject=_with(hearing.subject, source=source))


def unswept(hearing: Hearing) -> Hearing:
    """The same without sweeps: what a poll reads again must be enough."""
    subject = _with(hearing.subject, sweep_interval_s=None)
    return replace(hearing, name=f"{hearing.name}, unswept", subject=subject, sweep_s=0.0, sweep_every_s=0.0)


def _with(subject: Subject, **facts: Any) -> Subject:
    changed = copy(subject)
    changed.manifest = replace(subject.manifest, **facts)
    return changed
