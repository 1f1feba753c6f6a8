"""The public feed of an app's reviews: no key, ten pages of fifty per country, now and then empty or out of order."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from channels.appstore.convert import feed_entries, from_feed
from channels.appstore.place import LAST_PAGE, Place
from channels.newest_first import read_items
from domain.clock import Clock
from domain.errors import ChannelError, RateLimited, Undecodable, Unreachable
from domain.ports import Cursor, Page
from net.decode import dict_at, parse_time, text_at
from net.door import Door, raise_for


class FeedReader:
    """Reads one app in several countries; `window` is how far a first look goes back."""

    def __init__(self, base_url: str, app_id: str, countries: tuple[str, ...], door: Door, clock: Clock) -> None:
        self._base = base_url.rstrip("/")
        self._app_id = app_id
        self._countries = countries
        self._door = door
        self._clock = clock

    async def fetch(self, cursor: Cursor | None, window: timedelta) -> Page:
        """One page of the country whose turn it is. Raises the last error when no country answers."""
        place, now = Place.read(cursor, self._countries), self._clock.now()
        gaps: list[str] = []
        for _ in self._countries:
            try:
                entries, moment = await self._ask(place.country, place.page)
                if not entries and place.is_in_the_middle:
                    raise Unreachable(f"an empty page in the middle of the feed of {place.country}")
            except RateLimited:
                raise
            except ChannelError as error:
                failed, others_heard = error, place.heard
                place, gap = place.passed_over(int(now.timestamp()))
                gaps += [gap] if gap else []
                if others_heard and place.is_new_round:
                    return Page((), place.cursor(), gap="; ".join(gaps) or None)
            else:
                return self._page(place, entries, moment, now - window, gaps)
        raise failed

    def _page(self, place: Place, entries: list[object], moment: datetime, since: datetime, gaps: list[str]) -> Page:
        convert = partial(from_feed, app_id=self._app_id, country=place.country, fallback=moment)
        read = read_items(entries, convert, f"feed of {place.country}", since)
        is_last = place.page >= LAST_PAGE
        following = str(place.page + 1) if entries and not is_last else ""
        if is_last and place.walk.known and set(read.stamps).isdisjoint(place.walk.known):
            gaps.append(f"more reviews in {place.country} since the last look than the feed shows")
        walk = place.walk.step(read.stamps, following, beyond=read.reaches_beyond)
        place = place.after(walk, int(self._clock.now().timestamp()))
        return Page(
            read.mentions(), place.cursor(), not place.is_new_round, len(entries),
            unreadable=read.unreadable, gap="; ".join(gaps) or None,
        )  # fmt: skip

    async def _ask(self, country: str, page: int) -> tuple[list[object], datetime]:
        """The entries of a page, and the moment of those without a date: the feed's own, else the answer's."""
        url = f"{self._base}/{country}/rss/customerreviews/id={self._app_id}/sortBy=mostRecent/page={page}/json"
        answer = raise_for(await self._door.request("GET", url, redirects=2, purpose="feed"), self._clock.now())
        found = answer.json()
        if not dict_at(found, "feed"):
            raise Undecodable("the answer is no feed")
        moment = parse_time(text_at(found, "feed", "updated", "label")) or parse_time(answer.headers.get("date"))
        return feed_entries(found), moment or self._clock.now()
