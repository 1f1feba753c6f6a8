"""Words in whatever case they stand: "Zagreb" is "u Zagrebu", "asztma" is "asztmával". Nearer than a stem: "szegény" is
no "Szeged"."""

from __future__ import annotations

import re

from domain.remembering import remembered
from responders.rules.patterns import HUNG

FEWEST_BENT = 4
"""Letters of the shortest word that takes an ending here: what is shorter begins too many others."""
_ENDINGS = {
    "hr": r"(?:a|e|i|o|u|om|em|ama|ima|im|ih|og|oga|oj|ov|ev)?",
    "hu": r"\w{0,6}",
    "lv": r"(?:a|e|i|o|u|s|as|es|is|os|us|am|em|im|um|ai|ei|ii|iem|ja|jam|ju)?",
} | {lang: rf"(?:{hung})?" for lang, hung in HUNG.items()}
"""What a language puts behind a noun, folded. Hungarian heaps endings up ("asztmájával"), so there a bound must do:
more letters begin another word."""
_LAST = {"hr": re.compile(r"[aeiou]$"), "lv": re.compile(r"(?:[aeiu]s?|s)$")}
"""The ending of the case in which a value is noted: "Ilica", "Liepāja", "Ozols"."""
_SILENT = re.compile(r"a(?=[^\Waeiou\d_]$)")
"""Croatian drops it in other cases: "Karlovac", "u Karlovcu"."""


@remembered(256)
def in_any_case(piece: str, lang: str) -> re.Pattern[str]:
    """Finds these folded words whatever ending they take in this language; what holds a figure takes none."""
    parts = (_bent(part, lang) if part.isalpha() else re.escape(part) for part in re.split(r"(\W+)", piece))
    return re.compile(rf"(?<!\w){''.join(parts)}(?!\w)")


def _bent(word: str, lang: str) -> str:
    if lang not in _ENDINGS or len(word) < FEWEST_BENT:
        return re.escape(word)
    bare = _LAST[lang].sub("", word) if lang in _LAST else word
    return (_SILENT.sub("a?", bare) if lang == "hr" and bare == word else bare) + _ENDINGS[lang]
