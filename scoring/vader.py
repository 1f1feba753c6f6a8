"""vaderSentiment 3.3.2 with the same four numbers, several times faster.

The lexicons, word lists and constants are read from the installed package; only the control flow is ours. A raw
token is looked up once (`TokenTable`), plain words share one record, and a lexicon word whose three predecessors carry
no modifier takes its table value at once. `tests/scoring/test_vader.py` holds all four values against the package.
"""

import math
import re
from functools import cache
from itertools import compress

from vaderSentiment import vaderSentiment as package

from scoring.vader_words import IDIOMS, PHRASE_SCALARS, PLAIN, Record, Token, TokenTable, read_pairs, stripped

CAPS: float = package.C_INCR
NEGATED: float = package.N_SCALAR
REACH = 3  # how many words before a lexicon word can change it
ALPHA = 15
NEVER_SO = 1.25
EXCLAMATION, MAX_EXCLAMATIONS = 0.292, 4
QUESTION, QUESTION_FLOOD = 0.18, 0.96
DAMPING = (1.0, 0.95, 0.9)
NON_ASCII = re.compile(r"[^\x00-\x7f]")
Polarity = tuple[float, float, float, float]


def has_quiet_word(records: list[Record]) -> bool:
    """Whether some word is not in capitals, so that those in capitals stand out."""
    return not all(record.is_upper if isinstance(record, Token) else record == () for record in records)


def punctuation_emphasis(text: str) -> float:
    questions = text.count("?")
    flood = 0.0 if questions < 2 else questions * QUESTION if questions <= 3 else QUESTION_FLOOD
    return min(text.count("!"), MAX_EXCLAMATIONS) * EXCLAMATION + flood


def reweigh_around_but(values: list[float], positions: list[int], but: int) -> None:
    """Halve what comes before "but", raise what follows.

    The package looks each value up by equality, so the first equal value is changed in place of a later one; kept.
    """
    for k in range(len(values)):
        value = values[k]
        first = values.index(value)
        if positions[first] < but:
            values[first] = value * 0.5
        elif positions[first] > but:
            values[first] = value * 1.5


class Vader:
    """The scorer; one shared instance is enough (`vader()`)."""

    def __init__(self, without: frozenset[str] = frozenset()) -> None:
        self.lexicon = {word: float(value) for word, value in read_pairs("vader_lexicon.txt") if word not in without}
        self.emoji = {sign: " " + words for sign, words in read_pairs("emoji_utf8_lexicon.txt") if len(sign) == 1}
        self.table = TokenTable(self.lexicon)

    def polarity(self, text: str) -> Polarity:
        """(neg, neu, pos, compound), each as `SentimentIntensityAnalyzer.polarity_scores` rounds it."""
        text = self._with_emoji_as_words(text)
        values, words = self._valences(text)
        if not values:
            return (0.0, 1.0, 0.0, 0.0) if words else (0.0, 0.0, 0.0, 0.0)
        emphasis = punctuation_emphasis(text)
        return (*_shares(values, words - len(values), emphasis), _scaled(_total(values, emphasis)))

    def compound(self, text: str) -> float:
        """The compound value only, -1 to 1."""
        total, _ = self.measure(text)
        return _scaled(total)

    def measure(self, text: str) -> tuple[float, int]:
        """The sum that the compound value is scaled from, and how many words carried feeling."""
        text = self._with_emoji_as_words(text)
        values, _ = self._valences(text)
        return (_total(values, punctuation_emphasis(text)), len(values)) if values else (0.0, 0)

    def _with_emoji_as_words(self, text: str) -> str:
        if text.isascii():
            return text
        emoji = self.emoji
        for sign in set(NON_ASCII.findall(text)):
            if sign in emoji:
                text = text.replace(sign, emoji[sign])
        return text

    def _valences(self, text: str) -> tuple[list[float], int]:
        """The valences that are not zero, in order, after all word rules; and the number of words."""
        raw = text.split()
        records = list(map(self.table.__getitem__, raw))
        values: list[float] = []
        positions: list[int] = []
        last_modifier, but = -REACH - 1, -1
        for i in compress(range(len(records)), records):
            token: Token = records[i]  # type: ignore[assignment]
            if token.modifies:
                last_modifier = i
            valence = token.valence
            if valence is None:
                if token.is_but and but < 0:
                    but = i
                continue
            if i - last_modifier <= REACH:
                valence = self._modified(raw, records, i, valence)
            elif token.is_upper and has_quiet_word(records):
                valence += CAPS if valence > 0 else -CAPS
            if valence:
                values.append(valence)
                positions.append(i)
        if but >= 0 and values:
            reweigh_around_but(values, positions, but)
        return values, len(records)

    def _modified(self, raw: list[str], records: list[Record], i: int, valence: float) -> float:
        """The valence of lexicon word i with every rule that looks at its neighbours, in the package's order."""
        item: Token = records[i]  # type: ignore[assignment]
        if item.word == "kind" and i + 1 < len(raw) and stripped(raw[i + 1]).lower() == "of":
            return 0.0
        one, two, three = (records[i - k] or PLAIN if i >= k else PLAIN for k in (1, 2, 3))
        if "no" in (item.word, one.word, two.word, three.word):
            valence = self._with_no(raw, item, one, two, three, i, valence)
        shouts = (item.is_upper or one.is_upper or two.is_upper or three.is_upper) and has_quiet_word(records)
        if shouts and item.is_upper:
            valence += CAPS if valence > 0 else -CAPS
        if one.modifies and one.valence is None:
            valence = _boosted(valence, one, shouts, 0)
            if one.negates:
                valence *= NEGATED
        if two.modifies and two.valence is None:
            valence = _negated_two_before(_boosted(valence, two, shouts, 1), one, two)
        if i >= REACH and three.valence is None:
            valence = _negated_three_before(_boosted(valence, three, shouts, 2), one, two, three)
            if item.is_idiom or one.is_idiom or two.is_idiom or three.is_idiom:
                valence = _with_idioms(valence, [stripped(word).lower() for word in raw[i - 3 : i + 3]])
        if one.word == "least" and two.word not in ("at", "very"):
            valence *= NEGATED
        return valence

    def _with_no(
        self, raw: list[str], item: Token, one: Token, two: Token, three: Token, i: int, valence: float
    ) -> float:
        negated = one.word == "no" or two.word == "no" or (three.word == "no" and one.word in ("or", "nor"))
        if negated:
            return valence * NEGATED
        if item.word == "no" and i + 1 < len(raw) and stripped(raw[i + 1]).lower() in self.lexicon:
            return 0.0
        return valence


def _boosted(valence: float, booster: Token, shouts: bool, distance: int) -> float:
    if not booster.scalar:
        return valence
    scalar = -booster.scalar if valence < 0 else booster.scalar
    if shouts and booster.is_upper:
        scalar += CAPS if valence > 0 else -CAPS
    return valence + scalar * DAMPING[distance]


def _negated_two_before(valence: float, one: Token, two: Token) -> float:
    if two.word == "never" and one.word in ("so", "this"):
        return valence * NEVER_SO
    if two.word == "without" and one.word == "doubt":
        return valence
    return valence * NEGATED if two.negates else valence


def _negated_three_before(valence: float, one: Token, two: Token, three: Token) -> float:
    # the package's "and ... or ..." lets "so" or "this" right before the word count without any "never"
    if one.word in ("so", "this") or (three.word == "never" and two.word in ("so", "this")):
        return valence * NEVER_SO
    if three.word == "without" and "doubt" in (one.word, two.word):
        return valence
    return valence * NEGATED if three.negates else valence


def _with_idioms(valence: float, window: list[str]) -> float:
    """`window` holds the three words before, the word itself at index 3 and up to two after."""
    three, two, one, item = window[:4]
    before = (f"{one} {item}", f"{two} {one} {item}", f"{two} {one}", f"{three} {two} {one}", f"{three} {two}")
    for phrase in before:
        if phrase in IDIOMS:
            valence = IDIOMS[phrase]
            break
    for end in range(5, len(window) + 1):
        valence = IDIOMS.get(" ".join(window[3:end]), valence)
    for phrase in (before[3], before[4], before[2]):
        valence += PHRASE_SCALARS.get(phrase, 0.0)
    return valence


def _total(values: list[float], emphasis: float) -> float:
    total = float(sum(values))  # left to right by `sum`, as the package does on the same interpreter
    return total + emphasis if total > 0 else total - emphasis if total < 0 else total


def _scaled(total: float) -> float:
    return round(total / math.sqrt(total * total + ALPHA), 4)


def _shares(values: list[float], neutral: int, emphasis: float) -> tuple[float, float, float]:
    positive = negative = 0.0
    for value in values:
        if value > 0:
            positive += value + 1  # the package counts a neutral word as 1
        else:
            negative += value - 1
    if positive > -negative:
        positive += emphasis
    elif positive < -negative:
        negative -= emphasis
    total = positive - negative + neutral
    return round(-negative / total, 3) + 0.0, round(neutral / total, 3), round(positive / total, 3)


@cache
def vader(without: frozenset[str] = frozenset()) -> Vader:
    """The one shared scorer, built on first use (about 15 ms); `without` words that are another language's."""
    return Vader(without)


def polarity(text: str) -> Polarity:
    """(neg, neu, pos, compound) of a text, equal to vaderSentiment 3.3.2."""
    return vader().polarity(text)


def compound(text: str) -> float:
    """The compound value of a text, equal to vaderSentiment 3.3.2."""
    return vader().compound(text)
