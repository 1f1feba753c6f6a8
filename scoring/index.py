"""Finds the entries of a pack that may stand at a word: whole words, stems, and several words under their longest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar

from scoring.pack import MIN_STEM, NEAR

MAX_LENGTH = 32
"""Longer words mean nothing; hostile text is full of them."""
MAX_REMEMBERED = 50_000
"""So many words a table remembers; then it forgets them all, so hostile text cannot make it grow."""
MAX_TRIES = 8
"""So many times a phrase is looked for inside longer words; hostile text is full of them."""
Value = TypeVar("Value")


class Hit(NamedTuple, Generic[Value]):
    """What an entry says, and the entry without its stars. A phrase must still be looked for in the text.

    `near` are the other words (stems with their star) of an entry whose words need not be neighbours; `is_open`: the
    last word of the phrase had a star.
    """

    value: Value
    entry: str
    is_phrase: bool
    near: tuple[str, ...] = ()
    is_open: bool = False


class Index(Generic[Value]):
    """The entries of a list by the word that leads to them."""

    def __init__(self, entries: Iterable[tuple[str, Value]]) -> None:
        self.whole: dict[str, list[Hit[Value]]] = {}
        self.stems: dict[str, list[Hit[Value]]] = {}
        for entry, value in entries:
            leading = max(entry.split(), key=len)
            near = tuple(part for part in entry.split(NEAR) if part != leading) if NEAR in entry else ()
            plain = entry.replace(NEAR, " … ").replace("*", "")
            hit = Hit(value, plain, " " in entry and not near, near, entry.endswith("*"))
            shelf = self.stems if leading.endswith("*") else self.whole
            shelf.setdefault(leading.rstrip("*"), []).append(hit)
        self.longest = max(map(len, self.stems), default=0)

    def under(self, word: str) -> list[Hit[Value]]:
        """What may stand at this folded word: its own entries first, then those of its stems, the longest first.

        What French and Italian write together with it ("l'app", "dell'ordine") is looked up without it as well.
        """
        found = list(self.whole.get(word, ()))
        for end in range(min(len(word), self.longest), MIN_STEM - 1, -1):
            found += self.stems.get(word[:end], ())
        bare = without_article(word)
        return found if bare == word else found + self.under(bare)


def without_article(word: str) -> str:
    """What stands after the last apostrophe of a word."""
    return word.rpartition("'")[2]


def stands_in(phrase: str, folded: str, is_open: bool = False) -> bool:
    """Whether the text has this phrase in whole words: "di sulit" is not in "hindi sulit", nor "can i" in "can it".

    With `is_open` the last word may go on.
    """
    at, size = folded.find(phrase), len(phrase)
    for _ in range(MAX_TRIES):
        if at < 0:
            return False
        if not folded[at - 1 : at].isalnum() and (is_open or not folded[at + size : at + size + 1].isalnum()):
            return True
        at = folded.find(phrase, at + 1)
    return False
