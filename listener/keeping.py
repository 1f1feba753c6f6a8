"""Keeps what was heard, by poll, stream or push alike: each page is sorted, scored and stored in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from channels.manifest import Manifest
from domain.clock import Clock
from domain.crashpoint import crashpoint
from domain.ports import Page
from listener.arrivals import sort_page
from listener.ears import Ears
from listener.storing import store_page_without_poison
from net import metrics
from storage.authors import wrote_before
from storage.database import Database
from storage.ingest import PageIn, Stored
from storage.tables import SourceRow

_HISTORY = timedelta(days=1)


@dataclass(slots=True)
class Heard:
    """What one poll or push brought. `cut`: more pages wait than one poll takes."""

    pages: int = 0
    seen: int = 0
    cut: bool = False
    stored: Stored = field(default_factory=Stored)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Stores pages. `changed` is told the brand and its cases that a page opened or changed."""

    database: Database
    clock: Clock
    changed: Callable[[int, Sequence[int]], None]

    async def page_in(
        self, source: SourceRow, ears: Ears, page: Page, *, restarted: bool = False, **how: Any
    ) -> PageIn:
        """A page on its way in. `how` are the fields of `PageIn` that tell how it was come by."""
        now = self.clock.now()
        async with self.database.read() as session:
            authors = {mention.author_id for mention in page.mentions if _can_be_asked_for(mention.author_id)}
            earlier = await wrote_before(session, source.brand_id, source.channel, authors)
        found = sort_page(ears, page, now, earlier)
        return PageIn(
            source_id=source.id,
            brand_id=source.brand_id,
            channel=source.channel,
            arrivals=found.arrivals,
            cursor=page.cursor,
            now=now,
            policy=ears.policy,
            seen=page.seen,
            withdrawn=page.withdrawn,
            unreadable=found.unreadable,
            gap=page.gap,
            own=found.own,
            newest_at=found.newest_at,
            history_before=_history_before(source, now, restarted),
            **how,
        )

    async def keep(self, manifest: Manifest, page_in: PageIn, heard: Heard) -> None:
        """Store it, and count what it brought."""
        stored = await store_page_without_poison(self.database, page_in, manifest.policies.opt_out_words)
        crashpoint("ingest.after_commit")
        heard.pages += 1
        heard.seen += page_in.seen
        heard.stored.new += stored.new
        heard.stored.quarantined += stored.quarantined
        metrics.MENTIONS_STORED.labels(page_in.channel).inc(stored.new)
        metrics.QUARANTINED.labels(page_in.channel).inc(stored.quarantined)
        if stored.cases:
            self.changed(page_in.brand_id, stored.cases)


def _can_be_asked_for(author_id: str) -> bool:
    """A poisoned id costs only its own post, later."""
    return bool(author_id) and author_id.isprintable()


def _history_before(source: SourceRow, now: datetime, restarted: bool) -> datetime:
    """Posts from before we listened are history; on a new start, so is what was said before the last day."""
    since = source.created_at - _HISTORY
    return max(since, now - _HISTORY) if restarted else since
