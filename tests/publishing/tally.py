"""What many trials of one class came to, in figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import Self

from tests.publishing.checker import Books, check, time_to_rest
from tests.publishing.faults import AMBIGUOUS

HEADER = f"{'class':<28} {'trials':>7} {'ambiguous':>10} {'by itself':>10} {'a person':>9}   virtual time to a person"


@dataclass
class Tally:
    """`ambiguous` counts requests to publish that met a fault after which nobody can know; `by_itself` the replies
    that ended without a person, `to_person` how many seconds it took for the others."""

    name: str
    trials: int = 0
    ambiguous: int = 0
    by_itself: int = 0
    to_person: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, books: Books, seed: int) -> Self:
        """Count one town."""
        for reply, steps in books.diary.steps.items():
            self.trials += 1
            self.ambiguous += sum(len(step.bodies) for step in steps if step.fault in AMBIGUOUS)
            took = time_to_rest(steps)
            if books.replies[reply]["status"] == "sent":
                self.by_itself += 1
            elif took is not None:
                self.to_person.append(took.total_seconds())
        self.problems += [f"{self.name}, seed {seed}: {problem}" for problem in check(books)]
        return self

    def __str__(self) -> str:
        share = 100 * self.by_itself / max(1, self.trials)
        times = "never"
        if self.to_person:
            times = f"median {median(self.to_person) / 60:.1f} min, most {max(self.to_person) / 60:.1f} min"
        return f"{self.name:<28} {self.trials:>7} {self.ambiguous:>10} {share:>9.1f}% {100 - share:>8.1f}%   {times}"
