"""Characters that make a text look like what it is not (RELIABILITY T2)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_EMOJI_JOINER = re.compile(
    r"(?<=[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F])\u200D(?=[\U0001F000-\U0001FAFF\u2600-\u27BF])"
)
_FLAG = re.compile(r"\U0001F3F4[\U000E0061-\U000E007A]{4,6}\U000E007F")
_ASCII_OR_LATIN = re.compile(r"[\t\n\x20-\x7e\u00a1-\u00ac\u00ae-\u024f\u2013\u2014\u2018-\u201e\u2026\u20ac]*")
_WORD = re.compile(r"[^\W\d_]{2,}")
_CODE = re.compile(r"\w+(?:-\w+)*")
_UNIT = re.compile(r"(?:(?<=\d)|(?<=\d[ \u00a0\u202f]))(?:[kMGmµμ]?[\u03a9\u2126]|μ[a-zA-Z]{1,2})(?!\w)")
"""Ohms and millionths behind a number: their letters are Greek, and deceive nobody."""
_ALIKE = frozenset("аеорсухіјѕԁһӏбзгАВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρ")
"""Cyrillic and Greek letters that pass for Latin ones."""

_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "HEBREW", "ARABIC")
_INVISIBLE = frozenset(chr(c) for c in (0x00AD, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x2800, 0x3164, 0xFFA0))
MOST_MARKS = 2


def deceptive(text: str) -> list[str]:
    """What to show for each deceptive place: the code point of an invisible character, or the mixed word itself."""
    if _ASCII_OR_LATIN.fullmatch(text):
        return []
    bare = _UNIT.sub("", _FLAG.sub("", _EMOJI_JOINER.sub("", text)))
    return list(dict.fromkeys([*_characters(bare), *_words(bare), *_codes(bare), *_piles(bare)]))


def _characters(text: str) -> Iterator[str]:
    for char in text:
        if char in "\n\t":
            continue
        if unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") or char in _INVISIBLE or _is_styled(char):
            yield f"U+{ord(char):04X} {unicodedata.name(char, 'unnamed')}"


def _is_styled(char: str) -> bool:
    """Bold, italic or full-width letters from the mathematical and compatibility blocks."""
    return (0x1D400 <= ord(char) <= 0x1D7FF) or (0xFF01 <= ord(char) <= 0xFF5E)


def _words(text: str) -> Iterator[str]:
    latin_text = sum("LATIN" in unicodedata.name(c, "") for c in text[:400] if c.isalpha()) * 2 > len(text) * 0.6
    for word in _WORD.findall(text):
        if word.isascii():
            continue
        scripts = {script for char in word for script in _SCRIPTS if unicodedata.name(char, "").startswith(script)}
        if len(scripts) > 1 or (latin_text and scripts & {"CYRILLIC", "GREEK"} and set(word) <= _ALIKE):
            yield word


def _codes(text: str) -> Iterator[str]:
    """Order numbers and the like with a letter of another script among Latin ones."""
    for word in _CODE.findall(text):
        letters = {char for char in word if char.isalpha()}
        if any(map(str.isdigit, word)) and letters & _ALIKE and _is_latin(text):
            yield word


def _is_latin(text: str) -> bool:
    letters = [char for char in text[:400] if char.isalpha()]
    return sum("LATIN" in unicodedata.name(char, "") for char in letters) * 4 > len(letters) * 3


def _piles(text: str) -> Iterator[str]:
    run = 0
    for char in unicodedata.normalize("NFC", text):
        run = run + 1 if unicodedata.combining(char) else 0
        if run == MOST_MARKS + 1:
            yield f"U+{ord(char):04X} piled marks"
