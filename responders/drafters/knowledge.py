"""The sentence of our knowledge that fits a post. None is better than one that does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.remembering import remembered
from responders.drafters.phrasebook import LANGUAGES, fold, pack
from responders.facts import Article
from scoring.function_words import ENGLISH, LISTS
from scoring.language import Detector
from scoring.naming import places
from scoring.traits import WIDE_SHARE, Reader, share_of

LONGEST, SHORTEST = 240, 12
ENOUGH, ENOUGH_FOR_A_QUESTION = 1.9, 1.2
"""A narrow subject or a kind of problem and a word, four words, or half of what a short post says. Less is chance:
every article of a bank names the card. Whoever asks wants an answer, so two words in common are worth a look."""
STEM = 5
ASKED_OF = (
    "hours",
    "refund",
    "booking",
    "luggage",
    "lost_item",
    "close_account",
    "points",
    "price",
    "charge",
    "outage",
    "loan",
    "subscription",
)
"""Kinds of problem that articles tell of in much the same words as posts do."""
_ENDS = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_a-z]|\d)|\n\s*\n")
_SMALL = ENGLISH.union(*LISTS.values())
_READER = Reader()


@dataclass(frozen=True, slots=True)
class Fit:
    """A sentence to say, its article and how well it fits. `sentence` is empty when it is in another language."""

    id: str
    sentence: str
    points: float


def fitting(post: str, lang: str | None, articles: Iterable[Article], answer_lang: str, brand: str = "") -> Fit | None:
    """The best sentence of the best article for this post; None when nothing fits well enough. Words of the `brand`
    say nothing: every article has them."""
    told = _read(post, lang, brand)
    found = [fit for article in articles if (fit := _fit(told, article, answer_lang, brand))]
    return max(found, key=lambda fit: fit.points, default=None)


def _fit(told: _Told, article: Article, answer_lang: str, brand: str) -> Fit | None:
    written = language_of(article.text)
    points = _points(told, _read(article.text, written, brand))
    if points < (ENOUGH_FOR_A_QUESTION if told.asks else ENOUGH):
        return None
    sentences = [" ".join(sentence.split()) for sentence in _ENDS.split(article.body)]
    near = {sentence: _points(told, _read(sentence, written, brand)) for sentence in sentences if _can_stand(sentence)}
    best = max(near, key=lambda sentence: near[sentence], default="")
    if not best or not near[best]:
        return None
    return Fit(article.id, best if written == answer_lang else "", points)


def _can_stand(sentence: str) -> bool:
    return SHORTEST <= len(sentence) <= LONGEST and not sentence.endswith("?")


def _points(mine: _Told, theirs: _Told) -> float:
    """What two texts have in common: subjects count more the narrower they are, words of four letters and more by
    their beginning. Texts about different places have nothing in common."""
    if mine.places and theirs.places and mine.places.isdisjoint(theirs.places):
        return 0.0
    causes, stems = mine.causes & theirs.causes, mine.stems & theirs.stems
    is_half = len(stems) >= 2 and 2 * len(stems) >= len(mine.stems)
    by_cause = sum(1.5 if share_of(cause) < WIDE_SHARE else 0.7 for cause in causes)
    by_kind = 0.8 * len(mine.kinds & theirs.kinds)
    return by_cause + by_kind + 0.6 * len(stems) + (1.5 if is_half else 0.0)


@dataclass(frozen=True, slots=True)
class _Told:
    causes: frozenset[str]
    kinds: frozenset[str]
    places: frozenset[str]
    stems: frozenset[str]
    asks: bool


@remembered(512)
def _read(text: str, lang: str | None, brand: str) -> _Told:
    causes = frozenset(_READER.read(text, lang, "neutral").causes)
    words = [word for word in fold(text).split() if word not in fold(brand).split()]
    stems = frozenset(word[:STEM] for word in words if len(word) >= 4 and word not in _SMALL)
    kinds = frozenset(kind for kind, found in _kinds(lang).items() if found.search(fold(text)))
    return _Told(causes, kinds, frozenset(places().find(words)), stems, "?" in text)


def _kinds(lang: str | None) -> Mapping[str, re.Pattern[str]]:
    strong = pack(lang).strong if lang in LANGUAGES else {}
    return {kind: strong[kind] for kind in ASKED_OF if kind in strong}


@remembered(512)
def language_of(text: str) -> str | None:
    """The language of an article."""
    return _DETECTOR.detect(text)


_DETECTOR = Detector()
