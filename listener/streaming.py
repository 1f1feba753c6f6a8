"""One life of a stream: page by page until it ends or fails. The next round starts it again from the stored cursor."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta

import structlog

from channels.manifest import Manifest
from domain.errors import Moved, RateLimited, Refused, SignInFailed
from listener.claims import CLAIM_S
from listener.ears import Ears
from listener.endings import TROUBLE, patience_s
from listener.keeping import Heard
from listener.polling import Poller
from storage import sources
from storage.tables import SourceRow

log = structlog.get_logger()

_RETRY_S = (1.0, 2.0, 5.0, 15.0, 60.0)
_UNBROKEN_S = 10 * 365 * 86_400.0


@dataclass(frozen=True, slots=True)
class Streamer:
    """Follows a stream that is held. Places and pages are those of polls."""

    poller: Poller

    async def stream(self, source: SourceRow) -> None:
        """Follow it until it ends or fails."""
        poller, heard = self.poller, Heard()
        manifest = poller.manifests[source.channel]
        try:
            ears = await poller.ears.gather(source, manifest)
            await self._follow(source, manifest, ears, heard)
        except TROUBLE as error:
            if heard.pages and type(error) not in (SignInFailed, Refused, RateLimited, Moved):
                log.info("stream broke; it goes on", channel=source.channel, source=source.id, why=str(error))
                await self._soon(source, failures=1)
            else:
                await poller.endings.went_wrong(source, manifest, error, wait_s=_retry_s(source.failures))
        else:
            await self._soon(source)

    async def _soon(self, source: SourceRow, **values: int) -> None:
        until = self.poller.clock.now() + timedelta(seconds=_retry_s(0))
        await self.poller.claims.rest(source, until, **values)

    async def _follow(self, source: SourceRow, manifest: Manifest, ears: Ears, heard: Heard) -> None:
        """Page by page. While one connection lasts nothing is missed between its pages, however long it is quiet."""
        assert manifest.stream is not None
        poller = self.poller
        cursor, restarted = await poller.place(source, manifest, ears)
        bearable_s = patience_s(source, manifest)
        async with aclosing(manifest.stream(ears.listening).pages(cursor)) as pages:  # type: ignore[type-var]
            async for page in pages:
                await poller.store(source, ears, page, heard, restarted=restarted, patience_s=bearable_s, streamed=True)
                restarted, bearable_s = False, _UNBROKEN_S
                if heard.pages == 1:
                    await self._well_again(source)
                if await poller.ears.changed(source, ears):
                    return

    async def _well_again(self, source: SourceRow) -> None:
        """The first page proves that the stream lives."""
        poller, now = self.poller, self.poller.clock.now()
        async with poller.claims.turn(source.id), poller.database.write() as session:
            if await sources.recovered(session, source.id, now):
                log.info("source works again", channel=source.channel, source=source.id)
            await sources.prolong(session, source, now, CLAIM_S, failures=0, error="")
        source.failures = 0


def _retry_s(failures: int) -> float:
    return _RETRY_S[min(failures, len(_RETRY_S) - 1)]
