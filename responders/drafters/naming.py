"""How to address someone: by the first usable word of the display name, by the handle, or not by name at all."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from responders.drafters.phrasebook import LANGUAGES, Pack, fold, insults, pack

LONGEST_NAME, LONGEST_HANDLE = 20, 30
LONGEST_LOWER = 10
"""One longer word without a capital is a handle ("stoptheskunk"), also where a name should stand."""

_HANDLE = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?(?:@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)?")
_NAME = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)?")
_TITLED = re.compile(r"[^\W\d_]\.")


@cache
def _not_names() -> frozenset[str]:
    return frozenset(fold(word) for lang in LANGUAGES for word in pack(lang).raw["not_names"])


def address(own: Pack, name: str, handle: str, brand: str) -> str:
    """The words to greet with, "" when there are none fit to repeat. Never markup, pictures, insults or our own name.

    A Hungarian display name has the given name last, so there the known given name, or both words, are used.
    """
    brand_words = set(fold(brand).split())
    words = _usable_words(name, brand_words)
    if words:
        return _vocative(own, _chosen(own, words))
    return _usable_handle(handle, brand_words)


def _usable_words(name: str, brand_words: set[str]) -> list[str]:
    plain = unicodedata.normalize("NFC", name)
    tokens = plain.replace(",", " ").split()
    if len(plain) > 60 or len(tokens) > 4 or _is_hostile(plain) or set(fold(plain).split()) & brand_words:
        return []
    if len(tokens) == 1 and plain.islower() and max(map(len, re.split("['’-]", plain))) > LONGEST_LOWER:
        return []
    words = [token for token in tokens if not _TITLED.fullmatch(token)]
    usable = [_cased(word) for word in words if _is_name(word)]
    first_is_name = bool(words) and any(_is_name(word) for word in words[:2])
    return usable if first_is_name and not set(fold(plain).split()) & _not_names() else []


def _is_name(word: str) -> bool:
    return bool(_NAME.fullmatch(word)) and 2 <= len(word) <= LONGEST_NAME and _one_script(word) and _has_vowel(word)


def _has_vowel(word: str) -> bool:
    return not word.isascii() or bool(set(word.casefold()) & set("aeiouy"))


def _one_script(word: str) -> bool:
    return len({unicodedata.name(c, "?").split()[0] for c in word if c.isalpha()}) == 1


def _is_hostile(text: str) -> bool:
    folded = fold(text)
    joined = folded.replace(" ", "")
    return (
        any(c in "<>{}[]|\\/=$%*#@:;&`~^" or unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs") for c in text)
        or bool(insults().search(folded))
        or bool(insults().search(joined))
    )


def _cased(word: str) -> str:
    return word if word[0].isupper() and not (word.isupper() and len(word) > 2) else word[:1].upper() + word[1:].lower()


def _chosen(own: Pack, words: list[str]) -> str:
    if own.raw["address"]["mode"] != "given_last" or len(words) != 2:
        return words[0]
    given = {fold(word) for word in own.raw["address"]["given"]}
    return next((word for word in words if fold(word) in given), " ".join(words))


def _vocative(own: Pack, name: str) -> str:
    return str(own.raw["address"]["vocative"].get(name, name))


def _usable_handle(handle: str, brand_words: set[str]) -> str:
    bare = handle.lstrip("@")
    parts = fold(re.sub(r"[_.\d-]+", " ", bare))
    if not _HANDLE.fullmatch(bare) or len(bare) > LONGEST_HANDLE or set(parts.split()) & brand_words:
        return ""
    joined = parts.replace(" ", "")
    if any(word in joined for word in brand_words if len(word) > 3) or _holds_insult(parts):
        return ""
    return f"@{bare}"


def _holds_insult(parts: str) -> bool:
    joined = parts.replace(" ", "")
    stems = [term.rstrip("*") for lang in LANGUAGES for term in pack(lang).raw["insults"]]
    return bool(insults().search(parts)) or any(fold(stem) in joined for stem in stems if len(stem) > 3)
