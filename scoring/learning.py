"""What people's corrections of a brand's mentions teach about its words. Pure.

A lesson is a post that a person saw, with what the rules found and what the person said, or left as it was. From
lessons a judge learns how far to trust each finding of the rules, and which words speak for which verdict (logistic
regression over words and pairs of words, the rules' own finding as its first evidence). Posts that people left alone
count: without them every word of a wrong post would look guilty. Lessons are taken in the order of posts, so the order
of corrections means nothing, and the same lessons always make the same model.

A word counts from the second author on: one person's words, whatever they are, teach nothing and are kept nowhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from operator import mul
from typing import Final, NamedTuple

from scoring.folding import fold
from scoring.function_words import LISTS

MOST_FEELING: Final = 1.0
"""How far lessons move a feeling (-1 to 1): what sounds clear becomes neutral at most; to the other side goes only what
no more than one strong word carries (0.7). One half of the scale, so that the rules keep the other."""
MOST_URGENCY: Final = 15.0
"""How far they move a priority: about as much as one grave sign (a lawyer 14, somebody's safety 16), never two."""
MOST_POINTS: Final = 2 * MOST_URGENCY
"""And at most this much together with what a moved feeling is worth."""
POINTS_A_LEVEL: Final = 12.0
"""What one level of urgency more is worth: the distance between the levels' bands (`domain.correction`) is 15 to 20."""
LEAST_POINTS: Final = 1.0
"""Less than this is noise: it moves nothing and is not told."""
SURE: Final = 0.5
"""The least chance at which a verdict is taken from a judge: unknown stays unknown below."""
TRUST: Final = 3.0
"""How much is believed of the rules at first, in logits; 2 to 3 do about as well on the development sets."""
STEP, TRUST_STEP, FORGETTING = 0.5, 0.01, 0.01
ROUNDS: Final = 5
MIN_AUTHORS: Final = 2
MOST_WORDS: Final = 5_000
MOST_LESSONS: Final = 2_000
"""The newest count. With MOST_TOKENS this bounds memory (a few MB a brand) and the time to learn (half a second)."""
MOST_TOKENS: Final = 80
"""Words of a post that are looked at. A complaint says what it is about before that."""
MAX_LENGTH: Final = 32
SHOWN: Final = 3

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SMALL: Final = frozenset[str]().union(*LISTS.values())


class Lesson(NamedTuple):
    """One post for one judge: its words, who wrote it, the places of the rules' finding and of the right verdict."""

    words: tuple[str, ...]
    author: str
    found: int
    right: int


class Word(NamedTuple):
    """What one word says: a weight for each verdict, and how many authors used it."""

    weights: tuple[float, ...]
    authors: int


class Judge:
    """Chances of each verdict from a post's words and what the rules found. Never changes."""

    def __init__(self, trust: Sequence[Sequence[float]], words: Mapping[str, Word]) -> None:
        self.trust = tuple(map(tuple, trust))
        self.words = dict(words)
        self.without_words = [_softmax(row) for row in trust]
        """The chances where no word is known, by finding."""

    def known(self, words: Iterable[str]) -> list[str]:
        """Those words that lessons were about."""
        return [word for word in words if word in self.words]

    def chances(self, known: Sequence[str], found: int) -> list[float]:
        """The chance of each verdict; `known` are words that went through `known`."""
        return _softmax(_logits(self.trust[found], [self.words[word].weights for word in known]))


def _logits(trust: Sequence[float], weights: Sequence[Sequence[float]]) -> list[float]:
    if not weights:
        return list(trust)
    scale = 1 / math.sqrt(len(weights))
    return [own + scale * sum(column) for own, column in zip(trust, zip(*weights, strict=True), strict=True)]


def _softmax(logits: Sequence[float]) -> list[float]:
    most = max(logits)
    powers = [math.exp(value - most) for value in logits]
    total = sum(powers)
    return [power / total for power in powers]


def words_of(cleaned: str) -> list[str]:
    """Words and pairs of neighbours, each once, in order. Small words alone, and anything with a digit (numbers of
    orders, telephones and flights are nobody's lesson), are left out."""
    tokens = [word for word in _WORD.findall(fold(cleaned))[:MOST_TOKENS] if len(word) <= MAX_LENGTH]
    found = dict.fromkeys(word for word in tokens if not _is_small(word))
    pairs = ((one, two) for one, two in pairwise(tokens) if not (_is_small(one) and _is_small(two)))
    found.update(dict.fromkeys(f"{one} {two}" for one, two in pairs))
    return list(found)


def _is_small(word: str) -> bool:
    return word in _SMALL or (len(word) <= 2 and word.isascii())


def learn(lessons: Sequence[Lesson], findings: int, verdicts: int) -> Judge | None:
    """The judge that these lessons make, the last MOST_LESSONS of them; None when nobody corrected anything.

    `findings` and `verdicts` are how many kinds there are of each; the first ones of both mean the same.
    """
    lessons = lessons[-MOST_LESSONS:]
    if all(lesson.found == lesson.right for lesson in lessons):
        return None
    authors = _shared(lessons)
    trust = [[TRUST * (row == column) for column in range(verdicts)] for row in range(findings)]
    weights = {word: [0.0] * verdicts for word in authors}
    known = [(lesson, [weights[word] for word in lesson.words if word in weights]) for lesson in lessons]
    for number in range(1, ROUNDS + 1):
        for lesson, own in known:
            _take(trust[lesson.found], own, lesson.right, STEP / number)
    return Judge(trust, {word: Word(tuple(found), authors[word]) for word, found in weights.items()})


def _take(trust: list[float], weights: Sequence[list[float]], right: int, step: float) -> None:
    """One lesson, once."""
    chances = _softmax(_logits(trust, weights))
    scale = 1 / math.sqrt(len(weights)) if weights else 0.0
    for verdict, chance in enumerate(chances):
        wrong = chance - (verdict == right)
        trust[verdict] -= TRUST_STEP * wrong
        for word in weights:
            word[verdict] -= step * (wrong * scale + FORGETTING * word[verdict])


def _shared(lessons: Iterable[Lesson]) -> dict[str, int]:
    """The words that several authors used, with how many; the most frequent ones where there are too many."""
    once: dict[str, str] = {}
    several: dict[str, set[str]] = {}
    for lesson in lessons:
        for word in lesson.words:
            first = once.setdefault(word, lesson.author)
            if first != lesson.author:
                several.setdefault(word, {first}).add(lesson.author)
    kept = sorted(several, key=lambda word: (-len(several[word]), word))[:MOST_WORDS]
    return {word: len(several[word]) for word in kept if len(several[word]) >= MIN_AUTHORS}


def speaking(judge: Judge, known: Iterable[str], per_verdict: Sequence[float]) -> list[str]:
    """The words that say most for verdicts that weigh much in `per_verdict`, the strongest first."""
    mean = sum(per_verdict) / len(per_verdict)
    much = [each - mean for each in per_verdict]
    said = {word: sum(map(mul, judge.words[word].weights, much)) for word in known}
    ranked = sorted((word for word in said if said[word] > 0), key=lambda word: (-said[word], -len(word), word))
    return distinct(ranked)[:SHOWN]


def distinct(ranked: Iterable[str]) -> list[str]:
    """Without those that share a word with a stronger one: "is wicked" speaks for "wicked" and "wicked fast"."""
    shown: list[str] = []
    used: set[str] = set()
    for word in ranked:
        if used.isdisjoint(word.split()):
            shown.append(word)
            used.update(word.split())
    return shown


def bounded(value: float, most: float) -> float:
    """The value, no further from zero than `most`."""
    return max(-most, min(most, value))
