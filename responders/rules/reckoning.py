"""What follows from told figures by one step of arithmetic: whoever reckons for the customer invents nothing.

Each step keeps the kind of a figure: money stays money, a time of day takes a length of time. Small terms would bear
nearly anything, so sums and differences need bigger ones, and bare numbers are hardly multiplied. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from responders.rules.figures import DAY, HALF_DAY, MINUTES, Reading

CENT: Final = 0.005
WHOLE, FINE = 0.5, 0.05
"""By so much a part that does not come out even is rounded, to whole money or to some cents."""
SMALLEST_TERM: Final = 10.0
"""Sums and differences of smaller figures would bear nearly anything; those of prices with cents do not."""
LEAST_PRODUCT: Final = 100.0
"""So would smaller products of bare numbers."""
MOST: Final = 1e15
"""Longer rows of digits are nothing to reckon with."""
FEWEST_TIMES, MOST_TIMES, MOST_PARTS, MOST_HEADS = 2, 31, 12, 500
MOST_ALIKE: Final = 40
"""So many sums or lengths of time are set against each other: more is a price list, which bears anything."""
SMALLEST_WHOLE: Final = 12.0
ROUNDED: Final = 0.5
"""Percentages are told in whole ones, and of more than a dozen."""
LATE_CENTURY: Final = 1_900.0
_YEAR = 365


@dataclass(frozen=True, slots=True)
class Told:
    """The figures of all sources: the kind of a reading (`figures.Reading`) to its values."""

    values: Mapping[str, frozenset[float]]

    def follows(self, kind: str, value: float) -> bool:
        """Whether a figure of this kind and value follows from them."""
        if value >= MOST:
            return False
        if kind.startswith("money"):
            return self._is_of_sums(value) or (value != 0 and self._is_of_amounts(value))
        if kind == "percent":
            return self._is_of_amounts(value) or self._is_of_two(value)
        if kind == "number":
            return self._is_of_numbers(value) or self._is_sum_or_share(value)
        if kind == "clock":
            spans = self._of("span")
            return any((clock + span) % DAY == value for clock in self._of("clock") for span in spans if span < DAY)
        if kind == "date":
            return self._is_of_days(int(value))
        return kind == "span" and self._is_of_spans(value)

    def _of(self, kind: str) -> frozenset[float]:
        return self.values.get(kind, frozenset())

    def _money(self) -> set[float]:
        return {number for kind, numbers in self.values.items() if kind.startswith("money") for number in numbers}

    def _times(self) -> set[float]:
        """How often some source counts something, also in days."""
        counted = self._of("number") | {span / MINUTES["day"] for span in self._of("span")}
        return {number for number in counted if FEWEST_TIMES <= number <= MOST_TIMES and number == int(number)}

    def _heads(self) -> set[float]:
        """Bigger counts, of people or things that each pay a price."""
        return {number for number in self._of("number") if MOST_TIMES < number <= MOST_HEADS and number == int(number)}

    def _is_of_two(self, value: float) -> bool:
        """How many hundredths one sum or length of time is of a longer one, or is less than it, in whole ones. Of bare
        numbers there are too many pairs: they would bear nearly any percentage."""
        alike = [sorted(numbers)[:MOST_ALIKE] for numbers in (self._money(), self._of("span"))]
        pairs = ((part, whole) for numbers in alike for whole in numbers for part in numbers)
        shares = (100 * part / whole for part, whole in pairs if SMALLEST_WHOLE <= whole > part > 0)
        return any(min(abs(share - value), abs(100 - share - value)) <= ROUNDED for share in shares)

    def _is_of_sums(self, value: float) -> bool:
        """So many times a sum, what is left of it after a share, or a part of it."""
        sums = {number for number in self._money() if number >= 1}
        sums |= {number for number in self._of("number") if number >= LEAST_PRODUCT}
        times = self._times() | {float(FEWEST_TIMES)}
        rests = {(100 - share) / 100 for share in self._of("percent")}
        factors = times | rests | self._heads() | {one * other for one in times for other in times}
        if any(abs(each * factor - value) < CENT for each in sums for factor in factors):
            return True
        parts = (part for part in range(FEWEST_TIMES, MOST_PARTS + 1) if part in times)
        return any(_is_rounded(each / part, value) for part in parts for each in sums)

    def _is_of_amounts(self, value: float) -> bool:
        """Told without its unit, by half, or twice, as often as some source counts, as a sum or a share."""
        if value in self._of("number") or self._is_sum_or_share(value):
            return True
        if not {value / 2, value * 2}.isdisjoint(self._of("any")):
            return True
        counts = {number for number in self._of("any") if FEWEST_TIMES < number <= MOST_PARTS} | {float(FEWEST_TIMES)}
        return any(abs(count * each - value) < CENT for count in counts for each in self._money() if each >= 1)

    def _is_sum_or_share(self, value: float) -> bool:
        """The sum or difference of two figures, what is left of a count, or a percentage of a figure."""
        numbers, told = self._of("number"), {number for number in self._of("any") if number >= SMALLEST_TERM}
        if any(whole >= SMALLEST_TERM and whole - value in numbers for whole in numbers if value < whole != 2 * value):
            return True
        if any(abs(share * whole / 100 - value) < CENT for share in self._of("percent") for whole in told):
            return True
        if value >= SMALLEST_TERM and any(
            value - one in told or value + one in told for one in told if value != 2 * one
        ):
            return True
        cents = {number for number in self._money() | self._of("number") if number % 1 and not self._is_time(number)}
        return any(abs(abs(one - value) - other) < CENT for one in cents for other in told | cents if one != other)

    def _is_time(self, number: float) -> bool:
        """Whether it is the other reading of a time of day ("8.30")."""
        hours, past = divmod(round(number * 100), 100)
        return not {float(hours * 60 + past), float(hours * 60 + past) + HALF_DAY}.isdisjoint(self._of("clock"))

    def _is_of_numbers(self, value: float) -> bool:
        """A year without its century ("'88"), so many times a number, or half of one."""
        numbers = self._of("number")
        if value < 100 and value + LATE_CENTURY in numbers:
            return True
        if value < LEAST_PRODUCT:
            return False
        return 2 * value in numbers or any(each * time == value for each in numbers for time in self._times())

    def _is_of_days(self, value: int) -> bool:
        """A day so long after a told one, or so long before it."""
        days = {span / MINUTES["day"] for span in self._of("span") if span >= MINUTES["day"]}
        here = day_of_year(value)
        apart = [here - day_of_year(int(other)) for other in self._of("date")]
        return any(each % _YEAR in days or -each % _YEAR in days for each in apart)

    def _is_of_spans(self, value: float) -> bool:
        """Two lengths together or what one is longer by, the minutes between two clocks, the days between two dates. A
        source may leave the unit out, or have it in its key ("wait_days: 3")."""
        spans, clocks = self._of("span"), self._of("clock")
        if any(value - span in spans or value + span in spans for span in spans if value != 2 * span):
            return True
        if any((later - first) % DAY == value for first in clocks for later in clocks if later != first):
            return True
        if value % MINUTES["day"] == 0 and value / MINUTES["day"] in self._days_between():
            return True
        return any(value / unit in self._of("number") for unit in MINUTES.values())

    def _days_between(self) -> set[float]:
        days = {day_of_year(int(number)) for number in self._of("date")}
        return {float((later - first) % _YEAR) for first in days for later in days if later != first}


def told_of(readings: Iterable[Reading]) -> Told:
    """These readings, those that are numbers, by their kind."""
    values: dict[str, set[float]] = {}
    for kind, value in readings:
        if not isinstance(value, str) and value < MOST:
            values.setdefault(kind, set()).add(float(value))
    return Told({kind: frozenset(numbers) for kind, numbers in values.items()})


def day_of_year(value: int) -> int:
    """The number of a day (month * 100 + day) in a year without 29 February."""
    return date(2001, value // 100, min(value % 100, 28)).timetuple().tm_yday + max(0, value % 100 - 28)


def _is_rounded(exact: float, value: float) -> bool:
    if abs(exact * 100 - round(exact * 100)) < CENT:
        return abs(exact - value) < CENT
    return abs(exact - value) <= (WHOLE if value == int(value) else FINE)
