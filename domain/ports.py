"""Ports: how workers know a channel, a scorer and the jobs motor without knowing who stands behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from domain.correction import Said
from domain.mention import Mention, Score
from domain.reply import ApprovedReply, PublishedReply

NO_HISTORY: Mapping[str, int] = {}
Cursor = dict[str, Any]
"""Where a source stands: a small JSON object that only its channel understands."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One item that could not be read: kept in quarantine with its reason, never loses its page."""

    where: str
    why: str
    sample: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a source: one transaction with its cursor.

    `seen` counts what the network served, matching or not. `more` says that another page waits now.
    `withdrawn` are native ids that their authors removed; one that ends with "/" stands for all posts whose ids begin
    so (a closed account). `gap` tells, in plain words, of posts that may have
    been missed (a feed that rolled over, a cursor too old).
    """

    mentions: tuple[Mention, ...]
    cursor: Cursor | None
    more: bool = False
    seen: int = 0
    withdrawn: tuple[str, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    gap: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A stored post that is to be looked at again, with what its channel needs to find it."""

    external_id: str
    thread_id: str
    url: str
    addressed: bool
    native: dict[str, Any]


class Source(Protocol):
    """Keeps nothing between calls, waits for nothing, retries nothing. Raises the errors of `domain.errors`."""

    async def fetch(self, cursor: Cursor | None) -> Page: ...


class Stream(Protocol):
    """A source that is pushed to us. The caller stores each page with its cursor before it asks for the next."""

    def pages(self, cursor: Cursor | None) -> AsyncIterator[Page]: ...


class Publisher(Protocol):
    """Sends one approved reply with exactly one request, and finds it again.

    `publish` raises Refused, SignInFailed, RateLimited or Unreachable only when the reply is certainly not public,
    OutcomeUnknown in every other case. `find_published` reads back from the account that posted;
    it raises NotShown where that will never tell.

    Where a network publishes in two steps, `publish` without `reply.prepared` takes the first one, which is not public,
    and raises Prepared; with it, it takes the second.
    """

    async def publish(self, reply: ApprovedReply) -> PublishedReply: ...

    async def find_published(self, reply: ApprovedReply) -> PublishedReply | None: ...


class Scorer(Protocol):
    """Scores a page at once, as heard at `now`; `earlier` counts former posts by author id. Pure."""

    def score_batch(
        self, mentions: Sequence[Mention], now: datetime, earlier: Mapping[str, int] = NO_HISTORY
    ) -> list[Score]: ...


class Restater(Protocol):
    """Scores stored mentions again, with what people said of each. Pure as well."""

    def restate(self, mentions: Sequence[Mention], said: Sequence[Said]) -> list[Score]: ...


class Jobs(Protocol):
    """Durable steps. What is due is a column of the row that needs it; a nudge only says "look now"."""

    async def nudge(self, session: Any, kind: str, row_id: int, due_at: datetime) -> None: ...
