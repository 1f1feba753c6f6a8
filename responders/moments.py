"""Which moment a few words name: "by tomorrow noon", "do petka", "14 napon belül". Pure.

A day without an hour ends at `DAY_ENDS`, when people stop waiting for an office; the earliest moment counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from responders.promise_words import WORDS, Words
from responders.rules import patterns
from responders.rules.words import words_of
from scoring.folding import fold

DAY_ENDS: Final = time(18)
_LATE: Final = time(23, 59)
_FRIDAY: Final = 4
_MOST: Final = 400
"""More hours, days or weeks than this are no promise but a number of something else."""

_NUMBER = r"(?P<n>\d{1,3}|%s)"
_ISO = re.compile(r"\b(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)\b")
_DOTTED = re.compile(r"(?<![\d.])(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\.(?: ?(?P<year>20\d\d))?(?!\d)")
_CLOCK = re.compile(r"(?<![\d.,])(?P<n>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)(?![\d.,]?\d)")


def zone_named(name: str) -> ZoneInfo:
    """The time zone of this name; UTC when it is unknown here."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def finder(terms: Iterable[str]) -> re.Pattern[str]:
    """Finds any of these terms as whole words in folded text."""
    parts = [re.escape(fold(term).strip()).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for term in terms]
    return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(parts, key=len, reverse=True))})(?!\w)" if parts else r"(?!)")


@dataclass(frozen=True, slots=True)
class _Finders:
    """The patterns of one language."""

    within: tuple[tuple[str, re.Pattern[str]], ...]
    dates: tuple[re.Pattern[str], ...]
    days: tuple[tuple[int, re.Pattern[str]], ...]
    weeks: tuple[tuple[int, re.Pattern[str]], ...]
    weekdays: tuple[re.Pattern[str], ...]
    clocks: tuple[re.Pattern[str], ...]
    parts: tuple[tuple[int, re.Pattern[str]], ...]


@cache
def _finders(lang: str) -> _Finders:
    words, calendar = WORDS[lang], words_of(lang).calendar
    number = _NUMBER % "|".join(re.escape(fold(word)) for word in words.numbers)
    return _Finders(
        within=tuple(_within(words, number)),
        dates=tuple(map(_date, calendar["months"])),
        days=_by_length(words.days),
        weeks=_by_length(words.weeks),
        weekdays=tuple(map(patterns.finder, calendar["weekdays"])),
        clocks=tuple(_clock(pattern) for pattern in words.oclock),
        parts=_by_length(words.parts),
    )


def _within(words: Words, number: str) -> Iterator[tuple[str, re.Pattern[str]]]:
    units = {"working": words.working_days, "hours": words.hours, "days": words.full_days, "weeks": words.full_weeks}
    for kind, names in units.items():
        unit = "(?:" + "|".join(re.escape(fold(name)) for name in sorted(names, key=len, reverse=True)) + ")"
        for shape in words.within:
            spread = fold(shape).replace(" ", r"[\s-]+").replace("{n}", number, 1).replace("{unit}", unit)
            yield kind, re.compile(rf"(?<!\w){spread}(?!\w)")


def _date(names: list[str]) -> re.Pattern[str]:
    month = f"(?:{patterns.finder(names).pattern})"
    day = r"(?P<{}>\d{{1,2}})(?:st|nd|rd|th)?"
    before = rf"(?<![\d:]){day.format('before')}\.?\s+(?:of\s+|ng\s+)?{month}"
    return re.compile(rf"{before}|{month}\s+{day.format('after')}(?![\d:])")


def _clock(shape: str) -> re.Pattern[str]:
    hour = r"(?P<n>[01]?\d|2[0-3])(?:[:.](?P<minute>[0-5]\d))?"
    return re.compile(
        rf"(?<!\w){fold(shape).replace('{n}', hour) if '(?P' not in shape else shape.replace('{n}', hour)}(?!\w)"
    )


def _by_length(terms: Mapping[str, int]) -> tuple[tuple[int, re.Pattern[str]], ...]:
    """Longest first: "day after tomorrow" is not "tomorrow"."""
    return tuple((terms[term], finder([term])) for term in sorted(terms, key=len, reverse=True))


def moment(text: str, lang: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The earliest moment after `now` that the text names, in UTC; None when it names none."""
    found = _finders(lang)
    local, rest = now.astimezone(zone), fold(text)
    for kind, pattern in found.within:
        if hit := pattern.search(rest):
            return _later(_count(hit["n"], lang), kind, local)
    days, rest = _days(found, rest, local)
    hour = _hour(found, rest)
    if not days and hour is None:
        return None
    if not days:
        assert hour is not None
        first = local.date() if local.time() < hour else local.date() + timedelta(days=1)
        return _at(first, hour, zone)
    return min((_on(day, hour, local, zone) for day in days), default=None)


def _count(word: str, lang: str) -> int:
    if word.isdigit():
        return int(word)
    return next(number for name, number in WORDS[lang].numbers.items() if fold(name) == word)


def _later(count: int, kind: str, local: datetime) -> datetime | None:
    if not 0 < count <= _MOST:
        return None
    if kind == "hours":
        return local.astimezone(UTC) + timedelta(hours=count)
    if kind == "working":
        return _at(_working(local.date(), count), DAY_ENDS, local.tzinfo)
    days = count * (7 if kind == "weeks" else 1)
    return _at(local.date() + timedelta(days=days), max(local.time(), DAY_ENDS), local.tzinfo)


def _working(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() <= _FRIDAY
    return day


def _days(found: _Finders, text: str, local: datetime) -> tuple[list[date], str]:
    """Every day that is named, and the text without dates, whose numbers are no hours. The weekday of a date
    ("Thursday 12 March") is no other day."""
    today = local.date()
    days: list[date] = []
    for pattern in (_ISO, _DOTTED):
        for hit in pattern.finditer(text):
            days += _calendar(int(hit["day"]), int(hit["month"]), int(hit["year"] or 0), today)
        text = pattern.sub(" ", text)
    for number, pattern in enumerate(found.dates, 1):
        for hit in pattern.finditer(text):
            days += _calendar(int(hit["before"] or hit["after"]), number, 0, today)
        text = pattern.sub(" ", text)
    for ahead, pattern in found.days:
        if pattern.search(text):
            days.append(today + timedelta(days=ahead))
            break
    for ahead, pattern in found.weeks:
        if pattern.search(text):
            days.append(today + timedelta(days=7 * ahead + max(0 if not ahead else -6, _FRIDAY - today.weekday())))
            break
    dated = {day.weekday() for day in days}
    days += [
        today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
        for weekday, pattern in enumerate(found.weekdays)
        if weekday not in dated and pattern.search(text)
    ]
    return days, text


def _calendar(day: int, month: int, year: int, today: date) -> list[date]:
    """The next such day; none for a day that no calendar has, or that has passed this year long ago."""
    try:
        found = date(year or today.year, month, day)
        return [found if year or found >= today else found.replace(year=today.year + 1)]
    except ValueError:
        return []


def _hour(found: _Finders, text: str) -> time | None:
    for pattern in (*found.clocks, _CLOCK):
        if hit := pattern.search(text):
            given = hit.groupdict()
            return time(_of_day(int(given["n"]), given.get("half") or "", text, found), int(given.get("minute") or 0))
    return next((time(hour) for hour, pattern in found.parts if pattern.search(text)), None)


def _of_day(hour: int, half: str, text: str, found: _Finders) -> int:
    """Twelve-hour clocks: by am and pm, else by the part of the day that is named beside it."""
    if half.startswith("a") and hour == 12:
        return 0
    named = next((until for until, pattern in found.parts if pattern.search(text)), 0)
    late = half.startswith("p") or (not half and named > 15)
    return hour + 12 if late and hour < 12 else hour


def _on(day: date, hour: time | None, local: datetime, zone: ZoneInfo) -> datetime:
    if hour is None:
        hour = _LATE if day == local.date() and local.time() >= DAY_ENDS else DAY_ENDS
    return _at(day, hour, zone)


def _at(day: date, hour: time, zone: object) -> datetime:
    return datetime.combine(day, hour.replace(tzinfo=None), zone).astimezone(UTC)  # type: ignore[arg-type]
