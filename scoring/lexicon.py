"""What the words of a pack say about a text: their valences after negation, emphasis and "but", by VADER's rules.

A negation that turns no word of feeling counts for a little by itself: who writes about a brand mostly says "not" of
what did not happen as it should (development sets of six languages: negative F1 up by 0.02 to 0.12 in each).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from scoring.folding import fold
from scoring.index import MAX_LENGTH, MAX_REMEMBERED, Hit, Index
from scoring.pack import Pack, pack

NEGATED, STRONGER, REACH = -0.74, 0.293, 3  # as in VADER
UNSPENT = -0.4
WEAK = 1.0  # so weak a word is no praise when negated: "nobody told us", "not even an hour"
BEFORE_BUT, AFTER_BUT = 0.5, 1.5  # as in VADER
EXCLAMATION, MOST_EXCLAMATIONS = 0.292, 4  # as in VADER
SMILE = 2.0
TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[.,;:!?]")
STOPS = frozenset(".,;:!?")
"""A negation reaches no further than its part of the sentence: "the ticket did not come. Please help"."""
DRAWN_OUT = re.compile(r"(.)\1{2,}")
EMOTICON = re.compile(r"(?<!\w)(?:[:;=]['-]?[)D(\]\[pP/|*]+|<3|[xX]D+|\^_?\^)")
GLAD = frozenset(")DpP]*3^")


class Record(NamedTuple):
    """What one word may mean: a valence, a role in the sentence, phrases that stand under it."""

    valence: float
    role: str
    phrases: tuple[Hit[float], ...]


class Feeling(NamedTuple):
    """The sum of valences, how many words and signs carried feeling, how many words and negations there were."""

    total: float
    known: int
    words: int
    negations: int


class Words(dict[str, Record | None]):
    """Folded word -> what it may mean, or None."""

    def __init__(self, found: Pack) -> None:
        super().__init__()
        self.index, self.roles = Index(found.feelings), found.roles

    def __missing__(self, word: str) -> Record | None:
        if len(word) > MAX_LENGTH:
            return None
        record = self._record(word) or self._record(DRAWN_OUT.sub(r"\1", word))  # "lamaaaa"
        if len(self) >= MAX_REMEMBERED:
            self.clear()
        self[word] = record
        return record

    def _record(self, word: str) -> Record | None:
        hits, role = self.index.under(word), self.roles.get(word, "")
        valence = next((hit.value for hit in hits if not hit.is_phrase), 0.0)
        return Record(valence, role, tuple(hit for hit in hits if hit.is_phrase)) if hits or role else None


@cache
def words_of(name: str) -> Words:
    """The words of one pack, looked up once for the whole program."""
    return Words(pack(name))


def feel(text: str, name: str) -> Feeling:
    """What this pack's words, the signs and the exclamation marks say about the text."""
    total, known, words, negations = feel_words(text, name)
    signs = _signs(text)
    return Feeling(_emphasised(total + sum(signs), text), known + len(signs), words, negations)


def feel_words(text: str, name: str) -> Feeling:
    """What this pack's words alone say: for a language where VADER reads signs and exclamation marks."""
    folded = fold(text)
    tokens = TOKEN.findall(folded)
    known = words_of(name)
    records = list(map(known.__getitem__, tokens))
    found = {place: own for place, record in enumerate(records) if record and (own := _own(record, folded))[0]}
    values = {place: _in_context(own, tokens, records, place, known.roles) for place, own in found.items()}
    negations = [place for place, record in enumerate(records) if record and record.role == "not"]
    if negations:
        spent = {near for place in found for near in _reached(tokens, place)} | found.keys()
        values |= {place: UNSPENT for place in negations if place not in spent}
    words = len(tokens) - sum(map(STOPS.__contains__, tokens))
    return Feeling(sum(_around_but(values, records)), len(values), words, len(negations))


def compound_of(total: float) -> float:
    """-1 to 1, scaled as VADER scales its sums."""
    return total / math.sqrt(total * total + 15.0)


def total_of(compound: float) -> float:
    """The sum that VADER scaled to this value (it rounds to four digits, so the sum of 1.0 is a large one)."""
    bounded = max(-0.9999, min(0.9999, compound))
    return bounded * math.sqrt(15.0 / (1.0 - bounded * bounded))


def _own(record: Record, folded: str) -> tuple[float, str]:
    """The word's own valence, or that of the phrase it stands in, with the phrase."""
    phrases = ((hit.value, hit.entry) for hit in record.phrases if hit.entry in folded)
    return next(phrases, (record.valence, ""))


def _in_context(
    own: tuple[float, str], tokens: list[str], records: list[Record | None], place: int, roles: Mapping[str, str]
) -> float:
    """After the words before it; those of its own phrase are counted in already.

    A phrase that says "not" itself is not turned once more: many languages say it twice ("non è mai arrivato").
    """
    valence, phrase = own
    words = phrase.split()
    turns = all(roles.get(word) != "not" for word in words)
    for near in _reached(tokens, place):
        record = records[near]
        if record is None or tokens[near] in words:
            continue
        if record.role == "not" and turns:
            return valence * NEGATED if abs(valence) > WEAK else -abs(valence)
        if record.role in ("more", "less"):
            change = STRONGER * (1 - 0.05 * (place - near - 1))
            valence += math.copysign(change, valence if record.role == "more" else -valence)
    return valence


def _reached(tokens: list[str], place: int) -> Iterator[int]:
    """The places before this one from which a word reaches it."""
    for near in range(place - 1, max(-1, place - 1 - REACH), -1):
        if tokens[near] in STOPS:
            return
        yield near


def _around_but(values: dict[int, float], records: list[Record | None]) -> list[float]:
    but = next((place for place, record in enumerate(records) if place and record and record.role == "but"), 0)
    if not but:
        return list(values.values())
    return [value * (BEFORE_BUT if place < but else AFTER_BUT) for place, value in values.items()]


def _signs(text: str) -> list[float]:
    """Emoticons and emoji."""
    found = [SMILE if sign[-1] in GLAD else -SMILE for sign in EMOTICON.findall(text)]
    if not text.isascii():
        emoji = words_of("emoji")
        found += [record.valence for sign in set(text) if (record := emoji[sign])]
    return found


def _emphasised(total: float, text: str) -> float:
    if not total:
        return 0.0
    return total + math.copysign(EXCLAMATION * min(text.count("!"), MOST_EXCLAMATIONS), total)
