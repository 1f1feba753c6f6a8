"""A list of reviews that a store gives newest first, page by page: how its cursor moves.

A poll goes on until a page holds a version of a review that the poll before knew, or the store has no more. A review
that was changed counts as unknown, so one that moves to the top does not end a poll. A first poll, and a sweep, ends at
the edge of its window.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from channels.reviews import Review, answer_of, mention_of
from domain.errors import Refused, Undecodable
from domain.mention import Mention
from domain.ports import Cursor, Page, Unreadable
from net.decode import bool_at, list_at, text_at

EMPTY = ("",)
"""Known when a list was read and nothing stood there: no version, so the next walk goes on to its end."""
KEPT = 50
"""How many of the newest versions a cursor remembers, so that removed reviews do not lose the place."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a poll stands. `known` are the newest versions of the last complete poll, `fresh` those of this one, and
    `token` names its next page. `again`: a token died, and the walk began anew."""

    known: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()
    token: str = ""
    again: bool = False

    @classmethod
    def read(cls, cursor: Cursor | None) -> Walk:
        """From a stored cursor; None and anything unknown start anew."""
        known, fresh = (
            tuple(each for each in list_at(cursor, name) if isinstance(each, str))[:KEPT] for name in ("known", "fresh")
        )
        return cls(known, fresh, text_at(cursor, "token"), bool_at(cursor, "again"))

    def cursor(self) -> Cursor:
        """As stored."""
        return {"known": list(self.known), "fresh": list(self.fresh), "token": self.token, "again": self.again}

    def step(self, stamps: list[str], token: str, *, beyond: bool) -> Walk:
        """After one page. `beyond`: it reaches over the edge of the window, which ends a walk that knows nothing."""
        fresh = (*self.fresh, *stamps)[:KEPT]
        if not token or (beyond and not self.known) or not set(stamps).isdisjoint(self.known):
            return Walk(fresh or self.known or EMPTY)
        return replace(self, fresh=fresh, token=token)


@dataclass(frozen=True, slots=True)
class Read:
    """The items of one page, sorted out. `since` is the edge of the window."""

    reviews: tuple[Review, ...]
    unreadable: tuple[Unreadable, ...]
    since: datetime

    @property
    def stamps(self) -> list[str]:
        """The versions on this page."""
        return [review.stamp for review in self.reviews]

    @property
    def reaches_beyond(self) -> bool:
        """Whether the page goes over the edge of the window."""
        return any(review.posted_at < self.since for review in self.reviews)

    def mentions(self, own_id: str = "") -> tuple[Mention, ...]:
        """What was said, and what we answered lately."""
        answers = (answer_of(review, own_id) for review in self.reviews)
        lately = (answer for answer in answers if answer is not None and answer.posted_at >= self.since)
        return (*map(mention_of, self.reviews), *lately)


def read_items(items: list[object], convert: Callable[[object], Review], where: str, since: datetime) -> Read:
    """Convert each item; one that cannot be read costs only itself."""
    reviews: list[Review] = []
    unreadable: list[Unreadable] = []
    for item in items:
        try:
            reviews.append(convert(item))
        except Undecodable as error:
            unreadable.append(Unreadable(where, error.detail, msgspec.json.encode(item)[:2000]))
    return Read(tuple(reviews), tuple(unreadable), since)


@dataclass(frozen=True, slots=True)
class ReviewList:
    """One list. `ask` gives the items of a page and the token of the next one; `since` is the edge of the window."""

    where: str
    ask: Callable[[str], Awaitable[tuple[list[object], str]]]
    convert: Callable[[object], Review]
    since: datetime
    own_id: str = ""

    async def fetch(self, cursor: Cursor | None) -> Page:
        """One page. A store that no longer takes the token of a page is asked from the start, once."""
        walk = Walk.read(cursor)
        try:
            items, token = await self.ask(walk.token)
        except Refused:
            if not walk.token or walk.again:
                raise
            return Page((), Walk(walk.known, again=True).cursor(), more=True)
        read = read_items(items, self.convert, self.where, self.since)
        walk = walk.step(read.stamps, token, beyond=read.reaches_beyond)
        mentions = read.mentions(self.own_id)
        return Page(mentions, walk.cursor(), bool(walk.token), len(items), unreadable=read.unreadable)
