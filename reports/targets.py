"""What was aimed at beside what was reached. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from reports.figures import Figure
from reports.goals import NAMES


@dataclass(frozen=True, slots=True)
class Target:
    """What is aimed at, what it is from `n` items, and whether it is `reached`: None where it cannot be said."""

    name: str
    goal: float
    value: float | None
    n: int

    @property
    def reached(self) -> bool | None:
        return None if self.value is None else self.value >= self.goal

    @property
    def state(self) -> Literal["reached", "not reached", "cannot be said yet"]:
        """For people."""
        return "cannot be said yet" if self.reached is None else "reached" if self.reached else "not reached"


def against(goals: Mapping[str, float], found: Iterable[Figure]) -> list[Target]:
    """Each target beside its figure, in the order of NAMES."""
    whole = {each.name: each for each in found if not each.group}
    return [Target(name, goals[name], whole[name].value, whole[name].n) for name in NAMES if name in goals]
