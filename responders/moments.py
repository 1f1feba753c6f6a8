"""Which moment a few words name: "by tomorrow noon", "do petka", "14 napon belül". Pure.

A day without an hour ends at `DAY_ENDS`, when people stop waiting for an office; the earliest moment that is still to
come counts, and of a span ("3-5 days") its end. Working days are Monday to Friday but for holidays.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
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
"""More minutes, hours, days or weeks than this are no promise but a number of something else."""
_HALF_A_YEAR: Final = timedelta(days=183)

_NUMBER = r"(?:(?:\d{{1,3}}|{words})\s?(?:[-–—]|{to})\s?)?(?:(?P<times>\d)\s?[x×]\s?)?(?P<n>\d{{1,3}}|{words})"
"""A number, or the end of a span of them; "3x24" (hours) is one too."""
_ISO = re.compile(r"\b(?P<year>20\d\d)(?P<dot>-|\. ?)(?P<month>\d\d?)(?P=dot)(?P<day>\d\d?)\b")
_DOTTED = re.compile(r"(?<![\d.])(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\.(?: ?(?P<year>20\d\d))?(?!\d)")
_DATE: Final = " @"
"""Stands for a date that was read."""
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
    spans: tuple[tuple[tuple[int, str], re.Pattern[str]], ...]
    dates: tuple[re.Pattern[str], ...]
    days: tuple[tuple[int, re.Pattern[str]], ...]
    weeks: tuple[tuple[int, re.Pattern[str]], ...]
    weekdays: tuple[re.Pattern[str], ...]
    between: str
    clocks: tuple[re.Pattern[str], ...]
    parts: tuple[tuple[int, re.Pattern[str]], ...]


@cache
def _finders(lang: str) -> _Finders:
    words, calendar = WORDS[lang], words_of(lang).calendar
    number = _NUMBER.format(words=_any_of(words.numbers), to=_any_of(words.to))
    return _Finders(
        within=tuple(_within(words, number)),
        spans=tuple((words.spans[term], finder([term])) for term in words.spans),
        dates=tuple(map(_date, calendar["months"])),
        days=_by_length(words.days),
        weeks=_by_length(words.weeks),
        weekdays=tuple(map(patterns.finder, calendar["weekdays"])),
        between=rf"[^\w.;!?]+(?:{_any_of(words.beside)}[^\w.;!?]+){{0,2}}",
        clocks=tuple(_clock(pattern) for pattern in words.oclock),
        parts=_by_length(words.parts),
    )


def _within(words: Words, number: str) -> Iterator[tuple[str, re.Pattern[str]]]:
    units = {
        "working": words.working_days, "minutes": words.minutes, "hours": words.hours, "days": words.full_days,
        "weeks": words.full_weeks,
    }  # fmt: skip
    for kind, names in units.items():
        unit = _any_of(names)
        for shape in words.within:  # "24h" is written as one word
            spread = fold(shape).replace("{n} {unit}", r"{n}[\s-]*{unit}").replace(" ", r"[\s-]+")
            yield kind, re.compile(rf"(?<!\w){spread.replace('{n}', number).replace('{unit}', unit)}(?!\w)")


def _any_of(terms: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(fold(term)) for term in sorted(terms, key=len, reverse=True)) + ")"


def _date(names: list[str]) -> re.Pattern[str]:
    month = f"(?:{patterns.finder(names).pattern})"
    day = r"(?P<{}>\d{{1,2}})(?:st|nd|rd|th)?"
    year = r"(?P<{}>20\d\d)"
    led = rf"(?:\b{year.format('first')}\.?\s+(?:gada\s+)?)?"  # Hungarian and Latvian begin with the year
    ended = rf"(?:,?\s+{year.format('last')}(?![\d:]))?"
    before = rf"(?<![\d:]){day.format('before')}\.?\s+(?:of\s+|ng\s+)?{month}"
    return re.compile(rf"{led}(?:{before}|{month}\s+{day.format('after')}(?![\d:])){ended}")


def _clock(shape: str) -> re.Pattern[str]:
    hour = r"(?P<n>[01]?\d|2[0-3])(?:[:.](?P<minute>[0-5]\d))?"
    return re.compile(
        rf"(?<!\w){fold(shape).replace('{n}', hour) if '(?P' not in shape else shape.replace('{n}', hour)}(?!\w)"
    )


def _by_length(terms: Mapping[str, int]) -> tuple[tuple[int, re.Pattern[str]], ...]:
    """Longest first: "day after tomorrow" is not "tomorrow"."""
    return tuple((terms[term], finder([term])) for term in sorted(terms, key=len, reverse=True))


def moment(
    text: str, lang: str, now: datetime, zone: ZoneInfo, holidays: Collection[date] = frozenset()
) -> datetime | None:
    """The earliest moment after `now` that the text names, in UTC; None when it names none."""
    found = _finders(lang)
    local, rest = now.astimezone(zone), fold(text)
    for kind, pattern in found.within:
        if hit := pattern.search(rest):
            return _later(_count(hit["n"], lang) * int(hit["times"] or 1), kind, local, holidays)
    for (count, kind), pattern in found.spans:
        if pattern.search(rest):
            return _later(count, kind, local, holidays)
    days, rest = _days(found, rest, local)
    hour = _hour(found, rest)
    if not days and hour is None:
        return None
    if not days:
        assert hour is not None
        first = local.date() if local.time() < hour else local.date() + timedelta(days=1)
        return _at(first, hour, zone)
    return min((at for day in days if (at := _on(day, hour, local, zone)) > now), default=None)


def _count(word: str, lang: str) -> int:
    if word.isdigit():
        return int(word)
    return next(number for name, number in WORDS[lang].numbers.items() if fold(name) == word)


def _later(count: int, kind: str, local: datetime, holidays: Collection[date]) -> datetime | None:
    if not 0 < count <= _MOST:
        return None
    if kind in ("minutes", "hours"):
        return local.astimezone(UTC) + timedelta(**{kind: count})
    if kind == "working":
        return _at(_working(local.date(), count, holidays), DAY_ENDS, local.tzinfo)
    days = count * (7 if kind == "weeks" else 1)
    return _at(local.date() + timedelta(days=days), max(local.time(), DAY_ENDS), local.tzinfo)


def _working(day: date, count: int, holidays: Collection[date]) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() <= _FRIDAY and day not in holidays
    return day


def _days(found: _Finders, text: str, local: datetime) -> tuple[list[date], str]:
    """Every day from today on that is named, and the text without dates, whose numbers are no hours. The weekday of a
    date ("Thursday 12 March") is no other day."""
    today = local.date()
    days: list[date] = []
    for pattern in (_ISO, _DOTTED):
        for hit in pattern.finditer(text):
            days += _calendar(int(hit["day"]), int(hit["month"]), int(hit["year"] or 0), today)
        text = pattern.sub(_DATE, text)
    for number, pattern in enumerate(found.dates, 1):
        for hit in pattern.finditer(text):
            year = int(hit["first"] or hit["last"] or 0)
            days += _calendar(int(hit["before"] or hit["after"]), number, year, today)
        text = pattern.sub(_DATE, text)
    for ahead, pattern in found.days:
        if pattern.search(text):
            days.append(today + timedelta(days=ahead))
            break
    in_week, text = _in_week(found, text, today)
    days += in_week
    to_come = [day for day in days if day >= today]
    for weekday in {day.weekday() for day in days if day < today}:
        text = _beside(found.weekdays[weekday].pattern, rf"{_DATE}[-\w]*", r"\W{1,3}").sub(" ", text)
    dated = {day.weekday() for day in to_come}
    to_come += [
        today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
        for weekday, pattern in enumerate(found.weekdays)
        if weekday not in dated and pattern.search(text)
    ]
    return to_come, text


def _in_week(found: _Finders, text: str, today: date) -> tuple[list[date], str]:
    """The day of a week that is named ("Friday next week"; its Friday where no day stands beside it), and the text
    without them."""
    monday = today - timedelta(days=today.weekday())
    for ahead, pattern in found.weeks:
        for weekday, name in enumerate(found.weekdays):
            both = _beside(name.pattern, pattern.pattern, found.between)
            if both.search(text):
                return [monday + timedelta(days=7 * ahead + weekday)], both.sub(" ", text)
        if pattern.search(text):
            last = monday + timedelta(days=7 * ahead + _FRIDAY)
            return [max(last, today)], pattern.sub(" ", text)
    return [], text


@cache
def _beside(one: str, other: str, between: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{one}){between}(?:{other})|(?:{other}){between}(?:{one})")


def _calendar(day: int, month: int, year: int, today: date) -> list[date]:
    """That day. Without a year the next such day; none for a day that no calendar has, or that has passed and comes
    again in more than half a year: who writes "12 January" in March tells of what was."""
    try:
        found = date(year or today.year, month, day)
        if year or found >= today:
            return [found]
        again = found.replace(year=today.year + 1)
        return [again if again - today <= _HALF_A_YEAR else found]
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
