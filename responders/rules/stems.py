"""The middle of a word: "kasnjenje" meets "kasnjenja", "mengirim" meets "kiriman", "na-delay" meets "delay"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.remembering import remembered

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
LENGTH, SHORTEST = 5, 4
_BEFORE = {
    "id": re.compile(r"^(?:meny|meng|men|mem|me|di|ter|ber|peny|peng|pen|pem|per|pe|ke|se)(?=\w{4})"),
    "tl": re.compile(
        r"^(?:nakaka|makaka|naka|maka|nagpa|magpa|ipinag|ipina|napa|mapa|nag|mag|pinag|pag|pina|ipa|pa|na|ma|in|i|um)-?"
        r"(?=\w{4})"
    ),
}  # fmt: skip
_AFTER = {
    "id": re.compile(r"(?<=\w{4})(?:nya|kan|lah|kah|an|ku|mu|i)$"),
    "tl": re.compile(r"(?<=\w{4})(?:han|hin|ng|an|in)$"),
}

_INSIDE = re.compile(r"^([bdghklmnprstwy])(?:in|um)(?=[aeiou]\w{2})")
_DOUBLED = re.compile(r"^([bdghklmnprstwy]?[aeiou])(?=\1\w{2})\1")
"""What Filipino puts inside a verb and doubles at its start: "binuksan", "nabuksan" and "bubuksan" meet."""


def stems(plain: str, lang: str) -> Iterator[str]:
    """The stem of each word of this folded text that is long enough to mean something."""
    for word in _WORD.findall(plain):
        if len(word) >= SHORTEST:
            yield stem(word, lang)


@remembered(20_000)
def stem(word: str, lang: str) -> str:
    """The first letters of a folded word, without what its language puts before and after."""
    bare = word.partition("'")[0] or word
    if lang in _BEFORE:
        bare = _AFTER[lang].sub("", _BEFORE[lang].sub("", bare))
        bare = _DOUBLED.sub(r"\1", _INSIDE.sub(r"\1", bare)) if lang == "tl" else bare
    elif len(bare) == SHORTEST + 1 and lang != "en":
        return bare[:SHORTEST]
    return bare[:LENGTH].rstrip("aeiouy") if len(bare[:LENGTH].rstrip("aeiouy")) >= SHORTEST else bare[:LENGTH]
