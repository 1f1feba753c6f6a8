"""Finds what mentions have in common: each new one joins the problem it tells of, in batches, seconds after it came.

One batch is one transaction with where the grouping stands, so dying anywhere means that it is done again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Row
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from scoring import spikes
from scoring.grouping import named_by, recalled, remembered, telling
from scoring.problems import Grouper, Placed, Telling
from scoring.titles import main_cause, severity_of
from scoring.traits import Reader, Traits, narrow
from storage import grouping, problems
from storage.database import Database
from storage.jobs import Tick
from storage.tables import Brand, Grouping, Problem

log = structlog.get_logger()

EVERY_S: Final = 5.0
_BATCH: Final = 200
_BATCHES: Final = 20
"""At once; the rest follows at the next tick."""
_KEPT_HOURS = spikes.WEEK * (spikes.WEEKS + 1)
ReaderFor = Callable[[Brand], Reader]


def ticks(database: Database, reader_for: ReaderFor) -> list[Tick]:
    """Grouping and the look for spikes every few seconds; once a day old counts go."""

    async def run(now: datetime) -> int:
        return await group_all(database, reader_for, now)

    async def forget(now: datetime) -> None:
        async with database.write() as session:
            await grouping.forget_hours(session, now - _KEPT_HOURS)

    return [Tick("problems", EVERY_S, run), Tick("trouble hours", 86_400.0, forget)]


async def group_all(database: Database, reader_for: ReaderFor, now: datetime) -> int:
    """Group every brand's new mentions, then look for spikes. Returns how many mentions were looked at."""
    async with database.read() as session:
        brands = list(await session.exec(select(Brand).order_by(col(Brand.id))))
    looked = 0
    for brand in brands:
        reader = reader_for(brand)
        for _ in range(_BATCHES):
            found = await _group(database, brand.id, reader, now)
            looked += found
            if found < _BATCH:
                break
        await watch(database, brand, now)
    return looked


async def _group(database: Database, brand_id: int, reader: Reader, now: datetime) -> int:
    async with database.read() as session:
        if not await grouping.waits(session, brand_id, now):
            return 0
    async with database.write() as session:
        stand = await grouping.take(session, brand_id, now)
        rows = await grouping.take_fresh(session, stand, _BATCH)
        grouper = _recalled(stand)
        await _Batch(session, brand_id, reader, grouper, now).place(rows)
        stand.memory = remembered(grouper)
        session.add(stand)
    return len(rows)


def _recalled(stand: Grouping) -> Grouper:
    try:
        return recalled(stand.memory)
    except ValueError:
        log.warning("what grouping remembered cannot be read: it begins anew", brand=stand.brand_id)
        return Grouper()


@dataclass(slots=True)
class _Batch:
    """One batch of one brand's mentions. `found` are the mentions that each problem gets."""

    session: AsyncSession
    brand_id: int
    reader: Reader
    grouper: Grouper
    now: datetime
    found: dict[int, list[int]] = field(default_factory=dict)
    hours: Counter[tuple[datetime, str]] = field(default_factory=Counter)

    async def place(self, rows: list[Row[Any]]) -> None:
        """Decide, then store: what each problem gets, and the counts by hour."""
        kin = await grouping.kin_of(self.session, rows)
        cases: dict[int, int] = {}
        for row in rows:
            told = telling(row, self.reader, kin.get(row.id) or cases.get(row.case_id or 0))
            placed = self._placed(told)
            if placed is None:
                continue
            if row.case_id:
                cases[row.case_id] = placed.problem
            self.found.setdefault(placed.problem, []).extend(placed.members)
            hour = spikes.full_hour(row.posted_at)
            self.hours.update((hour, cause) for cause in narrow(told.traits.causes))
        await self._write({row.id: row for row in rows})
        await grouping.count_hours(self.session, self.brand_id, dict(self.hours))

    def _placed(self, told: Telling) -> Placed | None:
        """Where the grouper puts it; a problem that the grouper let go of still takes what belongs to its threads."""
        placed = self.grouper.place(told)
        if told.kin and (placed is None or placed.problem != told.kin):
            return Placed(told.kin, (told.id,))
        return placed

    async def _write(self, rows: dict[int, Row[Any]]) -> None:
        standing = await grouping.locked(self.session, self.found)
        pairs = list[tuple[int, int]]()
        for problem_id, found in self.found.items():
            members = [(row, telling(row, self.reader).traits) for row in await self._rows(found, rows)]
            if not members:
                continue
            problem = standing.get(problem_id) or self._opened(problem_id, members)
            moments = [row.posted_at for row, _ in members]
            problems.grow(problem, named_by(members), len(members), min(moments), max(moments))
            problem.severity = severity_of(problem.named, problem.mentions)
            self.session.add(problem)
            await self.session.flush()
            await grouping.reopen(self.session, problem, problem.last_at, self.now)
            pairs += [(row.id, problem_id) for row, _ in members]
        await grouping.tell(self.session, pairs)

    async def _rows(self, found: list[int], rows: dict[int, Row[Any]]) -> list[Row[Any]]:
        """The mentions that join. One that waited may be gone meanwhile, or its case belong to another problem."""
        waited = await grouping.mentions(self.session, [row_id for row_id in found if row_id not in rows])
        taken = await grouping.kin_of(self.session, waited)
        return [*(row for row in waited if row.id not in taken), *(rows[row_id] for row_id in found if row_id in rows)]

    def _opened(self, problem_id: int, members: list[tuple[Row[Any], Traits]]) -> Problem:
        at = members[0][0].posted_at
        return Problem(
            id=problem_id, brand_id=self.brand_id, root_id=problem_id, first_at=at, last_at=at, created_at=self.now
        )


async def watch(database: Database, brand: Brand, now: datetime) -> int:
    """Mark the problems of which more people tell than usual, and those of which they no longer do. Returns how many
    spikes stand."""
    async with database.read() as session:
        lively = await grouping.lively(session, brand.id, now - spikes.HOUR)
        if not lively:
            return 0
        people = await grouping.people_since(session, [each.id for each in lively], now - spikes.HOUR)
        since = await grouping.known_since(session, brand.id)
        usual = {each.id: await _usual(session, brand, main_cause(each.named), since, now) for each in lively}
    spiking, changes = 0, list[tuple[Problem, datetime | None, int, float]]()
    for problem in lively:
        count, expected = people.get(problem.id, 0), usual[problem.id]
        begun = _spike_since(problem, count, expected, now)
        spiking += begun is not None
        if (begun, count) != (problem.spike_since, problem.spike_people):
            changes.append((problem, begun, count, expected.mean))
    if changes:
        async with database.write() as session:
            for problem, begun, count, mean in changes:
                await grouping.mark_spike(session, problem, begun, count, mean)
    return spiking


def _spike_since(problem: Problem, people: int, expected: spikes.Usual, now: datetime) -> datetime | None:
    if problem.spike_since is not None:
        return None if spikes.is_over(people, expected) else problem.spike_since
    return now if spikes.is_spike(people, problem.severity, expected) else None


async def _usual(session: AsyncSession, brand: Brand, cause: str, since: datetime, now: datetime) -> spikes.Usual:
    moments = spikes.same_hours(now, brand.zone, since)
    hours = [spikes.full_hour(moment) - spikes.HOUR * back for moment in moments for back in (0, 1)]
    counts = await grouping.hours_of(session, brand.id, cause, hours)
    return spikes.usual([spikes.in_hour_before(moment, lambda hour: counts.get(hour, 0)) for moment in moments])
