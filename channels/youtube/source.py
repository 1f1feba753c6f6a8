"""Hears the comments of our own channel, or those of watched videos, within a budget of YouTube's daily quota."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
import structlog

from channels.manifest import Listening
from channels.youtube import place as rules
from channels.youtube.client import Client, Listing
from channels.youtube.convert import Spot, Us
from channels.youtube.look_up import after_look_up, next_lot
from channels.youtube.place import Place
from channels.youtube.problems import STALE_TOKEN
from channels.youtube.quota import reset_at
from channels.youtube.reading import Read, read_again, read_replies, read_threads, read_videos
from channels.youtube.settings import YouTubeSettings, is_search_due, targets
from domain.errors import RateLimited
from domain.ports import Cursor, Page
from net.decode import text_at

log = structlog.get_logger()


class YouTubeSource:
    """One step of a round per fetch. Whatever it knows is in the cursor: see `place`."""

    def __init__(self, listening: Listening) -> None:
        self._settings: YouTubeSettings = listening.settings
        self._clock = listening.clock
        self._client = Client(listening.account, listening.door, listening.clock)
        own = listening.account.external_id if listening.account else ""
        self._us = Us(own, listening.handles, self._client.may_write)
        self._words = (self._settings.query,) if self._settings.query else listening.terms
        self._ours = self._settings.kind == "channel" and self._settings.channel in ("", own)
        # On our own channel we read as its owner: only so is told what is held back. Elsewhere the key will do.
        self._signed = self._ours and self._client.may_write

    async def fetch(self, cursor: Cursor | None) -> Page:
        """One call of a round. Raises RateLimited when the budget, or YouTube's own quota, is spent."""
        place, now = rules.place_of(cursor), self._clock.now()
        place = msgspec.structs.replace(place, meter=place.meter.on(now))
        if place.is_at_rest:
            if not place.meter.may_begin(now, self._settings.reading_units):
                return Page((), place.cursor())
            place = rules.begin(place, now)
        while (step := self._step(place)) is None and not place.is_at_rest:
            place = place.onward()
        return await step(place) if step else Page((), place.cursor())

    def _step(self, place: Place) -> Callable[[Place], Awaitable[Page]] | None:
        """What is to be done at this place, or nothing."""
        if place.waiting:
            return self._replies
        if place.step == "search":
            return self._search if is_search_due(self._settings, place, self._words, self._now_s()) else None
        if place.step == "list":
            return self._list if place.at < len(targets(self._settings, self._us.channel_id, place)) else None
        if place.step == "held":
            return self._held if self._signed else None
        if place.step in ("check", "comments"):
            return self._look_up if next_lot(place) else None
        return None

    def _now_s(self) -> int:
        return int(self._clock.now().timestamp())

    def _spend(self, place: Place) -> Place:
        """One call more. Raises RateLimited when the budget does not allow it."""
        budget = self._settings.reading_units
        if place.meter.units >= budget:
            ends = reset_at(self._clock.now())
            raise RateLimited(ends, f"the {budget} units of today are spent; this source goes on at {ends:%H:%M} UTC")
        return msgspec.structs.replace(place, meter=place.meter.spend(units=1))

    # --- the steps ---

    async def _search(self, place: Place) -> Page:
        """Videos that speak of us are mentions themselves, and their comments are read from now on."""
        at = place.term % len(self._words)
        words = f'"{self._words[at]}"' if " " in self._words[at] else self._words[at]
        place = msgspec.structs.replace(
            place.onward(), term=at + 1, searched_s=self._now_s(), meter=place.meter.spend(searches=1)
        )
        try:
            listing = await self._client.search(words)
        except RateLimited as limited:
            # Searches have a quota of their own: the comments are read on without them.
            log.info("no search", channel="youtube", why=limited.detail)
            listing = Listing([])
        read = read_videos(listing.items)
        foreign = [mention.external_id for mention in read.mentions if mention.author_id != self._us.channel_id]
        found = tuple(dict.fromkeys([*foreign, *place.found]))[: rules.VIDEOS]
        return self._page(msgspec.structs.replace(place, found=found), read, listing)

    async def _list(self, place: Place) -> Page:
        place, target = self._spend(place), targets(self._settings, self._us.channel_id, place)[place.at]
        name = "allThreadsRelatedToChannelId" if self._settings.kind == "channel" else "videoId"
        listing = await self._client.threads({name: target}, place.token, signed=self._signed)
        if listing.trouble:
            return self._nothing(place, target, listing.trouble)
        read = self._read(listing)
        edge_s = self._now_s() - rules.WINDOW_S
        moments = [heard.began_s for heard in read.heard]
        moved = rules.after_list(_remember(place, read), target, moments, listing.token, edge_s)
        return self._page(moved, read, listing)

    def _nothing(self, place: Place, target: str, trouble: str) -> Page:
        """One closed video does not stop the others; it is asked for again tomorrow. A walk whose token has died is
        taken up by the next round, from the newest end."""
        log.info("no comments to read", channel="youtube", target=target, why=trouble)
        if trouble == STALE_TOKEN:
            return Page((), rules.next_target(place).cursor(), more=True)
        withdrawn = (target,) if trouble == "videoNotFound" else ()
        return Page((), rules.close(place, target, self._clock.now()).cursor(), more=True, withdrawn=withdrawn)

    async def _held(self, place: Place) -> Page:
        """Comments that wait for a moderator are not public: only their ids are kept, until they are released."""
        place = self._spend(place)
        params: dict[str, str | int] = {
            "allThreadsRelatedToChannelId": targets(self._settings, self._us.channel_id, place)[0]
        }
        listing = await self._client.threads(params | {"moderationStatus": "heldForReview"}, signed=True)
        ids = tuple(found for item in listing.items if (found := text_at(item, "id")))
        return Page((), rules.after_held(place, ids).cursor(), more=True)

    async def _look_up(self, place: Place) -> Page:
        """Older threads, or replies, by id: did they grow, change or vanish?"""
        place, lot = self._spend(place), next_lot(place)
        if place.step == "check":
            listing = await self._client.threads_by_id(lot, signed=self._signed)
            read = self._read(listing)
        else:
            listing = await self._client.comments_by_id(lot, signed=self._signed)
            read = read_again(listing.items, place.threads, self._us)
        found = None if listing.trouble else [text_at(item, "id") for item in listing.items]
        moved, gone = after_look_up(_remember(place, read), lot, found)
        return self._page(moved, read, listing, gone)

    async def _replies(self, place: Place) -> Page:
        """A page of the replies of a thread that grew."""
        place, top = self._spend(place), place.waiting[0]
        listing = await self._client.replies(top, place.reply_token, signed=self._signed)
        thread = place.threads[top]
        read = read_replies(listing.items, Spot(thread.video, top, thread.ours), self._us)
        moved, gap = rules.after_replies(_remember(place, read), listing.token)
        if listing.trouble == STALE_TOKEN:
            gap = rules.CUT_REPLIES
        return self._page(moved, read, listing, gap=gap)

    def _read(self, listing: Listing) -> Read:
        return read_threads(listing.items, self._us, ours=self._ours, signed=self._signed)

    @staticmethod
    def _page(place: Place, read: Read, listing: Listing, gone: tuple[str, ...] = (), gap: str | None = None) -> Page:
        mentions, bad = tuple(read.mentions), tuple(read.unreadable)
        return Page(mentions, place.cursor(), not place.is_at_rest, len(listing.items), gone, bad, gap)


def _remember(place: Place, read: Read) -> Place:
    return rules.remember_comments(rules.remember(place, read.heard), read.comments)
