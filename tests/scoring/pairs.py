"""How well groups agree: of the pairs that are together in one, how many are together in the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple


class Agreement(NamedTuple):
    """Of the pairs found, the share that is right; of the right ones, the share that was found; their harmonic mean."""

    precision: float
    recall: float
    f1: float

    def __str__(self) -> str:
        return f"precision {self.precision:.3f}, recall {self.recall:.3f}, F1 {self.f1:.3f}"


def agreement(truth: Sequence[Hashable | None], found: Sequence[Hashable | None]) -> Agreement:
    """Compare groups, item by item; None stands alone."""
    both = [None if None in pair else pair for pair in zip(truth, found, strict=True)]
    right = _pairs(both)
    precision, recall = right / max(1, _pairs(found)), right / max(1, _pairs(truth))
    return Agreement(precision, recall, 2 * precision * recall / ((precision + recall) or 1))


def _pairs(groups: Sequence[Hashable | None]) -> int:
    return sum(size * (size - 1) // 2 for group, size in Counter(groups).items() if group is not None)
