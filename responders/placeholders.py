"""What a template leaves behind: braces, fillers, and greetings whose name is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BRACKETS = re.compile(
    r"\{[^{}\n]{0,60}\}|\{\{|\}\}|\{%|\$\{|\[\s*[^\W\d_][^\]\n]{1,40}\]|<\s*/?\s*[^\W\d_][^<>\n]{0,40}>|%[sd]\b|%\(\w+\)s"
    r"|%[A-Z_]{2,20}%|#[A-Z_]{3,20}#|\$[A-Z_]{3,20}\b|(?<![@\w])[A-Z]+_[A-Z_]+\b|_{3,}|\[object Object\]"
)
_HERE = (
    "lorem ipsum|dolor sit amet",
    r"insert (?:(?:your|the|customer|first|last) )*(?:name|text|number|link) here|your name here",
    "(?:customer|first|last|user|agent) ?name here",
    "ime (?:korisnika|kupca) ovdje",
    "név helye|ide jön a név",
    "nama (?:pelanggan|pembeli) di sini",
    "vārds šeit",
)
"""No sentence has them."""
_ENTER = (
    "(?:insert|enter) (?:your |the |customer )?name|name of (?:the )?customer",
    "(?:ovdje )?(?:upišite|umetnite|unesite) ime(?: korisnika| kupca)?",
    r"(?:ide )?írja be a nev\w+|ügyfél neve|ide jön a név",
    "(?:masukkan|isi|sisipkan) nama(?: pelanggan| pembeli)?|isi di sini",
    "(?:ievadiet|ievietojiet|ierakstiet) (?:klienta )?vārdu|klienta vārds",
    "ilagay (?:dito )?ang pangalan|ilagay dito|pangalan (?:dito|ng customer)",
)
"""A person may well be asked to: left behind they are in capitals, in parentheses, or all there is of a greeting."""
_FILLERS = re.compile(rf"\b(?:[xX]{{3,}}|TODO|TBD|TBC|FIXME|(?i:{'|'.join(_HERE)}))\b")
_FILLER_SIGNS = "xxx todo tbd tbc fixme lorem dolor insert name ime név neve nev jön nama isi vārd pangalan ilagay"
_SIGNS = tuple(_FILLER_SIGNS.split())
"""One of these is in every filler: looking for them first keeps a check short enough for each key."""

_GREETINGS = (
    "hi|hello|dear|hey|dobar dan|poštovani|pozdrav|kedves|tisztelt|halo kak|hai kak|halo|hai|kak|labdien|sveiki|"
    "hello po|magandang araw po"
)
_ENTERED = re.compile(rf"\b(?i:{'|'.join(_ENTER)})\b")
_GREETED = re.compile(rf"(?i:^\s*(?:{_GREETINGS})[\s,]+)$")
_AFTER = re.compile(r"(?i:(?:\s+(?:here|ovdje|ide|di sini|šeit|dito))?\s*[),!.])")
_NOBODY = re.compile(
    rf"(?i:^\s*(?:{_GREETINGS})\b(?:,?\s+(?:null\b|undefined\b|n/a\b|(?:none|unknown)\s*[,!])|\s+[,!]|\s*,\s*[,!])"
    r"|^\s*(?:dear|kedves(?!,\s+hogy\b)|tisztelt)\s*[,!])"
)
"""Who writes "Kedves, hogy megírta" calls it kind, and greets nobody."""
_NOTHING = re.compile(r"\b(?:undefined|NaN)\b|(?<=\s)null\b")
_LINK = re.compile(r"\[([^\]\n]+)\]\((?=https?://)")
_CODE = re.compile(r"(`+)[^`\n]+\1")
_ADDRESS = re.compile(r"<\s*(?:https?://|[^<>\s@]+@)[^<>\s]+>")
_HEART = re.compile(r"<3+|</3")


def residue(text: str) -> Iterator[str]:
    """Each piece of template that was left in the text."""
    plain = _ADDRESS.sub(" ", _HEART.sub(" ", text))
    for found in _BRACKETS.finditer(plain):
        yield found[0]
    lowered = plain.lower()
    if any(sign in lowered for sign in _SIGNS):
        for found in _FILLERS.finditer(plain):
            yield found[0]
        for found in _ENTERED.finditer(plain):
            if found[0].isupper() or _stands_alone(plain, found):
                yield found[0]


def _stands_alone(text: str, found: re.Match[str]) -> bool:
    before = text[: found.start()]
    return bool((before.endswith("(") or _GREETED.search(before)) and _AFTER.match(text, found.end()))


def greeted(text: str, words: str) -> bool:
    """Whether these words are whom the text greets."""
    return bool(_GREETED.search(text[: max(text.find(words), 0)]))


def without_markup(text: str) -> str:
    """The text of a channel that shows Markdown: links as their words, and no code, which may be in any brackets."""
    return _CODE.sub("code", _LINK.sub(r"\1 (", text))


def nothing(text: str) -> str | None:
    """What a program prints for "nothing", though people who speak of programs write it too."""
    found = _NOTHING.search(text)
    return found[0] if found else None


def missing_name(text: str) -> str | None:
    """The greeting whose name is missing or is what a program prints for "nothing"."""
    found = _NOBODY.search(text)
    return found[0] if found else None
