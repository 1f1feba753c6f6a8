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
    r"insert \w+(?: \w+)? here|insert (?:your |the |customer )?name|your name here|enter name",
    "(?:customer|first|last|user|agent) ?name here|name of (?:the )?customer",
    "ovdje (?:upišite|umetnite|unesite)|(?:umetnite|upišite|unesite) ime|ime (?:korisnika|kupca) ovdje",
    r"(?:ide|ide) írja be|név helye|ügyfél neve|írja be a nev\w+|ide jön a",
    "(?:masukkan|isi|sisipkan) nama|nama (?:pelanggan|pembeli) di sini|isi di sini",
    "(?:ievadiet|ievietojiet|ierakstiet) (?:klienta )?vārdu|klienta vārds|vārds šeit",
    "ilagay (?:dito )?ang pangalan|pangalan (?:dito|ng customer)|ilagay dito(?! sa)",
)
_FILLERS = re.compile(rf"\b(?:[xX]{{3,}}|TODO|TBD|TBC|FIXME|(?i:{'|'.join(_HERE)}))\b")
_FILLER_SIGNS = "xxx todo tbd tbc fixme lorem dolor insert name ime név neve írja jön nama isi vārd pangalan ilagay"
_SIGNS = tuple(_FILLER_SIGNS.split())
"""One of these is in every filler: looking for them first keeps a check short enough for each key."""

_GREETINGS = (
    "hi|hello|dear|hey|dobar dan|poštovani|pozdrav|kedves|tisztelt|halo kak|hai kak|halo|hai|kak|labdien|sveiki|"
    "hello po|magandang araw po"
)
_NOBODY = re.compile(
    rf"(?i:^\s*(?:{_GREETINGS})\b(?:,?\s+(?:null\b|undefined\b|n/a\b|(?:none|unknown)\s*[,!])|\s+[,!]|\s*,\s*[,!])"
    r"|^\s*(?:dear|kedves|tisztelt)\s*[,!])|\b(?:undefined|NaN)\b|(?<=\s)null\b"
)
_HEART = re.compile(r"<3+|</3")


def residue(text: str) -> Iterator[str]:
    """Each piece of template that was left in the text."""
    plain = _HEART.sub(" ", text)
    for found in _BRACKETS.finditer(plain):
        yield found[0]
    lowered = plain.lower()
    if any(sign in lowered for sign in _SIGNS):
        for found in _FILLERS.finditer(plain):
            yield found[0]


def missing_name(text: str) -> str | None:
    """The greeting whose name is missing or is what a program prints for "nothing"."""
    found = _NOBODY.search(text)
    return found[0] if found else None
