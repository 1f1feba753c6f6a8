"""Where a source of Hacker News stands, and its next step. Pure.

One round is: search each term page by page, then check. While the search index lags, rounds walk the items instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Literal, cast

from domain.ports import Cursor
from net.decode import int_at, list_at, text_at

Step = Literal["search", "check", "walk"]
OVERLAP_S = 7200
"""Each round reads two hours again: authors may edit for about that long, and the index fills in late."""
REACHABLE = 1000
"""Hits that one query lets us page to (seen by others, not documented); beyond it the window is narrowed."""
RECENT = 100
MISSING = 300
TRIES = 30


@dataclass(frozen=True, slots=True)
class Place:
    """`since` and `newest`: epoch seconds, how far the index was read and the newest hit of this round. `term`, `page`
    and `until`: where the round stands. `last`: last item walked. `missing`: ids that were still null, with tries.
    `recent`: ids we heard, to see edits and removals."""

    step: Step
    since: int
    newest: int
    term: int = 0
    page: int = 0
    until: int | None = None
    last: int = 0
    missing: tuple[tuple[int, int], ...] = ()
    recent: tuple[int, ...] = ()

    def cursor(self) -> Cursor:
        """As stored."""
        return {**asdict(self), "missing": [list(pair) for pair in self.missing], "recent": list(self.recent)}

    def heard(self, ids: list[int]) -> Place:
        """Remember these ids, bounded; the newest ids stay."""
        return replace(self, recent=tuple(sorted({*self.recent, *ids})[-RECENT:]))


def place_of(cursor: Cursor | None, now_s: int, look_back_s: int) -> Place:
    """From a stored cursor; a new source and a sweep begin `look_back_s` and the overlap ago, so that a clock of ours
    that is fast by less than the overlap costs nothing."""
    since = int_at(cursor, "since")
    if since is None:
        return Place("search", now_s - look_back_s, now_s - look_back_s)
    step = text_at(cursor, "step")
    pairs = [(int_at(pair, 0), int_at(pair, 1)) for pair in list_at(cursor, "missing")]
    recent = [int_at([raw], 0) for raw in list_at(cursor, "recent")]
    return Place(
        step=cast(Step, step if step in ("search", "check", "walk") else "search"),
        since=since,
        newest=int_at(cursor, "newest") or since,
        term=int_at(cursor, "term") or 0,
        page=int_at(cursor, "page") or 0,
        until=int_at(cursor, "until"),
        last=int_at(cursor, "last") or 0,
        missing=tuple((i, tries) for i, tries in pairs if i is not None and tries is not None),
        recent=tuple(i for i in recent if i is not None),
    )


def after_search(place: Place, moments: list[int], pages: int, total: int, terms: int) -> tuple[Place, str | None]:
    """The next step after one page of hits with these moments; and what may have been missed.

    A full last page at the limit of what can be reached is an incomplete poll: the window narrows to what is older.
    """
    moved = replace(place, newest=max([place.newest, *moments]))
    if place.page + 1 < pages and moments:
        return replace(moved, page=place.page + 1), None
    gap = None
    if moments and total >= REACHABLE:
        oldest = min(moments) + 1
        if place.until is None or oldest < place.until:
            return replace(moved, page=0, until=oldest), None
        gap = "more posts in one second than the search index lets us read"
    if place.term + 1 < terms:
        return replace(moved, term=place.term + 1, page=0, until=None), gap
    return replace(moved, step="check", term=0, page=0, until=None), gap


def after_check(place: Place, newest: tuple[int, int] | None, now_s: int, stale_s: int) -> Place:
    """A new round when the index is fresh; the walk through the items when its newest hit is too old."""
    if newest is not None and now_s - newest[1] > stale_s:
        return replace(place, step="walk", last=max(place.last, newest[0]))
    # Nothing is taken from the walk into `since`: the index is filled in late, and is then read from where it stopped.
    return replace(place, step="search", since=max(place.since, place.newest), last=0, missing=())


def after_walk(place: Place, asked: int, null: list[int]) -> tuple[Place, str | None]:
    """Items up to `asked` were read; `null` ones wait for another try, TRIES times."""
    tries = dict(place.missing)
    waiting = [(i, tries.get(i, 0) + 1) for i in null]
    kept = [pair for pair in waiting if pair[1] <= TRIES][:MISSING]
    lost = len(waiting) - len(kept)
    gap = f"{lost} items never appeared" if lost else None
    return replace(place, last=asked, missing=tuple(kept)), gap
