"""Whether more people tell of a problem than usual at this hour of the week. Pure.

What is usual comes from the same hour of the weeks before, and from the days before while weeks are few. It is never
trusted more than the counts allow: with nothing known only the least number counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from math import sqrt
from statistics import fmean, pvariance
from typing import NamedTuple
from zoneinfo import ZoneInfo

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
WEEKS = 8
FEW_WEEKS = 3
DEVIATIONS = 3.0
LEAST_PEOPLE = {3: 3, 2: 5, 1: 8, 0: 12}
"""By severity: fewer people in an hour are never a spike."""
NEW = timedelta(hours=24)
"""A problem counts as new for so long after it was first told of."""


class Usual(NamedTuple):
    """What to expect in an hour: the mean, and how far an hour strays from it by chance."""

    mean: float
    spread: float


def same_hours(now: datetime, zone: str, known_since: datetime) -> list[datetime]:
    """Moments of the same local time in the weeks before (days, while fewer than three weeks are known), newest first.

    Local time, so that a clock change does not move the busy hour.
    """
    weeks = [_before(now, zone, WEEK * number) for number in range(1, WEEKS + 1)]
    known = [moment for moment in weeks if moment - HOUR >= known_since]
    if len(known) >= FEW_WEEKS:
        return known
    days = [_before(now, zone, DAY * number) for number in range(1, 7)]
    return known + [moment for moment in days if moment - HOUR >= known_since]


def _before(now: datetime, zone: str, step: timedelta) -> datetime:
    """The same wall clock earlier: the zone is applied after the step."""
    local = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None) - step
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def full_hour(moment: datetime) -> datetime:
    """The start of its hour (UTC)."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def in_hour_before(moment: datetime, count_of: Callable[[datetime], int]) -> float:
    """How many in the 60 minutes before a moment, from counts by full hour (their start)."""
    begin = full_hour(moment)
    share = (moment - begin) / HOUR
    return count_of(begin) * share + count_of(begin - HOUR) * (1 - share)


def usual(counts: Sequence[float]) -> Usual:
    """From the counts of such hours. Never less spread than chance alone gives, more while few hours are known."""
    if not counts:
        return Usual(0.0, 1.0)
    mean = fmean(counts)
    return Usual(mean, sqrt(max(mean, pvariance(counts)) * (1 + 1 / len(counts)) + 1))


def is_spike(people: int, severity: int, expected: Usual) -> bool:
    """Whether so many people in an hour, for a problem of this severity, are worth a look."""
    return people >= LEAST_PEOPLE[severity] and people > expected.mean + DEVIATIONS * expected.spread


def is_over(people: int, expected: Usual) -> bool:
    """Whether a spike has ended: back to what is usual."""
    return people <= expected.mean + expected.spread
