"""What the words of a pack say about a text: their valences after negation, emphasis and "but", by VADER's rules.

A negation that turns no word of feeling counts for a little by itself: who writes about a brand mostly says "not" of
what did not happen as it should (development sets of six languages: negative F1 up by 0.02 to 0.12 in each).
"""

from __future__ import annotations

import math
import re
from functools import cache

import msgspec

from scoring.index import stands_in
from scoring.pack import pack
from scoring.words import Reading

NEGATED, STRONGER, REACH = -0.74, 0.293, 3  # as in VADER
DISARMED = -0.2
"""What is left of a negated complaint: "not rude" is faint praise, and "you do not accept my complaint" none at all."""
UNSPENT = -0.4
WEAK = 1.0  # so weak a word is no praise when negated: "nobody told us", "not even an hour"
BEFORE_BUT, AFTER_BUT = 0.5, 1.5  # as in VADER
EXCLAMATION, MOST_EXCLAMATIONS = 0.292, 4  # as in VADER
SMILE = 2.0
STOPS = ".,;:!?"
"""A negation reaches no further than its part of the sentence: "the ticket did not come. Please help"."""
EMOTICON = re.compile(r"(?<!\w)(?:[:;=]['-]?[)D(\]\[pP/|*]+|<3|[xX]D+|\^_?\^)")
EYES = (":", ";", "=", "<3", "xD", "XD", "^")
GLAD = frozenset(")DpP]*3^")


class Feeling(msgspec.Struct, frozen=True, gc=False):
    """The sum of valences, how many words and signs carried feeling, how many words negate.

    `is_mixed`: a "but" stands between praise and complaint.
    """

    total: float
    known: int
    negations: int
    is_mixed: bool = False


NO_FEELING = Feeling(0.0, 0, 0)


def feel(read: Reading, text: str) -> Feeling:
    """What the words of the text, its signs and its exclamation marks say; `text` is the same before it was folded."""
    words, signs = feel_words(read), _signs(text, read.folded)
    total = _emphasised(words.total + sum(signs), text)
    return Feeling(total, words.known + len(signs), words.negations, words.is_mixed)


def feel_words(read: Reading) -> Feeling:
    """What the words alone say: for a language where VADER reads signs and exclamation marks."""
    folded, words = read.folded, read.words
    values: dict[int, float] = {}
    negations, spent = list[int](), set[int]()
    but, turner, held = 0, -REACH - 1, -1
    for place in read.places:
        valence, role, phrases, _ = words[place]  # type: ignore[misc]
        phrase = ""
        for value, entry, _, _, is_open in phrases:
            if entry in folded and stands_in(entry, folded, is_open):  # it counts in place of the word
                valence, phrase = value, entry
                held = place + _words_behind(entry)
                break
        if valence:
            near = place - turner <= REACH
            values[place] = _in_context(valence, phrase.split(), read, place, spent) if near else valence
        if role:
            turner = place
            if role == "not":
                negations.append(place)
            elif role == "not after" and place > held:  # not within a phrase that says "not" itself
                negations.append(place)
                _turn_back(values, read.tokens, place, spent)
            elif role == "but":
                but = but or place
    for place in negations:
        if place not in spent:
            values.setdefault(place, UNSPENT)
    is_mixed = bool(but and values) and min(values.values()) < 0.0 < max(values.values())
    return Feeling(_around_but(values, but), len(values), len(negations), is_mixed)


def _words_behind(phrase: str) -> int:
    """How many words it has behind the one that led to it."""
    words = phrase.split()
    return len(words) - 1 - words.index(max(words, key=len))


def compound_of(total: float) -> float:
    """-1 to 1, scaled and rounded as VADER does with its sums."""
    return round(total / math.sqrt(total * total + 15.0), 4)


def _in_context(valence: float, phrase: list[str], read: Reading, place: int, spent: set[int]) -> float:
    """After the words before it in its part of the sentence; those of its own phrase are counted in already.

    A phrase that says "not" itself is not turned once more: many languages say it twice ("non è mai arrivato").
    """
    tokens, words = read.tokens, read.words
    turned = bool(phrase) and "not" in map(read.table.roles.get, phrase)
    for near in range(place - 1, max(-1, place - 1 - REACH), -1):
        if tokens[near][-1] in STOPS:
            break
        word = words[near]
        if word is None or not (role := word.role):
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


def _turn_back(values: dict[int, float], tokens: list[str], place: int, spent: set[int]) -> None:
    """Turn the nearest feeling before this place, in its part of the sentence: "güzel değil" (pretty it is not)."""
    for near in range(place - 1, max(-1, place - 1 - REACH), -1):
        if tokens[near][-1] in STOPS:
            return
        if near in values:
            values[near] = _negated(values[near])
            spent.add(place)
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


def _signs(text: str, folded: str) -> list[float]:
    """Emoticons and emoji."""
    found: list[float] = []
    if any(map(text.__contains__, EYES)):
        found += [SMILE if sign[-1] in GLAD else -SMILE for sign in EMOTICON.findall(text)]
    if not folded.isascii():  # without its accents hardly any text holds more than plain letters
        values = emoji()
        found += [values[sign] for sign in set(folded) if sign in values]
    return found


@cache
def emoji() -> dict[str, float]:
    """The valence of each sign of feeling."""
    return dict(pack("emoji").feelings)


def _emphasised(total: float, text: str) -> float:
    if not total:
        return 0.0
    return total + math.copysign(EXCLAMATION * min(text.count("!"), MOST_EXCLAMATIONS), total)
