"""Hears one forum: all its posts, a search, or what our account is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from channels.discourse.client import NOTIFICATION_PAGE, Client, client_for
from channels.discourse.convert import Site, external_id, is_for_everybody, is_withdrawn, server_of, to_mention
from channels.discourse.find import READS, Entry, Place, from_hit, from_note
from channels.discourse.walk import Walk
from channels.manifest import Listening, SourceSettings
from channels.own_server import asked_server
from domain.errors import ChannelError, Refused, SignInFailed, Undecodable
from domain.mention import Mention
from domain.ports import Cursor, Page, Unreadable
from net.decode import int_at, list_at, text_at, time_at, value_at

WINDOW_S = 86_400.0
NO_FORUM = "no forum: give base_url (for example https://forum.example.org) or an account"
LOOK_UPS = 10
"""Missing posts looked at per page."""
ABOUT_US = (1, 2, 3, 15)
"""Kinds of notifications: mentioned, replied, quoted, a group of ours mentioned."""


class DiscourseSettings(SourceSettings, frozen=True, kw_only=True):
    """`kind` "posts" hears the whole forum, "search" finds words in it, "mentions" is what our account is told.
    `base_url` is the forum, by default our account's. `query` is searched for; by default each phrase of the topics."""

    kind: Literal["posts", "search", "mentions"] = "posts"
    base_url: str = ""
    query: str = ""
    interval_s: float | None = None


def forum_of(listening: Listening) -> tuple[Client, Site]:
    """The forum that is heard, asked with our key where it gave us one."""
    base, account = asked_server(listening, server_of)
    if account is not None:
        return client_for(account, listening.door, listening.clock), Site(base, listening.account)
    return Client(base, listening.door, clock=listening.clock), Site(base, listening.account)


class DiscourseSource:
    """Keeps nothing between calls; see `Walk` and `Place` for how a cursor moves."""

    def __init__(self, listening: Listening) -> None:
        self._settings: DiscourseSettings = listening.settings
        self._listening = listening
        self._client, self._site = forum_of(listening)

    async def fetch(self, cursor: Cursor | None) -> Page:
        """One page. Raises SignInFailed when this kind needs an account and there is none."""
        if not self._client.server:
            raise Refused(NO_FORUM)
        if self._settings.kind == "posts":
            return await self._walk(cursor)
        if self._settings.kind == "search":
            return await self._find(cursor, (self._settings.query,) if self._settings.query else self._listening.terms)
        if not self._client.key and self._listening.account is not None:
            # The account may well work where it is: this says nothing about its sign-in.
            raise Refused(f"mentions need an account on {self._client.server}, not on another forum")
        if not self._client.key:
            raise SignInFailed(f"mentions on Discourse need an account on {self._client.server}")
        return await self._find(cursor, ("notifications",))

    # --- all posts ---

    async def _walk(self, cursor: Cursor | None) -> Page:
        walk = Walk.read(cursor)
        if walk.least is None or walk.most is None:
            least, most = await self._client.limits()
            walk = replace(walk, least=least, most=most)
        posts = await self._client.latest(walk.before)
        site = replace(self._site, least=walk.least or 0, most=walk.most or 0)
        mentions, unreadable = self._read(posts, site)
        ids = [post_id for post in posts if (post_id := int_at(post, "id")) is not None]
        if posts and not ids and not walk.before:
            raise Undecodable("no post of the page has a number")
        gone, doubtful = await self._removed(walk.missing(ids))
        gone += [post_id for post in posts if is_withdrawn(post) and (post_id := int_at(post, "id")) is not None]
        moved, more, gap = walk.after(ids, reaches_window=self._is_old(posts), doubtful=doubtful)
        if posts and not ids:
            gap = "the posts of an older page have no numbers: there may be more behind them"
        withdrawn = tuple(external_id(self._client.server, post_id) for post_id in gone)
        return Page(tuple(mentions), moved.cursor(), more, len(posts), withdrawn, tuple(unreadable), gap)

    def _read(self, posts: list[object], site: Site) -> tuple[list[Mention], list[Unreadable]]:
        places = {_place(post): int_at(post, "id") for post in posts}
        mentions: list[Mention] = []
        unreadable: list[Unreadable] = []
        for post in posts:
            if is_withdrawn(post):
                continue
            answered = int_at(post, "reply_to_post_number")
            parent_id = places.get((int_at(post, "topic_id"), answered)) if answered is not None else None
            try:
                mentions.append(to_mention(post, site, title=text_at(post, "topic_title"), parent_id=parent_id))
            except Undecodable as error:
                unreadable.append(self._unreadable(post, error))
        return mentions, unreadable

    async def _removed(self, missing: list[int]) -> tuple[list[int], list[int]]:
        """Which of these are no longer public, and which could not be looked at."""
        gone: list[int] = []
        doubtful = missing[LOOK_UPS:]
        for post_id in missing[:LOOK_UPS]:
            try:
                post = await self._client.post(post_id)
            except ChannelError:
                doubtful.append(post_id)
                continue
            if post is None or is_withdrawn(post):
                gone.append(post_id)
        return gone, doubtful

    def _is_old(self, posts: Iterable[object]) -> bool:
        """Whether the whole page is beyond the window: single posts may be back-dated by an import."""
        edge = self._edge()
        return all((at := time_at(post, "created_at")) is not None and at < edge for post in posts)

    def _edge(self) -> datetime:
        return self._listening.clock.now() - timedelta(seconds=WINDOW_S)

    # --- lists that name posts ---

    async def _find(self, cursor: Cursor | None, lists: tuple[str, ...]) -> Page:
        if not lists:
            return Page((), cursor)
        place = Place.read(cursor, lists)
        if place.pending:
            return await self._read_pending(place)
        items, entries, more = await self._list(place)
        known = [entry for entry in entries if entry is not None]
        moved, gap = place.after(known, more=more, edge=self._edge())
        odd = [item for item, entry in zip(items, entries, strict=True) if entry is None]
        unreadable = tuple(self._unreadable(item, Undecodable("it names no post")) for item in odd)
        return Page((), moved.cursor(), moved.goes_on, len(items), unreadable=unreadable, gap=gap)

    async def _list(self, place: Place) -> tuple[list[object], list[Entry | None], bool]:
        """A page of the list, what each item of it names, and whether further pages exist."""
        if self._settings.kind == "mentions":
            notes = await self._client.notifications(place.page)
            about_us = [note for note in notes if int_at(note, "notification_type") in (None, *ABOUT_US)]
            return about_us, [from_note(note) for note in about_us], len(notes) >= NOTIFICATION_PAGE
        found = await self._client.search(place.name, place.page)
        titles = {int_at(topic, "id"): text_at(topic, "title") for topic in list_at(found, "topics")}
        hits = list_at(found, "posts")
        more = bool(value_at(found, "grouped_search_result", "more_full_page_results"))
        return hits, [from_hit(hit, titles) for hit in hits], more

    async def _read_pending(self, place: Place) -> Page:
        """The next few posts that a list named. What is gone meanwhile is passed over."""
        least, most = await self._client.limits()
        site = replace(self._site, least=least, most=most)
        mentions: list[Mention] = []
        unreadable: list[Unreadable] = []
        for post_id, title in place.pending[:READS]:
            try:
                post = await self._client.post(post_id)
                if post is not None and is_for_everybody(post) and not is_withdrawn(post):
                    addressed = self._settings.kind == "mentions"
                    mentions.append(to_mention(post, site, title=title, addressed=addressed))
            except Undecodable as error:
                unreadable.append(self._unreadable({"id": post_id}, error))
        moved = place.without_read()
        return Page(tuple(mentions), moved.cursor(), moved.goes_on, len(mentions), unreadable=tuple(unreadable))

    def _unreadable(self, item: object, error: Undecodable) -> Unreadable:
        where = f"{self._client.server} {self._settings.kind}"
        return Unreadable(where, str(error), msgspec.json.encode(item)[:2000])


def _place(post: object) -> tuple[int | None, int | None]:
    """Where a post stands: its topic, and its number in it."""
    return int_at(post, "topic_id"), int_at(post, "post_number")
