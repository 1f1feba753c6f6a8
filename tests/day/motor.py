"""The product's motor on a virtual clock: what is nudged runs at its moment, and a sweep finds what is due."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.clock import SetClock
from storage.database import Database
from storage.jobs import Steps, Tick
from storage.steps import StepRunner

Work = Callable[[], Awaitable[Any]]
NEAR, FAR = timedelta(minutes=10), timedelta(minutes=60)
"""How often all is swept: while somebody waits for us, and while nobody does. The product itself sweeps every second;
whatever happens at a moment of its own happens at that moment here too."""
_MOST = 500
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class Motor:
    """`people` and the product's nudges stand in one line, in order of time. `steps`, `ticks` and `polls` are given
    once all parts are built; `busy` says whether somebody waits for us."""

    clock: SetClock
    database: Database
    busy: Callable[[], bool] = lambda: True
    polls: Callable[[], Awaitable[Any]] | None = None
    ticks: Sequence[Tick] = ()
    runner: StepRunner = field(init=False)
    _line: list[tuple[datetime, int, Work]] = field(default_factory=list)
    _sweep_at: datetime = _NEVER
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.runner = StepRunner(self.clock)

    def begin(self, steps: Steps, ticks: Sequence[Tick], polls: Callable[[], Awaitable[Any]]) -> None:
        """All parts are there."""
        self.runner.steps, self.ticks, self.polls = steps, ticks, polls

    async def nudge(self, session: Any, kind: str, row_id: int, due_at: datetime) -> None:
        """The port `Jobs`: it runs at its moment. Of a transaction that comes to nothing it finds nothing to do."""

        async def step() -> None:
            await self._step(kind, row_id)

        self.at(due_at, step)

    def at(self, moment: datetime, work: Work) -> None:
        """Somebody does something at that moment."""
        heapq.heappush(self._line, (max(moment, self.clock.now()), next(self._numbers), work))

    def wake(self) -> None:
        """Something happened that nobody has told the product yet: it will look before long."""
        self._sweep_at = min(self._sweep_at, self.clock.now() + NEAR)

    async def run(self, until: datetime) -> None:
        """From moment to moment."""
        self._sweep_at = self.clock.now()
        while (now := min(self._sweep_at, self._next(), until)) < until:
            self._go_on(now)
            if now == self._sweep_at:
                await self._sweep()
                self._sweep_at = now + FAR
            else:
                await heapq.heappop(self._line)[2]()
            if self.busy():
                self.wake()
        self._go_on(until)

    def _next(self) -> datetime:
        return self._line[0][0] if self._line else _NEVER

    def _go_on(self, moment: datetime) -> None:
        self.clock.move((moment - self.clock.now()).total_seconds())

    async def _sweep(self) -> None:
        if self.polls is not None:
            await self.polls()
        for tick in self.ticks:
            await tick.run(self.clock.now())
        for kind, step in self.runner.steps.items():
            async with self.database.read() as session:
                due = await step.due(session, self.clock.now(), _MOST)
            for row_id in due:
                await self._step(kind, row_id)

    async def _step(self, kind: str, row_id: int) -> None:
        if not self.runner.parked(kind, row_id):
            await self.runner.run(self.runner.steps[kind], row_id)
