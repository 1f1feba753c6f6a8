"""A language's word list as a plain file, read and checked: `scoring/packs/<lang>.txt`.

Each line is `key: entry, entry, ...`; what follows ` # ` is a note. The key says what the entries are:

- a number is a valence, -4 to 4: what the words say about an experience;
- `not`, `more`, `less`, `but` are the words that turn, raise, lower and outweigh; `not after` turns what stands before;
- a concept (`scoring.concepts`) is what the words tell of, whatever they feel like;
- `minutes`, `hours`, `days`, `weeks`, `months`, `two`, `three`, ... name lengths of time;
- `apart`, where a language is written without spaces, holds words that would else be taken for those inside them.

Entries are lower case without accents (Korean syllables as they are written): `word`, `stem*` (every word that begins
so), `several words` (only the last may be a stem), or, for a concept, `word + stem*`: words of one sentence close
together in any order, because other words may stand between them. An entry may stand once under valences and roles,
and once under each concept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from domain.errors import BadInput
from scoring.concepts import CONCEPTS
from scoring.folding import LETTER, fold, spelled

FOLDER = Path(__file__).with_name("packs")
LANGUAGES = ("en", "hr", "hu", "id", "lv", "tl", "de", "es", "fr", "it", "pt", "nl", "pl", "sv", "th", "tr", "vi", "ko")
"""Each has a pack; `emoji` beside them counts in all."""
READ_AS = {"jv": "id", "su": "id"}
"""Who tags a post so mixes it with Indonesian, and that pack knows the most frequent words of feeling of both."""
ROLES = frozenset(("not", "not after", "more", "less", "but"))
APART = "apart"
UNITS = {"minutes": 1, "hours": 60, "days": 1_440, "weeks": 10_080, "months": 43_200}
"""Minutes in each."""
NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10, "twelve": 12}
MIN_STEM = 3
MOST = 4.0
NEAR = " + "
KOREAN = re.compile(r"[\u1100-\u11ff]")
_WORD = rf"{LETTER}+(?:['-]{LETTER}+)*"
_ENTRY = re.compile(rf"{_WORD}(?: {_WORD})*\*?|[^\w\s]+\w?|\w[^\w\s]+")


@dataclass(frozen=True, slots=True)
class Pack:
    """Entries in the order of the file: with a valence, with a concept; words of a role, of a unit, of a number.

    `apart` are words without a meaning that hold others (see `scoring.spacing`).
    """

    feelings: list[tuple[str, float]] = field(default_factory=list)
    concepts: list[tuple[str, str]] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    apart: list[str] = field(default_factory=list)

    def add(self, key: str, entry: str) -> None:
        """Take one entry of a line that was checked."""
        if key in CONCEPTS:
            self.concepts.append((entry, key))
        elif key in ROLES:
            self.roles[entry] = key
        elif key in UNITS:
            self.units[entry] = UNITS[key]
        elif key in NUMBERS:
            self.numbers[entry] = NUMBERS[key]
        elif key == APART:
            self.apart.append(entry)
        else:
            self.feelings.append((entry, float(key)))


@cache
def pack(name: str) -> Pack:
    """The pack of this language. Raises BadInput that names file and line for a bad one."""
    file = FOLDER / f"{name}.txt"
    return read_pack(file.name, file.read_text(encoding="utf-8"))


def read_pack(name: str, text: str) -> Pack:
    """The pack in this text; `name` stands in the errors."""
    found, seen = Pack(), dict[tuple[str, str], int]()
    for number, key, entry in _entries(name, text):
        place = _kind(key), entry
        if place in seen:
            raise BadInput(f"{name}, line {number}: {entry!r} stands in line {seen[place]} already: remove one of them")
        seen[place] = number
        found.add(key, entry)
    return found


def _entries(name: str, text: str) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.partition("# ")[0].strip() if not line.startswith("#") else ""
        if not bare:
            continue
        key, colon, entries = bare.partition(": ")
        if not colon or not _is_key(key):
            asked = "begin with a valence from -4 to 4, one of not, more, less, but, a concept or a unit of time"
            raise BadInput(f"{name}, line {number}: {asked}, then a colon and entries: {bare[:40]!r}")
        for entry in filter(None, map(str.strip, spelled(entries).split(","))):
            _check(name, number, key, entry)
            yield number, key, entry


def _kind(key: str) -> str:
    """Among which an entry stands once: a concept, units, numbers, valences and roles ("hét" is seven and a week)."""
    return key if key in CONCEPTS else "unit" if key in UNITS else "number" if key in NUMBERS else "feeling"


def _is_key(key: str) -> bool:
    if key in ROLES or key in CONCEPTS or key in UNITS or key in NUMBERS or key == APART:
        return True
    try:
        return 0 < abs(float(key)) <= MOST
    except ValueError:
        return False


def _check(name: str, number: int, key: str, entry: str) -> None:
    if not all(map(_ENTRY.fullmatch, entry.split(NEAR))):
        raise BadInput(f"{name}, line {number}: {entry!r} is no word, stem* or phrase")
    if fold(entry) != entry:
        raise BadInput(f"{name}, line {number}: write {entry!r} in lower case without accents: {fold(entry)!r}")
    if any(part.endswith("*") and len(part) <= _least(part, entry) for part in entry.split()):
        raise BadInput(f"{name}, line {number}: {entry!r} would match too much: write at least {MIN_STEM} letters")
    if NEAR in entry and (key not in CONCEPTS or any(" " in part for part in entry.split(NEAR))):
        raise BadInput(f"{name}, line {number}: {entry!r}: only a concept joins words by +, each of them one word")


def _least(stem: str, entry: str) -> int:
    """How many letters it needs: behind another word one Korean syllable, two letters, is enough ("안 되*")."""
    return MIN_STEM - 1 if KOREAN.match(stem) and " " in entry and NEAR not in entry else MIN_STEM
