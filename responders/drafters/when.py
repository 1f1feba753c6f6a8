"""Dates and times of a fact, said in the language of the answer: a fact may have been noted in another one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from responders.drafters.counting import spoken
from responders.drafters.phrasebook import Pack

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
           "december")  # fmt: skip
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = rf"(?:{'|'.join(f'{month[:3]}(?:{month[3:]})?' for month in _MONTHS)})\.?"
_CLOCK = r"\b(?:[01]?\d|2[0-3]):[0-5]\d\b"
_FOUND = re.compile(
    r"(?P<iso>\d{4}-\d{2}-\d{2})(?:[T ](?P<iso_time>\d{2}:\d{2}))?(?::\d{2})?Z?"
    rf"|(?P<day_first>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month_after>{_MONTH})(?: \d{{4}})?\b"
    rf"|(?P<month_first>{_MONTH}) (?P<day_after>\d{{1,2}})(?:st|nd|rd|th)?(?:,? \d{{4}})?\b"
    rf"|\b(?P<weekday>{'|'.join(_DAYS)})\b|\b(?P<near>today|tonight|tomorrow)\b"
    r"|(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))? ?(?P<half>am|pm)\b"
    rf"|(?P<clock>{_CLOCK}(?: ?(?:-|–|to|and) ?{_CLOCK})?)",
    re.IGNORECASE,
)

_WITHIN = re.compile(
    r"\b(?:within|in) (\d{1,3}) (?:working |business )?(minute|hour|day|week|month)s?\b", re.IGNORECASE
)
_LATEST = re.compile(r"\b(?:by|until|before|no later than|latest)\b", re.IGNORECASE)


def said_when(own: Pack, value: str) -> str:
    """What of this value (numbers, or English) is a date or time, in the pack's words; "" when nothing is.

    "by Thursday 12 March" becomes "najkasnije u četvrtak, 12. ožujka". Working days are no days, so they are not said.
    """
    words = own.raw["when"]
    if (within := _WITHIN.search(value)) and not re.search(r"(?i)\b(?:working|business) ", within[0]):
        return str(words["within"]).format(duration=spoken(own, within[1], within[2].casefold()))
    when = ", ".join(dict.fromkeys(_pieces(words, value)))
    return str(words["latest"]).format(when=when) if when and _LATEST.search(value) else when


def _pieces(words: Mapping[str, Any], value: str) -> Iterator[str]:
    for found in _FOUND.finditer(value):
        if found["iso"]:
            yield from _iso(words, found["iso"], found["iso_time"])
        elif month := found["month_after"] or found["month_first"]:
            yield _day(words, int(found["day_first"] or found["day_after"]), _index(_MONTHS, month))
        elif found["weekday"]:
            yield str(words["days"][_DAYS.index(found["weekday"].casefold())])
        elif found["near"]:
            yield str(words[found["near"].casefold()])
        else:
            yield _time(found)


def _iso(words: Mapping[str, Any], written: str, at: str | None) -> Iterator[str]:
    try:
        moment = date.fromisoformat(written)
    except ValueError:
        return
    yield _day(words, moment.day, moment.month - 1)
    if at:
        yield at


def _day(words: Mapping[str, Any], day: int, month: int) -> str:
    return str(words["date"]).format(day=day, month=words["months"][month])


def _index(names: tuple[str, ...], written: str) -> int:
    return next(at for at, name in enumerate(names) if name.startswith(written.casefold()[:3]))


def _time(found: re.Match[str]) -> str:
    if found["clock"]:
        return re.sub(r" ?(?:-|–|to|and) ?", "–", found["clock"])
    hour = int(found["hour"]) % 12 + (12 if found["half"].casefold() == "pm" else 0)
    return f"{hour}:{found['minute'] or '00'}"
