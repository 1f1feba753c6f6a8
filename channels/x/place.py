"""Where a source stands: the newest id known for each of its queries, and the walk that is going on. No I/O.

X serves newest first. A walk reads from the newest post down to an edge a little below what is known, page by page by
X's token. Only when its last page is stored does the newest id of its first page become known: a walk that is cut
(too many pages, a restart) goes on where it was, and loses nothing. A token that X no longer takes is replaced by the
lowest id read so far.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from channels.x.prices import Meter
from channels.x.reading import Reading
from channels.x.snowflake import believable, first_id_at, moment_of, overlapped
from domain.ports import Cursor
from net.decode import bool_at, dict_at, int_at, list_at, text_at

REACH = timedelta(days=7)
MARGIN = timedelta(minutes=15)
WIDE_MARGIN = timedelta(hours=12)
"""Recent search refuses ids and times of more than seven days ago. The margin is for the way there and their clock; the
wide one for when X refused all the same."""
QUIET = timedelta(hours=1)
"""A walk that began an hour ago has seen everything older. So the known id of a quiet brand does not grow too old."""
MENTIONS_REACH = 800
_NEARLY = 0.9  # removed posts count for the network's 800 and are not served


@dataclass(frozen=True, slots=True)
class Walk:
    """One query from its newest post down to `edge` (an id). `by_time` asks for the edge as a time. `until` stands for
    a token that died; `top` and `low` are the newest and the lowest id read; `seen` counts posts."""

    edge: int
    by_time: bool = False
    began: int = 0
    token: str = ""
    until: int = 0
    top: int = 0
    low: int = 0
    seen: int = 0

    @classmethod
    def start(cls, known: int, now: datetime, look_back: timedelta) -> Walk:
        """From what is known; from `look_back` ago when nothing is."""
        began = int(now.timestamp())
        if known:
            return cls(overlapped(known), began=began)
        return cls(first_id_at(now - min(look_back, REACH - MARGIN)), by_time=True, began=began)

    @classmethod
    def read(cls, cursor: object) -> Walk:
        """From a stored cursor."""
        numbers = {name: max(0, int_at(cursor, name) or 0) for name in ("edge", "began", "until", "top", "low", "seen")}
        return cls(by_time=bool_at(cursor, "by_time"), token=text_at(cursor, "token"), **numbers)

    def cursor(self) -> Cursor:
        """As stored. Numbers are written as text: ids are larger than what JSON numbers hold everywhere."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: str(value) if type(value) is int else value for name, value in values.items()}

    def params(self) -> dict[str, str]:
        """What to ask for. X takes an id or a time as the edge, and no time beside an id above."""
        by_time = self.by_time and not self.until
        edge = {"start_time": _stamp(moment_of(self.edge))} if by_time else {"since_id": str(self.edge)}
        token = {"token": self.token} if self.token else {}
        return edge | token | ({"until_id": str(self.until)} if self.until else {})

    def within_reach(self, now: datetime, margin: timedelta = MARGIN) -> Walk:
        """The same walk, as far down as recent search goes."""
        edge = first_id_at(now - REACH + margin)
        return self if self.edge >= edge else replace(self, edge=edge, by_time=True)

    def step(self, page: Reading) -> Walk:
        """After one more page."""
        low = min(filter(None, (self.low, page.oldest)), default=0)
        top = self.top or page.newest
        return replace(self, token=page.token, top=top, low=low, seen=self.seen + len(page.posts))

    def without_token(self) -> Walk:
        """Go on below what was read: the token is dead."""
        return replace(self, token="", until=self.low)

    def known(self, before: int) -> int:
        """The newest id known once this walk is complete."""
        began = datetime.fromtimestamp(self.began, UTC)
        return max(before, believable(self.top, began), first_id_at(began - QUIET))

    def is_cut(self) -> bool:
        """Whether a walk over our mentions has come to the end of what X lists, which may be above its edge."""
        return self.seen >= MENTIONS_REACH * _NEARLY


@dataclass(frozen=True, slots=True)
class Place:
    """`marks` are the newest ids known, one per query; `at` is the query whose turn it is, `walk` its walk."""

    marks: tuple[int, ...]
    meter: Meter
    at: int = 0
    walk: Walk | None = None

    @classmethod
    def read(cls, cursor: Cursor | None, count: int, now: datetime) -> Place:
        """From a stored cursor of a source with `count` queries; None and anything unknown start anew."""
        meter = Meter.read(cursor, now)
        marks = tuple(max(0, int_at(mark) or 0) for mark in list_at(cursor, "marks"))
        if len(marks) != count:
            return cls((0,) * count, meter)
        at = int_at(cursor, "at") or 0
        walk = Walk.read(dict_at(cursor, "walk")) if dict_at(cursor, "walk") else None
        return cls(marks, meter, at if 0 <= at < count else 0, walk)

    def cursor(self) -> Cursor:
        """As stored."""
        walk = self.walk.cursor() if self.walk else None
        return {"marks": [str(mark) for mark in self.marks], "at": self.at, "walk": walk, "meter": self.meter.cursor()}

    def walking(self, now: datetime, look_back: timedelta) -> Walk:
        """The walk that goes on, or a new one."""
        return self.walk or Walk.start(self.marks[self.at], now, look_back)

    def moved(self, walk: Walk, meter: Meter) -> Place:
        """After a page of the walk: it goes on, or is complete and the next query has its turn."""
        if walk.token:
            return replace(self, walk=walk, meter=meter)
        known = walk.known(self.marks[self.at])
        marks = (*self.marks[: self.at], known, *self.marks[self.at + 1 :])
        return Place(marks, meter, (self.at + 1) % len(marks))

    def raised(self, newest: int, meter: Meter) -> Place:
        """After posts that came by the stream, which serves all queries at once."""
        return replace(self, marks=tuple(max(mark, newest) for mark in self.marks), meter=meter)

    @property
    def more(self) -> bool:
        """Whether something waits now."""
        return self.walk is not None or self.at > 0


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
