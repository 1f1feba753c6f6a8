"""What is pushed to us: told from what strangers send, stored like a poll's page before the sender is thanked.

Nothing of a push waits with us: it is stored when `receive` returns, or its sender keeps it and sends it again. Nothing
that a stranger sends changes anything, not even the health of a source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from channels.manifest import Manifest
from domain.clock import Clock
from domain.errors import ChannelError, Moved, RateLimited, SignInFailed, Unreachable
from domain.ports import Page
from listener.ears import EarMaker, Ears
from listener.keeping import Heard, Keeper
from storage import sources
from storage.database import Database
from storage.tables import SourceRow

_NO_PUSHES = "nothing is pushed to this address"
_PAGES = 40
"""How much of what a push only names is looked up at once."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Takes the pushes of all sources."""

    database: Database
    clock: Clock
    manifests: Mapping[str, Manifest]
    ears: EarMaker
    keeper: Keeper

    async def receive(self, source_id: int, headers: Mapping[str, str], body: bytes) -> Heard:
        """What was pushed to this source, stored when this returns. The same once more changes nothing.

        Raises SignInFailed for what is not from its sender, and alike when there is no such source; Undecodable; Moved
        while the source is paused or stopped; RateLimited or Unreachable when what it only names cannot be read now.
        """
        source, manifest, ears = await self._source(source_id)
        assert manifest.receive is not None
        page = manifest.receive(ears.listening, headers, body, self.clock.now())
        if source.status not in sources.AWAKE:
            raise Moved(f"this source is {source.status}")
        heard = Heard()
        await self._keep(source, manifest, ears, page, heard)
        while page.more and heard.pages < _PAGES:
            page = await _named(manifest, ears, page)
            await self._keep(source, manifest, ears, page, heard)
        if page.more:
            raise Unreachable("more was named than is looked up at once")
        if not manifest.is_asked:
            await self._well(source, manifest)
        return heard

    async def take(self, source: SourceRow, page: Page) -> Heard:
        """What was said on a page of ours, stored when this returns. Moved while the source is paused or stopped."""
        if source.status not in sources.AWAKE:
            raise Moved(f"this source is {source.status}")
        manifest, heard = self.manifests[source.channel], Heard()
        await self._keep(source, manifest, await self.ears.gather(source, manifest), page, heard)
        return heard

    async def greet(self, source_id: int, query: Mapping[str, str]) -> str:
        """The answer to a network that asks whether this address is ours; SignInFailed for whoever else asks."""
        _, manifest, ears = await self._source(source_id)
        if manifest.greet is None:
            raise SignInFailed(_NO_PUSHES)
        return manifest.greet(ears.listening, query)

    async def _source(self, source_id: int) -> tuple[SourceRow, Manifest, Ears]:
        async with self.database.read() as session:
            source = await sources.get_source(session, source_id)
        manifest = self.manifests.get(source.channel) if source else None
        if source is None or manifest is None or manifest.receive is None:
            raise SignInFailed(_NO_PUSHES)
        return source, manifest, await self.ears.gather(source, manifest)

    async def _keep(self, source: SourceRow, manifest: Manifest, ears: Ears, page: Page, heard: Heard) -> None:
        """Beside the claim and the cursor of polls. Where there are polls, only they tell what was seen when."""
        page_in = await self.keeper.page_in(
            source,
            ears,
            page,
            pushed=True,
            keep_cursor=True,
            complete=not page.more and not manifest.is_asked,
            resumed=False,
            patience_s=manifest.silence_after_s,
        )
        await self.keeper.keep(manifest, page_in, heard)

    async def _well(self, source: SourceRow, manifest: Manifest) -> None:
        """It is overdue when it stays silent for longer than is normal."""
        until = self.clock.now() + timedelta(seconds=manifest.silence_after_s)
        async with self.database.write() as session:
            await sources.release(session, source, until)


async def _named(manifest: Manifest, ears: Ears, page: Page) -> Page:
    """The next page of a push that only names what was said. The polls find out what is wrong with the source."""
    assert manifest.source is not None
    try:
        return await manifest.source(ears.listening).fetch(page.cursor)
    except RateLimited:
        raise
    except ChannelError as error:
        raise Unreachable(f"what was pushed cannot be looked up now: {error}") from error
