"""Sentiment of a cleaned text: -1 to 1 with a label, or honestly unknown."""

from collections.abc import Sequence

import msgspec

from scoring.form import ANY, BARS, PLAIN, Form
from scoring.lexicon import NO_FEELING, Feeling, compound_of, feel, feel_words
from scoring.pack import LANGUAGES, pack
from scoring.spacing import fold_for
from scoring.vader import vader
from scoring.words import READABLE, Reading, table_for

BESIDE_VADER = frozenset(("en", "tl"))
"""Here vaderSentiment's own sum and the pack's are taken together; Filipino posts are mostly Taglish."""
NO_ENGLISH = frozenset(("po", "nag", "nagana", "wag", "ha", "l"))
"""Filipino words of manners and grammar, and a size, that VADER takes for English slang: "po" is -2.6 there."""
KNOWS_PLAIN_TEXT = frozenset(("en",))  # here a longer text without known words is neutral; elsewhere it is unknown
IRONY = -0.4  # at most: who turns praise around is never pleased
TROUBLE = -0.5
"""Of each trouble that is told, up to MOST_TROUBLES: "charged twice" is a complaint without any word of feeling."""
MIN_WORDS = 4  # English without one word of feeling: from here on it is a plain statement, below it too little to tell


class Sentiment(msgspec.Struct, frozen=True, gc=False):
    """`compound` is None exactly when the label is "unsure"."""

    label: str
    compound: float | None


UNSURE = Sentiment("unsure", None)
NEUTRAL = Sentiment("neutral", 0.0)


def read_packs() -> None:
    """Read every word list now: a bad line, which BadInput names, is told at the start and not at the first post."""
    for name in (*LANGUAGES, "emoji"):
        pack(name)


def judge(text: str, lang: str | None, form: Form = PLAIN) -> Sentiment:
    """The sentiment of a cleaned text in this language; "unsure" where nobody here can read it."""
    return judge_page([text], [felt(text, table_for(lang).read(fold_for(text, lang)), lang)], [lang], [form])[0]


def felt(text: str, read: Reading, lang: str | None) -> Feeling:
    """What our own words say about a cleaned text."""
    if lang not in READABLE:
        return NO_FEELING
    return feel_words(read) if lang in BESIDE_VADER else feel(read, text)


def judge_page(
    texts: Sequence[str], feelings: Sequence[Feeling], langs: Sequence[str | None], forms: Sequence[Form]
) -> list[Sentiment]:
    """The sentiment of each text, with what our own words say about it."""
    theirs = list(map(_theirs, texts, langs))
    return [
        _sentiment(text, lang, form, own, total, known)
        for text, lang, form, own, (total, known) in zip(texts, langs, forms, feelings, theirs, strict=True)
    ]


def _theirs(text: str, lang: str | None) -> tuple[float, int]:
    if lang not in BESIDE_VADER:
        return 0.0, 0
    return vader(NO_ENGLISH).measure(text) if lang == "tl" else vader().measure(text)


def _sentiment(text: str, lang: str | None, form: Form, feeling: Feeling, total: float, known: int) -> Sentiment:
    """`total` and `known` are vaderSentiment's, beside those of our own words."""
    if lang not in READABLE:
        return UNSURE
    compound = compound_of(feeling.total + total + TROUBLE * form.troubles)
    known += feeling.known + form.troubles
    if form.is_ironic:
        compound, known = min(-abs(compound), IRONY), known or 1
    if known:
        return Sentiment(BARS.get(lang, ANY).label(compound, feeling.negations, form, feeling.is_mixed), compound)
    return NEUTRAL if lang in KNOWS_PLAIN_TEXT and len(text.split()) >= MIN_WORDS else UNSURE
