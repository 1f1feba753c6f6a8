"""Hears by asking: recent search, or the list of posts that name us."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from channels.manifest import Listening, SourceSettings
from channels.x.client import Client
from channels.x.convert import Own
from channels.x.heard import heard
from channels.x.names import Spelling
from channels.x.place import WIDE_MARGIN, Place, Walk
from channels.x.prices import looks
from channels.x.query import SEARCH_LENGTH, queries
from channels.x.reading import Reading, notices
from domain.errors import Refused, SignInFailed
from domain.ports import Cursor, Page
from net.decode import text_at
from net.door import Answer

PAGE = 100
LEAST = {"search": 10, "stream": 10, "mentions": 5}
"""The smallest pages that X serves."""
LOST_REACH = (
    "the last good poll is more than seven days ago, and X's search reaches no further back: older posts are missing"
)
LOST_MENTIONS = "about 800 posts named us since the last poll, and X lists no more: older ones may be missing"


class XSettings(SourceSettings, frozen=True, kw_only=True):
    """`kind` "search" asks for words, "mentions" for what names our account, "stream" is pushed to us.

    `query` stands in place of the topics' phrases. `daily_budget_usd`, once spent, ends reading for that UTC day;
    `looks_share` of it is kept for looking at stored posts again.
    `look_back_s`: how far a new source reads back. `spelling`: how requests name the renamed fields. `owned`: the app
    belongs to this very account, so that its own mentions are read with its keys, at X's lower price.
    """

    kind: Literal["search", "mentions", "stream"] = "search"
    query: str = ""
    daily_budget_usd: float = 10.0
    looks_share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.2
    look_back_s: float = 86_400.0
    spelling: Spelling = "tweet"
    owned: bool = False
    interval_s: float | None = None

    @property
    def reading_usd(self) -> float:
        """What new posts may cost on one day."""
        return self.daily_budget_usd * (1 - self.looks_share)

    @property
    def looks(self) -> int:
        """How many stored posts may be looked at on one day."""
        return looks(self.daily_budget_usd * self.looks_share)


class XSource:
    """Keeps nothing between calls; see `place` for how a cursor moves and `prices` for what it counts."""

    def __init__(self, listening: Listening) -> None:
        self._settings: XSettings = listening.settings
        self._listening = listening
        self._own = Own.of(listening.account, listening.handles)
        self._where = f"x {self._settings.kind}"

    async def fetch(self, cursor: Cursor | None) -> Page:
        """One page of one query. Raises RateLimited when the budget of the day is spent."""
        asked = self._asked()
        if not asked:
            return Page((), cursor)
        place, size = self.place(cursor), self.affordable(cursor)
        walk, gap = self._walk(place)
        answer, walk, late_gap = await self._ask(asked[place.at], size, walk)
        return self._page(answer.json(), place, walk, gap or late_gap)

    def place(self, cursor: Cursor | None) -> Place:
        """Where a cursor stands."""
        return Place.read(cursor, len(self._asked()), self._listening.clock.now())

    def affordable(self, cursor: Cursor | None) -> int:
        """How many posts the budget of the day leaves for the next page. Raises RateLimited when it is spent."""
        budget, least = self._settings.reading_usd, LEAST[self._settings.kind]
        return self.place(cursor).meter.affordable(budget, least, PAGE)

    def _asked(self) -> tuple[str, ...]:
        """The queries that take turns; one without words for the list of our mentions."""
        if self._settings.kind == "mentions":
            return ("",)
        return queries(self._settings.query, self._listening.terms, self._own.names, SEARCH_LENGTH)

    def client(self) -> Client:
        """Who asks. Raises SignInFailed without an account."""
        account = self._listening.account
        if account is None or not account.external_id:
            raise SignInFailed(f"{self._settings.kind} on X needs an account: connect one with the keys of an app")
        return Client(account, self._listening.door, self._listening.clock, self._settings.spelling)

    def _walk(self, place: Place) -> tuple[Walk, str | None]:
        """The walk to go on with. One that would begin too far back begins where search does, and the gap is told."""
        now = self._listening.clock.now()
        walk = place.walking(now, timedelta(seconds=self._settings.look_back_s))
        reached = walk if place.walk or self._settings.kind == "mentions" else walk.within_reach(now)
        return reached, LOST_REACH if reached != walk else None

    async def _ask(self, query: str, size: int, walk: Walk) -> tuple[Answer, Walk, str | None]:
        """A page of the walk. When X no longer takes its token or its edge, it is asked for in another way."""
        try:
            return await self._read(query, size, walk), walk, None
        except Refused as error:
            mended, gap = self._mended(walk, error)
            if mended == walk:
                raise
        return await self._read(query, size, mended), mended, gap

    def _mended(self, walk: Walk, error: Refused) -> tuple[Walk, str | None]:
        about = f"{error.reason} {error.detail}"
        if walk.token and ("next_token" in about or "pagination_token" in about):
            return walk.without_token(), None
        if "since_id" in about or "start_time" in about:
            reached = walk.within_reach(self._listening.clock.now(), WIDE_MARGIN)
            return (reached.without_token() if walk.token else reached), LOST_REACH
        return walk, None

    async def _read(self, query: str, size: int, walk: Walk) -> Answer:
        if self._settings.kind == "mentions":
            return await self.client().mentions(size, walk.params(), owned=self._settings.owned)
        return await self.client().search(query, size, walk.params())

    def _page(self, body: object, place: Place, walk: Walk, gap: str | None) -> Page:
        reading = Reading.of(body)
        mentions_kind = self._settings.kind == "mentions"
        walk = walk.step(reading)
        meter = place.meter.count(
            [text_at(post, "id") for post in reading.posts],
            reading.included.posts,
            reading.included.users,
            owned=mentions_kind and self._settings.owned,
        )
        moved = place.moved(walk, meter)
        if mentions_kind and moved.walk is None and walk.is_cut():
            gap = gap or LOST_MENTIONS
        found, unreadable = heard(reading.posts, reading.included, self._own, self._where, addressed=mentions_kind)
        unreadable += notices(self._where, body, reading.posts)
        return Page(found, moved.cursor(), moved.more, len(reading.posts), unreadable=unreadable, gap=gap)
