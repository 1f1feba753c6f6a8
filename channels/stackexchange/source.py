"""Hears one site: what its search finds, the questions of a tag with their answers, or all its comments."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import msgspec

from channels.manifest import Listening, SourceSettings
from channels.stackexchange.calls import DAY_S, Call, Kind, list_call, look_call, overlap_s, read_call, ref_of
from channels.stackexchange.client import Client, Wrapped
from channels.stackexchange.convert import comment_name, from_answer, from_comment, from_post, from_question, post_name
from channels.stackexchange.place import BATCH, Place, Ref
from domain.errors import RateLimited, Refused, Undecodable
from domain.mention import Mention
from domain.ports import Cursor, Page, Unreadable
from net.decode import int_at

SPENT = "the day's quota of requests is used up: nothing more is heard today (a key gives 10,000 in place of 300)"


class StackExchangeSettings(SourceSettings, frozen=True, kw_only=True):
    """`kind` "search" finds questions and answers that hold words, "tag" hears the questions of `tag` and their
    answers, "comments" hears every comment of the site. `site`: its name in the API or its domain. `query` is searched
    for; by default each phrase of the topics. `key`: no secret; raises the daily quota. `api_url`: for a mirror."""

    kind: Kind = "search"
    site: str = "stackoverflow"
    tag: str = ""
    query: str = ""
    key: str = ""
    api_url: str = "https://api.stackexchange.com/2.3"
    interval_s: float | None = None


def client_of(listening: Listening) -> Client:
    """The site that is heard."""
    settings: StackExchangeSettings = listening.settings
    return Client(settings.api_url, settings.site, settings.key, listening.door, listening.clock)


class StackExchangeSource:
    """One step of a round per fetch; see `Place`."""

    def __init__(self, listening: Listening) -> None:
        self._settings: StackExchangeSettings = listening.settings
        self._kind: Kind = self._settings.kind
        self._site = self._settings.site
        self._terms, self._clock = listening.terms, listening.clock
        self._client = client_of(listening)

    async def fetch(self, cursor: Cursor | None) -> Page:
        """A page of a list, some posts in full, or a second look. Raises RateLimited while we were told to rest."""
        lists = self._lists()
        if not lists:
            return Page((), cursor)
        place = Place.read(cursor, lists, self._now() - DAY_S + overlap_s(self._kind))
        if place.pending:
            return await self._read(place)
        place = place.begun()
        return await (self._list(place) if place.at else self._look_again(place))

    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    def _lists(self) -> tuple[str, ...]:
        if self._kind == "search":
            return (self._settings.query,) if self._settings.query else self._terms
        if self._kind == "tag" and not self._settings.tag:
            raise Refused("no tag: give the tag of the brand on this site")
        return (self._settings.tag,) if self._kind == "tag" else ("comments",)

    async def _get(self, place: Place, call: Call, ids: Iterable[int] = ()) -> tuple[Wrapped, Place]:
        """One call, unless we were told to rest; and the place that minds what the answer says of that."""
        if until := place.rests_until(call.method, self._now()):
            why = SPENT if until == place.spent_until else f"{call.method} rests as the network asked"
            raise RateLimited(datetime.fromtimestamp(until, UTC), why)
        path = call.method.replace("{ids}", ";".join(str(number) for number in ids))
        found = await self._client.get(path, call.params)
        return found, place.told(call.method, found.backoff_s, found.quota, self._clock.now())

    async def _list(self, place: Place) -> Page:
        call = list_call(self._kind, place)
        found, place = await self._get(place, call)
        now = self._now()  # a date ahead of us would keep everything before it from being heard
        moments = [min(moment, now) for item in found.items if (moment := int_at(item, call.dated)) is not None]
        refs = [(item, ref_of(item)) for item in found.items]
        named = [ref for _, ref in refs if ref is not None]
        if self._kind == "search":
            mentions, unreadable = self._each([item for item, ref in refs if ref is None], _nameless)
            known = {ref.number for ref in place.recent}
            pending, heard = [ref for ref in named if ref.number not in known], list[Ref]()
        else:
            mentions, unreadable = self._each(found.items, self._whole)
            pending, heard = (named if self._kind == "tag" else []), named
        moved, gap = place.after_list(pending, heard, moments, has_more=found.has_more)
        return self._page(mentions, unreadable, moved, len(found.items), gap=gap)

    async def _read(self, place: Place) -> Page:
        batch = place.pending[:BATCH]
        found, place = await self._get(place, read_call(self._kind, place), [ref.number for ref in batch])
        if self._kind == "tag":
            mentions, unreadable = self._each(found.items, lambda item: from_answer(item, self._site))
            heard = [ref for item in found.items if (ref := ref_of(item)) is not None]
        else:
            mentions, unreadable = self._each(found.items, self._known(batch))
            heard = list(batch)
        gap = "the questions have more new answers than one page; older ones may be missing" if found.has_more else None
        return self._page(mentions, unreadable, place.after_read(heard), len(found.items), gap=gap)

    async def _look_again(self, place: Place) -> Page:
        """What became of what we heard lately: changed, or gone."""
        ids = [ref.number for ref in place.recent]
        found, place = await self._get(place, look_call(self._kind), ids)
        comments = self._kind == "comments"
        mentions, unreadable = self._each(found.items, self._whole if comments else self._known(place.recent))
        there = {int_at(item, "comment_id" if comments else "post_id") for item in found.items}
        # An item that cannot be read may be any of them: then nothing counts as gone.
        complete = None not in there and not found.has_more
        gone = [each for each in ids if each not in there] if complete else []
        name = comment_name if comments else post_name
        withdrawn = tuple(name(self._site, each) for each in gone)
        return self._page(mentions, unreadable, place.after_look(gone), len(found.items), withdrawn)

    def _whole(self, item: object) -> Mention:
        return from_comment(item, self._site) if self._kind == "comments" else from_question(item, self._site)

    def _known(self, refs: Iterable[Ref]) -> Callable[[object], Mention]:
        """How a post is read whose question and title are known already: /posts tells neither."""
        known = {ref.number: ref for ref in refs}

        def read(item: object) -> Mention:
            ref = known.get(int_at(item, "post_id") or 0)
            if ref is None:
                raise Undecodable("a post that was not asked for")
            return from_post(item, self._site, ref.question, ref.title)

        return read

    def _each(
        self, items: Iterable[object], read: Callable[[object], Mention]
    ) -> tuple[list[Mention], list[Unreadable]]:
        mentions: list[Mention] = []
        unreadable: list[Unreadable] = []
        for item in items:
            try:
                mentions.append(read(item))
            except Undecodable as error:
                where = f"{self._site} {self._kind}"
                unreadable.append(Unreadable(where, str(error), msgspec.json.encode(item)[:2000]))
        return mentions, unreadable

    @staticmethod
    def _page(
        mentions: list[Mention],
        unreadable: list[Unreadable],
        place: Place,
        seen: int,
        withdrawn: tuple[str, ...] = (),
        gap: str | None = None,
    ) -> Page:
        told = gap or (SPENT if place.spent_until else None)
        return Page(tuple(mentions), place.cursor(), place.goes_on, seen, withdrawn, tuple(unreadable), told)


def _nameless(item: object) -> Mention:
    raise Undecodable("a hit that names no question")
