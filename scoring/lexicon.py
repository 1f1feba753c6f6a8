"""What the words of a pack say about a text: their valences after negation, emphasis and "but", as in VADER's rules."""

from __future__ import annotations

import math
import re
from functools import cache
from typing import NamedTuple

from scoring.pack import Pack, pack
from scoring.signals import fold

NEGATED = -0.74  # as in VADER
STRONGER = 0.293
REACH = 3
import os
UNSPENT = float(os.environ.get('UNSPENT','-0.4'))
MAX_REMEMBERED = 50_000
MAX_LENGTH = 32
TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
LONG = re.compile(r"(.)\1{2,}")
EMOTICON = re.compile(r"(?<!\w)(?:[:;=]['-]?[)D(\]\[pP/|*]+|<3|xD+|XD+|\^_?\^)")
SMILES = str.maketrans("", "")


class Record(NamedTuple):
    """What one word may mean."""

    valence: float
    role: str
    phrases: tuple[tuple[str, float], ...]


NOTHING: Record | tuple[()] = ()


class Words(dict[str, "Record | tuple[()]"]):
    """Folded word -> record; words that mean nothing share an empty one. Bounded, so that hostile text cannot grow it."""

    def __init__(self, found: Pack) -> None:
        super().__init__()
        self.pack = found
        self.longest = max(map(len, found.stems), default=0)

    def __missing__(self, word: str) -> Record | tuple[()]:
        record = self._record(word)
        if record == () and len(word) <= MAX_LENGTH:
            # "lamaaaa": long for emphasis
            short = LONG.sub(r"\1", word)
            record = self._record(short) if short != word else record
        if len(word) <= MAX_LENGTH:
            if len(self) >= MAX_REMEMBERED:
                self.clear()
            self[word] = record
        return record

    def _record(self, word: str) -> Record | tuple[()]:
        found = self.pack
        valence, role = self._valence(word), found.roles.get(word, "")
        phrases = tuple(found.phrases.get(word, ()))
        return Record(valence, role, phrases) if valence or role or phrases else NOTHING

    def _valence(self, word: str) -> float:
        if word in self.pack.words:
            return self.pack.words[word]
        for end in range(min(len(word), self.longest), 2, -1):
            if word[:end] in self.pack.stems:
                return self.pack.stems[word[:end]]
        return 0.0


@cache
def words_of(name: str) -> Words:
    return Words(pack(name))


def feel(text: str, name: str) -> tuple[float, int, int]:
    """(sum of valences, how many words carried feeling, how many words there were)."""
    folded = fold(text)
    tokens = TOKEN.findall(folded)
    records = list(map(words_of(name).__getitem__, tokens))
    values: list[float] = []
    places: list[int] = []
    but = -1
    for place, record in enumerate(records):
        if not record:
            continue
        if record.role == "but" and but < 0 and place:
            but = place
        valence = _here(record, folded)
        if valence:
            values.append(_in_context(valence, records, place))
            places.append(place)
    spent = {near for place in places for near in range(place - REACH, place)}
    for place, record in enumerate(records):
        if record and record.role == "not" and place not in spent:
            values.append(UNSPENT)
            places.append(place)
    if but > 0:
        values = [value * (0.5 if place < but else 1.5) for value, place in zip(values, places, strict=True)]
    signs = _signs(text)
    global LAST
    every = values + signs
    LAST = (sum(v for v in every if v > 0), -sum(v for v in every if v < 0))
    return sum(values) + sum(signs), len(values) + len(signs), len(tokens)


def _here(record: Record, folded: str) -> float:
    for phrase, valence in record.phrases:
        if phrase in folded:
            return valence
    return record.valence


def _in_context(valence: float, records: list[Record | tuple[()]], place: int) -> float:
    for back in range(1, min(REACH, place) + 1):
        record = records[place - back]
        if not record:
            continue
        if record.role == "not":
            valence *= NEGATED
            break
        if record.role in ("more", "less"):
            change = STRONGER * (1 - 0.05 * (back - 1)) * (1 if record.role == "more" else -1)
            valence += change if valence > 0 else -change
    return valence


def _signs(text: str) -> list[float]:
    found = [2.0 if sign[-1] in ")DpP]*3^" else -2.0 for sign in EMOTICON.findall(text)] if ":" in text or "<" in text or "D" in text or "^" in text else []
    if not text.isascii():
        emoji = pack("emoji").words
        found += [emoji[sign] for sign in set(text) if sign in emoji]
    return found


def compound(total: float) -> float:
    """-1 to 1, as VADER scales its sums."""
    return total / math.sqrt(total * total + 15.0)


def total_of(value: float) -> float:
    """The sum that VADER scaled to this value."""
    bounded = max(-0.9999, min(0.9999, value))
    return bounded * math.sqrt(15.0 / (1.0 - bounded * bounded))
