"""Shows characters that deceive: invisible ones, direction changes, tags, letters of another script inside a word."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_FINE = {"\n", "\t", "\r"}
_JOINERS = {"\u200d", "\u200c", "\ufe0f", "\ufe0e"}
_MIXING = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `why` is empty for plain text, else what is odd about these characters."""

    text: str
    why: str = ""


def pieces(text: str) -> list[Piece]:
    """The text cut so that odd characters stand alone, each said as U+XXXX and by its name."""
    odd = _odd_positions(text)
    found: list[Piece] = []
    plain = ""
    for index, char in enumerate(text):
        if index in odd:
            found += [Piece(plain)] if plain else []
            found.append(Piece(_shown(char), odd[index]))
            plain = ""
        else:
            plain += char
    return [*found, Piece(plain)] if plain else found


def is_odd(text: str) -> bool:
    """Whether the text holds anything that a reader would not see or would mistake."""
    return bool(_odd_positions(text))


def _odd_positions(text: str) -> dict[int, str]:
    odd: dict[int, str] = {}
    for index, char in enumerate(text):
        if why := _why(char, text[index - 1] if index else ""):
            odd[index] = why
    return odd | _mixed(text)


def _why(char: str, before: str) -> str:
    kind = unicodedata.category(char)
    if kind not in ("Cc", "Cf", "Co", "Cs", "Cn") or char in _FINE:
        return ""
    if char in _JOINERS and before and (ord(before) > 0x2190 or unicodedata.category(before).startswith(("L", "M"))):
        return ""  # part of an emoji, or of a script that needs it
    name = unicodedata.name(char, "a character without a name")
    return f"{_code(char)} {name.lower()}"


def _mixed(text: str) -> dict[int, str]:
    """Letters that look like those of the rest of their word but belong to another script."""
    odd: dict[int, str] = {}
    start = 0
    for end in range(len(text) + 1):
        if end == len(text) or not text[end].isalpha():
            word = text[start:end]
            if not word.isascii():
                odd |= {start + at: why for at, why in _strangers(word)}
            start = end + 1
    return odd


def _strangers(word: str) -> list[tuple[int, str]]:
    scripts = [unicodedata.name(char, "").split(" ")[0] for char in word]
    known = {script for script in scripts if script in _MIXING}
    if len(known) < 2:
        return []
    main = max(sorted(known), key=scripts.count)
    return [
        (at, f"{_code(char)} {unicodedata.name(char).lower()}: another script inside this word")
        for at, char in enumerate(word)
        if scripts[at] in known and scripts[at] != main
    ]


def _shown(char: str) -> str:
    return char if unicodedata.category(char).startswith("L") else _code(char)


def _code(char: str) -> str:
    return f"U+{ord(char):04X}"
