"""Hears a repository, a search, or what names our account; on github.com or on an Enterprise server."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from channels.github import place as rules
from channels.github.client import Client, Listing
from channels.github.convert import Said, Thread, Us, said, server_of, thread_of
from channels.github.feeds import GitHubSettings, feeds_of
from channels.github.place import Feed, Heard, Place, Rest, stamp
from channels.github.queries import NODES, SEARCH
from channels.github.tickets import Ticket, ticket
from channels.manifest import Listening
from channels.own_server import asked_server
from domain.errors import Gone, Undecodable
from domain.ports import Cursor, Page, Unreadable
from net.decode import bool_at, list_at, text_at, value_at


@dataclass(slots=True)
class Read:
    """The posts of one answer, and what of it could not be read."""

    said: list[Said] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)


@dataclass(slots=True)
class Tickets:
    """The conversations of one answer, and what of it could not be read."""

    found: list[Ticket] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)


def client_of(listening: Listening) -> Client:
    """The server that is heard, asked with our token where it gave us one."""
    base, account = asked_server(listening, server_of)
    token = account.secrets.get("secret_token", "") if account else ""
    return Client(base, listening.door, token, listening.clock)


class GitHubSource:
    """Keeps nothing between calls; see `place` for how a cursor moves."""

    def __init__(self, listening: Listening) -> None:
        self._settings: GitHubSettings = listening.settings
        self._listening = listening
        self._client = client_of(listening)
        ours = self._settings.kind == "repository" and self._settings.ours
        self._us = Us(self._client.server, listening.handles, bool(self._client.token), ours)

    async def fetch(self, cursor: Cursor | None) -> Page:
        """One page of one feed, comments that had not come along with it, or a look-up of what was heard."""
        place, feeds = rules.place_of(cursor), feeds_of(self._listening, self._client)
        if place.rests:
            return await self._rest(place, feeds)
        if place.at < len(feeds):
            feed = feeds[place.at]
            place = rules.opened(place, feed, int(self._listening.clock.now().timestamp()))
            return await (self._search(place, feed, feeds) if feed.kind == "search" else self._list(place, feed, feeds))
        if self._client.token and place.heard:
            return await self._check(place)
        return Page((), rules.ended(place).cursor())

    # --- the steps ---

    async def _list(self, place: Place, feed: Feed, feeds: tuple[Feed, ...]) -> Page:
        """`since` counts by the last change, so edits come again."""
        path = f"/repos/{feed.query}/issues" + ("/comments" if feed.kind == "comments" else "")
        params: dict[str, str | int] = {"sort": "updated", "direction": "asc", "since": stamp(place.from_s)}
        if feed.kind == "issues":
            params["state"] = "all"
        try:
            listing = await self._client.page(path, params, place.token, purpose=f"github {feed.kind}")
        except Gone as error:
            raise Gone(f"{feed.query} is not there, or not for this account ({error})") from error
        read = self._read((item, None) for item in listing.items if text_at(item, "node_id") not in place.edge)
        moved, gap = rules.after_page(place, feed, rules.changes(listing.items, "node_id", "updated_at"), listing.token)
        return self._page(moved, feeds, read, gap=gap)

    async def _search(self, place: Place, feed: Feed, feeds: tuple[Feed, ...]) -> Page:
        """Conversations that changed, each with its newest comments. The rest of them is read later if some are new."""
        query = f"{feed.query} updated:>={stamp(place.from_s)} sort:updated-asc"
        variables: dict[str, object] = {"query": query, "type": feed.about, "after": place.token or None}
        found = value_at(await self._client.ask(SEARCH, variables, purpose=self._settings.kind), "data", "search")
        if value_at(found, "pageInfo") is None:
            raise Undecodable("the search answer holds no pages")
        tickets = self._tickets(each for each in list_at(found, "nodes") if text_at(each, "id") not in place.edge)
        read = self._read(item for each in tickets.found for item in each.items)
        token = text_at(found, "pageInfo", "endCursor") if bool_at(found, "pageInfo", "hasNextPage") else ""
        moved, gap = rules.after_page(place, feed, rules.changes(list_at(found, "nodes"), "id", "updatedAt"), token)
        cut = [each.thread for each in tickets.found if each.all_s > place.began_s]
        rests = tuple(Rest(each.repo, each.number, place.began_s) for each in cut if each.kind == "issue")
        if len(rests) < len(cut):
            gap = gap or "a discussion has more new comments than come along with it; some are missing"
        read.said = [each for each in read.said if each.changed_s >= place.began_s]
        read.unreadable += tickets.unreadable
        return self._page(msgspec.structs.replace(moved, rests=rests), feeds, read, gap=gap)

    async def _rest(self, place: Place, feeds: tuple[Feed, ...]) -> Page:
        """Comments of an issue that did not come along with it."""
        rest = place.rests[0]
        try:
            listing = await self._client.comments(rest.repo, rest.number, stamp(rest.since_s), rest.token)
        except Gone:
            listing = Listing([])  # moved or hidden meanwhile
        read = self._read((item, None) for item in listing.items)
        return self._page(rules.after_rest(place, listing.token), feeds, read)

    async def _check(self, place: Place) -> Page:
        """Is what was heard still there?"""
        asked = rules.to_check(place)
        answer = await self._client.ask(NODES, {"ids": list(asked)}, purpose="github look-up")
        gone = rules.lost(asked, answer)
        names = tuple(each.name for each in place.heard if each.node in gone)
        return Page((), rules.ended(rules.forget(place, gone)).cursor(), seen=len(asked), withdrawn=names)

    # --- reading ---

    def _read(self, items: Iterable[tuple[object, Thread | None]]) -> Read:
        read = Read()
        for item, thread in items:
            try:
                read.said.append(said(item, thread or thread_of(item), self._us))
            except Undecodable as error:
                read.unreadable.append(self._unreadable(item, error))
        return read

    def _tickets(self, nodes: Iterable[object]) -> Tickets:
        found = Tickets()
        for node in nodes:
            try:
                found.found += [each] if (each := ticket(node)) is not None else []
            except Undecodable as error:
                found.unreadable.append(self._unreadable(node, error))
        return found

    def _unreadable(self, item: object, error: Undecodable) -> Unreadable:
        return Unreadable(f"{self._client.server} {self._settings.kind}", str(error), msgspec.json.encode(item)[:2000])

    def _page(self, place: Place, feeds: tuple[Feed, ...], read: Read, gap: str | None = None) -> Page:
        """More waits as long as the round goes on."""
        gone = tuple(each.mention.external_id for each in read.said if each.is_deleted)
        alive = [each for each in read.said if not each.is_deleted]
        place = rules.remember(place, (Heard(each.node, each.mention.external_id, each.changed_s) for each in alive))
        more = bool(place.rests) or place.at < len(feeds) or bool(self._client.token and place.heard)
        cursor = (place if more else rules.ended(place)).cursor()
        heard = tuple(each.mention for each in alive)
        return Page(heard, cursor, more, len(read.said), gone, tuple(read.unreadable), gap)
