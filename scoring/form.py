"""How a post is put, and how strong a feeling must be there to count.

A plain question and retold news carry words of feeling too. The numbers were found on development sets; docs/scoring.md
has the figures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from scoring.signals import TROUBLES, Found

LINKS = ("://", "{link}", "RT @", "“@", '"@')
"""A link ("{link}" where an archive took it out), or somebody's post handed on."""
SHARE = re.compile(r"\$[A-Z]{2,5}\b")  # $NRDA
PLAIN_LIMIT = 0.05
"""The least value that is a feeling at all, as vaderSentiment's authors give it."""
MOST_NEGATIONS = 2
MOST_TROUBLES = 3


class Form(msgspec.Struct, frozen=True, gc=False):
    """`asks`: it puts a plain question ("do you"); `is_retold`: a link, a quoted post or news, addressed to nobody;
    `is_spam`: words of adverts with a link, and nothing asked of the brand; `troubles`: how many kinds it tells of, at
    most MOST_TROUBLES."""

    addressed: bool = False
    is_question: bool = False
    asks: bool = False
    is_retold: bool = False
    is_ironic: bool = False
    is_spam: bool = False
    troubles: int = 0


PLAIN = Form()


class Bars(NamedTuple):
    """From which compound value on a text is negative or positive: a base and what each trait of its form adds.

    Each negation lowers the bar for complaints: "did not", "no one" say little by themselves and much in sum.
    """

    negative: float = PLAIN_LIMIT
    negation: float = 0.0
    negative_asks: float = 0.0
    negative_retold: float = 0.0
    positive: float = PLAIN_LIMIT
    positive_question: float = 0.0
    positive_asks: float = 0.0
    positive_addressed: float = 0.0
    positive_retold: float = 0.0
    mixed: float = 0.0

    def label(self, compound: float, negations: int, form: Form, is_mixed: bool = False) -> str:
        """negative, neutral or positive."""
        mixed = self.mixed * is_mixed
        if compound < 0:
            bar = self.negative + self.negation * min(negations, MOST_NEGATIONS) + mixed
            bar += self.negative_asks * form.asks + self.negative_retold * form.is_retold
            return "negative" if -compound >= max(bar, PLAIN_LIMIT) else "neutral"
        bar = self.positive + self.positive_question * form.is_question + self.positive_asks * form.asks + mixed
        bar += self.positive_addressed * form.addressed + self.positive_retold * form.is_retold
        return "positive" if compound >= bar else "neutral"


ENGLISH = Bars(0.3, -0.3, 0.2, 0.3, 0.2, 0.2, 0.2, 0.2, 0.1)
"""Who speaks to a brand says please and thank you by custom: praise needs more there than elsewhere."""
CROATIAN = Bars(positive=0.1)  # "nova trgovina" alone is a hint, no praise
HUNGARIAN = Bars(positive=0.3)  # one weak word ("érdekes") is no praise yet
TAGLISH = Bars(negative=0.1, positive=0.45, mixed=0.6)
"""Praise is said in two languages at once, so it needs more; "maganda naman kaso maliit" (nice, but small) is neither,
unless one side is far stronger."""
VIETNAMESE = Bars(negative_asks=0.2)  # "không" (not) at the end of a sentence makes it a question
BARS: Mapping[str, Bars] = {"en": ENGLISH, "hr": CROATIAN, "hu": HUNGARIAN, "tl": TAGLISH, "vi": VIETNAMESE}
ANY = Bars()


def leads_away(text: str) -> bool:
    """Whether it links, hands somebody's post on or talks of a share."""
    for sign in LINKS:
        if sign in text:
            return True
    return "$" in text and SHARE.search(text) is not None


def form_of(text: str, cleaned: str, found: Found, addressed: bool) -> Form:
    """The form of a post: the text as written, the same without links and handles, what it tells of."""
    concepts = found.concepts
    is_question = "?" in cleaned or "？" in cleaned
    addressed = addressed or text.startswith("@")
    has_link = leads_away(text)
    troubles = min(len(TROUBLES & found.words.keys()), MOST_TROUBLES) if found.words else 0
    return Form(
        addressed,
        is_question,
        asks=is_question and "asks" in concepts,
        is_retold=not addressed and (has_link or "news" in concepts),
        is_ironic="irony" in concepts or ("double-edged" in concepts and troubles > 0),
        is_spam=has_link and "spam" in concepts and not (addressed and is_question),
        troubles=troubles,
    )
