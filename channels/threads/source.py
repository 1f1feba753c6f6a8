"""Hears the mentions of our account, or searches. Both come newest first and are read back to a known post."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import msgspec

from channels.manifest import Listening, SourceSettings
from channels.threads.client import PAGE, POST_FIELDS, Client
from channels.threads.convert import is_by, post_id, to_mention
from domain.errors import Refused, SignInFailed, Undecodable
from domain.mention import Mention
from domain.ports import Cursor, Page, Unreadable
from net.decode import int_at, list_at, text_at, time_at

WINDOW_S = 86_400.0
KEPT = 20
"""How many of the newest ids a cursor remembers, so that one deleted post does not lose the place."""
EVERYBODYS_WORD = "the"
"""Somebody on Threads always says it. Who finds nobody with it, sees only their own posts."""


class ThreadsSettings(SourceSettings, frozen=True, kw_only=True):
    """`kind` "mentions" are posts that name our account; "search" looks for `query`, by default for each phrase of
    the topics."""

    kind: Literal["mentions", "search"] = "mentions"
    query: str = ""
    interval_s: float | None = None


class ThreadsSource:
    """Keeps nothing between calls. A cursor remembers the newest ids of each list and, while a poll goes on, where its
    next page begins: at a cursor of the network for mentions, before a moment for searches."""

    def __init__(self, listening: Listening) -> None:
        self._settings: ThreadsSettings = listening.settings
        self._listening = listening
        self._handle = listening.account.handle if listening.account else ""

    async def fetch(self, cursor: Cursor | None) -> Page:
        """One page of one list. Raises SignInFailed without an account."""
        if self._listening.account is None:
            raise SignInFailed("Threads needs an account: add one with a token of an app of yours")
        lists = self._lists()
        if not lists:
            return Page((), cursor)
        at = int_at(cursor, "list") or 0
        at = at if 0 <= at < len(lists) else 0
        items, token = await self._read(lists[at], text_at(cursor, "token"))
        if cursor is None:
            await self._see_that_others_are_shown(items)
        known = {text_at(name) for name in list_at(cursor, "known", lists[at])}
        done = not token or self._is_old(items) or any(post_id(item) in known for item in items)
        moved = self._moved(cursor, lists, at, items, "" if done else token)
        return self._page(items, moved, more=bool(moved["token"] or moved["list"]))

    def _lists(self) -> tuple[str, ...]:
        if self._settings.kind == "mentions":
            return ("mentions",)
        return (self._settings.query,) if self._settings.query else self._listening.terms

    def _client(self) -> Client:
        assert self._listening.account is not None
        return Client(self._listening.account, self._listening.door, self._listening.clock)

    async def _read(self, query: str, token: str) -> tuple[list[object], str]:
        """The items of a page and where the next one begins; an empty string when there is none."""
        fields = ("fields", POST_FIELDS)
        if self._settings.kind == "mentions":
            paging = [fields, *([("after", token)] if token else [])]
            path = f"{self._client().account.external_id}/mentions"
            return await self._client().listed(path, paging, purpose="mentions")
        words = [("q", query), ("search_type", "RECENT"), fields, *([("until", token)] if token else [])]
        items, _ = await self._client().listed("keyword_search", words, purpose="search")
        moments = [int(at.timestamp()) for item in items if (at := time_at(item, "timestamp"))]
        oldest = str(min(moments)) if moments and len(items) >= PAGE else ""
        return items, oldest if oldest != token else ""

    async def _see_that_others_are_shown(self, items: list[object]) -> None:
        """An app that is not approved for searching searches its own user's posts and is not told so. Nobody else in
        the first page, nor for a word that everybody uses: then that is it. Raises Refused."""
        if self._settings.kind != "search" or self._shows_others(items):
            return
        words = [("q", EVERYBODYS_WORD), ("search_type", "TOP"), ("fields", "id,username")]
        found, _ = await self._client().listed("keyword_search", words, purpose="whether others are shown")
        if not self._shows_others(found):
            raise Refused(
                "Threads shows this app only our own posts: have it approved for threads_keyword_search in Meta's App "
                "Review, then resume this source"
            )

    def _shows_others(self, items: list[object]) -> bool:
        return any(text_at(item, "username") and not is_by(item, self._handle) for item in items)

    def _is_old(self, items: list[object]) -> bool:
        """Whether the page reaches beyond the window that a sweep reads."""
        edge = self._listening.clock.now() - timedelta(seconds=WINDOW_S)
        return any((at := time_at(item, "timestamp")) is not None and at < edge for item in items)

    @staticmethod
    def _moved(cursor: Cursor | None, lists: tuple[str, ...], at: int, items: list[object], token: str) -> Cursor:
        fresh = [*list_at(cursor, "fresh"), *filter(None, map(post_id, items))][:KEPT]
        known = {name: list_at(cursor, "known", name) for name in lists}
        if token:
            return {"list": at, "token": token, "fresh": fresh, "known": known}
        known[lists[at]] = list(dict.fromkeys([*fresh, *known[lists[at]]]))[:KEPT]
        return {"list": (at + 1) % len(lists), "token": "", "fresh": [], "known": known}

    def _page(self, items: list[object], cursor: Cursor, *, more: bool) -> Page:
        addressed = self._settings.kind == "mentions"
        mentions: list[Mention] = []
        unreadable: list[Unreadable] = []
        for item in items:
            if is_by(item, self._handle):
                continue
            try:
                mentions.append(to_mention(item, handle=self._handle, addressed=addressed))
            except Undecodable as error:
                sample = msgspec.json.encode(item)[:2000]
                unreadable.append(Unreadable(f"threads {self._settings.kind}", str(error), sample))
        return Page(tuple(mentions), cursor, more, len(items), unreadable=tuple(unreadable))
