"""The sentence of our knowledge that fits a post. None is better than one that does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from responders.drafters.phrasebook import fold
from responders.facts import Article
from scoring.function_words import ENGLISH, LISTS
from scoring.language import Detector
from scoring.naming import places
from scoring.traits import WIDE_SHARE, Reader, share_of

LONGEST, SHORTEST = 240, 12
ENOUGH = 2.0
"""A narrow subject and a word, or three words in common. Less is chance: every article of a bank names the card."""
STEM = 5
_ENDS = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_a-z]|\d)")
_SMALL = ENGLISH.union(*LISTS.values())
_READER = Reader()


@dataclass(frozen=True, slots=True)
class Fit:
    """A sentence to say, its article and how well it fits. `sentence` is empty when it is in another language."""

    id: str
    sentence: str
    points: float


def fitting(post: str, lang: str | None, articles: Iterable[Article], answer_lang: str) -> Fit | None:
    """The best sentence of all articles for this post; None when nothing fits well enough."""
    found = [fit for article in articles for fit in _fits(post, lang, article, answer_lang)]
    best = max(found, key=lambda fit: fit.points, default=None)
    return best if best and best.points >= ENOUGH else None


def _fits(post: str, lang: str | None, article: Article, answer_lang: str) -> Iterator[Fit]:
    written = language_of(article.text)
    around = points_between(post, lang, article.text, written)
    for sentence in filter(None, map(str.strip, _ENDS.split(article.text))):
        if SHORTEST <= len(sentence) <= LONGEST and not sentence.endswith("?"):
            points = points_between(post, lang, sentence, written) + around / 4
            yield Fit(article.id, sentence if written == answer_lang else "", points)


def points_between(post: str, lang: str | None, text: str, written: str | None) -> float:
    """What two texts have in common: subjects count more the narrower they are, words of four letters and more by
    their beginning. Texts about different places have nothing in common."""
    mine, theirs = _read(post, lang), _read(text, written)
    if mine.places and theirs.places and mine.places.isdisjoint(theirs.places):
        return 0.0
    causes = mine.causes & theirs.causes
    words = len(mine.stems & theirs.stems) * 0.7
    return sum(1.5 if share_of(cause) < WIDE_SHARE else 0.7 for cause in causes) + words


@dataclass(frozen=True, slots=True)
class _Told:
    causes: frozenset[str]
    places: frozenset[str]
    stems: frozenset[str]


@lru_cache(maxsize=512)
def _read(text: str, lang: str | None) -> _Told:
    causes = frozenset(_READER.read(text, lang, "neutral").causes)
    words = fold(text).split()
    stems = frozenset(word[:STEM] for word in words if len(word) >= 4 and word not in _SMALL)
    return _Told(causes, frozenset(places().find(words)), stems)


@lru_cache(maxsize=512)
def language_of(text: str) -> str | None:
    """The language of an article."""
    return _DETECTOR.detect(text)


_DETECTOR = Detector()
