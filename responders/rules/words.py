"""The words of one language that the rules look for: `responders/rules/<lang>.toml`, checked when read.

A native speaker can edit these files; `patterns` tells how an entry is written. A bad line is named with what to do.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from domain.errors import BadInput
from responders.rules.patterns import finder
from scoring.folding import fold

FOLDER = Path(__file__).parent
LANGUAGES = tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))

PHRASES = (
    "jargon",
    "defensive",
    "selling",
    "fault",
    "liable",
    "scripted",
    "sends_away",
    "noted",
    "slang",
    "casual",
    "stiff",
    "public",
    "private",
    "vow",
    "never_again",
    "future",
    "moment",
    "not",
    "if",
    "because",
    "asks",
    "which",
    "count",
    "places",
    "only",
    "steps",
    "others",
    "day_off",
)
"""What each language has a list of, under [phrases]."""
MAY_LACK = ("feels", "sorry")
"""Lists under [phrases] that a language may do without."""
NOT_MIXED = ("slang", "casual", "stiff", "not", "if", "others", "only", "places")
"""Lists that stay a language's own, whatever its speakers mix in."""
ASKED = (
    "order",
    "email",
    "phone",
    "address",
    "name",
    "date",
    "device",
    "version",
    "place",
    "flight",
    "account",
    "photo",
    "serial",
    "staff",
    "secret",
)
"""What can be asked for, under [asked]."""
CALENDAR = ("months", "weekdays", "days", "units", "numbers", "spans", "clock_before", "clock_after")
ACTS = (
    "refund", "credit", "replace", "send", "cancel", "reset", "repair", "call", "visit", "book", "unlock", "correct",
    "close", "waive", "remove", "answer", "pass on", "report",
)  # fmt: skip
"""What a brand does or promises, under [acts]."""


@dataclass(frozen=True, slots=True)
class Act:
    """What a brand can do: said as done, said as to come, and named at all."""

    done: re.Pattern[str]
    will: re.Pattern[str]
    any: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Words:
    """One language. `claims` are states and policies by what they say, `causes` what is blamed.

    `weighty` acts are never said by the way: words that the sentence shares with a source do not bear them.
    """

    lang: str
    phrases: Mapping[str, re.Pattern[str]]
    formal: re.Pattern[str]
    informal: re.Pattern[str]
    asked: Mapping[str, re.Pattern[str]]
    acts: Mapping[str, Act]
    weighty: Mapping[str, Act]
    causes: Mapping[str, re.Pattern[str]]
    claims: Mapping[str, re.Pattern[str]]
    everyday: frozenset[str]
    calendar: Mapping[str, Any]


@cache
def words_of(lang: str) -> Words:
    """The words of one of LANGUAGES. Raises BadInput naming file, line and entry when they are broken."""
    path = FOLDER / f"{lang}.toml"
    try:
        return read_words(path.name, path.read_text("utf-8"))
    except FileNotFoundError:
        raise BadInput(f"no rule words for {lang!r}; there are {', '.join(LANGUAGES)}") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name}: {error}; save it as UTF-8") from error


def read_words(name: str, text: str) -> Words:
    """The words in this text; `name` stands in the errors."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{name}: {error}; mend the line or restore the last good version") from error
    _require(name, raw)
    for other in raw.get("also", ()):
        raw = _with(raw, tomllib.loads((FOLDER / f"{other}.toml").read_text("utf-8")))
    found = _Lists(name, text, raw["lang"])
    return Words(
        lang=raw["lang"],
        phrases={key: found.finder(raw["phrases"].get(key, [])) for key in (*PHRASES, *MAY_LACK)},
        formal=found.finder(raw["address"]["formal"], exact=True),
        informal=found.finder(raw["address"]["informal"], exact=True),
        asked={key: found.finder(entries) for key, entries in raw["asked"].items()},
        acts={key: found.act(lists) for key, lists in raw["acts"].items()},
        weighty={key: found.act(lists) for key, lists in raw.get("weighty", {}).items()},
        causes={key: found.finder(entries) for key, entries in raw["causes"].items()},
        claims={key: found.finder(entries) for key, entries in raw["claims"].items()},
        everyday=frozenset(fold(" ".join(raw["everyday"])).split()),
        calendar=raw["calendar"],
    )


def _with(own: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The lists of a language with those of another that its speakers mix in; its calendar stays its own."""
    mixed = dict(own)
    for table in ("phrases", "asked", "acts", "causes", "claims"):
        kept = {key: lists for key, lists in other[table].items() if key not in NOT_MIXED}
        mixed[table] = {key: _joined(own[table].get(key), kept.get(key)) for key in {**kept, **own[table]}}
    mixed["everyday"] = [*own["everyday"], *other["everyday"]]
    return mixed


def _joined(own: Any, other: Any) -> Any:
    if isinstance(own or other, dict):
        own, other = own or {}, other or {}
        return {part: [*own.get(part, ()), *other.get(part, ())] for part in {**own, **other}}
    return [*(own or ()), *(other or ())]


@dataclass(frozen=True, slots=True)
class _Lists:
    """Makes finders of the lists of one file, and names the line of an entry that cannot be read."""

    name: str
    text: str
    lang: str

    def finder(self, entries: list[str], *, exact: bool = False) -> re.Pattern[str]:
        for entry in entries:
            try:
                finder([entry])
            except BadInput as error:
                raise BadInput(f"{self.name}, line {self._line(entry)}: {error}") from None
        return finder(entries, exact=exact, lang="" if exact else self.lang)

    def act(self, lists: Mapping[str, list[str]]) -> Act:
        done, will = lists.get("done", []), lists.get("will", [])
        return Act(self.finder(done), self.finder(will), self.finder([*lists["any"], *done, *will]))

    def _line(self, entry: str) -> int:
        at = self.text.find(f'"{entry}"')
        return self.text.count("\n", 0, max(at, 0)) + 1


def _require(name: str, raw: Mapping[str, Any]) -> None:
    needed = [("phrases", PHRASES), ("asked", ASKED), ("acts", ACTS), ("calendar", CALENDAR)]
    for table, keys in [*needed, ("address", ("formal", "informal")), ("causes", ()), ("claims", ())]:
        if not isinstance(raw.get(table), dict):
            raise BadInput(f"{name}: the table [{table}] is missing: write it as in en.toml")
        for key in keys:
            if key not in raw[table]:
                raise BadInput(f"{name}: {table}.{key} is missing: add it, an empty list will do")
    for place, entries in _lists(raw):
        if not all(isinstance(entry, str) for entry in entries):
            raise BadInput(f"{name}: {place} needs a list of texts")
    if unknown := raw["phrases"].keys() - {*PHRASES, *MAY_LACK}:
        raise BadInput(f"{name}: phrases.{min(unknown)}: no rule reads that; there are {', '.join(PHRASES)}")


def _lists(raw: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    for table in ("phrases", "address", "asked", "causes", "claims", "acts", "weighty"):
        for key, entries in raw.get(table, {}).items():
            if table in ("acts", "weighty") and isinstance(entries, dict):
                yield from ((f"{table}.{key}.{part}", listed) for part, listed in entries.items())
            elif isinstance(entries, list):
                yield f"{table}.{key}", entries
            else:
                raise BadInput(f"{raw.get('lang')}.toml: {table}.{key} needs a list of entries")
