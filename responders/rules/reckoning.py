"""What follows from told figures by one step of arithmetic: whoever reckons for the customer invents nothing.

Each step keeps the kind of a figure: money stays money, a time of day takes a length of time. Numbers without a unit
may only be counted up or down, since sums of those would bear nearly anything. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from responders.rules.figures import DAY, MINUTES, Reading

CENT: Final = 0.005
WHOLE, FINE = 0.5, 0.05
"""By so much a part that does not come out even is rounded, to whole money or to some cents."""
FEWEST_TIMES, MOST_TIMES, MOST_PARTS = 2, 31, 12
LEAST_PRODUCT: Final = 100.0
"""Smaller products of bare numbers would bear nearly anything."""
LATE_CENTURY: Final = 1_900.0
_YEAR = 365


def follows(kind: str, value: float, told: Iterable[Reading]) -> bool:
    """Whether a figure of this kind and value follows from these readings."""
    by_kind: dict[str, set[float]] = {}
    for name, number in told:
        if isinstance(number, float | int):
            by_kind.setdefault(name, set()).add(float(number))
    if kind.startswith("money"):
        return _of_sums(value, by_kind)
    if kind == "clock":
        clocks, spans = by_kind.get("clock", set()), by_kind.get("span", set())
        return any((clock + span) % DAY == value for clock in clocks for span in spans if span < DAY)
    if kind == "date":
        return _of_days(int(value), by_kind)
    if kind.endswith("span"):
        spans = by_kind.get("span", set())
        return any(value - span in spans for span in spans if value != 2 * span)
    return kind == "number" and _of_numbers(value, by_kind)


def _of_sums(value: float, told: dict[str, set[float]]) -> bool:
    sums = {number for kind, numbers in told.items() if kind.startswith("money") for number in numbers if number >= 1}
    sums |= {number for number in told.get("number", set()) if number >= LEAST_PRODUCT}
    times = _times(told) | {float(FEWEST_TIMES)}
    rests = {(100 - share) / 100 for share in told.get("percent", set())}
    if any(abs(each * time - value) < CENT for each in sums for time in times | rests):
        return True
    parts = range(FEWEST_TIMES, MOST_PARTS + 1)
    return any(_is_rounded(each / part, value) for each in sums for part in parts if part in times)


def _is_rounded(exact: float, value: float) -> bool:
    if abs(exact * 100 - round(exact * 100)) < CENT:
        return abs(exact - value) < CENT
    return abs(exact - value) <= (WHOLE if value == int(value) else FINE)


def _of_days(value: int, told: dict[str, set[float]]) -> bool:
    """A day so long before or after a told one; months are told apart by their real lengths."""
    days = {span / MINUTES["day"] for span in told.get("span", set()) if span >= MINUTES["day"]}
    here = day_of_year(value)
    return any((here - day_of_year(int(other))) % _YEAR in days for other in told.get("date", set()))


def _of_numbers(value: float, told: dict[str, set[float]]) -> bool:
    numbers = told.get("number", set())
    if value < 100 and value + LATE_CENTURY in numbers:
        return True  # "'88"
    if value >= LEAST_PRODUCT and any(each * time == value for each in numbers for time in _times(told)):
        return True
    return value >= LEAST_PRODUCT and any(2 * value == each for each in numbers)


def day_of_year(value: int) -> int:
    """The number of a day (month * 100 + day) in a year without 29 February."""
    return date(2001, value // 100, min(value % 100, 28)).timetuple().tm_yday + max(0, value % 100 - 28)


def _times(told: dict[str, set[float]]) -> set[float]:
    """How often some source counts something, also in days."""
    days = {span / MINUTES["day"] for span in told.get("span", set())}
    counted = told.get("number", set()) | days
    return {number for number in counted if FEWEST_TIMES <= number <= MOST_TIMES and number == int(number)}
