"""Where the marks of a plot stand. Pure: numbers in, per cent and pixels out; the macros of plots.html draw them.

Widths are per cent, so that a plot fills a phone as well as a wide screen without its letters changing size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HEIGHT = 150.0
"""Pixels between the base line and the top line of a plot of columns."""
FULLEST = 5
"""The darkest of the colours of a map."""
_LABELS = 5


@dataclass(frozen=True, slots=True)
class Mark:
    """One rectangle: its kind (a CSS class), where it starts and how far it reaches."""

    kind: str
    at: float
    size: float


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its place and width in per cent, its parts in pixels from the top, and what it says."""

    x: float
    width: float
    marks: tuple[Mark, ...]
    label: str
    short: str
    total: int
    href: str


@dataclass(frozen=True, slots=True)
class Columns:
    """A plot of columns with an axis from 0 to `top`; `line` are points (per cent, pixels) of a line over them."""

    columns: tuple[Column, ...]
    top: int
    line: tuple[tuple[float, float], ...]

    @property
    def ticks(self) -> list[tuple[int, float]]:
        """Values on the axis with their height in pixels from the top."""
        values = sorted({0, self.top // 2, self.top}) if self.top % 2 == 0 else [0, self.top]
        return [(value, HEIGHT * (1 - value / self.top)) for value in values]


@dataclass(frozen=True, slots=True)
class Day:
    """What one column shows: parts by kind, in the order they stand on one another."""

    label: str
    short: str
    parts: Mapping[str, int]
    href: str


def nice_top(highest: int) -> int:
    """The end of an axis: a round number just above the highest value."""
    if highest <= 1:
        return 1
    power = 1
    while True:
        for tenths in (10, 12, 16, 20, 24, 30, 40, 50, 60, 80):
            if tenths * power % 10 == 0 and tenths * power // 10 >= highest:
                return tenths * power // 10
        power *= 10


def columns(days: Sequence[Day], line: Sequence[int] = ()) -> Columns:
    """Lay out columns side by side; `line` has one value per column, or none."""
    top = nice_top(max([sum(day.parts.values()) for day in days] + list(line), default=1))
    slot = 100.0 / max(1, len(days))
    every = -(-len(days) // _LABELS)
    found = []
    for number, day in enumerate(days):
        total = sum(day.parts.values())
        short = day.short if number % every == 0 else ""
        found.append(
            Column(
                round(number * slot + slot * 0.1, 3),
                round(slot * 0.8, 3),
                _stacked(day.parts, top),
                day.label,
                short,
                total,
                day.href,
            )
        )
    points = tuple(
        (round((number + 0.5) * slot, 3), round(HEIGHT * (1 - value / top), 2)) for number, value in enumerate(line)
    )
    return Columns(tuple(found), top, points if len(points) > 1 else ())


def _stacked(parts: Mapping[str, int], top: int) -> tuple[Mark, ...]:
    """From the base line up."""
    at, marks = HEIGHT, []
    for kind, number in parts.items():
        size = HEIGHT * number / top
        at -= size
        if number:
            marks.append(Mark(kind, round(at, 2), round(size, 2)))
    return tuple(marks)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a map: its number, how full its colour is (0, empty, to FULLEST), and what it is about."""

    number: int
    level: int
    label: str


def cell(number: int, highest: int, label: str) -> Cell:
    """A cell beside others of which the fullest has `highest`. Whatever is there at all is seen."""
    return Cell(number, -(-number * FULLEST // highest) if number else 0, label)


def bar(parts: Mapping[str, int], highest: int) -> tuple[Mark, ...]:
    """One bar from the left, in per cent of the highest value."""
    at, marks = 0.0, []
    for kind, number in parts.items():
        size = 100.0 * number / highest if highest else 0.0
        if number:
            marks.append(Mark(kind, round(at, 3), round(size, 3)))
        at += size
    return tuple(marks)
