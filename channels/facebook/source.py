"""Hears our Page by polls, beside the pushes that tell at once; and reads what a push only names."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from channels import graph_place as rules
from channels.facebook.convert import (
    ALL_NEWEST_FIRST,
    COMMENT_FIELDS,
    POST_FIELDS,
    comment_to_mention,
    created_at,
    graph_id,
    post_to_mention,
)
from channels.graph import Graph, Listing
from channels.graph_place import WINDOW_S, Place, Told
from channels.graph_reading import Convert, Read
from channels.manifest import Listening, SourceSettings
from domain.errors import Gone, Refused, SignInFailed, Undecodable
from domain.mention import Mention
from domain.ports import Cursor, Page
from net.decode import list_at, time_at

PAGE = 100
LISTS = ("feed", "tagged")


class FacebookSettings(SourceSettings, frozen=True, kw_only=True):
    """The account's Page is heard; there is nothing else to choose."""


class FacebookSource:
    """One call of a round per fetch. Whatever it knows is in the cursor: see `channels.graph_place`."""

    def __init__(self, listening: Listening) -> None:
        if listening.account is None:
            raise SignInFailed("a Facebook Page is heard by its own account: add one")
        self._page_id = listening.account.external_id
        self._clock = listening.clock
        self._graph = Graph(listening.account, listening.door, listening.clock)

    async def fetch(self, cursor: Cursor | None) -> Page:
        """One call of a round, or of what a push only named."""
        if asks := list_at(cursor, "asks"):
            return await self._ask(str(asks[0]), asks[1:])
        place = rules.place_of(cursor, LISTS)
        name, now_s = rules.list_of(place, LISTS), int(self._clock.now().timestamp())
        return await (self._posts(place, name, now_s) if name else self._comments(place, now_s))

    def _of_post(self, item: object) -> Mention | None:
        return post_to_mention(item, self._page_id)

    def _of_comment(self, post: str) -> Convert:
        return lambda item: comment_to_mention(item, post, self._page_id)

    async def _posts(self, place: Place, name: str, now_s: int) -> Page:
        """A page of the posts on our Page, our own among them, or of those that tag it."""
        edge, read = rules.edge_s(place, LISTS, now_s), Read(created_at)
        listing = await self._graph.page(f"{self._page_id}/{name}", POST_FIELDS, PAGE, place.after, purpose=name)
        read.each(listing.items, name, self._of_post)
        read.since(min(edge, now_s - WINDOW_S))  # what was held back is listed late, at its own moment
        if name == "feed":
            place = rules.watch(place, LISTS, _told(listing.items, self._page_id, now_s), now_s)
        moved, gap = rules.after_page(place, LISTS, read.moments, listing.after, edge)
        return read.page(moved, listing, gap)

    async def _comments(self, place: Place, now_s: int) -> Page:
        """A page of all comments under one post, answers to comments among them, newest first."""
        edge, read, post = rules.edge_s(place, LISTS, now_s), Read(created_at), place.waiting[0].post
        path = f"{post}/comments"
        try:
            listing = await self._graph.page(
                path, COMMENT_FIELDS, PAGE, place.after, ALL_NEWEST_FIRST, purpose="comments"
            )
        except Gone:
            return read.page(rules.ended(place, LISTS), Listing([]))
        read.each(listing.items, "comments", self._of_comment(post))
        read.since(min(edge, now_s - WINDOW_S))
        moved, gap = rules.after_page(place, LISTS, read.moments, listing.after, edge)
        return read.page(moved, listing, gap)

    async def _ask(self, ask: str, others: list[object]) -> Page:
        """What a push only named: the id of a post, or those of a post and a comment under it."""
        (post, _, comment), read = ask.partition(" "), Read(created_at)
        fields = COMMENT_FIELDS if comment else POST_FIELDS
        try:
            found = await self._graph.find(comment or post, fields, purpose="look up")
            said = [found] if found is not None else []  # else it was taken back meanwhile
            read.each(said, "look up", self._of_comment(post) if comment else self._of_post)
        except Refused as error:
            read.refused(ask, error)
        return read.answer(others)


def _told(posts: Iterable[object], page_id: str, now_s: int) -> Iterable[Told]:
    """What the feed tells of each post on our Page. It also lists posts elsewhere, whose comments are not for us."""
    for post in posts:
        with suppress(Undecodable):
            created = created_at(post)
            changed_s = int((time_at(post, "updated_time") or created).timestamp())
            if (name := graph_id(post)).startswith(f"{page_id}_"):
                yield Told(name, int(created.timestamp()), changed_s, changed_s >= now_s - WINDOW_S)
