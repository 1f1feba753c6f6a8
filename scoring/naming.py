"""Word lists of things that have one name in all languages: `places.txt`, and what troubles are about, `subjects.txt`.

An entry is `word`, `stem*` or several of them in a row; matching is by whole words, never inside of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from domain.errors import BadInput
from scoring.folding import fold
from scoring.index import MAX_LENGTH, MAX_REMEMBERED, Index
from scoring.pack import MIN_STEM

FOLDER = Path(__file__).parent
WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:['’-][^\W_]+)*")
_ENTRY = re.compile(r"[^\W_]+(?:['-][^\W_]+)*\*?(?: [^\W_]+(?:['-][^\W_]+)*\*?)*")

_HEAD = re.compile(r"(\D+) ([1-9]\d?)( fault)?")


class Entry(NamedTuple):
    """What a row of words names; `place` says which of them leads to it."""

    name: str
    words: tuple[str, ...]
    place: int


class Names(dict[str, tuple[Entry, ...]]):
    """Folded word -> the entries it may lead to. The longest word of an entry leads to it."""

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self.index = Index(map(_by_its_longest_word, entries))

    def __missing__(self, word: str) -> tuple[Entry, ...]:
        if len(self) >= MAX_REMEMBERED:
            self.clear()
        self[word] = entries = tuple(hit.value for hit in self.index.under(word))
        return entries

    def find(self, words: Sequence[str]) -> dict[str, tuple[int, int]]:
        """The names in a text given as folded words, in its order: each with the words that named it (from, to).

        A longer entry hides those within it: "out of order" is no order.
        """
        found: dict[str, tuple[int, int]] = {}
        for place, word in enumerate(words):
            for entry in self[word] if len(word) <= MAX_LENGTH else ():
                begin = place - entry.place
                if entry.name not in found and _stands(entry.words, words, begin):
                    found[entry.name] = (begin, begin + len(entry.words))
        spans = set(found.values())
        return {name: span for name, span in found.items() if not any(_within(span, other) for other in spans)}


def _by_its_longest_word(named: tuple[str, str]) -> tuple[str, Entry]:
    name, text = named
    words = tuple(text.split())
    leading = max(words, key=len)
    return leading, Entry(name, words, words.index(leading))


def _stands(entry: tuple[str, ...], words: Sequence[str], begin: int) -> bool:
    if len(entry) == 1:
        return True
    if begin < 0 or begin + len(entry) > len(words):
        return False
    for wanted, word in zip(entry, words[begin:], strict=False):
        if not (word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted):
            return False
    return True


def _within(span: tuple[int, int], other: tuple[int, int]) -> bool:
    return span != other and other[0] <= span[0] and span[1] <= other[1]


def checked(file: str, number: int, entry: str) -> str:
    """An entry of a list; BadInput that names the line when it is none."""
    if not _ENTRY.fullmatch(entry):
        raise BadInput(f"{file}, line {number}: {entry!r} is no word, stem* or row of them")
    if fold(entry) != entry:
        raise BadInput(f"{file}, line {number}: write {entry!r} in lower case without accents: {fold(entry)!r}")
    if any(word.endswith("*") and len(word) <= MIN_STEM for word in entry.split()):
        raise BadInput(f"{file}, line {number}: {entry!r} would match too much: write at least {MIN_STEM} letters")
    return entry


def lines_of(text: str) -> Iterator[tuple[int, str, str, list[str]]]:
    """Of each line that counts: number, what stands before the colon ("" without one), the line, entries."""
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.partition("# ")[0].strip() if not line.startswith("#") else ""
        if bare:
            key, colon, entries = bare.partition(": ")
            yield number, key if colon else "", bare, [e.strip() for e in entries.split(",") if e.strip()]


def read_places(file: str, text: str) -> Names:
    """The list of places in this text; `file` stands in the errors."""
    entries = []
    for number, place, bare, given in lines_of(text):
        if not place[:1].isupper():
            raise BadInput(f"{file}, line {number}: write a name, a colon and the forms it takes: {bare[:40]!r}")
        entries += [(place, checked(file, number, entry)) for entry in given]
    return Names(entries)


class Subjects(NamedTuple):
    """The share of troubles that name each subject (0 to 1), which ones are faults, and their words by language."""

    shares: dict[str, float]
    faults: frozenset[str]
    entries: dict[str, list[tuple[str, str]]]


def read_subjects(file: str, text: str) -> Subjects:
    """The list of subjects in this text; `file` stands in the errors."""
    shares, entries, faults, name = dict[str, float](), dict[str, list[tuple[str, str]]](), set[str](), ""
    for number, lang, bare, given in lines_of(text):
        if lang:
            if not name or len(lang) != 2:
                raise BadInput(f"{file}, line {number}: a language of two letters and entries belong below a name")
            entries.setdefault(lang, []).extend((name, checked(file, number, entry)) for entry in given)
            continue
        head = _HEAD.fullmatch(bare)
        if not head:
            raise BadInput(f"{file}, line {number}: a name and a share in per cent are expected: {bare[:40]!r}")
        name = head[1]
        shares[name] = int(head[2]) / 100
        faults |= {name} if head[3] else set()
    return Subjects(shares, frozenset(faults), entries)


def _text(file: str) -> str:
    return (FOLDER / file).read_text(encoding="utf-8")


@cache
def places() -> Names:
    """The places of our list. Raises BadInput that names the bad line."""
    return read_places("places.txt", _text("places.txt"))


@cache
def subjects() -> Subjects:
    """The subjects of our list. Raises BadInput that names the bad line."""
    return read_subjects("subjects.txt", _text("subjects.txt"))


@cache
def subjects_for(lang: str | None) -> Names:
    """The subjects of a language; with an unknown one all count, and Taglish counts English too."""
    own = subjects().entries
    langs = ("tl", "en") if lang == "tl" else (lang,) if lang in own else tuple(own)
    return Names(entry for each in langs for entry in own[each])


def read_names() -> None:
    """Read both lists now: a bad line, which BadInput names, is told at the start and not at the first post."""
    places()
    subjects()
