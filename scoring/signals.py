"""Finds what a text tells of: the concepts of a pack with the words that gave them away, and the longest time named."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import cache
from itertools import compress, repeat
from typing import NamedTuple

from scoring.concepts import CONCEPTS
from scoring.index import MAX_LENGTH, MAX_REMEMBERED, Hit, Index, stands_in, without_article
from scoring.pack import LANGUAGES, READ_AS, pack

TRIM = string.punctuation + "“”‘’«»…–—"
GLUED = re.compile(r"(\d{1,3}(?:[.,]5)?)\+?-?([a-z]+)")  # 2hrs, 45min, 3-day
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
SIGNALS = {name: concept.signal for name, concept in CONCEPTS.items()}
DURATION: Hit[str] = Hit("duration", "", False)


class Found(NamedTuple):
    """Concepts with the entry that gave them away (from our lists, never the author's), and the longest time named.

    `words` has the same by urgency signal, one entry for each; `minutes` is 0 when no length of time is named.
    """

    concepts: dict[str, str]
    words: dict[str, str]
    minutes: float


NOTHING = Found({}, {}, 0.0)


class SignalTable(dict[str, tuple[Hit[str], ...]]):
    """Folded token -> what it may mean. A word that means nothing is an empty tuple."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        packs = list(map(pack, names))
        self.index = Index([entry for each in packs for entry in each.concepts])
        self.units = {word: minutes for each in packs for word, minutes in each.units.items()}
        self.numbers = {word: amount for each in packs for word, amount in each.numbers.items()}

    def __missing__(self, token: str) -> tuple[Hit[str], ...]:
        if len(token) > MAX_LENGTH + 2:
            return ()
        word = token.strip(TRIM)
        hits = tuple(self.index.under(word)) or tuple(self.index.whole.get(token, ()))
        if word in self.units or word.lstrip(string.digits + "+-.,") in self.units:
            hits = (*hits, DURATION)
        if len(self) >= MAX_REMEMBERED:
            self.clear()
        self[token] = hits
        return hits

    def find(self, folded: str) -> Found:
        """What one folded text tells of."""
        tokens = folded.split()
        records = list(map(self.__getitem__, tokens))
        if not any(records):
            return NOTHING
        concepts: dict[str, str] = {}
        longest = 0.0
        for place in compress(range(len(tokens)), records):
            for concept, entry, is_phrase, near, is_open in records[place]:
                if concept in concepts or (is_phrase and not (entry in folded and stands_in(entry, folded, is_open))):
                    continue
                if concept == "duration":
                    longest = max(longest, self.minutes_at(tokens, place))
                elif not near or stand_near(tokens, place, near):
                    concepts[concept] = entry
        return Found(concepts, by_signal(concepts), longest) if concepts or longest else NOTHING

    def minutes_at(self, tokens: list[str], place: int) -> float:
        """The time whose unit stands there ("2 hours", "45min", "three days"), in minutes; 0 when none does."""
        word = tokens[place].strip(TRIM)
        if word in self.units:
            return self._amount(tokens[place - 1].strip(TRIM)) * self.units[word] if place else 0.0
        glued = GLUED.fullmatch(word)
        return self._amount(glued[1]) * self.units[glued[2]] if glued and glued[2] in self.units else 0.0

    def _amount(self, word: str) -> float:
        if AMOUNT.fullmatch(word):
            return float(word.rstrip("+").replace(",", "."))
        return float(self.numbers.get(word, 0))


def stand_near(tokens: list[str], place: int, wanted: tuple[str, ...]) -> bool:
    """Whether all these words and stems stand around that place, in its sentence."""
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


@cache
def table_for(lang: str | None) -> SignalTable:
    """The concepts of a language; with an unknown one every pack counts, and Taglish counts English too."""
    if lang == "tl":
        return SignalTable("tl", "en", "emoji")
    if lang in READ_AS:
        return table_for(READ_AS[lang])
    return SignalTable(lang, "emoji") if lang in LANGUAGES else SignalTable(*LANGUAGES, "emoji")
