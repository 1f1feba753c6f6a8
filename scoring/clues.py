"""By what a text is found again: its concepts and subjects, which meet across languages, and its rare words as stems.

Only hashes are stored (`scoring.near.hashed`), so that a clue of a post holds none of its author's words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import islice

from scoring.folding import fold
from scoring.naming import WORD
from scoring.near import hashed
from scoring.traits import ROUTE, Reader, narrow, stem

MOST = 60
"""Clues of one text that count, in its order: later words add little and each costs a look-up."""
COMMON = 100
"""A clue that leads to this many rows or more tells little, and is not followed further than to the newest of them."""
ENOUGH = 6.0
"""Weight of words that two texts must share: two rare ones, or several that are less rare. One word alone is chance."""
_CONCEPT = 2.0
"""A concept has one meaning in all languages, so one in common weighs as much as two words."""
_MARK = "concept "

Clues = Mapping[int, str]
"""Hash -> the word as it was written, or the concept's name after `concept `."""


def clues(reader: Reader, text: str, lang: str | None) -> dict[int, str]:
    """What leads to this text, the concepts first. Long texts are read paragraph by paragraph."""
    concepts, words = dict[int, str](), dict[int, str]()
    for paragraph in filter(str.strip, text.split("\n\n")):
        traits = reader.read(paragraph, lang, "neutral")
        concepts |= {hashed(_MARK + cause): _MARK + cause for cause in traits.causes}
        for word in WORD.findall(ROUTE.sub(" ", reader.cleaner.clean(paragraph))):
            if (term := hashed(stem(fold(word)))) in traits.rare:
                words.setdefault(term, word)
    return dict(islice((concepts | words).items(), MOST))


def fits(found: Clues, shared: Mapping[int, int]) -> bool:
    """Whether two texts are about the same thing: the same trouble by name, or words enough. `shared` are their common
    clues, each with how many rows it leads to."""
    return any(is_narrow(found[term]) for term in shared) or weight(found, shared) >= ENOUGH


def weight(found: Clues, shared: Mapping[int, int]) -> float:
    """How much they have in common: the rarer a clue, the more."""
    return sum(_rarity(rows) * (_CONCEPT if is_narrow(found[term]) else 1.0) for term, rows in shared.items())


def _rarity(rows: int) -> float:
    return math.log(1 + COMMON / min(max(rows, 1), COMMON))


def is_narrow(name: str) -> bool:
    """Whether it is a concept that names more than the field of a trouble."""
    return name.startswith(_MARK) and bool(narrow([name.removeprefix(_MARK)]))


def why(found: Clues, shared: Mapping[int, int]) -> str:
    """What they have in common, in words: concepts, then words, the rarest first."""
    rarest = sorted(shared, key=lambda term: shared[term])
    concepts = [found[term].removeprefix(_MARK) for term in rarest if found[term].startswith(_MARK)]
    words = [found[term] for term in rarest if not found[term].startswith(_MARK)]
    told = [f"both tell of {', '.join(concepts[:4])}"] if concepts else []
    return "; ".join([*told, *([f"both say {', '.join(words[:5])}"] if words else [])])
