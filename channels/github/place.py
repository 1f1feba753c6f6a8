"""Where a source of GitHub stands. Pure.

A source has feeds (the issues of a repository, its comments, a search). A round reads each from where it stopped,
oldest change first; then some of what was heard is looked up. Pages are not counted but continued from the moment of
their last item, for a change during the reading moves items from page to page. Only when a whole page has one moment
are its further pages counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import msgspec

from domain.ports import Cursor
from net.decode import list_at, text_at, time_at, value_at

WINDOW_S = 86_400
"""How far a new source, and a sweep, read back."""
HEARD = 100
LOT = 50
_TOKENS = 10
"""Pages of one and the same second that are read; GitHub's searches end there too (1,000 results)."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One list. `overlap_s` is read again: indexes fill in late, and clocks of servers differ."""

    key: str
    kind: Literal["issues", "comments", "search"]
    query: str = ""
    about: Literal["ISSUE", "DISCUSSION"] = "ISSUE"
    overlap_s: int = 120


class Heard(msgspec.Struct, frozen=True, array_like=True):
    """A post that was heard, and when it last changed (epoch seconds)."""

    node: str
    name: str
    changed_s: int


class Rest(msgspec.Struct, frozen=True, array_like=True):
    """Comments of an issue that did not come along with it, to be read page by page."""

    repo: str
    number: int
    since_s: int
    token: str = ""


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`since` holds, by feed, up to when (epoch seconds) it was read to its end. Of the feed at `at`: `began_s` is
    where this round began, `from_s` where the next page does, `top_s` its newest change, `edge` the nodes at `from_s`
    that were read already, `tokens` how many pages of that second. `heard`: the newest posts, newest first."""

    at: int = 0
    began_s: int = 0
    from_s: int = 0
    top_s: int = 0
    token: str = ""
    tokens: int = 0
    edge: tuple[str, ...] = ()
    since: dict[str, int] = {}
    rests: tuple[Rest, ...] = ()
    heard: tuple[Heard, ...] = ()
    turn: int = 0

    def cursor(self) -> Cursor:
        """As stored."""
        stored: Cursor = msgspec.to_builtins(self)
        return stored


def place_of(cursor: Cursor | None) -> Place:
    """From a stored cursor; one of another make starts anew."""
    try:
        return msgspec.convert(cursor or {}, Place)
    except msgspec.ValidationError:
        return Place()


def opened(place: Place, feed: Feed, now_s: int) -> Place:
    """The feed at hand, begun if it was not."""
    if place.began_s:
        return place
    since = place.since.get(feed.key)
    began = now_s - WINDOW_S if since is None else since - feed.overlap_s
    return msgspec.structs.replace(place, began_s=began, from_s=began)


def stamp(seconds: int) -> str:
    """A moment as GitHub takes it."""
    return datetime.fromtimestamp(max(0, seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def changes(items: Iterable[object], node: str, moment: str) -> list[tuple[str, int]]:
    """The node of each item and when it last changed (epoch seconds), in order; without those that do not say when."""
    return [(text_at(item, node), int(at.timestamp())) for item in items if (at := time_at(item, moment))]


def after_page(place: Place, feed: Feed, items: list[tuple[str, int]], token: str) -> tuple[Place, str | None]:
    """After one page of a feed, given the node and moment of its items in order; and what may have been missed."""
    moments = [moment for _, moment in items]
    place = msgspec.structs.replace(place, top_s=max([place.top_s, *moments]))
    if not token:
        return _closed(place, feed), None
    if moments and moments[-1] > place.from_s:
        edge = tuple(node for node, moment in items if moment == moments[-1])
        return msgspec.structs.replace(place, from_s=moments[-1], edge=edge, token="", tokens=0), None
    if place.tokens + 1 < _TOKENS:
        return msgspec.structs.replace(place, token=token, tokens=place.tokens + 1), None
    later = msgspec.structs.replace(place, from_s=place.from_s + 1, edge=(), token="", tokens=0)
    return later, "more changes in one second than GitHub lets us read"


def _closed(place: Place, feed: Feed) -> Place:
    """The feed was read to its end."""
    since = {**place.since, feed.key: max(place.top_s, place.from_s, place.since.get(feed.key, 0))}
    return msgspec.structs.replace(
        place, at=place.at + 1, since=since, began_s=0, from_s=0, top_s=0, token="", tokens=0, edge=()
    )


def ended(place: Place) -> Place:
    """The round is over."""
    return msgspec.structs.replace(place, at=0, turn=place.turn + 1)


def after_rest(place: Place, token: str) -> Place:
    """After one page of comments that had not come along."""
    first, *others = place.rests
    following = [msgspec.structs.replace(first, token=token)] if token and token != first.token else []
    return msgspec.structs.replace(place, rests=(*following, *others))


def remember(place: Place, posts: Iterable[Heard]) -> Place:
    """What was heard just now, oldest change first, beside what is remembered; the newest are kept, newest first.

    Order goes by the last change, not by when it was read: what is read again would push out what was removed
    meanwhile, before that is noticed.
    """
    new = {each.node: each for each in reversed(list(posts)) if each.node}
    known = [new.pop(each.node, each) for each in place.heard]
    kept = sorted([*known, *new.values()], key=lambda each: -each.changed_s)[:HEARD]
    return msgspec.structs.replace(place, heard=tuple(kept))


def to_check(place: Place) -> tuple[str, ...]:
    """Nodes to look up in this round: a part of those heard, in turn."""
    nodes = [each.node for each in place.heard]
    start = place.turn % max(1, -(-len(nodes) // LOT)) * LOT
    return tuple(nodes[start : start + LOT])


def lost(asked: tuple[str, ...], answer: object) -> tuple[str, ...]:
    """Which of these nodes an answer says are gone: not found, or removed and kept only as the place of its replies.

    Nothing of several at once is a lost right of ours and not a mass removal: nothing is gone by it.
    """
    missing = {value_at(error, "path", 1) for error in list_at(answer, "errors") if _is_not_found(error)}
    nodes = list_at(answer, "data", "nodes")
    deleted = {place for place, node in enumerate(nodes) if text_at(node, "deletedAt")}
    gone = tuple(node for place, node in enumerate(asked) if place in missing | deleted)
    return () if len(gone) == len(asked) > 2 else gone


def _is_not_found(error: object) -> bool:
    return text_at(error, "type") == "NOT_FOUND" and value_at(error, "path", 0) == "nodes"


def forget(place: Place, gone: Iterable[str]) -> Place:
    """These nodes are no longer there."""
    lost = set(gone)
    return msgspec.structs.replace(place, heard=tuple(each for each in place.heard if each.node not in lost))
