"""Whether a draft names the actual problem: the yardstick of the figures, apart from what composed the draft."""

from __future__ import annotations

from responders.drafters.kinds import KIND_OF
from responders.drafters.phrasebook import LANGUAGES, fold, pack, respell
from responders.drafters.reading import PROBLEMS
from responders.similarity import bare
from scoring.concepts import CONCEPTS
from scoring.function_words import ENGLISH, LISTS
from scoring.scorer import score_text

STEM = 4
_SMALL = {fold(word) for word in ENGLISH.union(*LISTS.values())}
_GREETINGS = (
    "what that with this have about your very sorry thank thanks please hvala koji koja kako samo vama köszönöm hogy "
    "nagyon csak volt terima kasih yang sudah karena paldies jums jūsu salamat ninyo namin naman lang kayo"
)
_EMPTY = {fold(word)[:STEM] for word in _GREETINGS.split()}


def stems(text: str, brand: str = "") -> set[str]:
    """The first four letters of each content word."""
    names = set(fold(brand).split())
    words = (word for word in fold(text).split() if len(word) >= STEM and word not in _SMALL and word not in names)
    return {word[:STEM] for word in words if not word.isdigit()} - _EMPTY


OF_THEME = {"billing": ("charge", "refund"), "delivery": ("parcel",), "outage": ("outage",), "service": ("staff",),
            "product": ("product",), "safety": ("safety",), "privacy": ("fraud",)}  # fmt: skip
"""Kinds whose label is that of a theme."""


def labels(post: str, lang: str, brand: str) -> set[str]:
    """Content words of the labels of whatever scoring finds in the post by itself, in the post's language."""
    own, score = pack(lang), score_text(post, lang, brand)
    named = [
        own.raw["subjects"].get(name, "") for name in score.concepts if CONCEPTS[name].theme not in ("praise", None)
    ]
    named += [own.about(KIND_OF[name]) for name in score.concepts if name in KIND_OF]
    named += [own.about(kind) for theme in score.themes for kind in OF_THEME.get(theme, ())]
    return set().union(*(stems(label) for label in named)) if named else set()


def names_the_problem(problem: str, post: str, lang: str, brand: str = "") -> bool:
    """Whether the sentences that restate the problem hold a content word of the post, or a label of what scoring finds
    in it. Equal are words whose first four letters are."""
    said = stems(bare(problem), brand)
    own = stems(post, brand) | (labels(post, lang, brand) if lang in LANGUAGES else set())
    return bool(said & own)


def holds_words_of(kind: str, post: str, lang: str) -> bool:
    """Whether the post itself holds a word of our list for this kind of problem: "suitcase" for luggage."""
    own = pack(lang)
    folded = respell(fold(post), own.raw["spellings"])
    return kind in PROBLEMS and bool(own.strong[kind].search(folded) or own.topics[kind].search(folded))
