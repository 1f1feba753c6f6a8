"""How urgent a mention is: a sum of named parts, each with its points and its reason in plain words.

Time left until the promised answer is no part of it: the queue adds that, so a stored score does not age.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache

import msgspec

from domain.errors import BadInput
from domain.mention import NOT_TO_US, SPEAKS_TO_US, Part
from scoring.concepts import CONCEPTS
from scoring.folding import written
from scoring.form import PLAIN, Form
from scoring.sentiment import Sentiment
from scoring.signals import FORMAL, GRAVE, HARMS, NOTHING, TROUBLES, Found

HARMLESS = frozenset(("thanks", "help", "money"))
ASKED = HARMLESS | {"late"}
HOUR = 60.0
DAY = 24 * HOUR
MIN_WAIT = HOUR / 3  # shorter times ("5 minutes ago") are no complaint
LONG_WAIT = 2 * HOUR
MIN_FOLLOWERS = 100
MIN_SPREAD = 10.0  # shares an hour

DEFAULT_POINTS = {
    "safety": 16.0, "privacy": 12.0,
    "stranded": 14.0, "lost": 13.0, "missing": 13.0, "damaged": 10.0, "cancelled": 12.0,
    "money gone": 14.0, "legal": 14.0,
    "press": 8.0,
    "no answer": 12.0, "money": 7.0, "late": 4.0, "staff": 6.0, "broken": 6.0, "leaving": 6.0, "repeated": 4.0,
    "harsh": 5.0, "help": 3.0, "thanks": -12.0,
}  # fmt: skip
SAID = {
    "safety": "someone's safety", "privacy": "personal data",
    "stranded": "stranded or stuck", "lost": "something was lost",
    "missing": "a delivery is missing", "damaged": "came damaged, spoiled or wrong",
    "cancelled": "something was cancelled", "money gone": "money taken wrongly", "legal": "legal steps",
    "press": "press or public",
    "no answer": "cannot reach anyone", "money": "about money", "late": "late or waiting",
    "staff": "complains about staff",
    "broken": "something does not work", "leaving": "may leave us", "repeated": "not the first time",
    "harsh": "harsh words",
    "help": "asks for help", "thanks": "says thanks",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weights:
    """Points of each part. The sum usually lies between 0 and 100; higher is more urgent. Config may override."""

    negative: float = 10.0
    negative_strength: float = 14.0
    positive_strength: float = -12.0
    neutral: float = 4.0
    unsure: float = 10.0
    question: float = 3.0
    addressed: float = 6.0
    duration: float = 8.0
    long_wait: float = 4.0
    reach_per_tenfold: float = 3.0
    reach_limit: float = 12.0
    shares_per_doubling: float = 2.0
    shares_limit: float = 10.0
    spread_per_doubling: float = 1.5
    spread_limit: float = 6.0
    again_per_mention: float = 2.0
    again_limit: float = 8.0
    signals: dict[str, float] = field(default_factory=lambda: dict(DEFAULT_POINTS))


DEFAULT_WEIGHTS = Weights()
_NAMED = tuple(spot.name for spot in fields(Weights) if spot.name != "signals")


def weights_of(given: Mapping[str, float]) -> Weights:
    """The default weights with these in place of theirs, by name of a part or a signal. Raises BadInput for another."""
    for name in given:
        if name not in _NAMED and name not in DEFAULT_POINTS:
            known = ", ".join((*_NAMED, *DEFAULT_POINTS))
            raise BadInput(f"[priority]: {name!r} is no part of a priority; use one of: {known}")
    parts = {name: points for name, points in given.items() if name in _NAMED}
    return replace(
        DEFAULT_WEIGHTS, **parts, signals=DEFAULT_POINTS | {n: p for n, p in given.items() if n not in parts}
    )


class Facts(msgspec.Struct, frozen=True, gc=False):
    """All that priority looks at, besides the words."""

    sentiment: Sentiment
    found: Found = NOTHING
    form: Form = PLAIN
    addressed: bool = False
    followers: int | None = None
    shares: int = 0
    earlier_mentions: int = 0
    lang: str | None = None
    shares_an_hour: float = 0.0


class Prioritiser:
    """Turns facts into parts. Parts repeat from post to post, so each distinct one is worded once."""

    def __init__(self, weights: Weights = DEFAULT_WEIGHTS) -> None:
        self.weights = weights
        self._feeling = lru_cache(maxsize=25_000)(self._worded_feeling)
        self._signal = lru_cache(maxsize=10_000)(self._worded_signal)
        self._duration = lru_cache(maxsize=1_000)(self._worded_duration)
        self._reach = lru_cache(maxsize=10_000)(self._worded_reach)
        self._addressed: Part = ("addressed", weights.addressed, "speaks to us")
        self._question: Part = ("question", weights.question, "asks something")

    def parts(self, facts: Facts) -> tuple[Part, ...]:
        """Every part that counts, the feeling first."""
        parts = [self._feeling(facts.sentiment, facts.lang is None)]
        if facts.addressed:
            parts.append(self._addressed)
        if facts.form.is_question:
            parts.append(self._question)
        found = facts.found
        if found.words:
            parts += map(self._signal, found.words.items())
        if found.minutes >= MIN_WAIT:
            parts.append(self._duration(found.minutes))
        if facts.followers and facts.followers >= MIN_FOLLOWERS:
            parts.append(self._reach(facts.followers))
        if facts.shares > 0 or facts.earlier_mentions > 0:
            parts += self._spread(facts)
        return tuple(parts)

    def feeling(self, sentiment: Sentiment, no_language: bool) -> Part:
        """The part that a feeling makes."""
        return self._feeling(sentiment, no_language)

    def _worded_feeling(self, sentiment: Sentiment, no_language: bool) -> Part:
        label, compound = sentiment.label, sentiment.compound
        weights = self.weights
        if compound is None:
            return "unsure", weights.unsure, f"{'language' if no_language else 'feeling'} unknown: look at it"
        if label == "negative":
            points = weights.negative - weights.negative_strength * compound
            return "feeling", round(points, 1), f"sounds negative ({compound:+.2f})"
        if label == "positive":
            return "feeling", round(weights.positive_strength * compound, 1), f"sounds positive ({compound:+.2f})"
        return "feeling", weights.neutral, "sounds neutral"

    def _worded_signal(self, signal: tuple[str, str]) -> Part:
        name, word = signal
        return name, self.weights.signals.get(name, 0.0), f'{SAID[name]} ("{written(word)}")'

    def _worded_duration(self, minutes: float) -> Part:
        points = self.weights.duration + (self.weights.long_wait if minutes >= LONG_WAIT else 0.0)
        return "duration", points, f"names {in_words(minutes)}"

    def _worded_reach(self, followers: int) -> Part:
        points = min(self.weights.reach_limit, self.weights.reach_per_tenfold * (math.log10(followers) - 1))
        return "reach", round(points, 1), f"{followers:,} followers"

    def _spread(self, facts: Facts) -> list[Part]:
        parts: list[Part] = []
        weights = self.weights
        if facts.shares > 0:
            points = min(weights.shares_limit, weights.shares_per_doubling * math.log2(1 + facts.shares))
            parts.append(("shares", round(points, 1), f"shared {times(facts.shares)}"))
        if facts.shares_an_hour >= MIN_SPREAD:
            points = min(weights.spread_limit, weights.spread_per_doubling * math.log2(facts.shares_an_hour / 5))
            parts.append(("spread", round(points, 1), f"shared {times(round(facts.shares_an_hour))} an hour"))
        if facts.earlier_mentions > 0:
            points = min(weights.again_limit, weights.again_per_mention * facts.earlier_mentions)
            parts.append(("history", points, f"wrote {times(facts.earlier_mentions)} before"))
        return parts


def priority_of(parts: tuple[Part, ...]) -> float:
    """The sum of the points, to one decimal."""
    return round(sum([points for _, points, _ in parts]), 1)


def times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def in_words(minutes: float) -> str:
    """A length of time as people say it: "45 minutes", "2.5 hours", "3 days"."""
    for size, unit in ((DAY, "day"), (HOUR, "hour"), (1.0, "minute")):
        if minutes >= size:
            amount = f"{minutes / size:.1f}".removesuffix(".0")
            return f"{amount} {unit}{'' if amount == '1' else 's'}"
    return "less than a minute"


def severity_of(sentiment: Sentiment, found: Found, form: Form = PLAIN) -> int:
    """0 nothing wrong, 1 a grumble or a wish, 2 a complaint for today, 3 must be answered first."""
    words, label = found.words, sentiment.label
    positive = label == "positive"
    if looks_like_spam(found, form) or (positive and "thanks" in words):
        return 0
    if comes_first(found, label, form):
        return 2 if positive else 3
    if label != "negative" and is_calm(found, form):
        return 1 if "wish" in found.concepts and not form.asks else 0
    return 2 if not positive and is_complaint(found) else 1


def comes_first(found: Found, label: str, form: Form) -> bool:
    """Whether money, safety, privacy or the way home is at stake, a lawyer or the press is named (retold news names
    them too), something is lost in anger, or harm comes again or meets silence."""
    words = found.words
    if not GRAVE.isdisjoint(words):
        return True
    if label == "positive":
        return False
    if not FORMAL.isdisjoint(words) and (label == "negative" or not form.is_retold):
        return True
    harm, again = not HARMS.isdisjoint(words), "repeated" in words
    if "no answer" in words and (harm or again or "money" in words or found.minutes >= LONG_WAIT):
        return True
    return (harm and again) or (label == "negative" and "lost" in words)


def is_complaint(found: Found) -> bool:
    """Whether it tells of a trouble, or has harsh words for something that it names: more than a grumble."""
    if not found.words.keys().isdisjoint(TROUBLES | FORMAL):
        return True
    return "harsh" in found.words and any(CONCEPTS[concept].theme for concept in found.concepts)


def is_calm(found: Found, form: Form) -> bool:
    """What is no complaint without anger: thanks, bills, a plain question of delays; unless a long wait is named."""
    words = found.words.keys()
    if not words or "thanks" in words:
        return True
    return words <= (ASKED if form.asks else HARMLESS) and found.minutes < MIN_WAIT


def looks_like_spam(found: Found, form: Form) -> bool:
    """An advert with a link that tells of no trouble: who warns of a fraud uses the same words."""
    return form.is_spam and found.words.keys() <= HARMLESS


MISSED = frozenset(("lost", "missing"))
"""Concepts of the word lists: whoever misses a thing waits for us, however kindly it is said."""


def needs_answer(facts: Facts, severity: int, is_repost: bool, is_ours: bool) -> tuple[bool, str]:
    """Whether we owe an answer, and why (not)."""
    if is_ours:
        return False, "our own post"
    if is_repost:
        return False, "a repost: the original counts"
    if looks_like_spam(facts.found, facts.form):
        return False, "looks like spam"
    label = facts.sentiment.label
    if label == "negative":
        return True, "unhappy"
    if severity > 0:  # also in friendly words: "Great, another outage" reads as praise to a word list
        return True, "names a serious problem" if severity > 1 else "names a problem"
    if facts.form.is_question:
        return True, "asks a question"
    if "help" in facts.found.words:  # "please help" is two kind words to a word list
        return True, "asks for help"
    if not MISSED.isdisjoint(facts.found.words):  # also told with thanks for the crew
        return True, "misses something"
    if label == "unsure":
        return True, "feeling unknown: a person should look"
    if facts.addressed:
        return True, SPEAKS_TO_US
    return False, NOT_TO_US if label == "positive" else f"{label}, and not addressed to us"
