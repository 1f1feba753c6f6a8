"""Where a source of Lemmy stands in its lists, and its next step. Pure.

Numbers of an instance rise as things arrive there, while its lists are sorted by when they were written: what federates
late stands further down. So a walk through a list ends at the first page without any new number, which is also the
overlap that shows edits; what came later still is found by the sweep.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from channels.lemmy.lists import Item
from domain.ports import Cursor
from net.decode import bool_at, dict_at, int_at, list_at, text_at

PAGES = 400
"""Longest walk: 20,000 items. A server that does not page at all ends here, too."""
LONGEST_S = 60
"""Seconds after which a walk that was interrupted does not tell any more what stands on its first page."""
KEPT = 50
WATCHED = ("comments", "posts")
"""Lists whose first page is remembered, to notice removals. They number what they list; a search may drop an edit."""

Known = tuple[tuple[int, str], ...]
"""Numbers and addresses."""


@dataclass(frozen=True, slots=True)
class Place:
    """`last`: the highest number known, by list; `recent`: the first page of the walk before, by list. Of the walk that
    goes on: `at` its list, `token` its next page, `pages` read so far, `top` its highest number, `fresh` its first
    page, `unseen` those of the walk before that did not come up yet, `again` that it had to begin anew, `began` when
    (epoch seconds)."""

    lists: tuple[str, ...]
    last: dict[str, int]
    recent: dict[str, Known]
    at: int = 0
    token: str = ""
    pages: int = 0
    top: int = 0
    fresh: Known = ()
    unseen: Known = ()
    again: bool = False
    began: int = 0

    @classmethod
    def read(cls, cursor: Cursor | None, lists: tuple[str, ...]) -> Place:
        """From a stored cursor; None and anything unknown start anew."""
        at = int_at(cursor, "at") or 0
        place = cls(
            lists,
            {name: last for name in lists if (last := int_at(cursor, "last", name)) is not None},
            {name: _known(dict_at(cursor, "recent").get(name)) for name in lists},
            at if 0 <= at < len(lists) else 0,
            text_at(cursor, "token"),
            int_at(cursor, "pages") or 0,
            int_at(cursor, "top") or 0,
            _known(list_at(cursor, "fresh")),
            _known(list_at(cursor, "unseen")),
            bool_at(cursor, "again"),
            int_at(cursor, "began") or 0,
        )
        return place if place.token else replace(place._at_start_of(place.at), again=place.again)

    def cursor(self) -> Cursor:
        """As stored."""
        recent = {name: [list(pair) for pair in known] for name, known in self.recent.items() if known}
        rest = {"last": self.last, "recent": recent}
        if not self.goes_on:
            return rest
        pairs = {"fresh": [list(pair) for pair in self.fresh], "unseen": [list(pair) for pair in self.unseen]}
        here = {"at": self.at, "token": self.token, "pages": self.pages, "top": self.top, "again": self.again}
        return rest | here | {"began": self.began} | (pairs if self.token else {})

    @property
    def name(self) -> str:
        """The list to read next."""
        return self.lists[self.at]

    @property
    def goes_on(self) -> bool:
        """Whether more waits now."""
        return bool(self.token or self.at or self.again)

    def after(self, items: Sequence[Item], token: str, *, old: bool, now: int = 0) -> tuple[Place, Known, str | None]:
        """The next place after a page, what of the walk before did not come up (once its list is done), and what may
        have been missed. `token`: of the next page; `old`: the page lies beyond the window of a new source; `now`:
        epoch seconds. After a walk that took too long its list is walked once more: what came meanwhile was not seen.
        """
        last = self.last.get(self.name)
        watched = self.name in WATCHED and not self.fresh
        fresh = tuple((item.key, item.address) for item in items)[:KEPT] if watched else self.fresh
        seen = {item.key for item in items}
        place = replace(
            self,
            pages=self.pages + 1,
            top=max([self.top, *seen]),
            fresh=fresh,
            unseen=tuple(pair for pair in self.unseen if pair[0] not in seen),
            began=self.began if self.token else now,
        )
        touches = old if last is None else not any(key > last for key in seen)
        if token and not touches and place.pages < PAGES:
            return replace(place, token=token), (), None
        capped = bool(token) and not touches
        gap = f"more than {PAGES} pages of new posts; older ones may be missing" if capped else None
        following = place._next_list() if now - place.began <= LONGEST_S else place._anew()
        return following, () if capped else place.unseen, gap

    def restarted(self) -> Place:
        """The walk from its list's newest end: the server does not know its token any more."""
        return replace(self._at_start_of(self.at), again=True)

    def keeping(self, doubtful: Known, name: str) -> Place:
        """The place, remembering also what could not be looked at."""
        return replace(self, recent=self.recent | {name: (*self.recent.get(name, ()), *doubtful)[: 2 * KEPT]})

    def _next_list(self) -> Place:
        return self._ended()._at_start_of((self.at + 1) % len(self.lists))

    def _anew(self) -> Place:
        return replace(self._ended()._at_start_of(self.at), again=True)

    def _ended(self) -> Place:
        last = self.last | {self.name: max(self.top, self.last.get(self.name, 0))}
        recent = self.recent | {self.name: self.fresh or self.recent.get(self.name, ())}
        return replace(self, last=last, recent=recent)

    def _at_start_of(self, at: int) -> Place:
        unseen = self.recent.get(self.lists[at], ())
        return replace(self, at=at, token="", pages=0, top=0, fresh=(), unseen=unseen, again=False, began=0)


def _known(value: object) -> Known:
    pairs = ((int_at(pair, 0), text_at(pair, 1)) for pair in list_at([value], 0))
    return tuple((key, where) for key, where in pairs if key is not None and where)[: 2 * KEPT]
