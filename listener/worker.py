"""The poll loop: claim a due source, fetch its pages, match, score, store each page with its cursor, let go.

What every channel needs alike is done here: waiting, backing off, overlap by a deep sweep, claims, logging once
on break and once on recovery. A channel only fetches.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from channels.manifest import Manifest
from domain.account import Account
from domain.clock import Clock
from domain.crashpoint import crashpoint
from domain.errors import BadInput, ChannelError, Gone, Moved, RateLimited, Refused, SignInFailed
from domain.ports import Cursor, Page, Scorer
from listener import schedule
from listener.ears import EarMaker, Ears, streams
from listener.keeping import Heard, Keeper
from listener.receiving import Receiver
from net import metrics
from net.door import Door
from storage import coverage, sources
from storage.database import Database
from storage.tables import Brand, SourceRow

log = structlog.get_logger()

_CLAIM_S = 300.0
_PROLONG_S = 60.0
_PAGES_PER_POLL = 40
_STREAM_RETRY_S = (1.0, 2.0, 5.0, 15.0, 60.0)
_UNBROKEN_S = 10 * 365 * 86_400.0
_LET_GO_S = 1.0


@dataclass(slots=True)
class Listener:
    """Polls and streams every source that is due. `run_once` is one round; `run` goes on until cancelled.

    `receiver` takes what is pushed to us; it works with these ears whether or not the loop runs.
    """

    database: Database
    clock: Clock
    door: Door
    manifests: dict[str, Manifest]
    scorer_for: Callable[[Brand], Scorer]
    open_account: Callable[[Any], Account]
    changed: Callable[[int, Sequence[int]], None] = lambda brand_id, case_ids: None
    concurrency: int = 8
    sla: Mapping[str, Any] = field(default_factory=dict)
    prolong_s: float = _PROLONG_S
    ears: EarMaker = field(init=False)
    keeper: Keeper = field(init=False)
    receiver: Receiver = field(init=False)
    _polling: dict[int, asyncio.Task[Any]] = field(default_factory=dict)
    _streaming: set[int] = field(default_factory=set)
    _claimed: dict[int, SourceRow] = field(default_factory=dict)
    _turns: dict[int, asyncio.Lock] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ears = EarMaker(self.database, self.clock, self.door, self.scorer_for, self.open_account, self.sla)
        self.keeper = Keeper(self.database, self.clock, self.changed)
        self.receiver = Receiver(self.database, self.clock, self.manifests, self.ears, self.keeper)

    # --- the loop ---

    async def run(self, every_s: float = 1.0) -> None:
        """Start what is due, every second, until cancelled; then the running polls are cancelled too."""
        try:
            while True:
                await self._round()
                await self.clock.sleep(every_s)
        finally:
            tasks = list(self._polling.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _round(self) -> None:
        try:
            await self.start_due()
        except SQLAlchemyError:
            log.exception("the database does not answer; trying again")

    async def run_once(self) -> int:
        """Poll each due source once, one after the other. Returns how many were polled; streams are left out."""
        async with self.database.read() as session:
            due = await sources.due_sources(session, self.clock.now(), self._asked())
        polled = [source for source in due if not streams(source, self.manifests[source.channel])]
        for source in polled:
            await self.poll(source.id)
        return len(polled)

    async def start_due(self) -> None:
        """Start a task for each due source that has none yet."""
        room = self.concurrency - len(self._polling.keys() - self._streaming)
        async with self.database.read() as session:
            due = await sources.due_sources(session, self.clock.now(), self._asked())
        for source in due:
            streamed = streams(source, self.manifests[source.channel])
            if source.id in self._polling or (room <= 0 and not streamed):
                continue
            if streamed:
                self._streaming.add(source.id)
            room -= 0 if streamed else 1
            task = asyncio.create_task(self._guarded(source, streamed), name=f"listen:{source.name}")
            self._polling[source.id] = task
            task.add_done_callback(partial(self._forget, source.id))

    def _asked(self) -> list[str]:
        return [name for name, manifest in self.manifests.items() if manifest.is_asked]

    def _forget(self, source_id: int, _done: asyncio.Task[None]) -> None:
        self._polling.pop(source_id, None)
        self._streaming.discard(source_id)

    async def _guarded(self, source: SourceRow, streamed: bool) -> None:
        try:
            await (self.stream(source.id) if streamed else self.poll(source.id, due=True))
        except asyncio.CancelledError:
            await self._let_go(source.id)
            raise
        except Exception:
            # What nobody expected stops this source for a while, not the others, and is seen.
            log.exception("poll failed", channel=source.channel, source=source.id)
            await self._after_surprise(source.id)
        finally:
            self._claimed.pop(source.id, None)

    async def _after_surprise(self, source_id: int) -> None:
        source = self._claimed.get(source_id)
        try:
            if source is not None:
                await self._give_up(source, "an unexpected error; see the log", stop=False)
        except SQLAlchemyError:
            log.exception("the database does not answer; the source is free again when its claim runs out")

    async def _let_go(self, source_id: int) -> None:
        """This process ends: another one may go on at once."""
        source = self._claimed.get(source_id)
        try:
            async with asyncio.timeout(_LET_GO_S):
                if source is not None:
                    await self._rest(source, self.clock.now())
        except (TimeoutError, SQLAlchemyError):
            log.info("a claim was left to run out", source=source_id)

    # --- claims ---

    async def _hold(self, source_id: int, work: Callable[[SourceRow], Coroutine[Any, Any, Any]], *, due: bool) -> Any:
        """Claim the source and do the work while the claim is prolonged. None when it is not ours to do."""
        async with self.database.write() as session:
            source = await sources.claim(session, source_id, self.clock.now(), _CLAIM_S, due=due)
        if source is None:
            return None
        self._claimed[source_id] = source
        task = asyncio.create_task(work(source))
        try:
            while not (await asyncio.wait({task}, timeout=self.prolong_s))[0]:
                if not await self._prolong(source):
                    return None
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _prolong(self, source: SourceRow) -> bool:
        async with self._turn(source.id), self.database.write() as session:
            held = await sources.prolong(session, source, self.clock.now(), _CLAIM_S)
        if not held:
            log.info("poll ends: paused, or another worker's", channel=source.channel, source=source.id)
        return held

    def _turn(self, source_id: int) -> asyncio.Lock:
        """Storing, prolonging and letting go take turns: each names the claim as the one before left it."""
        return self._turns.setdefault(source_id, asyncio.Lock())

    # --- polling ---

    async def poll(self, source_id: int, *, due: bool = False) -> Heard | None:
        """One poll of one source: all pages that wait now (bounded), each stored with its cursor.

        `due` polls only when its time has come. None when there was nothing to poll, or it did not go well.
        """
        heard: Heard | None = await self._hold(source_id, self._poll, due=due)
        self._claimed.pop(source_id, None)
        return heard

    async def _poll(self, source: SourceRow) -> Heard | None:
        manifest = self.manifests[source.channel]
        try:
            ears = await self.ears.gather(source, manifest)
            heard = await self._fetch_all(source, manifest, ears)
        except (ChannelError, BadInput, Moved) as error:
            await self._went_wrong(source, manifest, error)
            return None
        metrics.POLLS.labels(source.channel, "ok").inc()
        await self._succeed(source, manifest, heard)
        return heard

    async def _went_wrong(
        self, source: SourceRow, manifest: Manifest, error: ChannelError | BadInput | Moved, wait_s: float | None = None
    ) -> None:
        """What each kind of error means for the source."""
        now = self.clock.now()
        if isinstance(error, Moved):
            await self._rest(source, now)
        elif isinstance(error, RateLimited):
            metrics.POLLS.labels(source.channel, "rate_limited").inc()
            await self._wait(source, manifest, error, now)
        elif isinstance(error, SignInFailed) and source.account_id is not None:
            await self._signed_out(source, _plain(error))
        else:
            stop = isinstance(error, SignInFailed | Refused | Gone)
            await self._give_up(source, _plain(error), stop=stop, outcome=_outcome(error), wait_s=wait_s)

    async def _fetch_all(self, source: SourceRow, manifest: Manifest, ears: Ears) -> Heard:
        assert manifest.source is not None
        reader, heard = manifest.source(ears.listening), Heard()
        cursor, restarted = await self._place(source, manifest, ears)
        first = source.last_ok_at is None
        while True:
            crashpoint("poll.before_request")
            page = await reader.fetch(cursor)
            crashpoint("poll.after_response")
            await self._store(source, ears, page, heard, restarted=restarted, patience_s=_patience(source, manifest))
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

    async def _place(self, source: SourceRow, manifest: Manifest, ears: Ears) -> tuple[Cursor | None, bool]:
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
            await self._store(source, ears, page, heard, keep_cursor=True)
            if not page.more or page.cursor == cursor:
                return
            cursor = page.cursor
        log.info("a sweep did not reach the end of its window", channel=source.channel, source=source.id)

    async def _store(
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
        async with self._turn(source.id):
            page_in = self.keeper.page_in(
                source,
                ears,
                page,
                restarted=restarted,
                keep_cursor=keep_cursor,
                complete=streamed or not page.more,
                resumed=not restarted,
                patience_s=patience_s,
                held_until=source.claimed_until,
                hold_until=self.clock.now() + timedelta(seconds=_CLAIM_S),
            )
            await self.keeper.keep(self.manifests[source.channel], page_in, heard)
            source.claimed_until = page_in.hold_until
        await self.ears.look_elsewhere(source, self.manifests[source.channel], ears)

    # --- how a poll ends ---

    async def _succeed(self, source: SourceRow, manifest: Manifest, heard: Heard) -> None:
        now = self.clock.now()
        again = schedule.after_success(now, _interval(source, manifest), random.random())
        if heard.cut:
            again = now + timedelta(seconds=manifest.min_interval_s)
        values: dict[str, Any] = {"failures": 0, "error": ""}
        if self._sweep_due(source, manifest) and not heard.cut:
            values["next_sweep_at"] = now + timedelta(seconds=manifest.sweep_interval_s or 0)
        async with self._turn(source.id), self.database.write() as session:
            well_again = await sources.recovered(session, source.id, now)
            await sources.release(session, source, again, **values)
        if well_again:
            log.info("source works again", channel=source.channel, source=source.id)

    async def _wait(self, source: SourceRow, manifest: Manifest, limit: RateLimited, now: datetime) -> None:
        """No fault, but a person may wonder; a wait so long that posts may be missed is a gap of that name."""
        until, why = schedule.after_limit(now, limit.retry_at, _interval(source, manifest)), _plain(limit)
        async with self._turn(source.id), self.database.write() as session:
            if (until - now).total_seconds() > _patience(source, manifest):
                await coverage.extend(session, source.id, "gap", now, why)
            await sources.release(session, source, until, error=why)

    async def _rest(self, source: SourceRow, until: datetime, **values: Any) -> None:
        async with self._turn(source.id), self.database.write() as session:
            await sources.release(session, source, until, **values)

    async def _give_up(
        self, source: SourceRow, why: str, *, stop: bool, outcome: str = "failed", wait_s: float | None = None
    ) -> None:
        metrics.POLLS.labels(source.channel, outcome).inc()
        now = self.clock.now()
        again = schedule.after_failure(
            now, _interval(source, self.manifests[source.channel]), source.failures, random.random()
        )
        if wait_s is not None:
            again = now + timedelta(seconds=wait_s)
        async with self._turn(source.id), self.database.write() as session:
            news = await sources.failed(session, source.id, now, why, stop=stop)
            await sources.release(session, source, again, failures=source.failures + 1)
        if news:
            log.warning("source stopped" if stop else "source fails", channel=source.channel, source=source.id, why=why)

    async def _signed_out(self, source: SourceRow, error: str) -> None:
        """The account is dead, once, and with it everything that listens by it; or its secrets change just now."""
        assert source.account_id is not None
        metrics.POLLS.labels(source.channel, "sign_in_failed").inc()
        now = self.clock.now()
        again = now + timedelta(seconds=_interval(source, self.manifests[source.channel]))
        async with self._turn(source.id), self.database.write() as session:
            news = await sources.account_dead(session, source.account_id, error, now)
            await sources.release(session, source, again, failures=source.failures + 1)
        if news:
            log.warning("account signed out", channel=source.channel, account=source.account_id, why=error)

    # --- streams ---

    async def stream(self, source_id: int) -> None:
        """Follow a stream until it ends or fails; the next round starts it again from the stored cursor."""
        await self._hold(source_id, self._stream, due=True)
        self._claimed.pop(source_id, None)

    async def _stream(self, source: SourceRow) -> None:
        manifest, heard = self.manifests[source.channel], Heard()
        try:
            ears = await self.ears.gather(source, manifest)
            await self._follow(source, manifest, ears, heard)
        except (ChannelError, BadInput, Moved) as error:
            if heard.pages and type(error) not in (SignInFailed, Refused, RateLimited, Moved):
                log.info("stream broke; it goes on", channel=source.channel, source=source.id, why=str(error))
                await self._rest(source, self._soon(0), failures=1)
            else:
                await self._went_wrong(source, manifest, error, wait_s=_retry_s(source.failures))
        else:
            await self._rest(source, self._soon(0))

    def _soon(self, failures: int) -> datetime:
        return self.clock.now() + timedelta(seconds=_retry_s(failures))

    async def _follow(self, source: SourceRow, manifest: Manifest, ears: Ears, heard: Heard) -> None:
        """Page by page. While one connection lasts nothing is missed between its pages, however long it is quiet."""
        assert manifest.stream is not None
        cursor, restarted = await self._place(source, manifest, ears)
        patience_s = _patience(source, manifest)
        async with aclosing(manifest.stream(ears.listening).pages(cursor)) as pages:  # type: ignore[type-var]
            async for page in pages:
                await self._store(source, ears, page, heard, restarted=restarted, patience_s=patience_s, streamed=True)
                restarted, patience_s = False, _UNBROKEN_S
                if heard.pages == 1:
                    await self._well_again(source)
                if await self.ears.changed(source, ears):
                    return

    async def _well_again(self, source: SourceRow) -> None:
        """The first page proves that the stream lives."""
        async with self._turn(source.id), self.database.write() as session:
            if await sources.recovered(session, source.id, self.clock.now()):
                log.info("source works again", channel=source.channel, source=source.id)
            await sources.prolong(session, source, self.clock.now(), _CLAIM_S, failures=0, error="")
        source.failures = 0


def _interval(source: SourceRow, manifest: Manifest) -> float:
    """Seconds between two polls: the source's own, else the channel's, never less than its least."""
    return float(max(manifest.min_interval_s, source.settings.get("interval_s") or manifest.interval_s))


def _patience(source: SourceRow, manifest: Manifest) -> float:
    """Seconds without a good poll that are still no gap: two polls may come late, the third may not."""
    return 3 * _interval(source, manifest) + 120


def _retry_s(failures: int) -> float:
    return _STREAM_RETRY_S[min(failures, len(_STREAM_RETRY_S) - 1)]


def _plain(error: Exception) -> str:
    """What a person reads. A bare status of HTTP says little, so what it means stands before it."""
    said = str(error)
    if not re.fullmatch(r"HTTP \d+", said):
        return said
    meaning = (type(error).__doc__ or "").splitlines()[0].rstrip(".")
    return f"{meaning} ({said})"


def _outcome(error: Exception) -> str:
    """The error's name as a label: SignInFailed -> sign_in_failed."""
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", type(error).__name__).lower()
