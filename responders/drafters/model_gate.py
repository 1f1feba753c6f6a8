"""What no text of a model may hold, beside all that the reply contract objects to. Pure.

A person who typed it would be asked; a model is not trusted, and the composed draft is there already. So where a rule
of the contract only advises people, its objection drops a model's text as well.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from responders.drafters.model_prompt import RULES
from responders.drafters.phrasebook import fold, insults

_MARKUP = re.compile(r"[<>{}\[\]|\\`^~=]|\*\*|__|#\s|^\s*(?:[-*#]|\d+[.)])\s", re.MULTILINE)
_SIGNED = re.compile(r"(?:(?<=\s)[~^]|(?<=\n)[-–—]\s?)(?=[^\W\d_][^\W\d_ ,.]*(?:[ ,.]+[^\W\d_]+){0,3}\s*\Z)")
"""The mark before the name of who signs: "^AL", "~Sam", or "- Sam" as the last line."""
_SPEAKER = re.compile(r"^\s*(?:system|assistant|user|human|developer)\s*:", re.IGNORECASE | re.MULTILINE)
_FIGURE = re.compile(r"\d+")
_LONG = re.compile(r"\d[\d ().,/-]+\d")
_LONG_NUMBER = 7
_AT = re.compile("[@＠]")
_AROUND = ".,;:!?()„“”\"'…"
_SECRET = re.compile(r"\w{2,}(?:[-_.:=+/]\w+){2,}|(?=\w*\d)(?=\w*[^\W\d])\w{12,}")
"""What looks like a key: three words joined without a space, or a long one of letters and figures."""
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp", "Me"})
LETTERS = frozenset(chr(point) for point in range(0x17F) if chr(point).isalpha() and chr(point) not in "ªºŉ")
"""Of the Latin alphabet as far as en, hr, hu, id, lv and tl go."""
_MOST_MARKS, _ECHO, MOST_LINES = 2, 5, 12


def faults(text: str, told: str, known: str) -> list[str]:
    """Why this text is dropped, each in a word or two. `told` is all that the model was shown, `known` what of it is
    ours: a post may name a phone number or an account in the hope that we repeat it."""
    return list(dict.fromkeys(_faults(text, told, known)))


def _faults(text: str, told: str, known: str) -> Iterator[str]:
    if _MARKUP.search(_SIGNED.sub("", text)) or text.count("\n") > MOST_LINES:
        yield "markup"
    if _SPEAKER.search(text) or _echoes(text):
        yield "instructions"
    if set(_FIGURE.findall(text)) - set(_FIGURE.findall(told)) or _numbers(text) - _numbers(known):
        yield "figure"
    if any(_is_invisible(char) for char in text) or _piles(text):
        yield "invisible"
    pieces = [each.strip(_AROUND) for each in text.split()]
    if any(_AT.search(each) and each not in known for each in pieces):
        yield "mention"
    if any(_SECRET.search(each) and each not in told for each in pieces):
        yield "key"
    if _strange(text, told):
        yield "script"
    if insults().search(fold(text)):
        yield "insult"


def _numbers(text: str) -> set[str]:
    """Numbers as long as those of phones, cards and accounts, without what stands between their figures."""
    found = (re.sub(r"\D", "", each) for each in _LONG.findall(text))
    return {digits for digits in found if len(digits) >= _LONG_NUMBER}


def _echoes(text: str) -> bool:
    """Whether it repeats what we asked: five words in a row."""
    rules, words = " ".join(_words(RULES)), _words(text)
    return any(" ".join(words[at : at + _ECHO]) in rules for at in range(len(words) - _ECHO + 1))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _is_invisible(char: str) -> bool:
    """Nobody sees it, or it stands for what could not be read (U+FFFD)."""
    return char == "\ufffd" or (unicodedata.category(char) in _INVISIBLE and char != "\n")


def _piles(text: str) -> bool:
    """Marks piled on one letter."""
    row = 0
    for char in unicodedata.normalize("NFD", text):
        row = row + 1 if unicodedata.category(char) == "Mn" else 0
        if row > _MOST_MARKS:
            return True
    return False


def _strange(text: str, told: str) -> bool:
    """Letters and figures that our six languages do not have, in a word nobody said: look-alikes, other scripts."""
    known = set(_words(told))
    if any(unicodedata.normalize("NFKC", char) != char and char not in "…\u00a0" + told for char in text):
        return True
    return any(not all(map(_is_ours, word)) and word not in known for word in _words(text))


def _is_ours(char: str) -> bool:
    return char in LETTERS if char.isalpha() else unicodedata.category(char) not in ("No", "Nl", "Lm")
