"""Hears Reddit with an account: comments or submissions of listed subreddits, a search, or our inbox."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

import msgspec
import structlog

from channels.manifest import Listening, SourceSettings
from channels.reddit.client import Client, Listing, Params
from channels.reddit.convert import MESSAGE, full_name, is_edited, is_full_name, is_withdrawn, to_mention
from channels.reddit.place import Place, Seen, after_page, place_of
from domain.errors import ChannelError, RateLimited, Refused, SignInFailed, Undecodable
from domain.mention import Mention
from domain.ports import Cursor, Page, Unreadable
from domain.query import fold
from net.decode import text_at, time_at

log = structlog.get_logger()
WINDOW_S = 86_400.0
INBOX = ("mentions", "comments", "selfreply")
"""Comments that name us, answers to our comments, answers to our submissions. Private messages are never asked for."""
_SUBREDDIT = re.compile(r"[A-Za-z0-9_-]{2,30}")


class RedditSettings(SourceSettings, frozen=True, kw_only=True):
    """`kind` "comments" and "posts" read `subreddits` and match here; "search" asks for submissions with `query`, by
    default each phrase of the topics, in all subreddits or those listed; "inbox" is what is said to our account.
    `answer_in`: subreddits whose rules let us answer by API. In all others a person answers by hand."""

    kind: Literal["comments", "posts", "search", "inbox"] = "comments"
    subreddits: tuple[str, ...] = ()
    query: str = ""
    answer_in: tuple[str, ...] = ()
    interval_s: float | None = None


class RedditSource:
    """Keeps nothing between calls; see `place` for how a cursor moves."""

    def __init__(self, listening: Listening) -> None:
        self._settings: RedditSettings = listening.settings
        self._listening = listening
        self._own_name = listening.account.handle if listening.account else ""
        self._answer_in = frozenset(plain(name).casefold() for name in self._settings.answer_in)

    async def fetch(self, cursor: Cursor | None) -> Page:
        """One page of one listing, or the second look. Raises SignInFailed without an account."""
        listings = self._listings()
        if not listings:
            return Page((), cursor)
        place = place_of(cursor, listings)
        return await (self._next_page(place, listings) if place.at < len(listings) else self._second_look(place))

    def _client(self) -> Client:
        if self._listening.account is None:
            raise SignInFailed("Reddit needs an account of an approved app; without one, listen to its feeds (RSS)")
        return Client(self._listening.account, self._listening.door, self._listening.clock)

    def _listings(self) -> tuple[str, ...]:
        """What this source reads, by name: the queries of a search, the boxes of the inbox, or one listing."""
        kind = self._settings.kind
        if kind == "search":
            return (self._settings.query,) if self._settings.query else self._listening.terms
        return INBOX if kind == "inbox" else (kind,)

    def _request(self, listing: str) -> tuple[str, Params]:
        """Path and parameters of a listing."""
        match self._settings.kind:
            case "inbox":
                return f"message/{listing}", {"mark": "false"}
            case "search":
                words = listing if self._settings.query else f'"{listing}"'
                asked: Params = {"q": words, "sort": "new", "t": "week", "type": "link"}
                if not self._settings.subreddits:
                    return "r/all/search", asked
                return f"r/{self._subreddits()}/search", asked | {"restrict_sr": "true"}
            case kind:
                return f"r/{self._subreddits()}/{'new' if kind == 'posts' else 'comments'}", {}

    def _subreddits(self) -> str:
        names = [plain(name) for name in self._settings.subreddits]
        if wrong := [name for name in names if not _SUBREDDIT.fullmatch(name)]:
            raise Refused(f"{wrong[0]!r} is no name of a subreddit: letters, digits, - and _ only")
        if not names:
            raise Refused(f"no subreddits: {self._settings.kind} needs at least one name, for example norda_rail")
        return "+".join(names)

    async def _next_page(self, place: Place, listings: tuple[str, ...]) -> Page:
        path, params = self._request(listings[place.at])
        found = await self._client().listing(path, params, place.anchors[0] if place.anchors else "")
        mentions, withdrawn, unreadable = self._read(found)
        now = self._listening.clock.now().timestamp()
        place, gap = after_page(place, listings, _seen(found), now - WINDOW_S, now)
        place = place.heard([each.external_id for each in mentions if self._concerns(each)])
        if place.at == len(listings) and not place.recent:
            place = replace(place, at=0)
        more = bool(place.at or place.anchors)
        return Page(tuple(mentions), place.cursor(), more, len(found.things), withdrawn, unreadable, gap)

    async def _second_look(self, place: Place) -> Page:
        """Were posts that we heard lately edited, deleted or removed? Listings show it of the newest only."""
        place = replace(place, at=0)
        try:
            found = await self._client().info(place.recent)
        except (RateLimited, SignInFailed):
            raise
        except ChannelError as error:
            # What was read stands; the next poll looks again.
            log.info("no second look", channel="reddit", why=error.detail)
            return Page((), place.cursor())
        edited = Listing([thing for thing in found.things if is_edited(thing) or is_withdrawn(thing)], "")
        mentions, withdrawn, unreadable = self._read(edited)
        place = replace(place, recent=tuple(name for name in place.recent if name not in withdrawn))
        return Page(tuple(mentions), place.cursor(), False, len(mentions), withdrawn, unreadable)

    def _read(self, found: Listing) -> tuple[list[Mention], tuple[str, ...], tuple[Unreadable, ...]]:
        """What is said, what was taken back, and what cannot be read."""
        mentions: list[Mention] = []
        withdrawn: list[str] = []
        unreadable: list[Unreadable] = []
        for thing in found.things:
            if text_at(thing, "kind") == MESSAGE:
                continue
            try:
                if is_withdrawn(thing):
                    withdrawn.append(full_name(thing))
                else:
                    mentions.append(self.mention(thing, addressed=self._settings.kind == "inbox"))
            except Undecodable as error:
                sample = msgspec.json.encode(thing)[:2000]
                unreadable.append(Unreadable(f"reddit {self._settings.kind}", error.detail, sample))
        return mentions, tuple(withdrawn), tuple(unreadable)

    def mention(self, thing: object, *, addressed: bool) -> Mention:
        """One comment or submission, as this source hears it. Raises Undecodable."""
        return to_mention(thing, own_name=self._own_name, addressed=addressed, answer_in=self._answer_in)

    def _concerns(self, mention: Mention) -> bool:
        """A rough look whether it is worth a second one; the listener's topics decide exactly."""
        if mention.addressed or self._settings.kind == "search":
            return True
        text = fold(mention.full_text)
        return any(term in text for term in self._listening.terms)


def plain(name: str) -> str:
    """A subreddit's name without the `r/` that people write in front."""
    return name.strip().strip("/").removeprefix("r/")


def _seen(found: Listing) -> Seen:
    names = (text_at(thing, "data", "name") for thing in found.things)
    moments = (time_at(thing, "data", "created_utc") for thing in found.things)
    return Seen(tuple(filter(is_full_name, names)), tuple(at.timestamp() for at in moments if at), found.after)
