"""Hacker News heard by its search index; while that lags, by walking its items one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import msgspec
import structlog

from channels.hackernews.client import HackerNewsClient
from channels.hackernews.convert import from_hit, from_item, is_withdrawn, names
from channels.hackernews.place import OVERLAP_S, Place, after_check, after_search, after_walk, place_of
from channels.manifest import Listening, SourceSettings
from domain.errors import ChannelError, Undecodable
from domain.mention import Mention
from domain.ports import Cursor, Page, Unreadable
from net.decode import int_at, list_at, text_at

log = structlog.get_logger()
_ITEMS = 100
_CLIMB = 30


class HackerNewsSettings(SourceSettings, frozen=True, kw_only=True):
    """The addresses may be changed for a mirror. `terms` in place of the topics' words. `stale_s`: the search index
    counts as stuck when its newest item is older."""

    search_url: str = "https://hn.algolia.com/api/v1"
    items_url: str = "https://hacker-news.firebaseio.com/v0"
    terms: tuple[str, ...] = ()
    look_back_s: int = 86_400
    stale_s: int = 1800
    page_size: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 200


class HackerNewsSource:
    """One step of a round per fetch."""

    def __init__(self, listening: Listening) -> None:
        self._settings: HackerNewsSettings = listening.settings
        self._clock = listening.clock
        self._terms = self._settings.terms or listening.terms
        self._client = HackerNewsClient(
            self._settings.search_url, self._settings.items_url, listening.door, listening.clock
        )

    async def fetch(self, cursor: Cursor | None) -> Page:
        """A page of hits, a check of the index, or some items. Without any term there is nothing to ask."""
        place = place_of(cursor, self._now_s(), self._settings.look_back_s)
        if not self._terms:
            return Page((), place.cursor())
        if place.step == "check":
            return await self._check(place)
        return await (self._walk(place) if place.step == "walk" else self._search(place))

    def _now_s(self) -> int:
        return int(self._clock.now().timestamp())

    async def _search(self, place: Place) -> Page:
        place = replace(place, term=place.term if 0 <= place.term < len(self._terms) else 0)
        term, size = self._terms[place.term], self._settings.page_size
        answer = await self._client.search(term, place.since - OVERLAP_S, place.until, place.page, size)
        hits = list_at(answer, "hits")
        mentions, unreadable = _read(hits)
        moments = [moment for hit in hits if (moment := int_at(hit, "created_at_i")) is not None]
        pages, total = int_at(answer, "nbPages") or 0, int_at(answer, "nbHits") or 0
        place, gap = after_search(place, moments, pages, total, len(self._terms))
        place = place.heard([int(m.external_id) for m in mentions])
        return Page(tuple(mentions), place.cursor(), True, len(hits), (), tuple(unreadable), gap)

    async def _check(self, place: Place) -> Page:
        """Is the index fresh, and did anything that we heard change?"""
        newest = await self._client.newest()
        following = after_check(place, newest, self._now_s(), self._settings.stale_s)
        mentions, withdrawn = await self._changes(place)
        more = following.step == "walk"
        gap = "the search index lags; posts are read one by one meanwhile" if more and not place.last else None
        return Page(tuple(mentions), following.cursor(), more, len(mentions), tuple(withdrawn), (), gap)

    async def _changes(self, place: Place) -> tuple[list[Mention], list[str]]:
        try:
            changed = await self._client.changed() & set(place.recent)
            items = await self._client.items(sorted(changed))
        except ChannelError as error:
            # Only a second look at what is stored already; the next round looks again.
            log.info("no second look", channel="hackernews", why=error.detail)
            return [], []
        return await self._sort(items, [])

    async def _walk(self, place: Place) -> Page:
        top = await self._client.max_item()
        last = min(top, place.last + _ITEMS)
        ids = [i for i, _ in place.missing[:_ITEMS]] + list(range(place.last + 1, last + 1))
        items = await self._client.items(ids)
        skipped = [i for i, _ in place.missing[_ITEMS:]]
        null = [i for i, raw in items if raw is None] + skipped
        unreadable: list[Unreadable] = []
        relevant = [(i, raw) for i, raw in items if is_withdrawn(raw) or names(raw, self._terms)]
        mentions, withdrawn = await self._sort(relevant, unreadable)
        place, gap = after_walk(place, max(last, place.last), null)
        place = place.heard([int(m.external_id) for m in mentions])
        more = last < top
        following = place if more else replace(place, step="search")
        return Page(tuple(mentions), following.cursor(), more, len(items), tuple(withdrawn), tuple(unreadable), gap)

    async def _sort(
        self, items: list[tuple[int, object]], unreadable: list[Unreadable]
    ) -> tuple[list[Mention], list[str]]:
        """What was said and what was taken back."""
        mentions: list[Mention] = []
        withdrawn = [str(i) for i, raw in items if is_withdrawn(raw)]
        for item_id, raw in items:
            if raw is None or is_withdrawn(raw):
                continue
            try:
                mentions.append(from_item(raw, await self._thread(item_id, raw)))
            except Undecodable as problem:
                unreadable.append(Unreadable(f"item {item_id}", problem.detail, msgspec.json.encode(raw)[:2000]))
        return mentions, withdrawn

    async def _thread(self, item_id: int, raw: object) -> str:
        """The story at the top, found by climbing from parent to parent."""
        top, above = item_id, int_at(raw, "parent")
        for _ in range(_CLIMB):
            if above is None:
                break
            top = above
            found = await self._client.items([above])
            above = int_at(found[0][1], "parent")
        return str(top)


def _read(hits: list[object]) -> tuple[list[Mention], list[Unreadable]]:
    mentions: list[Mention] = []
    unreadable: list[Unreadable] = []
    for hit in hits:
        try:
            mentions.append(from_hit(hit))
        except Undecodable as problem:
            where = f"hit {text_at(hit, 'objectID')}".strip()
            unreadable.append(Unreadable(where, problem.detail, msgspec.json.encode(hit)[:2000]))
    return mentions, unreadable
