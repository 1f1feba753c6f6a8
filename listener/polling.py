"""One poll of one source: its pages, each stored with its cursor, and from time to time a deep sweep over them again.

What every channel needs alike is done here: where to go on, how much at once, overlap. A channel only fetches.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog

from channels.manifest import Manifest
from domain.clock import Clock
from domain.crashpoint import crashpoint
from domain.ports import Cursor, Page
from listener.claims import CLAIM_S, Claims
from listener.ears import EarMaker, Ears
from listener.endings import TROUBLE, Endings, patience_s
from listener.keeping import Heard, Keeper
from storage import sources
from storage.database import Database
from storage.tables import SourceRow

log = structlog.get_logger()

_PAGES_PER_POLL = 40


@dataclass(frozen=True, slots=True)
class Poller:
    """Polls a source that is held. `place` and `store` serve streams as well."""

    database: Database
    clock: Clock
    manifests: dict[str, Manifest]
    ears: EarMaker
    keeper: Keeper
    claims: Claims
    endings: Endings

    async def poll(self, source: SourceRow) -> Heard | None:
        """All pages that wait now (bounded). None when it did not go well."""
        manifest = self.manifests[source.channel]
        try:
            ears = await self.ears.gather(source, manifest)
            heard = await self._fetch_all(source, manifest, ears)
        except TROUBLE as error:
            await self.endings.went_wrong(source, manifest, error)
            return None
        swept = self._sweep_due(source, manifest) and not heard.cut
        await self.endings.went_well(source, manifest, heard, swept=swept)
        return heard

    async def _fetch_all(self, source: SourceRow, manifest: Manifest, ears: Ears) -> Heard:
        assert manifest.source is not None
        reader, heard = manifest.source(ears.listening), Heard()
        cursor, restarted = await self.place(source, manifest, ears)
        first = source.last_ok_at is None
        while True:
            crashpoint("poll.before_request")
            page = await reader.fetch(cursor)
            crashpoint("poll.after_response")
            await self.store(source, ears, page, heard, restarted=restarted, patience_s=patience_s(source, manifest))
            if not page.more or page.cursor == cursor:  # a page that moves nothing would be served for ever
                break
            cursor = page.cursor
            if heard.pages >= _PAGES_PER_POLL:
                log.info("poll goes on next time", channel=source.channel, source=source.id, pages=heard.pages)
                heard.cut = True
                return heard
        if self._sweep_due(source, manifest) and not first:
            await self._sweep(source, manifest, ears, heard)
        return heard

    async def place(self, source: SourceRow, manifest: Manifest, ears: Ears) -> tuple[Cursor | None, bool]:
        """The cursor to go on from, and whether it is a new beginning: a source that serves something else by now
        starts anew. What it has used of a budget it has used."""
        if source.cursor_key == ears.key:
            return source.cursor, source.cursor is None
        was = source.cursor or {}
        kept = {"meter": was["meter"]} if manifest.meter is not None and "meter" in was else None
        async with self.database.write() as session:
            await sources.start_over(session, source.id, ears.key, kept)
        source.cursor_key, source.cursor = ears.key, kept
        return kept, True

    def _sweep_due(self, source: SourceRow, manifest: Manifest) -> bool:
        return manifest.sweep_interval_s is not None and (
            source.next_sweep_at is None or source.next_sweep_at <= self.clock.now()
        )

    async def _sweep(self, source: SourceRow, manifest: Manifest, ears: Ears, heard: Heard) -> None:
        """Read again from the start of the window: no network promises gap-free order. The cursor stays where it is."""
        assert manifest.source is not None
        reader, cursor = manifest.source(ears.listening), None
        for _ in range(_PAGES_PER_POLL):
            page = await reader.fetch(cursor)
            await self.store(source, ears, page, heard, keep_cursor=True)
            if not page.more or page.cursor == cursor:
                return
            cursor = page.cursor
        log.info("a sweep did not reach the end of its window", channel=source.channel, source=source.id)

    async def store(
        self,
        source: SourceRow,
        ears: Ears,
        page: Page,
        heard: Heard,
        *,
        restarted: bool = False,
        keep_cursor: bool = False,
        patience_s: float = 900.0,
        streamed: bool = False,
    ) -> None:
        """Keep one page under the claim, which is prolonged by that."""
        manifest = self.manifests[source.channel]
        async with self.claims.turn(source.id):
            page_in = await self.keeper.page_in(
                source,
                ears,
                page,
                restarted=restarted,
                keep_cursor=keep_cursor,
                complete=streamed or not page.more,
                resumed=not restarted,
                patience_s=patience_s,
                held_until=source.claimed_until,
                hold_until=self.clock.now() + timedelta(seconds=CLAIM_S),
            )
            await self.keeper.keep(manifest, page_in, heard)
            source.claimed_until = page_in.hold_until
        await self.ears.look_elsewhere(source, manifest, ears)
