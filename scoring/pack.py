"""A language's word list as a plain file, read and checked: `scoring/packs/<lang>.txt`.

Each line is `key: entry, entry, ...`; what follows ` # ` is a note. A number as key is a valence (-4 to 4: what the
words say about an experience); `not`, `more`, `less` and `but` are the words that turn, raise, lower and outweigh.
Entries are lower case without accents: `word`, `stem*` (every word that begins so) or `several words`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from domain.errors import BadInput
from scoring.signals import fold

FOLDER = Path(__file__).with_name("packs")
ROLES = frozenset(("not", "more", "less", "but"))
MIN_STEM = 3
MOST = 4.0
_ENTRY = re.compile(r"[^\W_]+(?:['-][^\W_]+)*(?: [^\W_]+(?:['-][^\W_]+)*)*\*?|[^\w\s]+\w?|\w[^\w\s]+")


@dataclass(frozen=True, slots=True)
class Pack:
    """`words` and `stems` have one valence each, `phrases` stand under their longest word; `roles` turn or weigh."""

    words: dict[str, float] = field(default_factory=dict)
    stems: dict[str, float] = field(default_factory=dict)
    phrases: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)

    def add(self, key: str, entry: str) -> None:
        """Take one entry of a line that was checked."""
        if key in ROLES:
            self.roles[entry] = key
        elif " " in entry:
            trigger = max(entry.rstrip("*").split(), key=len)
            self.phrases.setdefault(trigger, []).append((entry.rstrip("*"), float(key)))
        elif entry.endswith("*"):
            self.stems[entry[:-1]] = float(key)
        else:
            self.words[entry] = float(key)


@cache
def pack(name: str) -> Pack:
    """The pack of this language. Raises BadInput that names file and line for a bad one."""
    file = FOLDER / f"{name}.txt"
    return read_pack(file.name, file.read_text(encoding="utf-8"))


def read_pack(name: str, text: str) -> Pack:
    """The pack in this text; `name` stands in the errors."""
    found, seen = Pack(), dict[str, int]()
    for number, key, entry in _entries(name, text):
        if entry in seen:
            raise BadInput(f"{name}, line {number}: {entry!r} stands in line {seen[entry]} already: remove one of them")
        seen[entry] = number
        found.add(key, entry)
    return found


def _entries(name: str, text: str) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.partition("# ")[0].strip() if not line.startswith("#") else ""
        if not bare:
            continue
        key, colon, entries = bare.partition(": ")
        if not colon or not _is_key(key):
            asked = "begin with a valence from -4 to 4 or one of not, more, less, but, then a colon and entries"
            raise BadInput(f"{name}, line {number}: {asked}: {bare[:40]!r}")
        for entry in filter(None, map(str.strip, entries.split(","))):
            _check(name, number, entry)
            yield number, key, entry


def _is_key(key: str) -> bool:
    try:
        return key in ROLES or 0 < abs(float(key)) <= MOST
    except ValueError:
        return False


def _check(name: str, number: int, entry: str) -> None:
    if not _ENTRY.fullmatch(entry):
        raise BadInput(f"{name}, line {number}: {entry!r} is no word, stem* or phrase")
    if fold(entry) != entry:
        raise BadInput(f"{name}, line {number}: write {entry!r} in lower case without accents: {fold(entry)!r}")
    if entry.endswith("*") and len(entry.split()[-1]) <= MIN_STEM:
        raise BadInput(f"{name}, line {number}: {entry!r} would match too much: write at least {MIN_STEM} letters")
