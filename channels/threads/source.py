"""Hears the mentions of our account, or searches. Both come newest first and are read back to a known post."""

from __future__ import annotations

from typing import Literal

import msgspec

from channels.manifest import Listening, SourceSettings
from channels.threads.client import PAGE, POST_FIELDS, Client
from channels.threads.convert import is_by, post_id, to_mention
from channels.threads.place import Place
from domain.errors import Refused, SignInFailed, Undecodable
from domain.mention import Mention
from domain.ports import Cursor, Page, Unreadable
from net.decode import text_at, time_at

WINDOW_S = 86_400.0
EVERYBODYS_WORD = "the"
"""Somebody on Threads always says it. Who finds nobody with it, sees only their own posts."""


class ThreadsSettings(SourceSettings, frozen=True, kw_only=True):
    """`kind` "mentions" are posts that name our account; "search" looks for `query`, by default for each phrase of
    the topics."""

    kind: Literal["mentions", "search"] = "mentions"
    query: str = ""
    interval_s: float | None = None


class ThreadsSource:
    """Keeps nothing between calls; see `Place` for how a cursor moves. The next page begins at a cursor of the network
    for mentions, before a moment for searches."""

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
        place = Place.read(cursor, lists)
        items, token = await self._read(place.name, place.token)
        if cursor is None:
            await self._see_that_others_are_shown(items)
        now = int(self._listening.clock.now().timestamp())
        ids = [name for item in items if (name := post_id(item))]
        # a moment in the future must not hide what comes until then
        moments = [min(moment, now) for moment in _moments(items)]
        return self._page(items, place.step(ids, moments, token, now - WINDOW_S))

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
        moments = _moments(items)
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

    def _page(self, items: list[object], place: Place) -> Page:
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
        return Page(tuple(mentions), place.cursor(), place.more, len(items), unreadable=tuple(unreadable))


def _moments(items: list[object]) -> list[int]:
    return [int(at.timestamp()) for item in items if (at := time_at(item, "timestamp"))]
