"""Near-duplicates: copies of a post with a word or two changed, found without comparing each with each.

Each text is a set of hashed words. Eight bands of two minimum hashes lead to the few that may be alike; their Jaccard
similarity decides (PERFORMANCE of the design: 58 to 69 % of copies with one or two changed words, one wrong merge in
6,000 posts at most).
"""

from __future__ import annotations

from collections import OrderedDict

import msgspec
import xxhash

from domain.remembering import remembered

BANDS, ROWS = 8, 2
ALIKE = 0.7
"""From this share of common words on, two texts are copies."""
FEWEST = 6
"""Texts of fewer different words are alike by chance ("still waiting for my refund")."""
MOST_WORDS = 80
_MASK = (1 << 64) - 1
_FACTORS = [xxhash.xxh3_64_intdigest(bytes([number])) | 1 for number in range(BANDS * ROWS)]

Words = frozenset[int]


@remembered(50_000)
def hashed(word: str) -> int:
    """32 bits that stand for a word, so that what we keep of a post holds none of its words."""
    return xxhash.xxh32_intdigest(word.encode("utf-8", "replace"))


def bands(words: Words) -> list[int]:
    """The eight keys under which texts that may be alike meet."""
    lowest = [min((word * factor & _MASK) >> 32 for word in words) for factor in _FACTORS]
    return [hash((band, *lowest[band * ROWS : (band + 1) * ROWS])) for band in range(BANDS)]


def alike(one: Words, other: Words) -> float:
    """The share of common words, 0 to 1."""
    return len(one & other) / len(one | other)


class Kept(msgspec.Struct, array_like=True):
    """A text that later copies are held against: its words, and the problem it belongs to."""

    words: Words
    problem: int


class Near:
    """The newest texts of one brand; the oldest fall out first, so memory is bounded."""

    def __init__(self, room: int, kept: list[Kept]) -> None:
        self.room = room
        self.kept: OrderedDict[int, Kept] = OrderedDict()
        self.shelves: dict[int, list[int]] = {}
        self._next = 0
        for each in kept:
            self.add(each.words, each.problem)

    def find(self, words: Words) -> int | None:
        """The problem of the text that is most alike, None when none is alike enough."""
        if len(words) < FEWEST:
            return None
        near = {place for band in bands(words) for place in self.shelves.get(band, ())}
        likest = max(near, key=lambda place: (alike(words, self.kept[place].words), -place), default=None)
        if likest is None or alike(words, self.kept[likest].words) < ALIKE:
            return None
        return self.kept[likest].problem

    def add(self, words: Words, problem: int) -> None:
        """Remember a text; too short ones are not."""
        if len(words) < FEWEST:
            return
        place, self._next = self._next, self._next + 1
        self.kept[place] = Kept(words, problem)
        for band in bands(words):
            self.shelves.setdefault(band, []).append(place)
        if len(self.kept) > self.room:
            self._drop()

    def _drop(self) -> None:
        place, oldest = self.kept.popitem(last=False)
        for band in bands(oldest.words):
            shelf = self.shelves[band]
            shelf.remove(place)
            if not shelf:
                del self.shelves[band]

    def move(self, old: int, new: int) -> None:
        """Texts of the problem `old` belong to `new` from now on."""
        for each in self.kept.values():
            if each.problem == old:
                each.problem = new
