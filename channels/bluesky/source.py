"""Hears with an account: our notifications, or a search. Both come newest first with a page token."""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from channels.bluesky.client import Client
from channels.bluesky.convert import view_to_mention
from channels.manifest import Listening, SourceSettings
from domain.errors import SignInFailed, Undecodable
from domain.mention import Mention
from domain.ports import Cursor, Page, Unreadable
from net.decode import dict_at, int_at, list_at, text_at, time_at, value_at

WINDOW_S = 86_400.0
PAGE = 100
SLACK_S = 600.0
"""Posts may be listed a little out of order."""
KEPT = 20
"""How many of the newest addresses a cursor remembers, so that one deleted post does not lose the place."""
REASONS = ("mention", "reply", "quote")
JETSTREAM = "wss://jetstream.us-east.bsky.network/xrpc/network.bsky.jetstream.subscribeEvents"


class BlueskySettings(SourceSettings, frozen=True, kw_only=True):
    """`kind` "stream" follows the whole network and needs no account; "search" and "notifications" need one.

    `url` and `wire` say where the stream comes from: "v2" is Jetstream's own lexicon, "v1" the older hosts.
    `profiles_url` is asked for the names of matching authors (a stream event has none) and whether stored posts are
    still there; when it is empty nobody is asked for names, and our account for posts.
    """

    kind: Literal["stream", "search", "notifications"] = "stream"
    url: str = JETSTREAM
    wire: Literal["v2", "v1"] = "v2"
    profiles_url: str = "https://public.api.bsky.app"
    query: str = ""
    interval_s: float | None = None


class BlueskySource:
    """Keeps nothing between calls. A cursor remembers the newest addresses and the newest moment of each list and,
    while a poll goes on, its page token. A poll ends at a known address, at the edge of the window (after a longer
    silence, at what was new before it) or where the network has no more."""

    def __init__(self, listening: Listening) -> None:
        self._settings: BlueskySettings = listening.settings
        self._listening = listening
        self._own_did = listening.account.external_id if listening.account else ""

    async def fetch(self, cursor: Cursor | None) -> Page:
        """One page of one list. Raises SignInFailed without an account."""
        lists = self._lists()
        if not lists:
            return Page((), cursor)
        at = int_at(cursor, "list") or 0
        at = at if 0 <= at < len(lists) else 0
        views, token = await self._read(lists[at], text_at(cursor, "token"))
        known = {text_at(uri) for uri in list_at(cursor, "known", lists[at])}
        moments = [moment.timestamp() for view in views if (moment := time_at(view, "indexedAt")) is not None]
        edge = self._edge(cursor, lists[at])
        reached = min(moments, default=math.inf) < edge
        done = not token or reached or any(text_at(view, "uri") in known for view in views)
        moved = self._moved(cursor, lists, at, views, self._newest(cursor, moments, edge), "" if done else token)
        return self._page(views, moved, more=bool(moved["token"] or moved["list"]))

    def _lists(self) -> tuple[str, ...]:
        if self._settings.kind == "notifications":
            return ("notifications",)
        return (self._settings.query,) if self._settings.query else self._listening.terms

    def _client(self) -> Client:
        if self._listening.account is None:
            raise SignInFailed(f"{self._settings.kind} on Bluesky needs an account: add one with an app password")
        return Client(self._listening.account, self._listening.door, self._listening.clock)

    async def _read(self, query: str, token: str) -> tuple[list[object], str]:
        """The items of a page and the token of the next one. An empty page is not the end, a missing token is."""
        paging = [("limit", str(PAGE)), *([("cursor", token)] if token else [])]
        if self._settings.kind == "notifications":
            wanted = [("reasons", reason) for reason in REASONS]
            method, field = "app.bsky.notification.listNotifications", "notifications"
        else:
            words = f'"{query}"' if " " in query else query
            wanted, method, field = [("q", words), ("sort", "latest")], "app.bsky.feed.searchPosts", "posts"
        found = await self._client().get(method, [*wanted, *paging], purpose=self._settings.kind)
        if not isinstance(value_at(found, field), list):
            raise Undecodable(f"the answer holds no list of {field}")
        return list_at(found, field), text_at(found, "cursor")

    def _edge(self, cursor: Cursor | None, name: str) -> float:
        """Epoch seconds: what is older needs no reading. After a long silence that is more than a window ago."""
        window = self._listening.clock.now().timestamp() - WINDOW_S
        mark = int_at(dict_at(cursor, "marks"), name)
        return window if mark is None else min(window, mark - SLACK_S)

    def _newest(self, cursor: Cursor | None, moments: list[float], edge: float) -> int:
        """The newest moment of this poll so far; of an empty list, the edge to which it was read. One in the future
        would end every later poll at its first page."""
        now = self._listening.clock.now().timestamp()
        return max([int_at(cursor, "newest") or 0, int(edge), *(int(min(moment, now)) for moment in moments)])

    @staticmethod
    def _moved(
        cursor: Cursor | None, lists: tuple[str, ...], at: int, views: list[object], newest: int, token: str
    ) -> Cursor:
        fresh = [*list_at(cursor, "fresh"), *filter(None, (text_at(view, "uri") for view in views))][:KEPT]
        known = {name: list_at(cursor, "known", name) for name in lists}
        marks = {name: mark for name in lists if (mark := int_at(dict_at(cursor, "marks"), name)) is not None}
        if token:
            return {"list": at, "token": token, "fresh": fresh, "newest": newest, "known": known, "marks": marks}
        known[lists[at]] = fresh or known[lists[at]]
        marks[lists[at]] = max(newest, marks.get(lists[at], 0))
        return {
            "list": (at + 1) % len(lists), "token": "", "fresh": [], "newest": 0, "known": known, "marks": marks,
        }  # fmt: skip

    def _page(self, views: list[object], cursor: Cursor, *, more: bool) -> Page:
        addressed = self._settings.kind == "notifications"
        mentions: list[Mention] = []
        unreadable: list[Unreadable] = []
        for view in views:
            if addressed and text_at(view, "reason", default="mention") not in REASONS:
                continue  # servers older than the `reasons` parameter send likes and follows as well
            try:
                mentions.append(view_to_mention(view, own_did=self._own_did, addressed=addressed))
            except Undecodable as error:
                sample = msgspec.json.encode(view)[:2000]
                unreadable.append(Unreadable(f"bluesky {self._settings.kind}", str(error), sample))
        heard = tuple(mention for mention in mentions if mention.author_id != self._own_did)
        return Page(heard, cursor, more, len(views), unreadable=tuple(unreadable))
