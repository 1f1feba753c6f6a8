"""Finds what a text tells of: the concepts of a pack with the words that gave them away, and the longest time named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import repeat

import msgspec

from scoring.concepts import CONCEPTS
from scoring.index import stands_in, without_article
from scoring.words import TRIM, Reading, Table

GLUED = re.compile(r"(\d{1,3}(?:[.,]5)?)\+?-?([^\W\d_]+)")  # 2hrs, 45min, 3-day, 2시간
AMOUNT = re.compile(r"\d{1,3}(?:[.,]5)?\+?")
REACH = 5
"""So far apart in a sentence the words of one entry may stand: "the internet at our place has not worked"."""
ENDS = (".", "!", "?", ";")
GRAVE = frozenset(("safety", "stranded", "money gone", "privacy"))
"""Signals of what must be answered first, also when it is told without blame."""
FORMAL = frozenset(("legal", "press"))
HARMS = frozenset(("lost", "missing", "cancelled"))
"""Signals of what does harm when it comes again; told once they are a complaint for today."""
SERIOUS = HARMS | {"damaged", "money", "no answer", "late", "staff", "broken", "leaving", "repeated"}
TROUBLES = GRAVE | SERIOUS
"""Signals that something went wrong, whatever the words feel like."""
_STEM = 5
"""Shorter words of an entry are no stem of a verb."""
_OF_THINGS = frozenset(("damaged", "broken"))
SIGNALS = {name: concept.signal for name, concept in CONCEPTS.items()}


class Found(msgspec.Struct, frozen=True, gc=False):
    """Concepts with the entry that gave them away (from our lists, never the author's), and the longest time named.

    `words` has the same by urgency signal, one entry for each; `minutes` is 0 when no length of time is named.
    """

    concepts: dict[str, str]
    words: dict[str, str]
    minutes: float


NOTHING = Found({}, {}, 0.0)


def find(read: Reading) -> Found:
    """What one text tells of."""
    folded, words = read.folded, read.words
    concepts: dict[str, str] = {}
    longest = 0.0
    for place in read.places:
        for concept, entry, is_phrase, near, is_open in words[place].concepts:  # type: ignore[union-attr]
            if concept in concepts or (is_phrase and not (entry in folded and stands_in(entry, folded, is_open))):
                continue
            if concept == "duration":
                longest = max(longest, minutes_at(read.tokens, place, read.table))
            elif not near or stand_near(read, place, near):
                concepts[concept] = entry
    concepts = _of_people(concepts) if "injury" in concepts else concepts
    return Found(concepts, by_signal(concepts), longest) if concepts or longest else NOTHING


def _of_people(concepts: dict[str, str]) -> dict[str, str]:
    """One verb often says both that a thing is damaged and that somebody is hurt: then no thing is meant."""
    hurt = concepts["injury"].split()
    return {
        concept: entry for concept, entry in concepts.items() if concept not in _OF_THINGS or not _is_verb(entry, hurt)
    }


def _is_verb(entry: str, hurt: list[str]) -> bool:
    return any(word.startswith(entry) or (len(word) >= _STEM and entry.startswith(word)) for word in hurt)


def minutes_at(tokens: list[str], place: int, table: Table) -> float:
    """The time whose unit stands there ("2 hours", "45min", "three days"), in minutes; 0 when none does."""
    word = tokens[place].strip(TRIM)
    if word in table.units:
        return _amount(tokens[place - 1].strip(TRIM), table) * table.units[word] if place else 0.0
    glued = GLUED.fullmatch(word)
    return _amount(glued[1], table) * table.units[glued[2]] if glued and glued[2] in table.units else 0.0


def _amount(word: str, table: Table) -> float:
    if AMOUNT.fullmatch(word):
        return float(word.rstrip("+").replace(",", "."))
    return float(table.numbers.get(word, 0))


def stand_near(read: Reading, place: int, wanted: tuple[str, ...]) -> bool:
    """Whether all these words and stems stand around that place, in its sentence."""
    for word in wanted:
        if word.rstrip("*") not in read.folded:  # nearly always: what follows costs thirty times as much
            return False
    tokens = read.tokens
    words = [tokens[at].strip(TRIM) for at in _around(tokens, place)]
    return all(any(map(_matches, words, repeat(word))) for word in wanted)


def _around(tokens: list[str], place: int) -> Iterator[int]:
    for at in range(place - 1, max(-1, place - 1 - REACH), -1):
        if tokens[at].endswith(ENDS):
            break
        yield at
    for at in range(place, min(len(tokens) - 1, place + REACH)):
        if tokens[at].endswith(ENDS):
            break
        yield at + 1


def _matches(word: str, wanted: str) -> bool:
    if wanted.endswith("*"):
        return word.startswith(wanted[:-1]) or without_article(word).startswith(wanted[:-1])
    return wanted in (word, without_article(word))


def by_signal(concepts: dict[str, str]) -> dict[str, str]:
    """The urgency signals of these concepts, each with the first entry that gave it away."""
    words: dict[str, str] = {}
    for concept, entry in concepts.items():
        if signal := SIGNALS[concept]:
            words.setdefault(signal, entry)
    return words
