"""Figures of a text in one form for all languages: amounts, percentages, dates, times, lengths of time, numbers, codes.

"20 ribu", "Rp20.000" and "IDR 20,000" are one amount; "2 pm", "14:00" and "u 14 sati" one time; "12. svibnja" and
"2026-05-12" one day. A figure that can be read in two ways carries both readings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from responders.rules.patterns import finder
from responders.rules.words import words_of
from scoring.folding import fold

Reading = tuple[str, float | str]
"""What a figure says: its kind (money, percent, clock, date, month, weekday, day, span, number, code) and its value.
A "spoken span" is a length of time in words, a "spoken clock" a time.
clock: minutes of a day, both where either half of it may be meant ("at 8", "8:00 in the evening"); date: month * 100 +
day; weekday: 0 is Monday; span: minutes; code: letters and digits.
"""

HALF_DAY, DAY = 720, 1_440
NO_MONTHS = frozenset(["may", "march", "set", "ago", "hun", "dis", "jun", "jan", "ene", "mar", "dec"])
"""Short or ambiguous names, which mean a month only beside a day."""
MINUTES = {"minute": 1, "hour": 60, "day": 1_440, "week": 10_080, "month": 43_800, "year": 525_600}
_CURRENCIES = {
    "EUR": "€|eur|euro|euros|eura|euri|eurima|euru|eiro|eur[oa]t|euro[bnt]\\w*|evro|evra",
    "USD": "(?:us|ca?|a|nz|s|hk)?\\$|usd|dollars?|dolara?|dolar\\w*|dollar\\w*",
    "GBP": "£|gbp|pounds?|quid", "PHP": "₱|php|pesos?|piso",
    "IDR": "rp\\.?|idr|rupiah", "HUF": "huf|ft|forint\\w*", "HRK": "hrk|kn|kuna|kune", "RSD": "rsd|dinara?",
    "BAM": "bam|km(?= \\w*rat)", "PCT": "%|percent|per cent|posto|szazalek\\w*|persen|procent\\w*|porsyento",
}  # fmt: skip
_TIMES = {
    "k": 1e3,
    "rb": 1e3,
    "ribu": 1e3,
    "jt": 1e6,
    "juta": 1e6,
    "ezer": 1e3,
    "tisuca": 1e3,
    "tukst": 1e3,
    "million": 1e6,
}
_MANY_OF = "|".join(_TIMES)
_TEN = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_ONE = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
_TENS = {f"{ten}-{one}": float(tens + ones) for ten, tens in _TEN.items() for one, ones in _ONE.items()}
"""English numbers of two words: "thirty-one"."""
NUMBER = r"\d{1,3}(?:[ .,\u00a0\u2009\u202f'’]\d{3})+(?:[.,]\d{1,2})?(?![\d])|\d+(?:[.,]\d+)?"
"""Digits with what groups thousands: a stop, a comma, an apostrophe, or a space, also a narrow or unbreakable one."""
_SIGN = "|".join(_CURRENCIES.values())
CURRENCY_WORD = "|".join(written for name, written in _CURRENCIES.items() if name != "PCT")
"""A pattern of the words and signs of money in folded text."""
_MONEY = re.compile(
    rf"(?<![\w])(?P<before>{_SIGN})\s?(?P<first>{NUMBER})(?:\s?(?P<times1>{_MANY_OF})\b)?"
    rf"|(?<!\d)(?P<second>{NUMBER})(?:\s?(?P<times2>{_MANY_OF})\b)?[\s\u00a0-]?(?P<after>{_SIGN})(?:-?\w{{0,5}}\b)?(?!\w)"
)
_PESOS = re.compile(rf"(?<!\w)p\s?({NUMBER})(?!\w)")
"""As Filipinos write them: "P1,500"; elsewhere "P500" is a code."""
_GROUPED_PESOS = re.compile(r"(?<!\w)p(\d{1,3}(?:,\d{3})+(?:\.\d\d)?)(?!\w)")
"""With thousands apart it is no code anywhere."""
_ISO = re.compile(r"\b(20\d\d)-(\d{1,2})-(\d{1,2})")
_DOTTED = re.compile(
    r"(?<![\d.,/])(\d{1,2})[./-]\s?(\d{1,2})[./-]\s?((?:20)?\d\d)\b(?![:.]\d)\.?"
    r"|(?<![\d.,/])(\d{1,2})(?:\.\s?(?=\d\d?\.(?!\d))|/)(\d{1,2})(?![\d/])\.?"
)
_DOTTED_YEAR_FIRST = re.compile(r"\b(20\d\d)[./]\s?(\d{1,2})[./]\s?(\d{1,2})")
_CODE = re.compile(r"(?<![\w#])#?(?=[\w-]*\d)(?=[\w-]*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*(?![\w])|\d{1,6}-\d{3,}(?:-\d+)*")
ENDING = re.compile(r"(?<=\d)-?[a-z]{1,4}$|(?<=\d)-[a-z]{1,5}$")
"""What languages hang on a number: "8812-es", "500-nya", "2nd"."""
UNDOTTED = frozenset({"en", "id", "tl"})
"""They write no dot after the number of a day: "in zone 4. May I ask" is no date."""
SPOKEN_HOURS = {"id": "jam|pukul", "tl": "alas|ala", "hr": "(?<!\\w)(?:u|do|oko|iza|prije|poslije|nakon)(?: pola)?"}
HALF_BEFORE = " pola"
"""Croatian tells half hours by the next one: "u pola osam" is half past seven."""
_PARTS_OF_HOUR = {
    "en": {"half past": 30, "quarter past": 15, "quarter to": -15},
    "hr": {"pola": -30},
    "hu": {"fel": -30, "haromnegyed": -15, "negyed": -45},
    "id": {"setengah": -30},
}
"""Minutes before or after the hour that is named next: "half past 7", "fel 7" (half past six)."""
_HOUR_ENDS = {"hr": r"(?=\s*(?:[.,;:!?)–]|$)|\s(?:i|a|sati|ujutro|navecer|popodne|prijepodne|danas|sutra|veceras)\b)"}
"""What may follow an hour in words where a number alone could count anything ("u dva paketa")."""
_TO = re.compile(r"\s?[-–]\s?(\d{1,2})(?![\d.:/])")
_FROM = re.compile(r"(?<![\d.:/])(\d{1,2})\s?(?:-|–|to|and|sampai|hingga|hanggang|at|dan|do|i)\s?$")
"""The other end of some days of one month: "Nov 10-25", "14-16 November"."""
LONGEST_MONTH = 31
_RANKED = re.compile(r"^(?:ika|pang|ke)-?(?=\d+$)")
"""What makes a number a rank: "ika-29", "ke-2"."""
_MANY = re.compile(rf"(?<![\w.,])(\d+(?:[.,]\d+)?)\s?({_MANY_OF})(?!\w)")
_MEASURE = re.compile(r"\d+(?:k|gb|mb|tb|g|kg|km|cm|mm|ml|l|h|m|s|x|min|mbps|gbps|khz)")
_CLOCK = re.compile(r"(?<![\d.,:])([01]?\d|2[0-4])[:.]([0-5]\d)(?![\d])(?:\s?(a\.?m|p\.?m)\b)?")
_AM_PM = re.compile(r"(?<![\d.,:])(1[0-2]|0?[1-9])\s?(a\.?m|p\.?m)\b")
_PART_OF_DAY = re.compile(
    r"\b(?:mornings?|evenings?|nights?|tonight|afternoons?|noon|jutr\w*|ujutro|vecer\w*|navecer|popodne|poslijepodne"
    r"|prijepodne|noc\w*|reggel\w*|est[ei]\w*|delutan\w*|delelott\w*|hajnal\w*|ejjel\w*|ejszaka\w*|pagi|siang|sore"
    r"|petang|malam|rit[aou]s?|vakar[aos]\w*|pusdien\w*|pecpusdien\w*|nakt\w*|umaga|hapon|gabi|tanghali)\b"
)
_NEAR_CLOCK = 24
"""Characters between a clock and a word that says which half of the day it is in."""
_ITEM = re.compile(r"(?:^|(?<=\s))(\d{1,2})(?:\)|\.(?=\s))")
"""What numbers the things of a list: "1) … 2) …"."""
_PLAIN = re.compile(rf"(?<![\w.,])(?:{NUMBER})(?!\w)|(?<!\w)\d+(?=[a-z]{{1,4}}\b)")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure and where it stands; `readings` are all that it can mean."""

    start: int
    end: int
    readings: tuple[Reading, ...]

    @property
    def kind(self) -> str:
        """The kind of its first reading."""
        return self.readings[0][0]


def figures(plain: str, langs: Iterable[str]) -> list[Figure]:
    """Every figure of this folded text, as speakers of these languages write them, in order."""
    found = list[Figure]()
    for reader in (
        _iso_dates,
        _named_dates,
        _amounts,
        _spans,
        _clocks,
        _dotted_dates,
        _days,
        _thousands,
        _codes,
        _numbers,
    ):
        taken = bytearray(len(plain) + 1)
        for figure in found:
            taken[figure.start : figure.end] = b"\1" * (figure.end - figure.start)
        for figure in reader(plain, tuple(langs)):
            if not any(taken[figure.start : figure.end]):
                found.append(figure)
    return sorted(found, key=lambda figure: figure.start)


def number_of(written: str) -> float:
    """The number: a last separator before one or two digits is a decimal sign, any other groups thousands."""
    bare = re.sub(r"[\s'’]", "", written)
    whole, separator, rest = bare, "", ""
    at = max(bare.rfind("."), bare.rfind(","))
    if at >= 0 and len(bare) - at - 1 != 3:
        whole, separator, rest = bare[:at], ".", bare[at + 1 :]
    return float(re.sub(r"[.,]", "", whole) + separator + rest)


def _amounts(plain: str, langs: tuple[str, ...]) -> Iterator[Figure]:
    for found in (_PESOS if "tl" in langs else _GROUPED_PESOS).finditer(plain):
        yield Figure(found.start(), found.end(), (("money PHP", number_of(found[1])),))
    for found in _MONEY.finditer(plain):
        number = number_of(found["first"] or found["second"])
        number *= _TIMES.get(found["times1"] or found["times2"] or "", 1)
        sign = found["before"] or found["after"]
        currency = next(name for name, written in _CURRENCIES.items() if re.fullmatch(written, sign))
        if currency == "PCT":
            yield Figure(found.start(), found.end(), (("percent", number),))
        else:
            yield Figure(found.start(), found.end(), ((f"money {currency}", number),))


def _iso_dates(plain: str, langs: tuple[str, ...]) -> Iterator[Figure]:
    for pattern in (_ISO, _DOTTED_YEAR_FIRST):
        for found in pattern.finditer(plain):
            yield from _dated(found, int(found[3]), int(found[2]), int(found[1]))


def _dotted_dates(plain: str, langs: tuple[str, ...]) -> Iterator[Figure]:
    for found in _DOTTED.finditer(plain):
        first, second = int(found[1] or found[4]), int(found[2] or found[5])
        year = int(found[3]) % 2000 + 2000 if found[3] else None
        readings = list(_of_date(first, second, year))
        if "/" in found[0] or "hu" in langs:  # Hungarians write the month first
            readings += _of_date(second, first, year)
        if readings:
            yield Figure(found.start(), found.end(), tuple(readings))


def _dated(found: re.Match[str], day: int, month: int, year: int | None) -> Iterator[Figure]:
    if readings := tuple(_of_date(day, month, year)):
        yield Figure(found.start(), found.end(), readings)


def _of_date(day: int, month: int, year: int | None) -> Iterator[Reading]:
    if 1 <= month <= 12 and 1 <= day <= 31:
        yield "date", month * 100 + day
        if year is not None:
            try:
                yield "weekday", date(year, month, day).weekday()
            except ValueError:
                return


@cache
def _calendar(lang: str) -> dict[str, Any]:
    """The calendar of a language with its finders: months, weekdays, days, units, spans."""
    raw = words_of(lang).calendar
    spoken = {fold(word): float(value) for word, value in raw["numbers"].items()} | (_TENS if lang == "en" else {})
    numbers = "|".join(sorted(spoken, key=len, reverse=True))
    months = [finder(entries).pattern for entries in raw["months"]]
    any_month = "|".join(f"(?P<m{at}>{pattern})" for at, pattern in enumerate(months, 1))
    units = {unit: finder(entries).pattern for unit, entries in raw["units"].items()}
    any_unit = "|".join(f"(?P<{unit}>{pattern})" for unit, pattern in units.items())
    count = rf"(?:\d+(?:[.,]5)?|{numbers})"
    work = (
        r"(?:(?:working|business|work|radn\w+|munka|kerja|darba|banking|full|calendar|kalend[ae]r\w*|naptari)[\s-]?)?"
    )
    dot = r"" if lang in UNDOTTED else r"|\."
    ordinal, year = rf"(?:st|nd|rd|th{dot}|-?(?:an|en|ig|jan|jen))?", r"(?:,?\s(?P<year>20\d\d))?"
    between = r"\s?(?:-|–|to|do|and|or|i|ili|vagy|es|sampai|hingga|sampai dengan|lidz|vai|hanggang|o)\s?"
    single = rf"(?!(?:{'|'.join(_TENS)})\b)" if lang == "en" else ""  # "thirty-one years" are no thirty to one
    before = finder(raw["clock_before"]).pattern
    after = finder(raw["clock_after"]).pattern
    return {
        "month": re.compile(any_month),
        "day month": re.compile(
            rf"(?<!\d)(?<!\b[a-z]-)(?P<day>\d{{1,2}}){ordinal},?\s?(?:of |ng )?(?:{any_month}){year}"
        ),
        "month day": re.compile(
            rf"(?:{any_month})\.?\s(?P<day>\d{{1,2}})(?!\d|[:.]\d|,\d{{1,2}}(?!\d)|\s\d{{3}})(?:{ordinal}|-\w+){year}"
        ),
        "span": re.compile(
            rf"(?<![\w.,:])(?<!\b[a-z]-)(?:(?P<low>{single}{count}){between})?"
            rf"(?P<count>{count})[\s-]?{work}(?:na |ng )?(?:{any_unit})"
        ),
        "hours and minutes": re.compile(
            rf"(?<![\w.,:])(\d{{1,3}})[\s-]?(?:{units['hour']}|h)\s(?:(?:and|i|es|un|dan|at)\s)?"
            rf"(\d{{1,2}})[\s-]?(?:{units['minute']})"
        ),
        "weekdays": [finder(entries) for entries in raw["weekdays"]],
        "days": {name: finder(entries) for name, entries in raw["days"].items()},
        "hours": {int(minutes): finder(entries) for minutes, entries in raw.get("hours", {}).items()},
        "spans": {int(minutes): finder(entries) for minutes, entries in raw["spans"].items()},
        "numbers": spoken,
        "part of hour": re.compile(
            rf"\b({'|'.join(_PARTS_OF_HOUR.get(lang, ('(?!)',)))})\s"
            rf"(?:(1[0-2]|[1-9])(?![\d:/])(?![.,]\d)(?:-[a-z]+)?|({_hours_of(raw)})\b)(?!\s?(?:belas|ezer|tisuc|kg|kil|lit|dkg|gram|kom|m\b))"
        ),
        "clock": re.compile(
            rf"{_spoken_hour(raw, lang)}(?:{before})[\s.-]*(?P<one>[01]?\d|2[0-4])(?:[:.](?P<m1>[0-5]\d))?"
            r"(?!\d|[.,]\d|\.\s\d\d?\.)"
            rf"|(?<![\d.,:])(?P<two>[01]?\d|2[0-4])(?:[:.](?P<m2>[0-5]\d))?\s?(?:{after})"
        ),
    }  # fmt: skip


def _spoken_hour(raw: Mapping[str, Any], lang: str) -> str:
    """Hours in words, in the languages that put a word before them ("jam tujuh", "alas-sais y medya")."""
    if lang not in SPOKEN_HOURS:
        return ""
    return (
        rf"(?:{SPOKEN_HOURS[lang]})[\s-]*(?P<word>{_hours_of(raw)})\b(?P<half>\s(?:y\s)?(?:medya|imedya))?"
        rf"(?!\s(?:y|kurang|lewat|lebih|belas)){_HOUR_ENDS.get(lang, '')}|"
    )


def _hours_of(raw: Mapping[str, Any]) -> str:
    """A pattern of the words that can count the hours of a clock."""
    words = [fold(word) for word, value in raw["numbers"].items() if 1 <= value <= 12]
    return "|".join(sorted(words, key=len, reverse=True)) or "(?!)"


def _named_dates(plain: str, langs: tuple[str, ...]) -> Iterator[Figure]:
    for calendar in map(_calendar, langs):
        for order in ("day month", "month day"):
            for found in calendar[order].finditer(plain):
                month = next(at for at in range(1, 13) if found[f"m{at}"])
                year = int(found["year"]) if found["year"] else None
                yield from _dated(found, int(found["day"]), month, year)
                other = _TO.match(plain, found.end()) if order == "month day" else _FROM.search(plain[: found.start()])
                if other and int(other[1]) <= LONGEST_MONTH:
                    yield from _dated(other, int(other[1]), month, year)


def _spans(plain: str, langs: tuple[str, ...]) -> Iterator[Figure]:
    counted = set[int]()
    for calendar in map(_calendar, langs):
        for found in calendar["hours and minutes"].finditer(plain):
            counted.update(range(*found.span()))
            minutes = float(int(found[1]) * 60 + int(found[2]))
            clock = [("clock", minutes)] if plain.startswith("kor", found.end() - 3) and minutes < DAY else []
            yield Figure(found.start(), found.end(), (("span", minutes), *clock))
        for found in calendar["span"].finditer(plain):
            if found.start() in counted:
                continue
            unit = next(unit for unit in MINUTES if found[unit])
            counted.update(range(*found.span()))
            for count in filter(None, (found["low"], found["count"])):
                number = calendar["numbers"].get(count) or number_of(count)
                readings: list[Reading] = [("span" if count[0].isdigit() else "spoken span", number * MINUTES[unit])]
                if unit == "hour" and number == int(number) and number <= 24:
                    readings += _of_hour(int(number))
                part = "low" if count == found["low"] else "count"
                yield Figure(found.start(part), found.end(part), tuple(readings))
                # A range is two figures; the second one carries the unit.
        for minutes, pattern in calendar["spans"].items():
            for found in pattern.finditer(plain):
                if found.start() not in counted:  # "három napon belül" is no single day, "half an hour" no hour
                    counted.update(range(*found.span()))
                    yield Figure(found.start(), found.end(), (("spoken span", float(minutes)),))


def _clocks(plain: str, langs: tuple[str, ...]) -> Iterator[Figure]:
    """Each once: of two that overlap the one that stands first here tells more."""
    said = list[Figure]()
    for reader in (_halves_told, _parts_of_hours, _clocks_in_digits, _clocks_in_words):
        for figure in reader(plain, langs):
            if not any(figure.start < other.end and other.start < figure.end for other in said):
                said.append(figure)
    yield from said


def _halves_told(plain: str, langs: tuple[str, ...]) -> Iterator[Figure]:
    for pattern in (_CLOCK, _AM_PM):
        for found in pattern.finditer(plain):
            if half := found[found.re.groups]:
                minutes = int(found[1]) % 12 * 60 + (int(found[2]) if pattern is _CLOCK else 0)
                yield Figure(found.start(), found.end(), (("clock", minutes + HALF_DAY * half.startswith("p")),))


def _parts_of_hours(plain: str, langs: tuple[str, ...]) -> Iterator[Figure]:
    for lang, calendar in zip(langs, map(_calendar, langs), strict=True):
        for found in calendar["part of hour"].finditer(plain):
            hour = int(found[2]) if found[2] else int(calendar["numbers"][found[3]])
            minutes = hour * 60 + _PARTS_OF_HOUR[lang][found[1]]
            yield Figure(
                found.start(), found.end(), tuple(_either_half(minutes, "clock" if found[2] else "spoken clock"))
            )


def _clocks_in_digits(plain: str, langs: tuple[str, ...]) -> Iterator[Figure]:
    named = {found.end() for calendar in map(_calendar, langs) for found in calendar["clock"].finditer(plain)}
    for found in _CLOCK.finditer(plain):
        readings = list(_of_clock(plain, found, int(found[1]), int(found[2])))
        if "." in found[0]:
            if found.end() not in named or int(found[2]):  # "at 8.00" is no number, nor another way to say 20.00
                readings.append(("number", float(f"{found[1]}.{found[2]}")))
            readings += _of_date(int(found[1]), int(found[2]), None)
            readings += _of_date(int(found[2]), int(found[1]), None) if "hu" in langs else ()
        yield Figure(found.start(), found.end(), tuple(readings))


def _of_clock(plain: str, found: re.Match[str], hour: int, past: int) -> Iterator[Reading]:
    """An hour with its minutes is what it says, unless a word beside it tells the half of the day."""
    around = plain[max(0, found.start() - _NEAR_CLOCK) : found.end() + _NEAR_CLOCK]
    if 1 <= hour <= 12 and _PART_OF_DAY.search(around):
        return _either_half(hour * 60 + past)
    return iter([("clock", (hour * 60 + past) % DAY)])


def _of_hour(hour: int) -> Iterator[Reading]:
    """An hour alone: "at 8" is one of two."""
    return _either_half(hour * 60) if 1 <= hour <= 12 else iter([("clock", hour * 60 % DAY)])


def _either_half(minutes: float, kind: str = "clock") -> Iterator[Reading]:
    yield kind, minutes % HALF_DAY
    yield kind, minutes % HALF_DAY + HALF_DAY


def _clocks_in_words(plain: str, langs: tuple[str, ...]) -> Iterator[Figure]:
    for lang, calendar in zip(langs, map(_calendar, langs), strict=True):
        yield from _hours_in_words(plain, calendar["hours"])
        yield from _hours_with_words(plain, lang, calendar)


def _hours_with_words(plain: str, lang: str, calendar: Mapping[str, Any]) -> Iterator[Figure]:
    for found in calendar["clock"].finditer(plain):
        if spoken := found.groupdict().get("word"):
            half = 30 if found["half"] else -30 if HALF_BEFORE in found[0] else 0
            minutes = calendar["numbers"][spoken] * 60 + half
            kind = "spoken clock" if lang in _HOUR_ENDS else "clock"
            yield Figure(found.start(), found.end(), (*_either_half(minutes, kind), ("any", minutes / 60)))
            continue
        hour, past = int(found["one"] or found["two"]), found["m1"] or found["m2"]
        if past:
            yield Figure(found.start(), found.end(), tuple(_of_clock(plain, found, hour, int(past))))
        else:
            told = *_of_hour(hour), ("span", hour * 60.0), ("number", float(hour))
            yield Figure(found.start(), found.end(), told)


def _hours_in_words(plain: str, hours: Mapping[int, re.Pattern[str]]) -> Iterator[Figure]:
    """Hours that a language bends into one word ("hatkor", "sešos"); half hours stand first in its list."""
    taken = set[int]()
    for minutes, pattern in hours.items():
        for found in pattern.finditer(plain):
            if found.end() not in taken:
                taken.add(found.end())
                yield Figure(found.start(), found.end(), tuple(_either_half(minutes, "spoken clock")))


def _days(plain: str, langs: tuple[str, ...]) -> Iterator[Figure]:
    for calendar in map(_calendar, langs):
        for number, pattern in enumerate(calendar["weekdays"]):
            for found in pattern.finditer(plain):
                yield Figure(found.start(), found.end(), (("weekday", number),))
        for name, pattern in calendar["days"].items():
            for found in pattern.finditer(plain):
                yield Figure(found.start(), found.end(), (("day", name),))
        for found in calendar["month"].finditer(plain):
            if found[0] not in NO_MONTHS:
                month = next(at for at in range(1, 13) if found[f"m{at}"])
                yield Figure(found.start(), found.end(), (("month", month),))


def _thousands(plain: str, langs: tuple[str, ...]) -> Iterator[Figure]:
    for found in _MANY.finditer(plain):
        number = number_of(found[1])
        yield Figure(found.start(), found.end(), (("number", number * _TIMES[found[2]]), ("number", number)))


def _codes(plain: str, langs: tuple[str, ...]) -> Iterator[Figure]:
    for found in _CODE.finditer(plain):
        code = _RANKED.sub("", ENDING.sub("", found[0]))
        if code.lstrip("#").isdigit() or _MEASURE.fullmatch(code):
            number = float(re.sub(r"\D", "", code))
            yield Figure(found.start(), found.end(), (("number", number),))
        elif len(code) > 2:
            yield Figure(found.start(), found.end(), (("code", re.sub(r"[\W_]", "", code)),))


def _numbers(plain: str, langs: tuple[str, ...]) -> Iterator[Figure]:
    items = _items(plain)
    for found in _PLAIN.finditer(plain):
        if found.start() not in items:
            yield Figure(found.start(), found.end(), (("number", number_of(found[0])),))


def _items(plain: str) -> set[int]:
    """Where numbers stand that only count, from one on, the things of a list."""
    found = set[int]()
    for each in _ITEM.finditer(plain):
        if int(each[1]) == len(found) + 1:
            found.add(each.start())
    return found if len(found) > 1 else set()
