"""Where a search, or a look at our notifications, stands. Pure.

Both are lists that name posts, newest first, without their full text. So a page of a list is read first, then the
posts that are new on it, a few at a time, then the next page or the next list. A list ends at an entry known from the
poll before; a new source ends at the edge of its window.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile

from domain.ports import Cursor
from net.decode import dict_at, int_at, list_at, text_at, time_at

KEPT = 20
"""How many of the newest entries of a list are remembered, so that one removed entry does not lose the place."""
PAGES = 10
"""Discourse serves no further pages of a search."""
READS = 10
"""Posts read in one go, so that a flood of hits does not eat the forum's limits."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list: its own key, the post it names, the title of its topic, its moment."""

    key: str
    post_id: int
    title: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """`at`, `page`: the list and page to read next. `pending`: posts (id, topic's title) to read before that.
    `fresh`: the newest keys of the list being read; `known`: those of the poll before, by list, once there was one."""

    lists: tuple[str, ...]
    known: dict[str, tuple[str, ...]]
    at: int = 0
    page: int = 1
    pending: tuple[tuple[int, str], ...] = ()
    fresh: tuple[str, ...] = ()

    @classmethod
    def read(cls, cursor: Cursor | None, lists: tuple[str, ...]) -> Place:
        """From a stored cursor; None and anything unknown start anew."""
        waiting = ((int_at(pair, 0), text_at(pair, 1)) for pair in list_at(cursor, "pending"))
        at, page, known = int_at(cursor, "at") or 0, int_at(cursor, "page") or 1, dict_at(cursor, "known")
        return cls(
            lists,
            {name: _keys(known, name) for name in lists if name in known},
            at if 0 <= at < len(lists) else 0,
            max(1, page),
            tuple((post_id, title) for post_id, title in waiting if post_id is not None),
            _keys(cursor, "fresh"),
        )

    def cursor(self) -> Cursor:
        """As stored."""
        return {
            "known": {name: list(keys) for name, keys in self.known.items()},
            "at": self.at,
            "page": self.page,
            "pending": [list(pair) for pair in self.pending],
            "fresh": list(self.fresh),
        }

    @property
    def name(self) -> str:
        """The list to read next."""
        return self.lists[self.at]

    @property
    def goes_on(self) -> bool:
        """Whether more waits now."""
        return bool(self.pending or self.at or self.page > 1)

    def without_read(self) -> Place:
        """The place after the first pending posts were read."""
        return replace(self, pending=self.pending[READS:])

    def after(self, entries: list[Entry], *, more: bool, edge: datetime) -> tuple[Place, str | None]:
        """The next place after a page of the list, and what may have been missed. `more`: further pages exist;
        `edge`: how far back a new source reads."""
        is_new, known = self.name not in self.known, self.known.get(self.name, ())
        above = list(takewhile(lambda entry: entry.key not in known, entries))
        old = [entry for entry in above if is_new and entry.at is not None and entry.at < edge]
        elsewhere = {key for keys in self.known.values() for key in keys}
        new = [entry for entry in above if entry not in old and entry.key not in elsewhere]
        pending = dict([*self.pending, *((entry.post_id, entry.title[:200]) for entry in new)])
        place = replace(self, pending=tuple(pending.items()), fresh=self._fresh(entries))
        touches = len(above) < len(entries) or bool(old)
        if more and not touches and self.page < PAGES:
            return replace(place, page=self.page + 1), None
        missed = not is_new and more and not touches
        gap = "more new posts than can be paged through; older ones may be missing" if missed else None
        return place._next_list(), gap

    def _fresh(self, entries: list[Entry]) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.fresh, *(entry.key for entry in entries)]))[:KEPT]

    def _next_list(self) -> Place:
        known = self.known | {self.name: self.fresh or self.known.get(self.name, ())}
        return replace(self, known=known, at=(self.at + 1) % len(self.lists), page=1, fresh=())


def _keys(cursor: object, *path: str) -> tuple[str, ...]:
    return tuple(each for each in list_at(cursor, *path) if isinstance(each, str))[:KEPT]


def from_note(note: object) -> Entry | None:
    """What a notification names; None when it names no post."""
    key, post_id = text_at(note, "id"), int_at(note, "data", "original_post_id")
    title = text_at(note, "data", "topic_title")
    return Entry(key, post_id, title, time_at(note, "created_at")) if key and post_id is not None else None


def from_hit(hit: object, titles: dict[int | None, str]) -> Entry | None:
    """What a hit of the search names; `titles` are those of the topics. None when it names no post."""
    post_id = int_at(hit, "id")
    title = titles.get(int_at(hit, "topic_id"), "")
    return Entry(str(post_id), post_id, title, time_at(hit, "created_at")) if post_id is not None else None
