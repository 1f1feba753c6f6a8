"""Business hours as a person writes them: `Mon-Fri 09:00-12:00 13:00-17:00; Sat 10:00-14:00`."""

from __future__ import annotations

import re2

from domain.errors import BadInput
from domain.sla import Opening

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = "|".join(DAYS)
_LINE = re2.compile(rf"(?i)^\s*({_DAY})(?:\s*-\s*({_DAY}))?\s+(.+?)\s*$")
_SPAN = re2.compile(r"^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$")
_DAY_MINUTES = 1440


def parse_hours(text: str) -> tuple[Opening, ...]:
    """The openings of a week; an end at or before its start runs past midnight. Empty: around the clock.

    BadInput names the part that cannot be read.
    """
    openings: list[Opening] = []
    for part in text.replace("\n", ";").split(";"):
        if part.strip():
            openings += _part(part.strip())
    return tuple(sorted(openings))


def _part(part: str) -> list[Opening]:
    found = _LINE.match(part)
    if not found:
        raise BadInput(f"business hours: {part!r} is not understood; write e.g. Mon-Fri 09:00-17:00; Sat 10:00-14:00")
    first, last, spans = found.groups()
    return [(day, *_span(span)) for day in _days(first, last or first) for span in spans.replace(",", " ").split()]


def _days(first: str, last: str) -> list[int]:
    start, end = DAYS.index(first.capitalize()), DAYS.index(last.capitalize())
    return [day % 7 for day in range(start, (end if end >= start else end + 7) + 1)]


def _span(span: str) -> tuple[int, int]:
    found = _SPAN.match(span)
    if not found:
        raise BadInput(f"business hours: {span!r} is not a span of time; write e.g. 09:00-17:00")
    h1, m1, h2, m2 = (int(number) for number in found.groups())
    start, end = h1 * 60 + m1, h2 * 60 + m2
    if start >= _DAY_MINUTES or end > _DAY_MINUTES or m1 > 59 or m2 > 59:
        raise BadInput(f"business hours: {span!r} is not a time of day; write e.g. 09:00-17:00")
    return start, end if end > start else end + _DAY_MINUTES


def written_hours(openings: tuple[Opening, ...]) -> str:
    """The same as text, days with equal hours together."""
    spans: dict[int, str] = {}
    for day, start, end in sorted(openings):
        spans[day] = f"{spans.get(day, '')} {_clock(start)}-{_clock(end % _DAY_MINUTES or end)}".strip()
    lines: list[list[int]] = []
    for day in sorted(spans):
        if lines and lines[-1][-1] == day - 1 and spans[lines[-1][0]] == spans[day]:
            lines[-1].append(day)
        else:
            lines.append([day])
    return "; ".join(f"{_names(days)} {spans[days[0]]}" for days in lines)


def _names(days: list[int]) -> str:
    return DAYS[days[0]] if len(days) == 1 else f"{DAYS[days[0]]}-{DAYS[days[-1]]}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
