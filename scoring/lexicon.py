"""What the words of a pack say about a text: their valences after negation, emphasis and "but", by VADER's rules.

A negation that turns no word of feeling counts for a little by itself: who writes about a brand mostly says "not" of
what did not happen as it should (development sets of six languages: negative F1 up by 0.02 to 0.12 in each).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache
from itertools import compress
from typing import NamedTuple

from scoring.folding import LETTER
from scoring.index import MAX_LENGTH, MAX_REMEMBERED, Hit, Index, stands_in
from scoring.pack import Pack, pack

NEGATED, STRONGER, REACH = -0.74, 0.293, 3  # as in VADER
DISARMED = -0.2
"""What is left of a negated complaint: "not rude" is faint praise, and "you do not accept my complaint" none at all."""
UNSPENT = -0.4
WEAK = 1.0  # so weak a word is no praise when negated: "nobody told us", "not even an hour"
BEFORE_BUT, AFTER_BUT = 0.5, 1.5  # as in VADER
EXCLAMATION, MOST_EXCLAMATIONS = 0.292, 4  # as in VADER
SMILE = 2.0
WORD = re.compile(rf"{LETTER}+(?:['-]{LETTER}+)*")
STOPS = ".,;:!?"
"""A negation reaches no further than its part of the sentence: "the ticket did not come. Please help"."""
DRAWN_OUT = re.compile(r"(.)\1{2,}")
EMOTICON = re.compile(r"(?<!\w)(?:[:;=]['-]?[)D(\]\[pP/|*]+|<3|[xX]D+|\^_?\^)")
EYES = (":", ";", "=", "<3", "xD", "XD", "^")
GLAD = frozenset(")DpP]*3^")


class Record(NamedTuple):
    """What one word may mean: a valence, a role in the sentence, phrases that stand under it."""

    valence: float
    role: str
    phrases: tuple[Hit[float], ...]


class Feeling(NamedTuple):
    """The sum of valences, how many words and signs carried feeling, how many words negate.

    `is_mixed`: a "but" stands between praise and complaint.
    """

    total: float
    known: int
    negations: int
    is_mixed: bool = False


NO_FEELING = Feeling(0.0, 0, 0)


class Text(NamedTuple):
    """The tokens of one text with what each may mean. `spent` are places that a word of feeling has reached already: a
    negation there has turned something."""

    tokens: list[str]
    records: list[Record | None]
    roles: Mapping[str, str]
    spent: set[int]


class Words(dict[str, Record | None]):
    """Folded token, as it stands between spaces -> what it may mean, or None."""

    def __init__(self, found: Pack) -> None:
        super().__init__()
        self.index, self.roles = Index(found.feelings), found.roles

    def __missing__(self, token: str) -> Record | None:
        if len(token) > MAX_LENGTH:
            return None
        # "late.Please" is two words: the first that means something counts
        record = next(filter(None, map(self._record_of, WORD.findall(token) or [token])), None)
        if len(self) >= MAX_REMEMBERED:
            self.clear()
        self[token] = record
        return record

    def _record_of(self, word: str) -> Record | None:
        return self._record(word) or self._record(DRAWN_OUT.sub(r"\1", word))  # "lamaaaa"

    def _record(self, word: str) -> Record | None:
        hits, role = self.index.under(word), self.roles.get(word, "")
        valence = next((hit.value for hit in hits if not hit.is_phrase), 0.0)
        return Record(valence, role, tuple(hit for hit in hits if hit.is_phrase)) if hits or role else None


@cache
def words_of(name: str) -> Words:
    """The words of one pack, looked up once for the whole program."""
    return Words(pack(name))


def feel(text: str, folded: str, name: str) -> Feeling:
    """What this pack's words, the signs and the exclamation marks say about the text."""
    total, known, negations, is_mixed = feel_words(folded, name)
    signs = _signs(text)
    return Feeling(_emphasised(total + sum(signs), text), known + len(signs), negations, is_mixed)


def feel_words(folded: str, name: str) -> Feeling:
    """What this pack's words alone say: for a language where VADER reads signs and exclamation marks."""
    tokens = folded.split()
    known = words_of(name)
    records = list(map(known.__getitem__, tokens))
    places = list(compress(range(len(records)), records))
    if not places:
        return NO_FEELING
    text = Text(tokens, records, known.roles, set())
    values: dict[int, float] = {}
    negations, but = [], 0
    for place in places:
        valence, role, phrases = records[place]  # type: ignore[misc]
        phrase = _phrase_there(phrases, folded) if phrases else None
        if phrase:
            valence = phrase.value
        if valence:
            values[place] = _in_context(valence, phrase.entry.split() if phrase else [], text, place)
        if role == "not":
            negations.append(place)
        elif role == "not after":
            negations.append(place)
            _turn_back(values, text, place)
        elif role == "but":
            but = but or place
    for place in negations:
        if place not in text.spent:
            values.setdefault(place, UNSPENT)
    is_mixed = bool(but and values) and min(values.values()) < 0.0 < max(values.values())
    return Feeling(_around_but(values, but), len(values), len(negations), is_mixed)


def compound_of(total: float) -> float:
    """-1 to 1, scaled and rounded as VADER does with its sums."""
    return round(total / math.sqrt(total * total + 15.0), 4)


def _phrase_there(phrases: tuple[Hit[float], ...], folded: str) -> Hit[float] | None:
    """The phrase that a word stands in, if it does: it counts in place of the word."""
    for hit in phrases:
        if hit.entry in folded and stands_in(hit.entry, folded, hit.is_open):
            return hit
    return None


def _in_context(valence: float, phrase: list[str], text: Text, place: int) -> float:
    """After the words before it in its part of the sentence; those of its own phrase are counted in already.

    A phrase that says "not" itself is not turned once more: many languages say it twice ("non è mai arrivato").
    """
    tokens, records, roles, spent = text
    turned = bool(phrase) and "not" in map(roles.get, phrase)
    for near in range(place - 1, max(-1, place - 1 - REACH), -1):
        if tokens[near][-1] in STOPS:
            break
        record = records[near]
        if record is None or not (role := record.role):
            continue
        spent.add(near)
        if tokens[near] in phrase or (role == "not" and turned):
            continue
        if role == "not":
            valence = _negated(valence)
            turned = True
        elif role in ("more", "less"):
            change = STRONGER * (1 - 0.05 * (place - near - 1))
            valence += math.copysign(change, valence if role == "more" else -valence)
    return valence


def _turn_back(values: dict[int, float], text: Text, place: int) -> None:
    """Turn the nearest feeling before this place, in its part of the sentence: "güzel değil" (pretty it is not)."""
    for near in range(place - 1, max(-1, place - 1 - REACH), -1):
        if text.tokens[near][-1] in STOPS:
            return
        if near in values:
            values[near] = _negated(values[near])
            text.spent.add(place)
            return


def _negated(valence: float) -> float:
    if abs(valence) <= WEAK:
        return -abs(valence)
    return valence * (NEGATED if valence > 0 else DISARMED)


def _around_but(values: dict[int, float], but: int) -> float:
    """Their sum; what stands before "but" counts less, what follows more."""
    if not but:
        return sum(values.values())
    return sum([value * (BEFORE_BUT if place < but else AFTER_BUT) for place, value in values.items()])


def _signs(text: str) -> list[float]:
    """Emoticons and emoji."""
    found: list[float] = []
    if any(map(text.__contains__, EYES)):
        found += [SMILE if sign[-1] in GLAD else -SMILE for sign in EMOTICON.findall(text)]
    if not text.isascii():
        emoji = words_of("emoji")
        found += [record.valence for sign in set(text) if (record := emoji[sign])]
    return found


def _emphasised(total: float, text: str) -> float:
    if not total:
        return 0.0
    return total + math.copysign(EXCLAMATION * min(text.count("!"), MOST_EXCLAMATIONS), total)
