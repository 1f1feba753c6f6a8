"""How a cursor moves along a list that a server gives newest first, on servers that differ.

`min_id` gives what comes right after an id, on most servers: snac2 gives the newest page for notifications, and
nothing at all when the id is no longer there. Late federated posts get back-dated ids. So each poll reads again the
last few items (that also shows their edits), and when the answer does not touch what is known, the list is walked
from its newest end back to a known item, or to the edge of the window; after a longer silence, to what was new before.
No Link header is used: not every server sends one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace

from domain.ports import Cursor
from net.decode import int_at, list_at, text_at, time_at, value_at

TRAIL = 21
"""How many of the newest ids a cursor remembers: the last twenty are read again, from the one below them."""
SLACK_S = 600
"""A list may be a little out of order."""

Params = list[tuple[str, str]]
Read = Callable[[Params], Awaitable[list[object]]]


def readable_id(item: object) -> str:
    """The id of an item, or an empty string when it has none."""
    found = value_at(item, "id")
    return found if isinstance(found, str) else ""


@dataclass(frozen=True, slots=True)
class Position:
    """`trail` holds the newest ids known, newest first, `mark` the newest moment known (epoch seconds). `after`
    continues a forward poll. While a walk goes on, `max_id` is where it stands, `fresh` and `newest` what it saw first
    and the newest moment in it."""

    trail: tuple[str, ...] = ()
    after: str = ""
    max_id: str = ""
    fresh: tuple[str, ...] = ()
    mark: int = 0
    newest: int = 0

    @classmethod
    def read(cls, cursor: Cursor | None) -> Position:
        """From a stored cursor; None and anything unknown start anew."""
        trail, fresh = (
            tuple(each for each in list_at(cursor, name) if isinstance(each, str))[:TRAIL]
            for name in ("trail", "fresh")
        )
        mark, newest = (int_at(cursor, name) or 0 for name in ("mark", "newest"))
        return cls(trail, text_at(cursor, "after"), text_at(cursor, "max_id"), fresh, mark, newest)

    def cursor(self) -> Cursor:
        """As stored."""
        return asdict(self) | {"trail": list(self.trail), "fresh": list(self.fresh)}


@dataclass(frozen=True, slots=True)
class Timeline:
    """One list of a server. In epoch seconds: `now`, and `since`, where the window begins."""

    read: Read
    now: float
    since: float

    async def step(self, position: Position) -> tuple[list[object], Position, bool]:
        """The items of the next page, where we stand then, and whether more waits now."""
        if position.max_id or len(position.trail) < TRAIL:
            # A list as short as that has nothing below to ask from: its first item would never be read again.
            return await self._walk(position)
        anchor = position.after if position.after in position.trail else position.trail[-1]
        expected = set(position.trail[: position.trail.index(anchor)])
        items = await self.read([("min_id", anchor)])
        ids = [found for item in items if (found := readable_id(item))]
        if expected.isdisjoint(ids):
            return await self._walk(replace(position, after=""))
        trail = tuple(dict.fromkeys([*ids, *position.trail]))[:TRAIL]
        new = not set(ids) <= set(position.trail)
        # The next page starts one item back, so that it must touch this one.
        mark = max([position.mark, *self._moments(items)])
        return items, Position(trail, trail[1] if new else "", mark=mark), new

    async def _walk(self, position: Position) -> tuple[list[object], Position, bool]:
        """From the newest item backwards, to an item of the trail or to the edge."""
        items = await self.read([("max_id", position.max_id)] if position.max_id else [])
        ids = [found for item in items if (found := readable_id(item))]
        fresh = position.fresh or tuple(ids[:TRAIL])
        moments = self._moments(items)
        newest = max([position.newest, *moments])
        edge = min(self.since, position.mark - SLACK_S) if position.mark else self.since
        stuck = not ids or ids[-1] == position.max_id
        if stuck or set(ids) & set(position.trail) or min(moments, default=0) < edge:
            trail = tuple(dict.fromkeys([*fresh, *position.trail]))[:TRAIL]
            # Also an empty list was read: a later walk goes back to where its window began.
            return items, Position(trail, mark=max(position.mark, newest) or int(self.since)), False
        return items, Position(position.trail, "", ids[-1], fresh, position.mark, newest), True

    def _moments(self, items: list[object]) -> list[int]:
        """When they were posted. A moment in the future would end every later walk at its first page."""
        found = (time_at(item, "created_at") for item in items)
        return [int(min(at.timestamp(), self.now)) for at in found if at is not None]
