"""What many trials of one class came to, in figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import Self

from tests.publishing.checker import Books, check, time_to_rest
from tests.publishing.faults import AMBIGUOUS

HEADER = (
    f"{'class':<33} {'trials':>7} {'ambiguous':>10} {'overtaken':>10} {'by itself':>10} {'a person':>9}"
    "   virtual time to a person"
)


@dataclass
class Tally:
    """`ambiguous` counts requests to publish that met a fault after which nobody can know, `overtaken` the replies
    to what a colleague has answered meanwhile. Of the others, `by_itself` counts those that went out without a person
    who was asked, and `to_person` says after how many seconds one was."""

    name: str
    trials: int = 0
    ambiguous: int = 0
    overtaken: int = 0
    by_itself: int = 0
    to_person: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, books: Books, seed: int) -> Self:
        """Count one town."""
        for reply, steps in books.diary.steps.items():
            self.trials += 1
            self.ambiguous += sum(len(step.publishes) for step in steps if step.fault in AMBIGUOUS)
            asked = books.diary.asked(reply)
            took = time_to_rest(asked[0])
            if books.diary.said[reply].parent in books.diary.by_hand:
                self.overtaken += 1
            elif books.replies[reply]["status"] == "sent" and len(asked) == 1:
                self.by_itself += 1
            elif took is not None:
                self.to_person.append(took.total_seconds())
        self.problems += [f"{self.name}, seed {seed}: {problem}" for problem in check(books)]
        return self

    def __str__(self) -> str:
        share = 100 * self.by_itself / max(1, self.trials - self.overtaken)
        times = "never"
        if self.to_person:
            times = f"median {median(self.to_person) / 60:.1f} min, most {max(self.to_person) / 60:.1f} min"
        counts = f"{self.trials:>7} {self.ambiguous:>10} {self.overtaken:>10}"
        return f"{self.name:<33} {counts} {share:>9.1f}% {100 - share:>8.1f}%   {times}"
