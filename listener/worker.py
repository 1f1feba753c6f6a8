"""The poll loop: claim a due source, fetch its pages, match, score, store each page with its cursor, let go.

What every channel needs alike is done here: waiting, backing off, overlap by a deep sweep, coverage, logging once
on break and once on recovery. A channel only fetches.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import structlog

from channels.manifest import Listening, Manifest
from domain.account import Account
from domain.clock import Clock
from domain.crashpoint import crashpoint
from domain.errors import ChannelError, Gone, RateLimited, Refused, SignInFailed
from domain.mention import Mention, Score
from domain.ports import Cursor, Page, Scorer, Unreadable
from domain.sla import Policy, policy_from
from listener import schedule
from listener.calendars import holiday_dates
from listener.matching import Matcher, topic
from net import metrics
from net.door import Door
from storage import sources
from storage.coverage import catch_up
from storage.database import Database
from storage.ingest import Arrival, PageIn, Stored, store_page
from storage.tables import Brand, SourceRow

log = structlog.get_logger()

_CLAIM_S = 300.0
_PAGES_PER_POLL = 40
_HISTORY_S = 86_400.0
_STREAM_RETRY_S = (1.0, 2.0, 5.0, 15.0, 60.0)


@dataclass(frozen=True, slots=True)
class Ears:
    """What one poll works with: the brand, its topics and names, and the channel's view of them."""

    brand: Brand
    matcher: Matcher
    policy: Policy
    listening: Listening
    own_names: frozenset[str]
    scorer: Scorer
    key: str
    takes_all: bool = False


@dataclass(slots=True)
class Heard:
    """What one poll brought."""

    pages: int = 0
    seen: int = 0
    stored: Stored = field(default_factory=Stored)


@dataclass(slots=True)
class Listener:
    """Polls and streams every source that is due. `run_once` is one round; `run` goes on until cancelled."""

    database: Database
    clock: Clock
    door: Door
    manifests: dict[str, Manifest]
    scorer_for: Callable[[Brand], Scorer]
    open_account: Callable[[Any], Account]
    changed: Callable[[int, Sequence[int]], None] = lambda brand_id, case_ids: None
    concurrency: int = 8
    sla: Mapping[str, Any] = field(default_factory=dict)
    _polling: dict[int, asyncio.Task[Any]] = field(default_factory=dict)
    _matchers: dict[int, tuple[tuple[tuple[int, str], ...], Matcher]] = field(default_factory=dict)

    async def run(self, every_s: float = 1.0) -> None:
        """Start what is due, every second, until cancelled; then the running polls are cancelled too."""
        try:
            while True:
                await self.start_due()
                await self.clock.sleep(every_s)
        finally:
            tasks = list(self._polling.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def run_once(self) -> int:
        """Poll each due source once, one after the other. Returns how many were polled; streams are left out."""
        async with self.database.read() as session:
            due = await sources.due_sources(session, self.clock.now(), self._pollable())
        for source in due:
            await self.poll(source.id)
        return len(due)

    def _pollable(self) -> list[str]:
        return [name for name, manifest in self.manifests.items() if manifest.source is not None]

    async def start_due(self) -> None:
        """Start a task for each due source that has none yet."""
        room = self.concurrency - len(self._polling)
        async with self.database.read() as session:
            due = await sources.due_sources(session, self.clock.now(), list(self.manifests))
        for source in due:
            streams = self.manifests[source.channel].stream is not None and self._is_stream(source)
            if source.id in self._polling or (room <= 0 and not streams):
                continue
            room -= 0 if streams else 1
            task = asyncio.create_task(self._guarded(source, streams), name=f"listen:{source.name}")
            self._polling[source.id] = task
            task.add_done_callback(partial(self._forget, source.id))

    def _forget(self, source_id: int, _done: asyncio.Task[None]) -> None:
        self._polling.pop(source_id, None)

    def _is_stream(self, source: SourceRow) -> bool:
        manifest = self.manifests[source.channel]
        return manifest.source is None or source.settings.get("kind") == "stream"

    async def _guarded(self, source: SourceRow, streams: bool) -> None:
        try:
            if streams:
                await self.stream(source.id)
            else:
                await self.poll(source.id)
        except asyncio.CancelledError:
            raise
        except Exception:
            # What nobody expected stops this source for a while, not the others, and is seen.
            log.exception("poll failed", channel=source.channel, source=source.id)
            await self._give_up(source, "an unexpected error; see the log", stop=False)

    async def poll(self, source_id: int) -> Heard | None:
        """One poll of one source: all pages that wait now (bounded), each stored with its cursor."""
        now = self.clock.now()
        async with self.database.write() as session:
            source = await sources.claim(session, source_id, now, _CLAIM_S)
        if source is None:
            return None
        manifest = self.manifests[source.channel]
        try:
            ears = await self._prick(source, manifest)
            heard = await self._fetch_all(source, manifest, ears)
        except RateLimited as limit:
            metrics.POLLS.labels(source.channel, "rate_limited").inc()
            await self._rest(source, schedule.after_limit(now, limit.retry_at, manifest.interval_s))
            return None
        except (SignInFailed, Refused, Gone) as error:
            await self._give_up(source, str(error), stop=True, outcome=_outcome(error))
            return None
        except ChannelError as error:
            await self._give_up(source, str(error), stop=False, outcome=_outcome(error))
            return None
        metrics.POLLS.labels(source.channel, "ok").inc()
        await self._succeed(source, manifest, heard)
        return heard

    async def _prick(self, source: SourceRow, manifest: Manifest) -> Ears:
        """Gather what the poll works with, in one read."""
        async with self.database.read() as session:
            brand = await sources.get_brand(session, source.brand_id)
            topics = await sources.brand_topics(session, source.brand_id)
            accounts = await sources.own_accounts(session, source.brand_id, source.channel)
        words = tuple((each.id, each.query) for each in topics)
        matcher = self._matcher(brand.id, words)
        account = next((self.open_account(a) for a in accounts if a.id == source.account_id), None)
        handles = (*brand.handles, *(a.handle for a in accounts if a.handle))
        try:
            settings = msgspec.convert(source.settings, manifest.settings)
        except msgspec.ValidationError as error:
            raise Refused(f"the settings of this source are not valid: {error}") from None
        listening = Listening(
            settings=settings, account=account, terms=matcher.terms, handles=handles, door=self.door, clock=self.clock
        )
        own = frozenset(name.casefold().lstrip("@") for name in handles) | {
            a.external_id for a in accounts if a.external_id
        }
        return Ears(
            brand=brand,
            matcher=matcher,
            policy=self._promises(brand, source.channel),
            listening=listening,
            own_names=own,
            scorer=self.scorer_for(brand),
            key=sources.cursor_key(source.channel, source.settings, matcher.terms),
            takes_all=manifest.takes_all,
        )

    def _promises(self, brand: Brand, channel: str) -> Policy:
        """The installation's times, the brand's own on top, with the holidays of its country."""
        country = brand.policy.get("holidays")
        dates = holiday_dates(country, self.clock.now().year) if country else ()
        return policy_from({**self.sla, **brand.policy}, channel, dates)

    def _matcher(self, brand_id: int, words: tuple[tuple[int, str], ...]) -> Matcher:
        held = self._matchers.get(brand_id)
        if held is None or held[0] != words:
            held = (words, Matcher(topic(topic_id, query) for topic_id, query in words))
            self._matchers[brand_id] = held
        return held[1]

    async def _fetch_all(self, source: SourceRow, manifest: Manifest, ears: Ears) -> Heard:
        assert manifest.source is not None
        reader = manifest.source(ears.listening)
        cursor = source.cursor if source.cursor_key == ears.key else None
        first = source.cursor is None
        heard = Heard()
        await self._set_key(source, ears.key)
        while heard.pages < _PAGES_PER_POLL:
            crashpoint("poll.before_request")
            page = await reader.fetch(cursor)
            crashpoint("poll.after_response")
            await self._store(source, ears, page, heard, history=first)
            cursor = page.cursor
            if not page.more:
                break
        else:
            log.info("poll goes on next time", channel=source.channel, source=source.id, pages=heard.pages)
        if self._sweep_due(source, manifest) and not first:
            await self._sweep(source, manifest, ears, heard)
        return heard

    async def _set_key(self, source: SourceRow, key: str) -> None:
        if source.cursor_key != key:
            async with self.database.write() as session:
                await sources.release(
                    session,
                    source.id,
                    self.clock.now(),
                    cursor_key=key,
                    claimed_until=self.clock.now() + timedelta(seconds=_CLAIM_S),
                )

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
            await self._store(source, ears, page, heard, history=False, keep_cursor=True)
            cursor = page.cursor
            if not page.more:
                return

    async def _store(
        self, source: SourceRow, ears: Ears, page: Page, heard: Heard, *, history: bool, keep_cursor: bool = False
    ) -> None:
        now = self.clock.now()
        arrivals, unreadable = self._arrivals(ears, page, now)
        page_in = PageIn(
            source_id=source.id,
            brand_id=source.brand_id,
            channel=source.channel,
            arrivals=arrivals,
            cursor=page.cursor,
            now=now,
            policy=ears.policy,
            seen=page.seen,
            withdrawn=page.withdrawn,
            unreadable=(*page.unreadable, *unreadable),
            gap=page.gap,
            keep_cursor=keep_cursor,
            history_before=now - timedelta(seconds=_HISTORY_S) if history else None,
        )
        async with self.database.write() as session:
            stored = await store_page(session, page_in)
        crashpoint("ingest.after_commit")
        heard.pages += 1
        heard.seen += page.seen
        heard.stored.new += stored.new
        metrics.MENTIONS_STORED.labels(source.channel).inc(stored.new)
        metrics.QUARANTINED.labels(source.channel).inc(stored.quarantined)
        if stored.cases:
            self.changed(source.brand_id, stored.cases)

    def _arrivals(self, ears: Ears, page: Page, now: datetime) -> tuple[list[Arrival], list[Unreadable]]:
        """Match and score a page. What cannot be scored is kept unscored; it never loses the page."""
        matched: list[tuple[Mention, list[int]]] = []
        for mention in page.mentions:
            if self._is_ours(mention, ears.own_names):
                continue
            topics = ears.matcher.match(mention)
            if topics or mention.addressed or ears.takes_all:
                matched.append((mention, topics))
        mentions = [mention for mention, _ in matched]
        scores: list[Score | None] = [*score_page(ears.scorer, mentions, now)]
        return [Arrival(m, s, t) for (m, t), s in zip(matched, scores, strict=True)], []

    @staticmethod
    def _is_ours(mention: Mention, own_names: frozenset[str]) -> bool:
        return mention.author_handle.casefold().lstrip("@") in own_names or mention.author_id in own_names

    async def _succeed(self, source: SourceRow, manifest: Manifest, heard: Heard) -> None:
        now = self.clock.now()
        interval = max(manifest.min_interval_s, source.settings.get("interval_s") or manifest.interval_s)
        values: dict[str, Any] = {"failures": 0}
        if self._sweep_due(source, manifest):
            values["next_sweep_at"] = now + timedelta(seconds=manifest.sweep_interval_s or 0)
        async with self.database.write() as session:
            await sources.recovered(session, source, now)
            if source.status == "failing":
                await catch_up(session, source.id)
            await sources.release(session, source.id, schedule.after_success(now, interval, random.random()), **values)
        if source.status == "failing":
            log.info("source works again", channel=source.channel, source=source.id)

    async def _rest(self, source: SourceRow, until: datetime) -> None:
        async with self.database.write() as session:
            await sources.release(session, source.id, until)

    async def _give_up(self, source: SourceRow, why: str, *, stop: bool, outcome: str = "failed") -> None:
        metrics.POLLS.labels(source.channel, outcome).inc()
        now = self.clock.now()
        interval = self.manifests[source.channel].interval_s
        again = schedule.after_failure(now, interval, source.failures, random.random())
        async with self.database.write() as session:
            await sources.failed(session, source, now, why, stop=stop)
            await sources.release(session, source.id, again, failures=source.failures + 1)
        if source.status == "listening":
            log.warning("source stopped" if stop else "source fails", channel=source.channel, source=source.id, why=why)

    async def stream(self, source_id: int) -> None:
        """Follow a stream until it ends or fails; the next round starts it again from the stored cursor."""
        async with self.database.write() as session:
            source = await sources.claim(session, source_id, self.clock.now(), _CLAIM_S)
        if source is None:
            return
        manifest = self.manifests[source.channel]
        assert manifest.stream is not None
        heard = Heard()
        try:
            ears = await self._prick(source, manifest)
            await self._set_key(source, ears.key)
            cursor: Cursor | None = source.cursor if source.cursor_key == ears.key else None
            first = source.cursor is None
            async for page in manifest.stream(ears.listening).pages(cursor):
                await self._store(source, ears, page, heard, history=first)
                await self._still_ours(source, heard)
                if await self._words_changed(source, manifest, ears):
                    break
        except (SignInFailed, Refused) as error:
            await self._give_up(source, str(error), stop=True)
        except ChannelError as error:
            await self._give_up(source, str(error), stop=False)
        else:
            wait = _STREAM_RETRY_S[min(source.failures, len(_STREAM_RETRY_S) - 1)]
            await self._rest(source, self.clock.now() + timedelta(seconds=wait))

    async def _still_ours(self, source: SourceRow, heard: Heard) -> None:
        """A page proves that the stream lives: recovery is recorded and the claim is prolonged now and then."""
        if source.status == "failing" or heard.pages % 50 == 1:
            now = self.clock.now()
            async with self.database.write() as session:
                await sources.recovered(session, source, now)
                await sources.release(
                    session, source.id, now, failures=0, claimed_until=now + timedelta(seconds=_CLAIM_S)
                )
            source.status, source.failures = "listening", 0

    async def _words_changed(self, source: SourceRow, manifest: Manifest, ears: Ears) -> bool:
        async with self.database.read() as session:
            topics = await sources.brand_topics(session, source.brand_id)
        return self._matcher(ears.brand.id, tuple((t.id, t.query) for t in topics)) is not ears.matcher


def _outcome(error: ChannelError) -> str:
    """The error's name as a label: SignInFailed -> sign_in_failed."""
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", type(error).__name__).lower()


def score_page(scorer: Scorer, mentions: Sequence[Mention], now: datetime) -> list[Score | None]:
    """Scores of a page; a post that makes the scorer fail gets None and costs only itself."""
    try:
        return list(scorer.score_batch(mentions, now))
    except Exception:
        log.exception("a page could not be scored at once; scoring its posts one by one")
        return [_score_alone(scorer, mention, now) for mention in mentions]


def _score_alone(scorer: Scorer, mention: Mention, now: datetime) -> Score | None:
    try:
        return scorer.score_batch([mention], now)[0]
    except Exception:
        log.exception("post could not be scored", channel=mention.channel, external_id=mention.external_id)
        return None
