"""The small language in which word lists are written, as one finder over folded text.

An entry is words with spaces between them: `word`, `stem*`, `*ending`, `one|other` (either of them), `word?` (may be
missing), `#` (a number, perhaps with an ending: `#-ig`) and `..` (up to four other words); `two_words` is a phrase
among others: `a|b c|d` is "a" or "b", then "c" or "d", never "b c".
Accents and capitals make no difference. `'ll` and `n't` are found at the end of a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

from domain.errors import BadInput
from scoring.folding import fold

MOST_BETWEEN = 4
FEWEST_STEM_LETTERS = 2
FEWEST_BEFORE_ENDING = 3
_BETWEEN = rf"(?:[^\w]+[\w'’-]+){{0,{MOST_BETWEEN}}}?"
_START = r"(?<!\w)"
_PART = re.compile(r"\*?[^\s|*?#(){}\[\]]+|[^\s|*?#(){}\[\]]+\*|#[^\s|*?#]*")
_APART = r"[^\w]+"
HUNG = {"id": "nya|mu|kah|lah"}
"""What a language hangs on words."""
_LONG_END = re.compile(r"([a-z]{4})\(\?!\\w\)")
NOTHING = re.compile(r"(?!)")


def finder(entries: Iterable[str], *, exact: bool = False, lang: str = "") -> re.Pattern[str]:
    """Finds any of these entries as whole words; BadInput quotes the entry that cannot be read.

    With `exact` accents count ("reci" is a command, "reći" is none), and the text to search is only in lower case. In a
    `lang` that hangs small words on others ("pesanannya"), a word is found with those too.
    """
    found = [_pattern(entry if exact else fold(entry)) for entry in entries]
    runs = (_as_one(begins, run) for begins, run in groupby(found, lambda made: made.startswith(_START)))
    made = "|".join(runs)
    if hung := HUNG.get(lang):
        made = _LONG_END.sub(rf"\1(?:{hung})?(?!\\w)", made)
    return re.compile(made) if found else NOTHING


def _as_one(begins: bool, run: Iterable[str]) -> str:
    """These entries as one choice, the beginning of a word looked for once: thirty times as quick as in each."""
    if not begins:
        return "|".join(run)
    return f"{_START}(?:{'|'.join(made.removeprefix(_START) for made in run)})"


def _pattern(entry: str) -> str:
    words = entry.split()
    if not words or words[0].endswith("?") or ".." in (words[0], words[-1]):
        raise BadInput(f"{entry!r} needs to begin and end with a word that must be there")
    made = _word(entry, words[0], "")
    for word in words[1:]:
        if word == "..":
            made += _BETWEEN
        elif word.endswith("?"):
            made += f"(?:{_word(entry, word[:-1], _APART)})?"
        else:
            made += _word(entry, word, _APART)
    return made


def _word(entry: str, word: str, apart: str) -> str:
    parts = [_part(entry, part) for part in word.split("|")]
    loose = [part for part in parts if part.startswith("'")]
    close = [part for part in parts if not part.startswith("'")]
    bare = [part.removeprefix(_START) for part in close]
    if apart:
        made = [f"{apart}(?:{'|'.join(bare)})"] if close else []
        return f"(?:{'|'.join([*made, *loose])})"
    if all(part.startswith(_START) for part in parts):
        return f"{_START}(?:{'|'.join(bare)})"
    return f"(?:{'|'.join(parts)})"


def _part(entry: str, part: str) -> str:
    if "_" in part:
        return _APART.join(_part(entry, piece) for piece in part.split("_"))
    if not _PART.fullmatch(part):
        raise BadInput(f"{entry!r}: {part!r} is no word, stem*, *ending, one|other, word?, # or ..")
    if part.startswith("#"):
        return rf"{_START}\d+(?:[.,:]\d+)*" + re.escape(part[1:])
    if part.startswith("*"):
        return rf"{_START}[^\W\d_]{{{FEWEST_BEFORE_ENDING},}}{re.escape(part[1:])}(?!\w)"
    stem = part.rstrip("*")
    start = _START if stem[0].isalnum() else ""
    if part.endswith("*"):
        if len(stem) < FEWEST_STEM_LETTERS:
            raise BadInput(f"{entry!r}: {part!r} would match too much: write at least {FEWEST_STEM_LETTERS} letters")
        return rf"{start}{re.escape(stem)}\w*"
    if stem == "n't":
        return rf"{_START}\w+n't(?!\w)"
    return start + re.escape(stem) + (r"(?!\w)" if stem[-1].isalnum() else "")
