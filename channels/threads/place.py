"""Where a poll stands in lists that come newest first, one after the other. Pure.

Each list is read back to a post that the poll before knew. Posts are deleted, so it also ends at the moment up to which
the list was read before (an hour earlier: nobody promises an order); a list that was never read, a day back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from domain.ports import Cursor
from net.decode import dict_at, int_at, list_at, text_at

KEPT = 20
"""How many of the newest ids a list remembers."""
OVERLAP_S = 3600


@dataclass(frozen=True, slots=True)
class Place:
    """`lists` are read in turn, `at` says which one is; `token` is where its next page begins, `fresh` the newest ids
    and `newest` the newest moment of this poll (epoch seconds). `known` and `reached` are those of the last poll."""

    lists: tuple[str, ...]
    at: int = 0
    token: str = ""
    fresh: tuple[str, ...] = ()
    newest: int = 0
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reached: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: Cursor | None, lists: tuple[str, ...]) -> Place:
        """From a stored cursor; None and anything unknown start anew."""
        at = int_at(cursor, "at") or 0
        if not 0 <= at < len(lists):
            return cls(lists)
        return cls(
            lists,
            at,
            text_at(cursor, "token"),
            _names(cursor, "fresh"),
            int_at(cursor, "newest") or 0,
            {name: _names(cursor, "known", name) for name in lists},
            {name: int_at(cursor, "reached", name) or 0 for name in lists if name in dict_at(cursor, "reached")},
        )

    @property
    def name(self) -> str:
        """The list that is read now."""
        return self.lists[self.at]

    @property
    def more(self) -> bool:
        """Whether another page waits now."""
        return bool(self.token or self.at)

    def cursor(self) -> Cursor:
        """As stored."""
        known = {name: list(ids) for name, ids in self.known.items()}
        reading = {"at": self.at, "token": self.token, "fresh": list(self.fresh), "newest": self.newest}
        return reading | {"known": known, "reached": dict(self.reached)}

    def step(self, ids: list[str], moments: list[int], token: str, begin: float) -> Place:
        """After one page of the list. `begin` is the moment from which a list is read that never was."""
        fresh, newest = (*self.fresh, *ids)[:KEPT], max([self.newest, *moments])
        known, reached = self.known.get(self.name, ()), self.reached.get(self.name, 0)
        edge = reached - OVERLAP_S if reached else begin
        if token and set(known).isdisjoint(ids) and min(moments, default=edge) >= edge:
            return replace(self, token=token, fresh=fresh, newest=newest)
        return Place(
            self.lists,
            (self.at + 1) % len(self.lists),
            known={**self.known, self.name: tuple(dict.fromkeys([*fresh, *known]))[:KEPT]},
            reached={**self.reached, self.name: max(newest, reached) or int(begin)},  # also an empty list was read
        )


def _names(cursor: Cursor | None, *path: str) -> tuple[str, ...]:
    return tuple(each for each in list_at(cursor, *path) if isinstance(each, str))[:KEPT]
