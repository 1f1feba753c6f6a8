"""Looks at stored posts again, round after round, so that what was edited or removed is so here within the network's
deadline. One step is one batch of one source; rounds begin every half of the deadline and spread over it evenly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from channels.manifest import Manifest
from domain.errors import BadInput, ChannelError, RateLimited, SignInFailed
from domain.mention import Mention
from listener import schedule
from listener.arrivals import score_page
from listener.ears import EarMaker, Ears, settings_of
from listener.storing import POISONOUS
from storage import sources, verification
from storage.arriving import Arrival, PageIn
from storage.database import Database
from storage.jobs import Step
from storage.opt_outs import note_heard
from storage.tables import SourceRow
from storage.verification import Batch

log = structlog.get_logger()

DOUBT: Final = "the network says that all posts asked for are gone: asked once more before that is believed"
_DOUBTFUL_FROM = 2
_AGAIN_S = 900.0
_SLOWEST_S, _FASTEST_S, _SLACK = 900.0, 1.0, 0.8
_HISTORY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a look gave: posts that read otherwise now, and native ids of those that are gone."""

    edited: list[Mention]
    gone: list[str]


@dataclass(frozen=True, slots=True)
class _Bound:
    """How far apart the batches of a source must be, and what is told of it: more is stored than may be looked at."""

    pause_s: float
    told: str


@dataclass(frozen=True, slots=True)
class Verifier:
    """The step over its parts."""

    database: Database
    manifests: Mapping[str, Manifest]
    ears: EarMaker

    def steps(self) -> dict[str, Step]:
        """The durable step "verify", on sources."""
        return {"verify": Step("verify", self.due, self.verify, lambda row_id: f"verify:{row_id}", gives_way=True)}

    async def due(self, session: AsyncSession, now: datetime, limit: int) -> list[int]:
        """Sources whose next batch is due."""
        able = [name for name, manifest in self.manifests.items() if manifest.verify is not None]
        return await verification.due(session, able, now, limit)

    async def verify(self, source_id: int, now: datetime) -> None:
        """Look at the next batch of this source and write what changed; or say why that did not go."""
        begun = await self._begin(source_id, now)
        if begun is None:
            return
        source, batch = begun
        manifest = self.manifests[source.channel]
        try:
            ears = await self.ears.gather(source, manifest)
            seen = await _look(manifest, ears, batch) if batch.held else _Seen([], [])
        except (ChannelError, BadInput) as error:
            await self._not_now(source, error, now)
            return
        if _is_doubtful(source, batch, seen):
            await self._wait(source, now + timedelta(seconds=_AGAIN_S), DOUBT)
            return
        await self._write(source, ears, seen, now)
        await self._move_on(source, manifest, batch, now)

    async def _begin(self, source_id: int, now: datetime) -> tuple[SourceRow, Batch] | None:
        """The source with its next batch, in a round that is begun here when none is under way."""
        async with self.database.write() as session:
            source = await sources.get_source(session, source_id)
            if source is None or (source.next_verify_at is not None and source.next_verify_at > now):
                return None
            if source.verify_round_at is None:
                await verification.move_on(session, source, verify_round_at=now, verified_up_to=0)
                source.verify_round_at, source.verified_up_to = now, 0
        size = self.manifests[source.channel].verify_batch
        async with self.database.read() as session:
            return source, await verification.next_batch(session, source, source.verify_round_at, size)

    # --- how it ends ---

    async def _not_now(self, source: SourceRow, error: ChannelError | BadInput, now: datetime) -> None:
        if isinstance(error, RateLimited):
            await self._wait(source, schedule.after_limit(now, error.retry_at, _AGAIN_S), "")
            return
        if isinstance(error, SignInFailed) and source.account_id is not None:
            async with self.database.write() as session:
                await sources.account_dead(session, source.account_id, str(error), now)
        log.warning("stored posts could not be looked at", channel=source.channel, source=source.id, why=str(error))
        await self._wait(source, now + timedelta(seconds=_AGAIN_S), str(error))

    async def _wait(self, source: SourceRow, until: datetime, error: str) -> None:
        async with self.database.write() as session:
            await verification.move_on(session, source, next_verify_at=until, verify_error=error)

    async def _move_on(self, source: SourceRow, manifest: Manifest, batch: Batch, now: datetime) -> None:
        half = manifest.verify_within_s / 2
        began = source.verify_round_at or now
        values: dict[str, Any] = {"verified_up_to": batch.up_to, "next_verify_at": now}
        if batch.last:
            values |= {"verify_round_at": None, "verified_up_to": 0, "verified_at": began}
            values["next_verify_at"] = max(now, began + timedelta(seconds=half))
        elif batch.held:
            values["next_verify_at"] = now + timedelta(seconds=pace(half, manifest.verify_batch, source.stored))
        if batch.held or batch.last:
            bound = await self._bound(source, manifest)
            values["verify_error"] = bound.told
            pause_s = bound.pause_s if batch.held else 0.0
            values["next_verify_at"] = max(values["next_verify_at"], now + timedelta(seconds=pause_s))
        async with self.database.write() as session:
            await verification.move_on(session, source, **values)

    async def _bound(self, source: SourceRow, manifest: Manifest) -> _Bound:
        """What holds the looks of this source back: nothing where all its posts may be looked at in time."""
        if manifest.verify_most is None:
            return _Bound(0.0, "")
        most = manifest.verify_most(settings_of(source, manifest))
        if source.stored <= most:
            return _Bound(0.0, "")
        async with self.database.read() as session:
            count = await verification.count(session, source)
        return _bound(source, manifest, most, count) if count > most else _Bound(0.0, "")

    # --- what was found ---

    async def _write(self, source: SourceRow, ears: Ears, seen: _Seen, now: datetime) -> None:
        if not (seen.edited or seen.gone):
            return
        log.info("posts changed", channel=source.channel, edited=len(seen.edited), gone=len(seen.gone))
        page = _page(source, ears, seen, now)
        try:
            await self._apply(page)
        except POISONOUS:
            await self._apply_each(page)

    async def _apply_each(self, page: PageIn) -> None:
        """One post that cannot be stored costs only itself."""
        for arrival in page.arrivals:
            try:
                await self._apply(replace(page, arrivals=[arrival], withdrawn=()))
            except POISONOUS as error:
                log.warning("an edited post cannot be stored", channel=page.channel, why=type(error).__name__)
        await self._apply(replace(page, arrivals=[]))

    async def _apply(self, page: PageIn) -> None:
        words = self.manifests[page.channel].policies.opt_out_words
        async with self.database.write() as session:
            await verification.apply(session, page)
            await note_heard(session, page, words)


async def _look(manifest: Manifest, ears: Ears, batch: Batch) -> _Seen:
    """Ask the network; whatever it calls gone is asked for once more, alone. White space alone is no edit: two doors of
    one network may write it differently."""
    assert manifest.verify is not None
    found = await manifest.verify(ears.listening, batch.held)
    missing = [held for held in batch.held if held.external_id in found and found[held.external_id] is None]
    again = await manifest.verify(ears.listening, missing) if missing else {}
    gone = [held.external_id for held in missing if again.get(held.external_id, held) is None]
    there = [post for post in found.values() if post is not None and post.external_id in batch.words]
    edited = [p for p in there if f"{p.title}\n{p.text}".split() != batch.words[p.external_id].split()]
    return _Seen(edited, gone)


def _is_doubtful(source: SourceRow, batch: Batch, seen: _Seen) -> bool:
    """A whole batch at once is more often a fault than the truth: it is believed when it is said again later."""
    return len(seen.gone) == len(batch.held) >= _DOUBTFUL_FROM and source.verify_error != DOUBT


def pace(round_s: float, batch: int, stored: int) -> float:
    """Seconds until the next batch, so that a round of `stored` posts spreads over its time with some to spare."""
    return min(_SLOWEST_S, max(_FASTEST_S, _SLACK * round_s * batch / max(stored, batch)))


def _bound(source: SourceRow, manifest: Manifest, most: int, count: int) -> _Bound:
    since, hours = source.verified_at or source.created_at, manifest.verify_within_s / 3600
    told = (
        f"{count - most} of {count} stored posts are not looked at within {hours:.0f} hours, some not since "
        f"{since:%d %b %H:%M} UTC: this source may look at {most}. Raise its budget where it has one, or keep posts "
        "for fewer days"
    )
    return _Bound(manifest.verify_within_s * manifest.verify_batch / max(most, 1), told)


def _page(source: SourceRow, ears: Ears, seen: _Seen, now: datetime) -> PageIn:
    """As a poll would bring it. An edited post stays though it matches nothing any more: what we hold must be true."""
    scores = score_page(ears.scorer, seen.edited, now)
    topics = [ears.matcher.match(post) for post in seen.edited]
    return PageIn(
        source_id=source.id,
        brand_id=source.brand_id,
        channel=source.channel,
        arrivals=[Arrival(*each) for each in zip(seen.edited, scores, topics, strict=True)],
        cursor=None,
        now=now,
        policy=ears.policy,
        withdrawn=tuple(seen.gone),
        history_before=source.created_at - _HISTORY,
    )
