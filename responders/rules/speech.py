"""What a sentence of a reply does: it promises, tells a deed, says what we are at, feels with the person, asks, sells.

`examples/<lang>.txt` has a section per kind, a sentence a line; native speakers can add to it. The reader of replies
(`reader`) learns from them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from domain.errors import BadInput

FOLDER: Final = Path(__file__).parent / "examples"
LANGUAGES: Final = tuple(sorted(path.stem for path in FOLDER.glob("*.txt")))
"""Languages that have examples."""
CLAIMS: Final = ("promises", "deeds")
MODEST: Final = ("steps", "feels", "offers", "closes")
"""What claims nothing: what we are at, courtesy, an offer, a greeting."""
KINDS: Final = (
    "defensive", "sends_away", "noted", "selling", "admits", "jargon", "slang", *CLAIMS,
    "asks_number", "asks_contact", "asks_when", "asks_where", "asks_what", "asks_name", "asks_picture", "asks_wish",
    "restates", "tells", "fine_hard", *MODEST,
)  # fmt: skip
FINE: Final = "fine"
"""The kind of whatever stands in an acceptable reply: the labelled replies have it, the examples do not."""
ALL: Final = (*KINDS, FINE)


def examples(lang: str) -> list[tuple[str, str]]:
    """Kind and sentence, in the order of the file. Raises BadInput naming file, line and what to do."""
    path, kind, found = FOLDER / f"{lang}.txt", "", list[tuple[str, str]]()
    for number, line in enumerate(map(str.strip, path.read_text("utf-8").splitlines()), 1):
        if line.startswith("["):
            kind = line.strip("[]")
            if kind not in KINDS:
                raise BadInput(f"{path.name}, line {number}: no kind {line}; there are {', '.join(KINDS)}")
        elif line and not line.startswith("#"):
            if not kind:
                raise BadInput(f"{path.name}, line {number}: put a [kind] above the first sentence")
            found.append((kind, line))
    if lacking := set(KINDS).difference(kind for kind, _ in found):
        raise BadInput(f"{path.name}: [{min(lacking)}] has no sentence: write some, or restore the last good version")
    return found
