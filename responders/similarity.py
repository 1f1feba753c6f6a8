"""How alike two replies are, so that no two people get the same text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from fractions import Fraction
from math import ceil

from domain.remembering import remembered
from scoring.near import hashed

CEILING = 0.75
"""Above this two replies are the same script. Changing one word of thirty leaves 0.8; changing one whole sentence of
four leaves 0.6."""

FEWEST_SCRIPT_WORDS = 6
"""Fewer words of one's own are a plain thank-you, not a script, whoever else got them."""

_GREETING = re.compile(r"^\s*(?:\S+\s+){0,3}\S+?[,!](?=\s)")
_NOISE = re.compile(r"@[\w.@-]+|\d+|[^\w\s]|_")


@remembered(4096)
def bare(text: str) -> str:
    """The reply without greeting, handles, numbers, case and punctuation: what stays the same from person to person."""
    body = _GREETING.sub("", unicodedata.normalize("NFKC", text), count=1)
    return " ".join(_NOISE.sub(" ", body.casefold()).split())


@remembered(4096)
def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Runs of three words of the bare reply; a shorter one is a single run."""
    words = bare(text).split()
    return frozenset(tuple(words[at : at + 3]) for at in range(max(1, len(words) - 2))) if words else frozenset()


def similarity(one: str, other: str) -> float:
    """0.0 (nothing shared) to 1.0 (the same but for name, numbers and punctuation): Jaccard over shingles."""
    first, second = shingles(one), shingles(other)
    shared = len(first & second)
    return shared / (len(first) + len(second) - shared) if shared else 0.0


def closest(text: str, others: Iterable[str]) -> tuple[float, str]:
    """The most similar of `others` and how similar it is; (0.0, "") when there are none."""
    own, best, found = shingles(text), 0.0, ""
    for other, theirs in _shelf(tuple(others)):
        shared = len(own & theirs)
        if shared and (alike := shared / (len(own) + len(theirs) - shared)) > best:
            best, found = alike, other
    return best, found


def prints(text: str) -> list[int]:
    """Numbers by which this reply is found again: of two replies above CEILING each has one of the other's at least.

    Of n shingles in one fixed order (that of their hashes) the first n - CEILING * n + 1: two sets that share more than
    that share one of these (prefix filtering, Chaudhuri, Ganti and Kaushik 2006).
    """
    hashes = sorted({hashed(" ".join(each)) for each in shingles(text)})
    return hashes[: len(hashes) - ceil(Fraction(CEILING) * len(hashes)) + 1]


def is_another(text: str, others: Iterable[str]) -> bool:
    """Whether one of these is as good as this text. What is as short as "Thank you, Mara!" may be said to many."""
    return len(bare(text).split()) >= FEWEST_SCRIPT_WORDS and closest(text, others)[0] > CEILING


@remembered(8)
def _shelf(others: tuple[str, ...]) -> tuple[tuple[str, frozenset[tuple[str, ...]]], ...]:
    return tuple((other, shingles(other)) for other in others)


@remembered(8)
def bodies(others: tuple[str, ...]) -> frozenset[str]:
    """The bare forms of all of them; kept, because an editor asks again at every key."""
    return frozenset(bare(other) for other in others)
