"""Where a source of the Graph API stands. Pure.

A round reads a few lists (the first one names what has comments: posts, media), and then the comments of whatever has
another mark than before: a moment of change, a count. Lists come newest first; each is read back to a little before
where it was read last, for what was held back turns up late.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from domain.ports import Cursor

WINDOW_S = 86_400
"""How far a new source, and a sweep, read back."""
OVERLAP_S = 900
PAGES = 20
"""Pages of one list in one round."""
TOO_MUCH = "more is new in one list than is read at once; older posts or comments may be missing"
WATCHED = 100
"""So many of the newest posts are looked after in each round."""


class Told(NamedTuple):
    """What the first list tells of a post: when it began (epoch seconds) and its mark. `is_lively`: something may have
    been said under it within the window."""

    post: str
    created_s: int
    mark: int
    is_lively: bool


class Watched(msgspec.Struct, frozen=True, array_like=True):
    """A post: its mark when its comments were last read, and up to when they were."""

    mark: int
    read_s: int


class Wait(msgspec.Struct, frozen=True, array_like=True):
    """A post whose comments are still to be read in this round, back to `since_s`, and at least so many new ones."""

    post: str
    mark: int
    since_s: int
    wanted: int = 0


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`at` counts the lists of a round that were read. `read_s` holds, by list, up to when it was. Of the list at hand:
    the next page, how many pages and items of use were read, and its newest moment."""

    at: int = 0
    after: str = ""
    pages: int = 0
    found: int = 0
    top_s: int = 0
    read_s: dict[str, int] = {}
    posts: dict[str, Watched] = {}
    waiting: tuple[Wait, ...] = ()

    @property
    def is_at_rest(self) -> bool:
        """Whether no round is under way."""
        return self.at == 0 and self.pages == 0

    def cursor(self) -> Cursor:
        """As stored."""
        stored: Cursor = msgspec.to_builtins(self)
        return stored


def place_of(cursor: Cursor | None, lists: Sequence[str]) -> Place:
    """From a stored cursor; one of another make starts anew."""
    try:
        place = msgspec.convert(cursor or {}, Place)
    except msgspec.ValidationError:
        return Place()
    return place if 0 <= place.at < len(lists) or place.waiting else Place()


def list_of(place: Place, lists: Sequence[str]) -> str:
    """The list at hand; empty: the comments of the first post that waits."""
    return lists[place.at] if place.at < len(lists) else ""


def edge_s(place: Place, lists: Sequence[str], now_s: int) -> int:
    """Down to which moment the list at hand is read."""
    if not (name := list_of(place, lists)):
        return place.waiting[0].since_s
    read_s = place.read_s.get(name)
    return now_s - WINDOW_S if read_s is None else read_s - OVERLAP_S


def watch(place: Place, lists: Sequence[str], told: Iterable[Told], now_s: int, *, counts: bool = False) -> Place:
    """Posts whose mark changed since their comments were read have to wait for that. `counts`: marks are numbers of
    comments, so they also tell how many are new.

    Of a post that is not new, but not known either, only what was said within the window counts.
    """
    last = place.read_s.get(lists[0], now_s)
    posts: dict[str, Watched] = {}
    waiting = {wait.post: wait for wait in place.waiting}
    for each in told:
        known = place.posts.get(each.post)
        if known is None and each.created_s > last:
            waiting[each.post] = Wait(each.post, each.mark, each.created_s)
        elif known is None and each.is_lively:
            waiting[each.post] = Wait(each.post, each.mark, now_s - WINDOW_S)
        elif known is not None and known.mark != each.mark:
            wanted = max(0, each.mark - known.mark) if counts else 0
            waiting[each.post] = Wait(each.post, each.mark, known.read_s - OVERLAP_S, wanted)
        posts[each.post] = known or Watched(each.mark, now_s - WINDOW_S)
    kept = list((posts | {name: old for name, old in place.posts.items() if name not in posts}).items())
    return msgspec.structs.replace(place, posts=dict(kept[: 2 * WATCHED]), waiting=tuple(waiting.values()))


def after_page(
    place: Place, lists: Sequence[str], moments: Sequence[int], after: str, edge: int
) -> tuple[Place, str | None]:
    """After one page of the list at hand, given the moments of its items; and what may have been missed.

    A list is at its end, too, when a whole page is older than the edge (single items may stand out of order), and as
    many were found as are wanted: of the first list, posts to look after; of comments, new ones, for an answer to an
    old comment stands with that.
    """
    known_s = edge + OVERLAP_S  # what lies between was read before
    found = place.found + sum(moment > known_s or place.at == 0 for moment in moments)
    top_s = max([place.top_s, *moments])
    place = msgspec.structs.replace(place, top_s=top_s, found=found, pages=place.pages + 1)
    wanted = WATCHED if place.at == 0 else 0 if list_of(place, lists) else place.waiting[0].wanted
    is_past = bool(moments) and all(moment < edge for moment in moments)
    if not after or after == place.after or (is_past and (found >= wanted or place.pages >= PAGES)):
        return ended(place, lists, edge), None
    if place.pages < PAGES:
        return msgspec.structs.replace(place, after=after), None
    return ended(place, lists, edge), TOO_MUCH


def ended(place: Place, lists: Sequence[str], edge: int = 0) -> Place:
    """The list at hand is read back to this edge, or not there; on to the next one, or to rest."""
    if name := list_of(place, lists):
        read_s = place.read_s | {name: max(place.top_s, edge, place.read_s.get(name, 0))}
        place = msgspec.structs.replace(place, read_s=read_s, at=place.at + 1)
    else:
        wait, *others = place.waiting
        posts = place.posts | {wait.post: Watched(wait.mark, max(place.top_s, wait.since_s))}
        place = msgspec.structs.replace(place, posts=posts, waiting=tuple(others))
    at = place.at if place.at < len(lists) or place.waiting else 0
    return msgspec.structs.replace(place, at=at, after="", pages=0, found=0, top_s=0)
