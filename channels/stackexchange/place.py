"""Where a source of Stack Exchange stands, and its next step. Pure.

One round: look again at what was heard lately, which shows edits and removals; then read each list page by page, and in
full what it only names. What the network says about waiting is part of the place: the next call asks it first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from domain.ports import Cursor
from net.decode import dict_at, int_at, list_at, text_at

PAGES = 25
"""Without a user's token no further page is served; then the window narrows to what is older."""
BATCH = 100
"""Numbers in one call, and posts that are remembered."""
MARGIN_S = 2
"""Others were throttled when they came back after exactly the seconds they were told."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A post (or comment) by number, with its question (or post) and the question's title: some calls tell neither."""

    number: int
    question: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """`since`, `newest`: epoch seconds, how far the rounds read and the newest item of this one. `at`: 0 is the second
    look, from 1 on the lists; `page`, `until`: page and upper bound there. `pending`: to be read in full. `recent`:
    heard lately. `waits`: epoch second until which a method rests. `spent_until`: no quota before."""

    lists: tuple[str, ...]
    since: int
    newest: int
    at: int = 0
    page: int = 1
    until: int = 0
    pending: tuple[Ref, ...] = ()
    recent: tuple[Ref, ...] = ()
    waits: tuple[tuple[str, int], ...] = ()
    spent_until: int = 0

    @classmethod
    def read(cls, cursor: Cursor | None, lists: tuple[str, ...], begin: int) -> Place:
        """From a stored cursor; a new source begins at `begin`."""
        since = int_at(cursor, "since")
        if since is None:
            return cls(lists, begin, begin, at=1)
        at, waits = int_at(cursor, "at") or 0, dict_at(cursor, "waits")
        return cls(
            lists,
            since,
            int_at(cursor, "newest") or since,
            at if 0 <= at <= len(lists) else 0,
            max(1, int_at(cursor, "page") or 1),
            int_at(cursor, "until") or 0,
            _refs(cursor, "pending"),
            _refs(cursor, "recent"),
            tuple((method, until) for method in waits if (until := int_at(waits, method)) is not None),
            int_at(cursor, "spent_until") or 0,
        )

    def cursor(self) -> Cursor:
        """As stored."""
        pairs = {
            name: [[ref.number, ref.question, ref.title] for ref in refs]
            for name, refs in (("pending", self.pending), ("recent", self.recent))
        }
        here = {"since": self.since, "newest": self.newest, "at": self.at, "page": self.page, "until": self.until}
        return here | pairs | {"waits": dict(self.waits), "spent_until": self.spent_until}

    @property
    def name(self) -> str:
        """The list to read next."""
        return self.lists[self.at - 1]

    @property
    def goes_on(self) -> bool:
        """Whether more waits now."""
        return bool(self.pending or self.at)

    def begun(self) -> Place:
        """The place at its next step: with nothing heard lately there is nothing to look at again."""
        return self if self.at or self.recent else replace(self, at=1)

    def rests_until(self, method: str, now: int) -> int:
        """The epoch second before which this method must not be called; 0 when it may be."""
        until = max(self.spent_until, dict(self.waits).get(method, 0))
        return until if until > now else 0

    def told(self, method: str, backoff_s: int, quota: int | None, now: datetime) -> Place:
        """The place, minding what an answer said about waiting."""
        second = int(now.timestamp())
        waits = {name: until for name, until in self.waits if until > second}
        if backoff_s:
            waits[method] = second + backoff_s + MARGIN_S
        spent = int(_next_day(now).timestamp()) if quota is not None and quota <= 0 else 0
        return replace(self, waits=tuple(waits.items()), spent_until=spent)

    def after_list(
        self, named: Iterable[Ref], heard: Iterable[Ref], moments: Sequence[int], *, has_more: bool
    ) -> tuple[Place, str | None]:
        """The next place after a page of a list: `named` must be read, `heard` are mentions already. And what may have
        been missed. A full last page is an incomplete round: the window narrows to what is older."""
        pending = dict.fromkeys([*self.pending, *named])
        place = replace(self, newest=max([self.newest, *moments]), pending=tuple(pending)).remembering(heard)
        if has_more and self.page < PAGES:
            return replace(place, page=self.page + 1), None
        oldest = min(moments, default=0)
        if has_more and oldest and (not self.until or oldest < self.until):
            return replace(place, page=1, until=oldest), None
        gap = "more posts in one second than the network lets us read" if has_more else None
        done = self.at == len(self.lists)
        since = max(self.since, place.newest) if done else self.since
        return replace(place, at=0 if done else self.at + 1, page=1, until=0, since=since), gap

    def after_read(self, heard: Iterable[Ref]) -> Place:
        """The first pending ones were read."""
        return replace(self, pending=self.pending[BATCH:]).remembering(heard)

    def after_look(self, gone: Iterable[int]) -> Place:
        """The lists are next."""
        lost = set(gone)
        return replace(self, at=1, recent=tuple(ref for ref in self.recent if ref.number not in lost))

    def remembering(self, refs: Iterable[Ref]) -> Place:
        """The newest numbers stay."""
        known = {ref.number: ref for ref in (*self.recent, *refs)}
        return replace(self, recent=tuple(known[number] for number in sorted(known)[-BATCH:]))


def _next_day(now: datetime) -> datetime:
    """The quota is counted by the day; when it begins is not documented, so the day of UTC."""
    return datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)


def _refs(cursor: Cursor | None, name: str) -> tuple[Ref, ...]:
    found = ((int_at(each, 0), int_at(each, 1), text_at(each, 2)) for each in list_at(cursor, name))
    return tuple(Ref(number, top, title) for number, top, title in found if number is not None and top is not None)
