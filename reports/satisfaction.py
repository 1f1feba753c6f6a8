"""What authors said when they were asked how it was: CSAT, NPS and CES, each with its n and how sure it is. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from domain.survey import KINDS

FEWEST: Final = 10
"""Under so many answers no figure is said: it would tell of single people, and of chance."""
_PROMOTES, _DETRACTS = 9, 6
_Z: Final = 1.959964
"""95 of 100, two-sided."""

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Score:
    """One figure. All but `n` is None where there are too few answers; `part` are the good ones."""

    n: int
    value: float | None = None
    part: int | None = None
    interval: Interval | None = None
    mean: float | None = None


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """`asked` were asked in the period, `answered` of those have answered since; the scores are about answers of the
    period."""

    asked: int
    answered: int
    csat: Score
    nps: Score
    ces: Score


def satisfaction(answers: Iterable[tuple[str, int]], asked: int, answered: int) -> Satisfaction:
    """From (kind, value) of the answers of a period."""
    values: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for kind, value in answers:
        values[kind].append(value)
    good = {kind: _share(values[kind], KINDS[kind].good_from) for kind in ("csat", "ces")}
    return Satisfaction(asked, answered, good["csat"], _net(values["nps"]), good["ces"])


def _share(values: Sequence[int], good_from: int) -> Score:
    n, part = len(values), sum(value >= good_from for value in values)
    if n < FEWEST:
        return Score(n)
    return Score(n, 100 * part / n, part, wilson(part, n), sum(values) / n)


def _net(values: Sequence[int]) -> Score:
    """Promoters less detractors, in points."""
    n = len(values)
    if n < FEWEST:
        return Score(n)
    up, down = sum(value >= _PROMOTES for value in values), sum(value <= _DETRACTS for value in values)
    net = (up - down) / n
    wide = _Z * math.sqrt(max(0.0, (up + down) / n - net * net) / n)
    return Score(n, 100 * net, up, (100 * max(-1.0, net - wide), 100 * min(1.0, net + wide)))


def wilson(part: int, n: int) -> Interval:
    """Where a share lies in 95 of 100 samples of this size, in percent; right also near 0 and 100."""
    share, square = part / n, _Z * _Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    wide = _Z / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return 100 * max(0.0, middle - wide) if part else 0.0, 100 * (middle + wide) if part < n else 100.0
