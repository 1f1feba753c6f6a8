"""Where a walk through a forum's posts stands, and its next step. Pure.

`/posts.json` gives the newest posts and pages only downwards by id. So each poll walks from the newest post down to
what was known, and a little further: the overlap shows edits, removals, and posts whose lower id became visible late.
A walk that is cut off goes on where it stood; what came meanwhile is above its top and read by the next one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from domain.ports import Cursor
from net.decode import int_at, list_at

OVERLAP = 50
"""How many ids below the last known one are read again."""
KEPT = 50
EMPTY = -1
"""Below any id: whatever a forum has that was empty is new."""


@dataclass(frozen=True, slots=True)
class Walk:
    """`last`: all posts up to this id were read by earlier walks (0: none yet, EMPTY: there was none). `before`: where
    this walk stands (0: at the newest end). `fresh`: ids of its first page. `recent`: those of the walk before, to
    notice removals. `least`, `most`: the forum's limits of a reply; None: not asked yet."""

    last: int = 0
    before: int = 0
    fresh: tuple[int, ...] = ()
    recent: tuple[int, ...] = ()
    least: int | None = None
    most: int | None = None

    @classmethod
    def read(cls, cursor: Cursor | None) -> Walk:
        """From a stored cursor; None and anything unknown start anew."""
        fresh, recent = (
            tuple(each for raw in list_at(cursor, name) if (each := int_at([raw], 0)) is not None)[: 2 * KEPT]
            for name in ("fresh", "recent")
        )
        last, before = int_at(cursor, "last") or 0, int_at(cursor, "before") or 0
        return cls(last, before, fresh, recent, int_at(cursor, "least"), int_at(cursor, "most"))

    def cursor(self) -> Cursor:
        """As stored."""
        return asdict(self) | {"fresh": list(self.fresh), "recent": list(self.recent)}

    def missing(self, ids: Iterable[int]) -> list[int]:
        """Posts heard lately that this page should hold and does not: they are no longer public, or never were."""
        served = set(ids)
        low = min(served, default=0)
        return [each for each in self.recent if each not in served and low <= each < (self.before or 1 << 63)]

    def after(
        self, ids: list[int], *, reaches_window: bool, doubtful: Iterable[int] = ()
    ) -> tuple[Walk, bool, str | None]:
        """The next step after a page with these ids, whether more waits, and what may have been missed.

        A new source walks to the edge of its window; from then on only the known ids end a walk. `doubtful` are missing
        posts that could not be looked at: the next walk looks again.
        """
        low = min(ids, default=0)
        if self.before and low >= self.before:
            return self._ended(), False, "the forum does not page further back; posts may be missing"
        fresh = self.fresh if self.before else tuple(sorted(ids, reverse=True)[:KEPT])
        walk = replace(self, fresh=(*fresh, *doubtful)[: 2 * KEPT])
        touches = low <= walk.last - OVERLAP if walk.last else reaches_window
        if not ids or touches:
            return walk._ended(), False, None
        return replace(walk, before=low), True, None

    def _ended(self) -> Walk:
        newest = max(self.fresh, default=EMPTY)
        return replace(self, last=max(self.last or EMPTY, newest), before=0, fresh=(), recent=self.fresh or self.recent)
