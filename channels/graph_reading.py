"""What a page of the Graph API held, item by item: one that cannot be read costs only itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from channels.graph import Listing
from channels.graph_place import Place
from domain.errors import Refused, Undecodable
from domain.mention import Mention
from domain.ports import Page, Unreadable

Convert = Callable[[object], Mention | None]
"""An item as a mention; None when it has no words. Raises Undecodable."""


@dataclass(slots=True)
class Read:
    """Mentions, what could not be read, and the moments of what could (epoch seconds)."""

    moment: Callable[[object], datetime]
    mentions: list[Mention] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)

    def each(self, items: Iterable[object], where: str, convert: Convert) -> None:
        """Read these items."""
        for item in items:
            try:
                mention = convert(item)
                self.moments.append(int(self.moment(item).timestamp()))
            except Undecodable as error:
                self.unreadable.append(Unreadable(where, str(error), msgspec.json.encode(item)[:2000]))
            else:
                self.mentions += [mention] if mention is not None else []

    def refused(self, ask: str, error: Refused) -> None:
        """What a push only named is not for us to read: people should know of it."""
        self.unreadable.append(Unreadable("look up", error.detail or error.reason, ask.encode()))

    def since(self, oldest_s: int) -> None:
        """Keep the mentions from this moment on."""
        self.mentions = [mention for mention in self.mentions if mention.posted_at.timestamp() >= oldest_s]

    def page(self, place: Place, listing: Listing, gap: str | None = None) -> Page:
        """More waits until the round is over; near a limit it goes on with the next poll."""
        more = not place.is_at_rest and not listing.is_near_limit
        return Page(tuple(self.mentions), place.cursor(), more, len(listing.items), (), tuple(self.unreadable), gap)

    def answer(self, others: list[object]) -> Page:
        """What a push only named; `others` are still to be asked for."""
        bad = tuple(self.unreadable)
        return Page(tuple(self.mentions), {"asks": others}, bool(others), len(self.moments), unreadable=bad)
