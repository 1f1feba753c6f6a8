"""What of a removed post could stand elsewhere, how it is found there, and how it is taken out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from ahocorasick_rs import AhoCorasick, MatchKind

TAKEN_OUT = "…"
_BEGINNING = 60
_SHORTEST = 2
_GREETING = re.compile(r"[^\n,:.!?]{1,60}[\n,:!]")
_GREETING_WORDS = 4
"""Good morning dear Mara, is the longest; what was taken out already does not count."""
_RUN = 4
_TELLING = 20
"""Letters from which on a text is nobody else's: "stop" or the brand's name alone stands everywhere."""


class Removed(msgspec.Struct, frozen=True):
    """What names one removed post: its native id, who wrote it, and what was said.

    `ids` tell the post or its author apart from everybody else; `words`, parts of a name, do so in a greeting.
    """

    name: str
    ids: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def removed(
    name: str, author_id: str, handle: str, author_name: str, title: str, text: str, address: str = ""
) -> Removed:  # fmt: skip
    """The needles of one post; `address` is one that its author left.

    A handle is looked for with and without its host, a text by its beginning as well.
    """
    bare = handle.lstrip("@")
    telling = [whole for whole in (title, text) if len(whole) >= _TELLING]
    said = [each for whole in telling for each in (whole, whole[:_BEGINNING], _in_json(whole[:_BEGINNING]))]
    ids = [name, author_id, address, bare, bare.partition("@")[0], author_name, *said]
    words = [word for word in re.split(r"[\W_]+", author_name) if len(word) >= _SHORTEST]
    return Removed(name, _distinct(ids), _distinct(words))


def removed_of(row: Any) -> Removed:
    """The same, of a row of a mention."""
    address = str((row.native or {}).get("to") or "")
    return removed(row.external_id, row.author_id, row.author_handle, row.author_name, row.title, row.text, address)


def _in_json(text: str) -> str:
    """As it stands inside of raw items."""
    return msgspec.json.encode(text).decode()[1:-1]


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stripped for word in words if len(stripped := word.strip()) >= _SHORTEST))


class Needles:
    """Finds many words at once, whole words only, in any case or (`exactly`) as they are written."""

    def __init__(self, words: Iterable[str], *, exactly: bool = False) -> None:
        self._low = str if exactly else _low
        self._words = sorted({self._low(word) for word in words if len(word) >= _SHORTEST})
        self._find = AhoCorasick(self._words, matchkind=MatchKind.Standard) if self._words else None

    def found_in(self, text: str) -> bool:
        """Whether any of them stands there."""
        return bool(self._spans(text))

    def taken_out(self, text: str) -> str:
        """The text without them."""
        clean, at = [], 0
        for start, end in self._spans(text):
            clean += [text[at:start], TAKEN_OUT]
            at = end
        return "".join(clean) + text[at:]

    def cleaned(self, value: Any) -> Any:
        """The same for every text inside of a JSON value."""
        if isinstance(value, str):
            return self.taken_out(value)
        if isinstance(value, dict):
            return {self.taken_out(name): self.cleaned(each) for name, each in value.items()}
        return [self.cleaned(each) for each in value] if isinstance(value, list) else value

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """Where they stand, joined where they overlap, in order."""
        if self._find is None or not text:
            return []
        low = self._low(text)
        found = sorted(
            (start, end) for _, start, end in self._find.find_matches_as_indexes(low, overlapping=True)
            if _whole(low, start, end)
        )  # fmt: skip
        joined: list[tuple[int, int]] = []
        for start, end in found:
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        return joined


def quotes(line: str, posts: Iterable[tuple[Removed, str]]) -> bool:
    """Whether a line of one's own names who wrote one of these posts, or says four words of it in a row."""
    words = _low(line).split()
    runs = [" ".join(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)]
    for post, text in posts:
        said = " ".join(_low(text).split())
        if Needles(post.ids).found_in(line) or any(run in said for run in runs):
            return True
    return False


class Names:
    """Takes the names of authors out of what we said to them, and leaves ordinary words alone: a name may be one (Will,
    Grace). A whole name and a handle go wherever they stand, a name of one word only as it is written, and the parts of
    a longer one only from the greeting."""

    def __init__(self, authors: Iterable[Removed]) -> None:
        authors = list(authors)
        ones = {each.words[0] for each in authors if len(each.words) == 1}
        self._whole = Needles(name for each in authors for name in each.ids if name not in ones)
        self._ones = Needles(ones, exactly=True)
        self._parts = Needles(word for each in authors for word in each.words)

    def taken_out(self, text: str) -> str:
        """The reply without them."""
        clean = self._ones.taken_out(self._whole.taken_out(text))
        greeting = _GREETING.match(clean)
        if greeting is None or sum(TAKEN_OUT not in word for word in greeting[0].split()) > _GREETING_WORDS:
            return clean
        return self._parts.taken_out(greeting[0]) + clean[greeting.end() :]


def _low(text: str) -> str:
    """Lower case, letter by letter: places in it are places in the text."""
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _whole(text: str, start: int, end: int) -> bool:
    before = start == 0 or not (text[start - 1].isalnum() and text[start].isalnum())
    return before and (end == len(text) or not (text[end].isalnum() and text[end - 1].isalnum()))


def without(value: Any, names: frozenset[str]) -> Any:
    """A JSON value without the entries that are one of these native ids."""
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if key not in names and not _is(each, names)}
        return {key: without(each, names) for key, each in kept.items()}
    return [without(each, names) for each in value if not _is(each, names)] if isinstance(value, list) else value


def _is(value: Any, names: frozenset[str]) -> bool:
    return isinstance(value, str) and value in names
