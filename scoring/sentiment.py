"""Sentiment of a cleaned text: -1 to 1 with a label, or honestly unknown."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from scoring.form import ANY, BARS, PLAIN, Form
from scoring.lexicon import compound_of, feel, feel_words, total_of
from scoring.pack import LANGUAGES, pack
from scoring.vader import vader

IRONY = -0.4  # at most: who turns praise around is never pleased
MIN_WORDS = 4  # English without one word of feeling: from here on it is a plain statement, below it too little to tell


class Evidence(NamedTuple):
    """Compound value, how many words carried feeling, how many negate."""

    compound: float
    known: int
    negations: int


Engine = Callable[[str], Evidence]


class Sentiment(NamedTuple):
    """`compound` is None exactly when the label is "unsure"."""

    label: str
    compound: float | None


UNSURE = Sentiment("unsure", None)
NEUTRAL = Sentiment("neutral", 0.0)


def pack_evidence(name: str) -> Engine:
    """The engine of a language that has a pack."""

    def measure(text: str) -> Evidence:
        total, known, negations = feel(text, name)
        return Evidence(round(compound_of(total), 4), known, negations)

    return measure


def beside_vader(name: str) -> Engine:
    """vaderSentiment's own sum and the sum of this pack together: what VADER does not know is added, not replaced."""

    def measure(text: str) -> Evidence:
        compound, known, _ = vader().measure(text)
        total, more, negations = feel_words(text, name)
        return Evidence(round(compound_of(total_of(compound) + total), 4), known + more, negations)

    return measure


# One engine per language; a new language is a pack, its name in LANGUAGES and nothing else.
ENGINES: Mapping[str, Engine] = {name: pack_evidence(name) for name in LANGUAGES} | {
    "en": beside_vader("en"),
    "tl": beside_vader("tl"),
}
KNOWS_PLAIN_TEXT = frozenset(("en",))  # here a longer text without known words is neutral; elsewhere it is unknown


def read_packs() -> None:
    """Read every word list now: a bad line, which BadInput names, is told at the start and not at the first post."""
    for name in (*LANGUAGES, "emoji"):
        pack(name)


def judge(text: str, lang: str | None, form: Form = PLAIN) -> Sentiment:
    """The sentiment of a cleaned text in this language; "unsure" where nobody here can read it."""
    engine = ENGINES.get(lang) if lang else None
    if engine is None:
        return UNSURE
    compound, known, negations = engine(text)
    if form.is_ironic:
        compound, known = min(-abs(compound), IRONY), known or 1
    if known:
        return Sentiment(BARS.get(lang or "", ANY).label(compound, negations, form), compound)
    return NEUTRAL if lang in KNOWS_PLAIN_TEXT and len(text.split()) >= MIN_WORDS else UNSURE
