"""Runs one durable step, whatever motor asked for it: three unexpected failures park the row, and that is seen."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from domain.clock import Clock
from domain.errors import Moved
from storage.jobs import Step, Steps

log = structlog.get_logger()

_FAILURES_BEFORE_PARKING = 3


class StepRunner:
    """Knows the steps and which rows are parked in this process."""

    def __init__(self, clock: Clock) -> None:
        self.steps: Steps = {}
        self.on_parked: Callable[[str, int], None] = lambda kind, row_id: None
        self._clock = clock
        self._failures: dict[tuple[str, int], int] = {}

    async def run(self, step: Step, row_id: int) -> None:
        """Run one step. What nobody expected stops this row, not the others."""
        name = (step.kind, row_id)
        try:
            await step.handle(row_id, self._clock.now())
            self._failures.pop(name, None)
        except Moved:
            self._failures.pop(name, None)  # another was faster: nothing to do
        except Exception:
            self._failures[name] = self._failures.get(name, 0) + 1
            log.exception("step failed", kind=step.kind, row=row_id, failures=self._failures[name])
            if self._failures[name] == _FAILURES_BEFORE_PARKING:
                self.on_parked(step.kind, row_id)

    def parked(self, kind: str, row_id: int) -> bool:
        """Whether this row failed too often to be tried again before the next start."""
        return self._failures.get((kind, row_id), 0) >= _FAILURES_BEFORE_PARKING

    @property
    def all_parked(self) -> list[tuple[str, int]]:
        """Kind and row of every parked step."""
        return [name for name, failures in self._failures.items() if failures >= _FAILURES_BEFORE_PARKING]
