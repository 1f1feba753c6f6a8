"""Languages that are written without spaces between words: what our lists know is set apart before it is looked up.

The longest known word wins: "คดี" (lawsuit) is not "ดี" (good). What no list knows stays in one piece. Entries of such a
pack are phrases as they are written, so they need no spaces either; under `apart` stand words that only hold others.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from ahocorasick_rs import AhoCorasick, MatchKind

from scoring.folding import fold
from scoring.pack import Pack, pack

GLUED = re.compile(r"(?<=[^\x00-\x7f])(?=\d)")  # "รอ2ชั่วโมง": waited 2 hours
WITHOUT_SPACES = frozenset(("th",))


def fold_for(text: str, lang: str | None) -> str:
    """The folded text, with spaces between its words also where its language has none."""
    return set_apart(fold(text), lang) if lang in WITHOUT_SPACES else fold(text)


def set_apart(folded: str, lang: str) -> str:
    """The text with spaces around each word that the pack of this language knows."""
    folded = GLUED.sub(" ", folded)
    parts, at = list[str](), 0
    for _, begin, end in _finder(lang).find_matches_as_indexes(folded):
        # a sign above or below belongs to the letter before it: that is another word
        if unicodedata.category(folded[end : end + 1] or " ") != "Mn":
            parts += (folded[at:begin], folded[begin:end])
            at = end
    return " ".join((*parts, folded[at:])) if parts else folded


@cache
def _finder(lang: str) -> AhoCorasick:
    return AhoCorasick(sorted(_words(pack(lang))), matchkind=MatchKind.LeftmostLongest)


def _words(found: Pack) -> set[str]:
    entries = [*(entry for entry, _ in (*found.feelings, *found.concepts)), *found.roles, *found.apart]
    entries += (*found.units, *found.numbers)
    return {word for entry in entries for word in entry.replace("*", "").split() if not word.isascii()}
