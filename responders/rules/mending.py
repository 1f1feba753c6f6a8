"""The text with one finding mended, where taking something out is all it needs."""

from __future__ import annotations

import re
import unicodedata

from domain.reply import Finding
from responders.rules.context import QUOTE_LENGTH
from responders.rules.reading import read

CUTS_SENTENCE = frozenset(
    [
        "unsupported_fact",
        "over_promise",
        "placeholder",
        "selling",
        "defensive",
        "legal_admission",
        "bad_link",
        "personal_data",
        "brush_off",
        "asks_known",
        "other_mention",
        "wrong_language",
    ]
)
"""Rules whose words are mended by leaving out their sentence."""
FEWEST_LEFT = 4
"""Fewer words than this are no reply any more."""
_INVISIBLE = ("Cf", "Co", "Cs", "Cc", "Zl", "Zp")
_TWINS = str.maketrans("аеорсухіјѕԁһӏАВЕКМНОРСТУХІЈЅ", "aeopcyxijsdhlABEKMHOPCTYXIJS")


def mended(text: str, found: Finding) -> str | None:
    """The whole text without what the finding quotes, None where only a person can mend it."""
    if found.rule == "deceptive_chars":
        return _plainly(text)
    if found.rule == "register" and found.words and len(found.words) <= 2:
        return _tidy(text.replace(found.words, ""))
    return _without_sentence(text, found.words) if found.rule in CUTS_SENTENCE else None


def _plainly(text: str) -> str | None:
    """Without characters that nobody sees; letters that pass for others, and styled ones, typed anew."""
    kept = "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in _INVISIBLE)
    plain = "".join(
        unicodedata.normalize("NFKC", c) if ord(c) > 0xFF00 or 0x1D400 <= ord(c) <= 0x1D7FF else c for c in kept
    )
    words = [word.translate(_TWINS) if re.search("[A-Za-z]", plain) else word for word in re.split(r"(\W+)", plain)]
    made = "".join(words)
    return made if made != text else None


def _without_sentence(text: str, words: str) -> str | None:
    quoted = words[: QUOTE_LENGTH - 1].rstrip("…")
    at = text.find(quoted)
    for sentence in read(text).sentences if at >= 0 else ():
        places = read(text).places
        start, end = places[sentence.start], places[sentence.end - 1] + 1
        if start <= at and at + len(quoted) <= end:  # to leave one out mends nothing that goes on in the next
            left = _tidy(text[:start] + text[end:])
            return left if len(left.split()) >= FEWEST_LEFT else None
    return None


def _tidy(text: str) -> str:
    return re.sub(r"[ \t]{2,}", " ", re.sub(r" +\n", "\n", text)).strip()
