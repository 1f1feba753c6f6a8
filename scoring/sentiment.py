"""Sentiment of a cleaned text: -1 to 1 with a label, or honestly unknown."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from scoring.lexicon import compound_of, feel, total_of
from scoring.pack import pack
from scoring.vader import vader

NEGATIVE, POSITIVE = -0.05, 0.05  # the thresholds that vaderSentiment's authors give
MIN_WORDS = 4  # English without one word of feeling: from here on it is a plain statement, below it too little to tell

Evidence = tuple[float, int, int]
"""Compound value, how many words carried feeling, how many words there were."""

Engine = Callable[[str], Evidence]


class Sentiment(NamedTuple):
    """`compound` is None exactly when the label is "unsure"."""

    label: str
    compound: float | None


UNSURE = Sentiment("unsure", None)
NEUTRAL = Sentiment("neutral", 0.0)


def vader_evidence(text: str) -> Evidence:
    return vader().measure(text)


def pack_evidence(name: str) -> Engine:
    """The engine of a language that has a pack."""

    def measure(text: str) -> Evidence:
        total, known, words = feel(text, name)
        return compound_of(total), known, words

    return measure


def taglish_evidence(text: str) -> Evidence:
    """Filipino posts are mostly Taglish: the words of both languages count."""
    compound, known, _ = vader_evidence(text)
    feeling = feel(text, "tl")
    return compound_of(total_of(compound) + feeling.total), known + feeling.known, feeling.words


PACKS = ("hr", "hu", "id", "lv", "tl")

# One engine per language; a new language is a pack and one more word above.
ENGINES: Mapping[str, Engine] = {name: pack_evidence(name) for name in PACKS} | {
    "en": vader_evidence,
    "tl": taglish_evidence,
}
KNOWS_PLAIN_TEXT = frozenset(("en",))  # here a longer text without known words is neutral; elsewhere it is unknown


def read_packs() -> None:
    """Read every word list now: a bad line, which BadInput names, is told at the start and not at the first post."""
    for name in (*PACKS, "emoji"):
        pack(name)


def label_of(compound: float) -> str:
    if compound <= NEGATIVE:
        return "negative"
    return "positive" if compound >= POSITIVE else "neutral"


def judge(text: str, lang: str | None) -> Sentiment:
    """The sentiment of a cleaned text in this language; "unsure" where nobody here can read it."""
    engine = ENGINES.get(lang) if lang else None
    if engine is None:
        return UNSURE
    compound, known, words = engine(text)
    if known:
        return Sentiment(label_of(compound), compound)
    return NEUTRAL if lang in KNOWS_PLAIN_TEXT and words >= MIN_WORDS else UNSURE
