"""How a poll or a stream ends: what its success or its error means for the source, and when it is due again."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from channels.manifest import Manifest
from domain.clock import Clock
from domain.errors import BadInput, ChannelError, Gone, Moved, RateLimited, Refused, SignInFailed
from listener import schedule
from listener.claims import Claims
from listener.keeping import Heard
from net import metrics
from storage import coverage, sources
from storage.database import Database
from storage.tables import SourceRow

log = structlog.get_logger()

Trouble = ChannelError | BadInput | Moved
TROUBLE = (ChannelError, BadInput, Moved)


@dataclass(frozen=True, slots=True)
class Endings:
    """Writes how it went, and lets go of the source. Logged once on break and once on recovery."""

    database: Database
    clock: Clock
    manifests: dict[str, Manifest]
    claims: Claims

    async def went_well(self, source: SourceRow, manifest: Manifest, heard: Heard, *, swept: bool) -> None:
        """A poll is done; `swept`: also the deep one, which is due again after its own time."""
        metrics.POLLS.labels(source.channel, "ok").inc()
        now = self.clock.now()
        again = schedule.after_success(now, interval_s(source, manifest), random.random())
        if heard.cut:
            again = now + timedelta(seconds=manifest.min_interval_s)
        values: dict[str, Any] = {"failures": 0, "error": ""}
        if swept:
            values["next_sweep_at"] = now + timedelta(seconds=manifest.sweep_interval_s or 0)
        async with self.claims.turn(source.id), self.database.write() as session:
            well_again = await sources.recovered(session, source.id, now)
            await sources.release(session, source, again, **values)
        if well_again:
            log.info("source works again", channel=source.channel, source=source.id)

    async def went_wrong(
        self, source: SourceRow, manifest: Manifest, error: Trouble, wait_s: float | None = None
    ) -> None:
        """What each kind of error means for the source. `wait_s` stands in for the usual wait after a failure."""
        if isinstance(error, Moved):
            await self.claims.rest(source, self.clock.now())
        elif isinstance(error, RateLimited):
            await self._wait(source, manifest, error)
        elif isinstance(error, SignInFailed) and source.account_id is not None:
            await self._signed_out(source, manifest, plain(error))
        else:
            stop = isinstance(error, SignInFailed | Refused | Gone)
            await self._give_up(source, plain(error), stop=stop, outcome=_outcome(error), wait_s=wait_s)

    async def after_surprise(self, source: SourceRow | None) -> None:
        """An error that nobody expected: it stops this source for a while, not the others."""
        try:
            if source is not None:
                await self._give_up(source, "an unexpected error; see the log", stop=False)
        except SQLAlchemyError:
            log.exception("the database does not answer; the source is free again when its claim runs out")

    async def _wait(self, source: SourceRow, manifest: Manifest, limit: RateLimited) -> None:
        """No fault, but a person may wonder; a wait so long that posts may be missed is a gap of that name."""
        metrics.POLLS.labels(source.channel, "rate_limited").inc()
        now, why = self.clock.now(), plain(limit)
        until = schedule.after_limit(now, limit.retry_at, interval_s(source, manifest))
        async with self.claims.turn(source.id), self.database.write() as session:
            if (until - now).total_seconds() > patience_s(source, manifest):
                await coverage.extend(session, source.id, "gap", now, why)
            await sources.release(session, source, until, error=why)

    async def _give_up(
        self, source: SourceRow, why: str, *, stop: bool, outcome: str = "failed", wait_s: float | None = None
    ) -> None:
        metrics.POLLS.labels(source.channel, outcome).inc()
        now, usual_s = self.clock.now(), interval_s(source, self.manifests[source.channel])
        again = schedule.after_failure(now, usual_s, source.failures, random.random())
        if wait_s is not None:
            again = now + timedelta(seconds=wait_s)
        async with self.claims.turn(source.id), self.database.write() as session:
            news = await sources.failed(session, source.id, now, why, stop=stop)
            await sources.release(session, source, again, failures=source.failures + 1)
        if news:
            log.warning("source stopped" if stop else "source fails", channel=source.channel, source=source.id, why=why)

    async def _signed_out(self, source: SourceRow, manifest: Manifest, error: str) -> None:
        """The account is dead, once, and with it everything that listens by it; or its secrets change just now."""
        assert source.account_id is not None
        metrics.POLLS.labels(source.channel, "sign_in_failed").inc()
        now = self.clock.now()
        again: datetime = now + timedelta(seconds=interval_s(source, manifest))
        async with self.claims.turn(source.id), self.database.write() as session:
            news = await sources.account_dead(session, source.account_id, error, now)
            await sources.release(session, source, again, failures=source.failures + 1)
        if news:
            log.warning("account signed out", channel=source.channel, account=source.account_id, why=error)


def interval_s(source: SourceRow, manifest: Manifest) -> float:
    """Seconds between two polls: the source's own, else the channel's, never less than its least."""
    return float(max(manifest.min_interval_s, source.settings.get("interval_s") or manifest.interval_s))


def patience_s(source: SourceRow, manifest: Manifest) -> float:
    """Seconds without a good poll that are still no gap: two polls may come late, the third may not."""
    return 3 * interval_s(source, manifest) + 120


def plain(error: Exception) -> str:
    """What a person reads. A bare status of HTTP says little, so what it means stands before it."""
    said = str(error)
    if not re.fullmatch(r"HTTP \d+", said):
        return said
    meaning = (type(error).__doc__ or "").splitlines()[0].rstrip(".")
    return f"{meaning} ({said})"


def _outcome(error: Exception) -> str:
    """The error's name as a label: SignInFailed -> sign_in_failed."""
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", type(error).__name__).lower()
