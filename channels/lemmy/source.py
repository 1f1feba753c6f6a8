"""Hears one instance: all posts and comments it knows of, a search, or what is said to our account."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import msgspec

from channels.lemmy.client import Client, client_for
from channels.lemmy.convert import Api, Site, is_withdrawn, moment, said_in, server_of, to_mention
from channels.lemmy.lists import Item, call, concerns_us, item_of, names, next_token, raw_items
from channels.lemmy.place import Known, Place
from channels.manifest import Listening, SourceSettings
from channels.own_server import asked_server
from domain.errors import ChannelError, Gone, Refused, SignInFailed, Undecodable
from domain.mention import Mention
from domain.ports import Cursor, Page, Unreadable
from net.decode import bool_at, dict_at, int_at, text_at, value_at

WINDOW_S = 86_400.0
NO_INSTANCE = "no instance: give base_url (for example https://lemmy.world) or an account"
LOOK_UPS = 10
"""Missing posts looked at per list and poll."""


class LemmySettings(SourceSettings, frozen=True, kw_only=True):
    """`kind` "posts" hears all posts and comments the instance knows of, "search" finds words in them, "mentions" is
    what is said to our account. `base_url` is the instance, by default our account's. `query` is searched for; by
    default each phrase of the topics."""

    kind: Literal["posts", "search", "mentions"] = "posts"
    base_url: str = ""
    query: str = ""
    interval_s: float | None = None


def client_of(listening: Listening) -> Client:
    """The instance that is heard, asked with our token where it gave us one."""
    base, account = asked_server(listening, server_of)
    if account is not None:
        return client_for(account, listening.door, listening.clock)
    return Client(base, listening.door, clock=listening.clock)


class LemmySource:
    """Keeps nothing between calls; see `Place` for how a cursor moves. What the instance is, is asked once per poll and
    stands in the cursor while the poll goes on."""

    def __init__(self, listening: Listening) -> None:
        self._settings: LemmySettings = listening.settings
        self._listening = listening
        self._client = client_of(listening)

    async def fetch(self, cursor: Cursor | None) -> Page:
        """One page of one list. Raises SignInFailed when this kind needs an account and there is none."""
        if not self._client.server:
            raise Refused(NO_INSTANCE)
        self._check_account()
        site = self._kept_site(cursor) or await self._client.site(self._listening.account)
        terms = (self._settings.query,) if self._settings.query else self._listening.terms
        lists = names(self._settings.kind, site.api, terms)
        if not lists:
            return Page((), cursor)
        place = Place.read(cursor, lists)
        path, params = call(place.name, site.api, place.token)
        try:
            found = await self._client.get(path, params, signed=self._signed(site), purpose=self._settings.kind)
        except (Refused, Gone) as error:
            return self._restarted(place, site, error)
        return await self._page(found, place, site)

    def _check_account(self) -> None:
        if self._settings.kind != "mentions" or self._client.token:
            return
        if self._listening.account is not None:
            # The account may well work where it is: this says nothing about its sign-in.
            raise Refused(f"mentions need an account on {self._client.server}, not on another instance")
        raise SignInFailed(f"mentions on Lemmy need an account on {self._client.server}")

    def _signed(self, site: Site) -> bool:
        """Lists are read as anybody where possible: an account's own settings hide bots, languages and what it read."""
        return self._settings.kind == "mentions" or site.private

    @staticmethod
    def _restarted(place: Place, site: Site, error: Refused | Gone) -> Page:
        """A token for the next page may die (it names a post that was removed); then the walk begins anew, once."""
        if not place.token or place.again:
            raise error
        return Page((), place.restarted().cursor() | {"site": _kept(site)}, more=True)

    async def _page(self, found: object, place: Place, site: Site) -> Page:
        served = raw_items(found, place.name)
        raw = [each for each in served if concerns_us(each)]
        items = [item_of(each) for each in raw]
        known = [item for item in items if item is not None]
        if raw and not known:
            raise Undecodable("no item of the page has a number")
        mentions, unreadable = self._read(raw, items, site)
        token = next_token(found, site.api, place.token, len(served))
        now = int(self._listening.clock.now().timestamp())
        moved, missing, gap = place.after(known, token, old=self._is_old(known), now=now)
        removed, doubtful = await self._removed(missing, place.name, site)
        removed += [item.address for item in known if is_withdrawn(item.view)]
        moved = moved.keeping(doubtful, place.name) if doubtful else moved
        cursor = moved.cursor() | ({"site": _kept(site)} if moved.goes_on else {})
        return Page(tuple(mentions), cursor, moved.goes_on, len(served), tuple(removed), tuple(unreadable), gap)

    def _read(self, raw: list[object], items: list[Item | None], site: Site) -> tuple[list[Mention], list[Unreadable]]:
        addresses = {
            number: item.address
            for item in items
            if item is not None and (number := int_at(item.view, "comment", "id")) is not None
        }
        mentions: list[Mention] = []
        unreadable: list[Unreadable] = []
        for each, item in zip(raw, items, strict=True):
            try:
                if item is None:
                    raise Undecodable("an item without number or address")
                if not is_withdrawn(item.view):
                    addressed = self._settings.kind == "mentions"
                    mentions.append(to_mention(item.view, site, addresses=addresses, addressed=addressed))
            except Undecodable as error:
                where = f"{self._client.server} {self._settings.kind}"
                # What was said comes first: all comments of a post begin with the same words about the post.
                sample = msgspec.json.encode([said_in(value_at(each, "data") or each), each])[:2000]
                unreadable.append(Unreadable(where, str(error), sample))
        return mentions, unreadable

    async def _removed(self, missing: Known, name: str, site: Site) -> tuple[list[str], Known]:
        """Which of these are no longer public, and which could not be looked at."""
        gone: list[str] = []
        doubtful = list(missing[LOOK_UPS:])
        for number, where in missing[:LOOK_UPS]:
            try:
                view = await self._client.look_up(site.api, name.removesuffix("s"), number, signed=self._signed(site))
            except ChannelError:
                doubtful.append((number, where))
                continue
            if view is None or is_withdrawn(view):
                gone.append(where)
        return gone, tuple(doubtful)

    def _is_old(self, items: list[Item]) -> bool:
        """Whether the whole page is beyond the window."""
        edge = self._listening.clock.now() - timedelta(seconds=WINDOW_S)
        return all((at := moment(said_in(item.view), "published")) is not None and at < edge for item in items)

    def _kept_site(self, cursor: Cursor | None) -> Site | None:
        kept = dict_at(cursor, "site")
        if not kept:
            return None
        languages = {key: code for key, code in dict_at(kept, "languages").items() if isinstance(code, str)}
        api: Api = "v4" if text_at(kept, "api") == "v4" else "v3"
        return Site(self._client.base_url, self._listening.account, api, bool_at(kept, "private"), languages)


def _kept(site: Site) -> dict[str, object]:
    return {"api": site.api, "private": site.private, "languages": site.languages}
