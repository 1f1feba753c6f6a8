"""What each word of a text may mean: its feeling, its role in the sentence and what it tells of, looked up once.

A post says the same few thousand words as any other, so what a word means is found on first sight and remembered.
"""

from __future__ import annotations

import re
import string
from functools import cache
from itertools import compress
from typing import NamedTuple

import msgspec

from scoring.folding import LETTER
from scoring.index import MAX_LENGTH, MAX_REMEMBERED, Hit, Index
from scoring.pack import LANGUAGES, READ_AS, pack

TRIM = string.punctuation + "“”‘’«»…–—"
WORD = re.compile(rf"{LETTER}+(?:['-]{LETTER}+)*")
DRAWN_OUT = re.compile(r"(.)\1{2,}")
DURATION: Hit[str] = Hit("duration", "", False)
READABLE = frozenset((*LANGUAGES, *READ_AS))


class Word(NamedTuple):
    """What one word may mean: a valence, a role in the sentence, phrases of feeling that stand under it, and concepts
    that it or a phrase under it tells of."""

    valence: float
    role: str
    phrases: tuple[Hit[float], ...]
    concepts: tuple[Hit[str], ...]


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One folded text: its words as they stand between spaces, what each may mean, and where one means something."""

    folded: str
    tokens: list[str]
    words: list[Word | None]
    places: list[int]
    table: Table


class Table(dict[str, Word | None]):
    """Folded token -> what it may mean, or None. `feelings` names the pack of valences and roles, `concepts` those of
    concepts and lengths of time."""

    def __init__(self, feelings: str | None, *concepts: str) -> None:
        super().__init__()
        own = [pack(feelings)] if feelings else []
        self.feelings = Index([entry for each in own for entry in each.feelings])
        self.roles = {word: role for each in own for word, role in each.roles.items()}
        packs = list(map(pack, concepts))
        self.concepts = Index([entry for each in packs for entry in each.concepts])
        self.units = {word: minutes for each in packs for word, minutes in each.units.items()}
        self.numbers = {word: amount for each in packs for word, amount in each.numbers.items()}

    def __missing__(self, token: str) -> Word | None:
        if len(token) > MAX_LENGTH + 2:
            return None
        valence, role, phrases = self._felt(token)
        concepts = self._told(token)
        word = Word(valence, role, phrases, concepts) if valence or role or phrases or concepts else None
        if len(self) >= MAX_REMEMBERED:
            self.clear()
        self[token] = word
        return word

    def read(self, folded: str) -> Reading:
        """The words of one folded text."""
        tokens = folded.split()
        words = list(map(self.__getitem__, tokens))
        return Reading(folded, tokens, words, list(compress(range(len(words)), words)), self)

    def _felt(self, token: str) -> tuple[float, str, tuple[Hit[float], ...]]:
        if len(token) <= MAX_LENGTH:
            for part in WORD.findall(token) or [token]:  # "late.Please" is two words: the first that means something
                for word in (part, DRAWN_OUT.sub(r"\1", part)):  # "lamaaaa"
                    hits, role = self.feelings.under(word), self.roles.get(word, "")
                    if hits or role:
                        valence = next((hit.value for hit in hits if not hit.is_phrase), 0.0)
                        return valence, role, tuple(hit for hit in hits if hit.is_phrase)
        return 0.0, "", ()

    def _told(self, token: str) -> tuple[Hit[str], ...]:
        word = token.strip(TRIM)
        hits = tuple(self.concepts.under(word)) or tuple(self.concepts.whole.get(token, ()))
        if word in self.units or word.lstrip(string.digits + "+-.,") in self.units:
            hits = (*hits, DURATION)
        return hits


def table_for(lang: str | None) -> Table:
    """The words of a language. With an unknown one the concepts of every pack count; Taglish tells in English too."""
    return _table(READ_AS.get(lang, lang) if lang in READABLE else None)


@cache
def _table(lang: str | None) -> Table:
    if lang is None:
        return Table(None, *LANGUAGES, "emoji")
    return Table(lang, lang, "en", "emoji") if lang == "tl" else Table(lang, lang, "emoji")
