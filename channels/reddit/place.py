"""Where a source of Reddit stands, and its next step. Pure.

Listings are read from their newest end with `after`, never with `before`: when the item that `before` names was
deleted, the answer is empty for ever. A poll of one listing ends at an item that is known, at one older than all that
are known, or where the listing ends (about 1,000 items). Then the next listing of the source is read, and last a
second look is taken at what we heard lately.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from channels.reddit.convert import is_full_name
from domain.ports import Cursor
from net.decode import dict_at, int_at, list_at, text_at

KEPT = 300
"""Newest names remembered per source: any of them ends a poll, so deleted ones do no harm."""
LISTED = 1000
"""Reddit lists no more than about that many items."""
ROLLED = 200
"""A shorter listing is whole: all that was known of it was deleted."""
SLACK_S = 600
ANCHORS = 3
RECENT = 100
"""As many as /api/info takes at once."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page shows of its listing, newest first: full names, moments (epoch seconds), and what to go on after."""

    names: tuple[str, ...]
    moments: tuple[float, ...]
    after: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """`at`: which listing is read now; after the last one comes the second look. `anchors`: names to go on after, the
    first one first, the others in case it was deleted meanwhile. `read`, `fresh`, `newest`: items, unknown names and
    the newest moment of this poll so far. `known`, `marks`: names and newest moment per listing, from the polls
    before. `recent`: posts we heard, the newest first, to look at again."""

    at: int = 0
    anchors: tuple[str, ...] = ()
    read: int = 0
    fresh: tuple[str, ...] = ()
    newest: int = 0
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    marks: Mapping[str, int] = field(default_factory=dict)
    recent: tuple[str, ...] = ()

    def cursor(self) -> Cursor:
        """As stored."""
        return {
            "at": self.at, "anchors": list(self.anchors), "read": self.read, "fresh": list(self.fresh),
            "newest": self.newest, "known": {name: list(ids) for name, ids in self.known.items()},
            "marks": dict(self.marks), "recent": list(self.recent),
        }  # fmt: skip

    def heard(self, names: list[str]) -> Place:
        """Remember these for the second look; the newest stay. Reddit counts its names up."""
        newest = sorted({*names, *self.recent}, key=lambda name: int(name[3:], 36), reverse=True)
        return replace(self, recent=tuple(newest[:RECENT]))


def place_of(cursor: Cursor | None, listings: tuple[str, ...]) -> Place:
    """From a stored cursor; None and anything unknown start anew."""
    at, recent = int_at(cursor, "at") or 0, _names(list_at(cursor, "recent"))[:RECENT]
    return Place(
        at=at if 0 <= at < len(listings) + bool(recent) else 0,
        anchors=_names(list_at(cursor, "anchors"))[:ANCHORS],
        read=int_at(cursor, "read") or 0,
        fresh=_names(list_at(cursor, "fresh"))[:KEPT],
        newest=int_at(cursor, "newest") or 0,
        known={name: _names(list_at(cursor, "known", name))[:KEPT] for name in listings},
        marks={name: mark for name in listings if (mark := int_at(dict_at(cursor, "marks"), name)) is not None},
        recent=recent,
    )


def _names(found: list[object]) -> tuple[str, ...]:
    return tuple(name for name in map(text_at, found) if is_full_name(name))


def after_page(
    place: Place, listings: tuple[str, ...], seen: Seen, edge: float, now: float
) -> tuple[Place, str | None]:
    """The next step after a page, and what may have been missed. `edge`: a first poll reads back to this moment."""
    listing = listings[place.at]
    known, mark = set(place.known.get(listing, ())), place.marks.get(listing)
    read = replace(
        place,
        read=place.read + len(seen.names),
        fresh=tuple(dict.fromkeys([*place.fresh, *(name for name in seen.names if name not in known)]))[:KEPT],
        # a moment in the future would end every later poll at its first page
        newest=max([place.newest, *(int(min(moment, now)) for moment in seen.moments)]),
    )
    if not seen.names and len(place.anchors) > 1:
        return replace(read, anchors=place.anchors[1:]), None
    oldest = min(seen.moments, default=now)
    touched = oldest < (edge if mark is None else mark - SLACK_S) or not known.isdisjoint(seen.names)
    if not touched and seen.names and is_full_name(seen.after) and read.read < LISTED:
        return replace(read, anchors=tuple(dict.fromkeys([seen.after, *reversed(seen.names)]))[:ANCHORS]), None
    broke_off = not seen.names and bool(place.anchors)
    missed = known and not touched and (broke_off or read.read >= ROLLED)
    gap = f"the listing ended after {read.read} posts, before those of the last poll: some are missing"
    return _listing_done(read, listing, listings), gap if missed else None


def _listing_done(place: Place, listing: str, listings: tuple[str, ...]) -> Place:
    """The known names are kept beside the fresh ones: a listing may be served stale, without its newest items."""
    share = max(20, KEPT // len(listings))
    known = tuple(dict.fromkeys([*place.fresh, *place.known.get(listing, ())]))[:share]
    marks = {**place.marks, listing: max(place.newest, place.marks.get(listing, 0))}
    return Place(place.at + 1, known={**place.known, listing: known}, marks=marks, recent=place.recent)
