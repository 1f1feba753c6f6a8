"""Market packs: what holds in a country, as plain TOML files `markets/<CC>.toml`; `Packs` reads them.

    name = "Croatia"
    languages = ["hr"]
    zone = "Europe/Zagreb"
    formality = "formal"
    greeting = "Poštovani and the surname."
    closing = "S poštovanjem and the name."
    directness = "Direct and short is fine."
    currency = "EUR"
    amount = "1.234,50 €"
    payment = ["kartica"]
    hours = "Mon-Fri 08:00-16:00"
    legal = ["A written complaint is due an answer within 15 days."]
    emergency = ["112"]
    places = ["Zagreb"]

All keys but `closing` are needed; lists may be empty. `default.toml` stands in where no market is known. `formality` is
formal, informal, or neutral, which leaves it to the phrase pack. `emergency` are numbers that anybody may be told to
ring. Holidays come from the library `holidays` by the country.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from domain.errors import BadInput
from responders.last_good import LastGood
from responders.toml_files import TomlFile
from scoring.naming import places

FOLDER: Final = Path(__file__).with_name("markets")
DEFAULT: Final = "default"
FORMALITY: Final = ("formal", "informal", "neutral")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS = re.compile(rf"({'|'.join(_DAYS)})-({'|'.join(_DAYS)}) ([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_TEXTS = ("name", "greeting", "closing", "directness", "amount")
_LISTS = ("languages", "payment", "legal", "emergency", "places")
_KEYS = (*_TEXTS, *_LISTS, "zone", "formality", "currency", "hours")
_LONGEST = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One pack. `code` is two letters of a country, or "" for the default; `hours` are local minutes on `days` (Monday
    is 0). `amount` shows how money is written."""

    code: str
    name: str
    languages: tuple[str, ...]
    zone: str
    formality: str
    greeting: str
    directness: str
    currency: str
    amount: str
    payment: tuple[str, ...]
    days: range
    hours: tuple[int, int]
    legal: tuple[str, ...]
    emergency: tuple[str, ...]
    places: tuple[str, ...]
    closing: str = ""

    @property
    def addressed(self) -> dict[str, str]:
        """Language -> how people are addressed in it here; a neutral market leaves it to the phrase pack."""
        return {} if self.formality == "neutral" else dict.fromkeys(self.languages, self.formality)

    def local(self, now: datetime) -> datetime:
        """The time there."""
        return now.astimezone(ZoneInfo(self.zone))

    def holiday(self, now: datetime) -> str:
        """What is kept there today; "" on other days, and where no country is known."""
        there = self.local(now).date()
        return _holidays(self.code, there.year).get(there, "") if self.code else ""

    def days_off(self, year: int) -> frozenset[date]:
        """The holidays of this year and the next."""
        return frozenset(day for each in (year, year + 1) for day in (_holidays(self.code, each) if self.code else ()))

    def occasions(self, year: int) -> dict[date, str]:
        """The holidays of a year, with their names in English and in the languages spoken there."""
        found = dict[date, str]()
        for name in ("", *self.languages) if self.code and year else ():
            for day, called in _holidays(self.code, year, name).items():
                found[day] = "; ".join(filter(None, (found.get(day), called)))
        return found

    def is_open(self, now: datetime) -> bool:
        """Whether service is usual there at this hour."""
        there = self.local(now)
        minute = there.hour * 60 + there.minute
        return there.weekday() in self.days and self.hours[0] <= minute < self.hours[1] and not self.holiday(now)


@lru_cache(maxsize=64)
def _holidays(code: str, year: int, lang: str = "") -> dict[date, str]:
    """Named in English (or as the country itself does), or in this language; none where the library lacks it there."""
    lang = _CALLED.get(lang, lang)
    if lang and lang not in holidays.list_localized_countries().get(code, ()):
        return {}
    return dict(holidays.country_holidays(code, years=year, language=lang or "en_US"))


_CALLED: Final = {"tl": "fil"}
"""Language -> what the library of holidays calls it."""


UNKNOWN: Final = Market(
    code="", name="No market", languages=(), zone="UTC", formality="neutral", greeting="", directness="",
    currency="", amount="", payment=(), days=range(0), hours=(0, 0), legal=(),
    emergency=(), places=(),
)  # fmt: skip
"""Where not even the default pack can be read."""


class Packs:
    """The packs of a folder, read again when a file changes. A file that cannot be read leaves its last good version
    in force, and `broken` says why. Copies of good versions are kept once `keep_in` has said where."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._read = LastGood(lambda path, content: read_market(path.name, content), lambda path: path.name)

    def keep_in(self, folder: Path) -> None:
        """Where copies of good versions are kept, for a restart."""
        self._read.keep(lambda path: folder / path.name)

    def all(self) -> Mapping[str, Market]:
        """Code -> market, as they are in force now; the default under ""."""
        found = (self._read.of(path).good for path in self._files())
        return {market.code: market for market in found if market is not None}

    def broken(self) -> list[str]:
        """What is wrong with files that were not taken in, and what counts instead."""
        return [told for path in self._files() if (told := self._read.of(path).told)]

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.toml"))


PACKS: Final = Packs()
"""The packs of this installation."""


def choose_market() -> str:
    """What to write for a market, with every code that has a pack."""
    return f"choose from {', '.join(sorted(filter(None, PACKS.all())))}"


def texts(markets: Iterable[Market]) -> list[str]:
    """What these packs say that may hold a number or an address."""
    return [
        text for each in markets for text in (each.greeting, each.closing, each.directness, *each.payment, *each.legal)
    ]


def _code(name: str) -> str:
    stem = name.removesuffix(".toml")
    return "" if stem == DEFAULT else stem


def read_market(name: str, content: bytes) -> Market:
    """The pack in this file; its name is the country. BadInput names the file, the line or key, and what to do."""
    return _Reading(TomlFile(name, content)).market()


class _Reading:
    """One file being read: every complaint names its line."""

    def __init__(self, file: TomlFile) -> None:
        self._file, self._raw, self._wrong = file, file.raw, file.wrong

    def market(self) -> Market:
        code = _code(self._file.place)
        if code and (not re.fullmatch("[A-Z]{2}", code) or code not in holidays.list_supported_countries()):
            raise BadInput(f"{self._file.place}: name the file by the two capital letters of a country, like HR.toml")
        self._file.check_keys(_KEYS)
        texts = {key: self._text(key) for key in _TEXTS if key != "closing" or key in self._raw}
        lists = {key: self._list(key) for key in _LISTS}
        days, hours = self._hours()
        self._check_lists(lists)
        return Market(
            code=code, zone=self._zone(), formality=self._formality(), currency=self._currency(), days=days,
            hours=hours, **texts, **lists,  # type: ignore[arg-type]
        )  # fmt: skip

    def _text(self, key: str) -> str:
        return self._file.text(key, _LONGEST)

    def _list(self, key: str) -> tuple[str, ...]:
        value = self._raw.get(key)
        if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
            raise self._wrong(key, f'needed, as a list of texts, like {key} = ["one", "other"]; it may be empty')
        return tuple(value)

    def _check_lists(self, lists: Mapping[str, tuple[str, ...]]) -> None:
        for lang in lists["languages"]:
            if not re.fullmatch("[a-z]{2,3}", lang):
                raise self._wrong("languages", f"{lang!r} is none; write codes like hr")
        for number in lists["emergency"]:
            if not re.fullmatch("[0-9]{2,6}", number):
                raise self._wrong("emergency", f"{number!r} is no short number; write digits like 112")
        known = _known_places()
        for place in lists["places"]:
            if place not in known:
                raise self._wrong("places", f"{place!r} does not stand in scoring/places.txt; add it there first")

    def _zone(self) -> str:
        value = self._text("zone")
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise self._wrong("zone", f"{value[:40]!r} is no time zone; write one like Europe/Zagreb") from None
        return value

    def _formality(self) -> str:
        value = self._text("formality")
        if value not in FORMALITY:
            raise self._wrong("formality", f"choose one of {', '.join(FORMALITY)}")
        return value

    def _currency(self) -> str:
        value = self._text("currency")
        if not re.fullmatch("[A-Z]{3}", value):
            raise self._wrong("currency", "write three capital letters like EUR")
        return value

    def _hours(self) -> tuple[range, tuple[int, int]]:
        found = _HOURS.fullmatch(self._text("hours"))
        if found is None:
            raise self._wrong("hours", "write days and local times like Mon-Fri 08:00-16:00")
        first, last = _DAYS.index(found[1]), _DAYS.index(found[2])
        begin, end = int(found[3]) * 60 + int(found[4]), int(found[5]) * 60 + int(found[6])
        if first > last or begin >= end:
            raise self._wrong("hours", "the first day and time come before the last, like Mon-Fri 08:00-16:00")
        return range(first, last + 1), (begin, end)


@lru_cache(maxsize=1)
def _known_places() -> frozenset[str]:
    index = places().index
    return frozenset(hit.value.name for hits in (*index.whole.values(), *index.stems.values()) for hit in hits)
