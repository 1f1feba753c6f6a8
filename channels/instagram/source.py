"""Hears our Instagram account by polls, beside the pushes that tell at once; and reads what a push names."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from channels import graph_place as rules
from channels.graph import Graph, Listing
from channels.graph_place import WINDOW_S, Place, Told
from channels.graph_reading import Convert, Read
from channels.instagram.convert import (
    COMMENT_FIELDS,
    MEDIA_FIELDS,
    MENTIONED_FIELDS,
    TAG_FIELDS,
    THREAD_FIELDS,
    comment_to_mention,
    created_at,
    graph_id,
    media_to_mention,
    mentioned_comment,
    with_answers,
)
from channels.manifest import Listening, SourceSettings
from domain.errors import Gone, Refused, SignInFailed, Undecodable
from domain.mention import Mention
from domain.ports import Cursor, Page
from net.decode import int_at, list_at, value_at

LISTS = ("media", "tags")
COMMENTS = 50
"""Instagram gives no more of them at once."""
LIVELY = 25
"""Of how many of the newest media a new source reads the comments, back to the window."""


class InstagramSettings(SourceSettings, frozen=True, kw_only=True):
    """The account is heard; there is nothing else to choose."""


class InstagramSource:
    """One call of a round per fetch. Whatever it knows is in the cursor: see `channels.graph_place`."""

    def __init__(self, listening: Listening) -> None:
        if listening.account is None:
            raise SignInFailed("an Instagram account is heard by itself: add it")
        self._own_id = listening.account.external_id
        self._clock = listening.clock
        self._graph = Graph(listening.account, listening.door, listening.clock)

    async def fetch(self, cursor: Cursor | None) -> Page:
        """One call of a round, or of what a push named."""
        if asks := list_at(cursor, "asks"):
            return await self._ask(str(asks[0]), asks[1:])
        place = rules.place_of(cursor, LISTS)
        name, now_s = rules.list_of(place, LISTS), int(self._clock.now().timestamp())
        if name == "media":
            return await self._media(place, now_s)
        return await (self._tags(place, now_s) if name else self._comments(place, now_s))

    async def _media(self, place: Place, now_s: int) -> Page:
        """A page of our own media, for how many comments each has; they are no mentions themselves."""
        edge, read = rules.edge_s(place, LISTS, now_s), Read(created_at)
        listing = await self._graph.page(f"{self._own_id}/media", MEDIA_FIELDS, 100, place.after, purpose="media")
        read.each(listing.items, "media", _nothing)
        place = rules.watch(place, LISTS, _told(listing.items, place.pages == 0), now_s, counts=True)
        moved, gap = rules.after_page(place, LISTS, read.moments, listing.after, edge)
        return read.page(moved, listing, gap)

    async def _tags(self, place: Place, now_s: int) -> Page:
        """A page of media in which others tagged us."""
        edge, read = rules.edge_s(place, LISTS, now_s), Read(created_at)
        listing = await self._graph.page(f"{self._own_id}/tags", TAG_FIELDS, 100, place.after, purpose="tags")
        read.each(listing.items, "tags", lambda item: media_to_mention(item, "tag"))
        read.since(min(edge, now_s - WINDOW_S))
        moved, gap = rules.after_page(place, LISTS, read.moments, listing.after, edge)
        return read.page(moved, listing, gap)

    async def _comments(self, place: Place, now_s: int) -> Page:
        """A page of the comments under one of our media, newest first, each with its answers."""
        edge, read, media = rules.edge_s(place, LISTS, now_s), Read(created_at), place.waiting[0].post
        path = f"{media}/comments"
        try:
            listing = await self._graph.page(path, THREAD_FIELDS, COMMENTS, place.after, purpose="comments")
        except Gone:
            return read.page(rules.ended(place, LISTS), Listing([]))
        read.each(with_answers(listing.items), "comments", lambda item: comment_to_mention(item, media))
        read.since(min(edge, now_s - WINDOW_S))
        moved, gap = rules.after_page(place, LISTS, read.moments, listing.after, edge)
        return read.page(moved, listing, gap)

    async def _ask(self, ask: str, others: list[object]) -> Page:
        """What a push named: a comment under our media, or a comment or caption elsewhere that names us."""
        (kind, _, name), read = ask.partition(" "), Read(created_at)
        try:
            said, convert = await self._named(kind, name)
            read.each(said, "look up", convert)
        except Refused as error:
            read.refused(ask, error)
        return read.answer(others)

    async def _named(self, kind: str, name: str) -> tuple[list[object], Convert]:
        """The item, or nothing when it was taken back meanwhile. What names us elsewhere can be read through our own
        account only."""
        if kind == "comment":
            found = await self._graph.find(name, COMMENT_FIELDS, purpose="look up")
            return ([found] if found is not None else []), comment_to_mention
        node, fields = ("comment", MENTIONED_FIELDS) if kind == "mention" else ("media", TAG_FIELDS)
        asked = f"mentioned_{node}.{node}_id({name}){{{fields}}}"
        found = await self._graph.find(self._own_id, asked, purpose="look up")
        said = [value_at(found, f"mentioned_{node}")] if found is not None else []
        return said, mentioned_comment if kind == "mention" else _caption


def _caption(media: object) -> Mention | None:
    return media_to_mention(media, "caption")


def _nothing(item: object) -> Mention | None:
    graph_id(item)
    return None


def _told(media: Iterable[object], is_first: bool) -> Iterable[Told]:
    """How many comments, answers among them, each of our media has."""
    for number, item in enumerate(media):
        with suppress(Undecodable):
            count = int_at(item, "comments_count") or 0
            is_lively = is_first and number < LIVELY and count > 0
            yield Told(graph_id(item), int(created_at(item).timestamp()), count, is_lively)
