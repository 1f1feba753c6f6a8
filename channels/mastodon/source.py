"""Hears one server: a hashtag's timeline, our own mentions, or a search."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import msgspec

from channels.manifest import Listening, SourceSettings
from channels.mastodon.client import TIMELINE_PAGE, Client, Params
from channels.mastodon.convert import Thread, identity, is_own, local_id, server_of, to_mention
from channels.mastodon.timeline import Position, Timeline, readable_id
from channels.own_server import asked_server
from domain.errors import ChannelError, RateLimited, Refused, SignInFailed, Undecodable
from domain.mention import Mention
from domain.ports import Cursor, Page, Unreadable
from net.decode import dict_at, int_at, list_at, text_at, value_at

WINDOW_S = 86_400.0
SEARCH_PAGES = 5
LOOK_UPS = 10
"""Conversations looked up per page, so that a flood of replies does not eat the server's limits."""


class MastodonSettings(SourceSettings, frozen=True, kw_only=True):
    """`kind` "hashtag" needs `tag`; "search" and "mentions" need an account. `base_url` is the server to ask,
    by default our account's. `query` is searched for; by default each phrase of the topics."""

    kind: Literal["hashtag", "search", "mentions"] = "hashtag"
    base_url: str = ""
    tag: str = ""
    more_tags: tuple[str, ...] = ()
    query: str = ""
    interval_s: float | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """The statuses of one answer, with how they reached us."""

    statuses: list[object]
    addressed: bool = False


def client_of(listening: Listening) -> Client:
    """The server that a source asks, with our token where that server gave it."""
    base, account = asked_server(listening, server_of)
    token = account.secrets.get("secret_token", "") if account else ""
    return Client(base, listening.door, token, listening.clock)


class MastodonSource:
    """Keeps nothing between calls; see `Timeline` for how a cursor moves."""

    def __init__(self, listening: Listening) -> None:
        self._settings: MastodonSettings = listening.settings
        self._listening = listening
        self._client = client_of(listening)

    async def fetch(self, cursor: Cursor | None) -> Page:
        """One page. Raises SignInFailed when this kind needs an account and there is none."""
        if not self._client.server:
            raise Refused("no server: give base_url (for example https://mastodon.social) or an account")
        if self._settings.kind == "hashtag":
            return await self._hashtag(cursor)
        if not self._client.token and self._listening.account is not None:
            # The account may well work where it is: this says nothing about its sign-in.
            raise Refused(f"{self._settings.kind} needs an account on {self._client.server}, not on another server")
        if not self._client.token:
            raise SignInFailed(f"{self._settings.kind} on Mastodon needs an account on {self._client.server}")
        return await (self._mentions(cursor) if self._settings.kind == "mentions" else self._search(cursor))

    async def _hashtag(self, cursor: Cursor | None) -> Page:
        tag = self._settings.tag.lstrip("#")
        if not tag or not tag.replace("_", "").isalnum():
            raise Refused(f"{self._settings.tag!r} is no hashtag: letters, digits and _ only, without blanks")
        read: Callable[[Params], Awaitable[list[object]]] = lambda params: self._client.tag(  # noqa: E731
            tag, self._settings.more_tags, params
        )
        items, position, more = await self._timeline(read).step(Position.read(cursor))
        return await self._page(Read(items), items, position.cursor(), more)

    async def _mentions(self, cursor: Cursor | None) -> Page:
        items, position, more = await self._timeline(self._client.notifications).step(Position.read(cursor))
        statuses = [value_at(item, "status") for item in items if text_at(item, "type") == "mention"]
        # A notification outlives its post: then there is no status to read.
        read = Read([status for status in statuses if status is not None], addressed=True)
        unreadable = [item for item in items if not isinstance(item, dict)]
        return await self._page(read, items, position.cursor(), more, unreadable)

    def _timeline(self, read: Callable[[Params], Awaitable[list[object]]]) -> Timeline:
        now = self._listening.clock.now().timestamp()
        return Timeline(read, now, since=now - WINDOW_S)

    async def _search(self, cursor: Cursor | None) -> Page:
        """Phrase by phrase, newest first, by offset until a page holds a post known from the last poll."""
        queries = (self._settings.query,) if self._settings.query else self._listening.terms
        if not queries:
            return Page((), cursor)
        at = int_at(cursor, "query") or 0
        at = at if 0 <= at < len(queries) else 0
        offset = int_at(cursor, "offset") or 0
        known = set(list_at(cursor, "known", queries[at]))
        statuses = await self._client.search(queries[at], offset)
        ids = [readable_id(status) for status in statuses]
        ended = len(statuses) < TIMELINE_PAGE or any(each in known for each in ids if each)
        capped = not ended and offset + TIMELINE_PAGE >= TIMELINE_PAGE * SEARCH_PAGES
        moved = self._search_cursor(cursor, queries, at, offset, ids, ended or capped)
        gap = "a search found more new posts than can be paged through; older ones may be missing" if capped else None
        more = bool(moved["offset"] or moved["query"])
        asked_before = queries[at] in dict_at(cursor, "known")
        return await self._page(Read(statuses), statuses, moved, more, gap=gap if asked_before else None)

    @staticmethod
    def _search_cursor(
        cursor: Cursor | None, queries: tuple[str, ...], at: int, offset: int, ids: Iterable[str], done: bool
    ) -> Cursor:
        fresh = [*list_at(cursor, "fresh"), *filter(None, ids)][:20]
        known = {query: list_at(cursor, "known", query) for query in queries if query in dict_at(cursor, "known")}
        if not done:
            return {"query": at, "offset": offset + TIMELINE_PAGE, "fresh": fresh, "known": known}
        known[queries[at]] = fresh or known.get(queries[at], [])
        return {"query": (at + 1) % len(queries), "offset": 0, "fresh": [], "known": known}

    async def _page(
        self,
        read: Read,
        items: list[object],
        cursor: Cursor,
        more: bool,
        bad: Iterable[object] = (),
        gap: str | None = None,
    ) -> Page:
        threads = await self._threads(read.statuses)
        mentions: list[Mention] = []
        unreadable = [self._unreadable(item, Undecodable("not an object")) for item in bad]
        for status in read.statuses:
            try:
                if not is_own(status, self._client.server, self._listening.account, self._listening.handles):
                    mentions.append(self._mention(status, read.addressed, threads))
            except Undecodable as error:
                unreadable.append(self._unreadable(status, error))
        return Page(tuple(mentions), cursor, more, len(items), unreadable=tuple(unreadable), gap=gap)

    def _mention(self, status: object, addressed: bool, threads: dict[str, Thread]) -> Mention:
        return to_mention(
            status,
            server=self._client.server,
            account=self._listening.account,
            addressed=addressed,
            thread=threads.get(local_id(status)),
        )

    def _unreadable(self, item: object, error: Undecodable) -> Unreadable:
        return Unreadable(f"{self._client.server} {self._settings.kind}", str(error), msgspec.json.encode(item)[:2000])

    async def _threads(self, statuses: list[object]) -> dict[str, Thread]:
        """Where replies belong: their parent and the root of their conversation, asked for once per reply.

        What cannot be looked up (gone, limited, refused) is left out: those replies start a thread of their own.
        """
        found: dict[str, Thread] = {}
        replies = [status for status in statuses if text_at(status, "in_reply_to_id") and readable_id(status)]
        for status in replies[:LOOK_UPS]:
            try:
                ancestors = await self._client.ancestors(local_id(status))
                names = [identity(each, self._client.server) for each in ancestors]
            except RateLimited:
                break
            except ChannelError:
                continue
            if names:
                found[local_id(status)] = Thread(parent=names[-1], root=names[0])
        return found
