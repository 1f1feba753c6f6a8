"""Keeps what each brand's people taught ready for scoring, and scores open mentions again when that has changed.

Models are read from posts whenever the version of a brand's lessons changes, and are kept in memory only: words that
are removed from the database leave the models with the next look (every five seconds).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from channels.manifest import Manifest
from domain.correction import Said
from domain.mention import Score
from scoring.rehearsing import Rehearsal, rehearse
from scoring.scorer import Scorer
from scoring.taught import Model, TaughtScorer, model_of
from storage import corrections, learned, restating, sources
from storage.database import Database
from storage.jobs import Step, Tick
from storage.learned import Lessons
from storage.tables import Brand, Correction, Learning, MentionRow

log = structlog.get_logger()

LOOK_S: Final = 5.0
MOST_REHEARSED: Final = 5_000
"""Mentions on which a proposal is tried: the newest of the last 30 days."""
_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would go live: corrections up to this id, the model they make from so many posts, and what that changes.
    `rows` are the mentions that were tried, in the order of the rehearsal's places."""

    up_to: int
    model: Model
    posts: int
    rehearsal: Rehearsal
    rows: Sequence[MentionRow]


@dataclass(slots=True)
class Teacher:
    """`scorer_for` gives the scorer of a brand by the rules alone; `changed` is told a brand and its changed cases."""

    database: Database
    channels: Mapping[str, Manifest]
    scorer_for: Callable[[Brand], Scorer]
    changed: Callable[[int, Sequence[int]], None] = lambda brand_id, case_ids: None
    models: dict[int, Model] = field(default_factory=dict)
    _versions: dict[int, int] = field(default_factory=dict)

    @property
    def silent(self) -> frozenset[str]:
        """Channels whose text teaches nothing."""
        return frozenset(name for name, manifest in self.channels.items() if manifest.no_training)

    def scorer(self, brand: Brand) -> TaughtScorer:
        """The scorer of a brand; what is taught later changes it too."""
        return TaughtScorer(self.scorer_for(brand), self.models, brand.id)

    async def taught(self, session: AsyncSession, brand: Brand) -> TaughtScorer:
        """The same, after a look whether the lessons have changed."""
        found = await learned.state(session, brand.id)
        if found.version != self._versions.get(brand.id, 0):
            await self._take(session, brand, found)
        return self.scorer(brand)

    async def look(self, now: datetime) -> None:
        """Read the lessons of brands whose version has changed."""
        async with self.database.read() as session:
            for brand_id, version in (await learned.versions(session)).items():
                if version != self._versions.get(brand_id, 0):
                    brand = await sources.get_brand(session, brand_id)
                    await self._take(session, brand, await learned.state(session, brand_id))

    async def _take(self, session: AsyncSession, brand: Brand, found: Learning) -> None:
        version, model = found.version, None
        if learned.is_live(found):
            there = await learned.lessons(session, brand.id, found.forgotten_up_to, found.live_up_to, self.silent)
            model = await self.model(brand, there)
        if model is None or model.is_empty:
            self.models.pop(brand.id, None)
        else:
            self.models[brand.id] = model
        self._versions[brand.id] = version
        log.info("lessons read", brand=brand.id, version=version, lessons=model.lessons if model else 0)

    async def model(self, brand: Brand, there: Lessons) -> Model:
        """What these lessons make; learning runs in a thread."""
        return await asyncio.to_thread(model_of, self.scorer_for(brand), there.mentions, there.said)

    # --- scoring again ---

    async def rescore(self, brand_id: int, now: datetime) -> None:
        """One batch of open mentions; the next one is due at once, until all are done."""
        async with self.database.write() as session:
            found = await learned.state(session, brand_id)
            if found.rescore_due_at is None or found.rescore_due_at > now:
                return
            version, last = found.version, found.rescored_up_to
            rows, more = await learned.open_mentions(session, brand_id, last, _BATCH)
            cases = await self._restate(session, brand_id, rows)
            await learned.came_to(session, brand_id, version, more or last, now if more else None)
        if cases:
            self.changed(brand_id, cases)

    async def restate(self, correction_id: int, now: datetime) -> None:
        """A corrected mention whose words changed: scored again, and what people said of it counts."""
        async with self.database.write() as session:
            row = await session.get(Correction, correction_id)
            if row is None or row.restate_due_at is None:
                return
            mention = await corrections.held(session, row.mention_id)
            row.restate_due_at = None
            session.add(row)
            await session.flush()
            rows = [mention] if mention is not None and mention.status != "withdrawn" else []
            cases = await self._restate(session, row.brand_id, rows)
        if cases:
            self.changed(row.brand_id, cases)

    async def _restate(self, session: AsyncSession, brand_id: int, rows: list[MentionRow]) -> list[int]:
        if not rows:
            return []
        scorer = await self.taught(session, await sources.get_brand(session, brand_id))
        return await restating.restate(session, scorer, rows)

    # --- trying it out ---

    async def proposal(self, brand_id: int, now: datetime) -> Proposal | None:
        """What all corrections so far would change; None when there is nothing to learn from."""
        async with self.database.read() as session:
            brand = await sources.get_brand(session, brand_id)
            found = await learned.state(session, brand_id)
            up_to = await learned.newest(session, brand_id)
            there = await learned.lessons(session, brand_id, found.forgotten_up_to, up_to, self.silent)
            if not there.mentions:
                return None
            scorer = await self.taught(session, brand)
            rows = await learned.last_30_days(session, brand_id, now, MOST_REHEARSED)
            said = await corrections.said_of(session, [row.id for row in rows])
            todo = await learned.cases_to_do(session, brand_id)
        model = await self.model(brand, there)
        proposed = TaughtScorer(self.scorer_for(brand), {brand_id: model}, brand_id)
        before, after = await self._both(scorer, proposed, rows, said)
        cases = [row.case_id if row.case_id in todo else None for row in rows]
        return Proposal(up_to, model, len(there.mentions), rehearse(before, after, cases), rows)

    async def _both(
        self, now: TaughtScorer, then: TaughtScorer, rows: Sequence[MentionRow], said: Mapping[int, Said]
    ) -> tuple[list[Score], list[Score]]:
        before: list[Score] = []
        after: list[Score] = []
        for start in range(0, len(rows), _BATCH):  # in slices, so that other pages are not held up
            batch = rows[start : start + _BATCH]
            before += await asyncio.to_thread(restating.scored, now, batch, said)
            after += await asyncio.to_thread(restating.scored, then, batch, said)
        return before, after

    # --- what the house runs ---

    def steps(self) -> dict[str, Step]:
        """The durable steps: "rescore" does one batch of a brand, "restate" one corrected mention."""
        return {
            "rescore": Step("rescore", learned.due, self.rescore, lambda row_id: f"rescore:{row_id}", gives_way=True),
            "restate": Step("restate", corrections.due, self.restate, lambda row_id: f"restate:{row_id}"),
        }

    def ticks(self) -> list[Tick]:
        """Every process looks for new lessons."""
        return [Tick("lessons", LOOK_S, self.look)]
