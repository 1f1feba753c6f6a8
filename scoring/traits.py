"""What of a post can show that it tells of the same thing as another, whatever its language.

Nothing here holds a word of its author: concepts and places come from our lists, all other words are hashed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from domain.mention import text_hash
from scoring import function_words
from scoring.cleaning import STAND_IN, Cleaner
from scoring.concepts import CONCEPTS
from scoring.folding import fold
from scoring.naming import WORD, places, subjects, subjects_for
from scoring.near import MOST_WORDS, Words, hashed
from scoring.pack import LANGUAGES, pack
from scoring.signals import find
from scoring.spacing import fold_for
from scoring.words import table_for

HOW = frozenset(
    ("repeated", "leaving", "harsh", "help", "wish", "thanks", "spam", "irony", "double-edged", "asks", "news")
)
"""Concepts that say how a thing went, or how somebody feels about it: they may go with any trouble."""
ASKED = frozenset(("refund",))
"""What is asked for when something is wrong: where it came, people tell of it gladly."""
WIDE = frozenset(("bill", "price", "delivery", "staff", "app", "quality", "broken", "error", "not arrived", "late"))
"""Concepts that name the field of a trouble rather than the trouble."""
WIDE_SHARE, SHARE = 0.25, 0.06
"""Share of troubles, of any brand, that name such a concept; `subjects.txt` knows better of some."""
ROUTE = re.compile(r"-(?=[A-Z])")
"""Two names: "Riga-Split"."""
STEM = 6
"""Letters of a word that count: case endings differ ("Zagreb", "Zagrebu")."""
SHORTEST = 3
_VOWELS = "aeiouy"


class Traits(NamedTuple):
    """What one post shows. `names` are hashed stems of names and numbers, `words` of other rare words; `text` all of
    its words; `copy` is equal for copies. `alone`: praise, spam or nothing that a problem could be about. `is_trouble`:
    something is wrong; without it a post may join a problem and begins none."""

    causes: tuple[str, ...]
    hows: tuple[str, ...]
    places: tuple[str, ...]
    names: Words
    words: Words
    text: Words
    copy: int
    alone: bool
    is_trouble: bool

    @property
    def rare(self) -> Words:
        """Names and other rare words together."""
        return self.names | self.words


class Reader:
    """Reads the posts of one brand; `names` are its names, handles and products."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.cleaner = Cleaner(names)

    def read(self, text: str, lang: str | None, label: str) -> Traits:
        """The traits of a post whose language and feeling are known from scoring (`lang` None: unknown)."""
        bare = ROUTE.sub(" ", self.cleaner.clean(text))
        folded = fold_for(bare, lang)
        words = WORD.findall(folded)[:MOST_WORDS]
        concepts = find(table_for(lang).read(folded)).concepts
        subjects_ = subjects_for(lang).find(words)
        named = places().find(words)
        causes = tuple(dict.fromkeys((*(name for name in concepts if name not in HOW), *subjects_)))
        faults = any(is_fault(cause) for cause in causes if cause not in ASKED)
        names, others = _rare(bare, [*named.values(), *subjects_.values()])
        known = causes or names or others
        return Traits(
            causes=causes,
            hows=tuple(name for name in concepts if name in HOW),
            places=tuple(named),
            names=names,
            words=others - names,
            text=frozenset(map(hashed, words)),
            copy=text_hash(text),
            alone=_thanks(label, concepts, faults)
            or not (faults or (_may_be_trouble(label, concepts) and (causes or (known and label == "negative")))),
            is_trouble=faults or label == "negative",
        )


def share_of(cause: str) -> float:
    """The share of troubles, of any brand, that name it."""
    return subjects().shares.get(cause) or (WIDE_SHARE if cause in WIDE else SHARE)


def _may_be_trouble(label: str, concepts: Iterable[str]) -> bool:
    """Praise and spam are none; a warning of spam names a fault."""
    return label != "positive" and "spam" not in concepts


def _thanks(label: str, concepts: Iterable[str], faults: bool) -> bool:
    """Thanks without a complaint. What reads well is no complaint even beside a fault: that was mended, mostly."""
    return "thanks" in concepts and (label == "positive" or (label == "neutral" and not faults))


def narrow(causes: Iterable[str]) -> list[str]:
    """Those of these causes that name more than the field of a trouble."""
    return [cause for cause in causes if share_of(cause) < WIDE_SHARE]


def is_fault(cause: str) -> bool:
    """Whether its name alone says that something is wrong: where it stands, words of praise are mostly irony."""
    concept = CONCEPTS.get(cause)
    return cause in subjects().faults or bool(concept and concept.signal)


def _rare(bare: str, named: list[tuple[int, int]]) -> tuple[Words, Words]:
    """Hashed stems of (names and numbers, all other words that no list of ours knows)."""
    names, words, begins = set[int](), set[int](), True
    known = {place for begin, end in named for place in range(begin, end)}
    for place, match in enumerate(list(WORD.finditer(bare))[:MOST_WORDS]):
        word = match[0]
        folded = fold(word)
        if place not in known and len(folded) >= SHORTEST and folded not in _common():
            is_name = any(map(str.isdigit, word)) or (word[0].isupper() and not begins and not word.isupper())
            (names if is_name else words).add(hashed(stem(folded)))
        begins = bare[match.end() : match.end() + 1] in ".!?:\n"
    return frozenset(names), frozenset(words)


def stem(folded: str) -> str:
    """The beginning of a word, without the vowels it ends in."""
    short = folded[:STEM].rstrip(_VOWELS)
    return short if len(short) >= SHORTEST else folded[:STEM]


@cache
def _common() -> frozenset[str]:
    """Words that say nothing about which thing is meant: function words, words of feeling, roles, numbers, times."""
    found = {STAND_IN}
    for name in vars(function_words):
        listed = getattr(function_words, name)
        if isinstance(listed, frozenset):
            found |= {fold(word) for word in listed if isinstance(word, str)}
    for name in LANGUAGES:
        own = pack(name)
        found |= {entry.rstrip("*") for entry, _ in own.feelings} | own.roles.keys() | own.units.keys()
        found |= own.numbers.keys() | {entry.rstrip("*") for entry, _ in own.concepts}
    return frozenset(found)
