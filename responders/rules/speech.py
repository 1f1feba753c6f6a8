"""What a sentence of a reply does: it promises, tells a deed, says what we are at, feels with the person, asks, sells.

Learned from `examples/<lang>.txt`: a section per kind, a sentence a line, which a native speaker can add to. It is a
plain multinomial regression over the letters and words of a sentence, trained when a language is first needed (0.4 s),
always in the same order: the same text always gets the same answer. Whoever wants to know why reads the nearest lines.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from domain.errors import BadInput
from scoring.folding import fold

FOLDER: Final = Path(__file__).parent / "examples"
LANGUAGES: Final = frozenset(path.stem for path in FOLDER.glob("*.txt"))
"""Languages that have examples; of others nothing is known."""
CLAIMS: Final = ("promises", "deeds")
MODEST: Final = ("steps", "feels", "offers", "closes")
"""What claims nothing: what we are at, courtesy, an offer, a greeting."""
KINDS: Final = (
    "defensive", "sends_away", "noted", "selling", "admits", "jargon", "slang", *CLAIMS,
    "asks_number", "asks_contact", "asks_when", "asks_where", "asks_what", "asks_name", "asks_picture", "asks_wish",
    "restates", "tells", "fine_hard", *MODEST,
)  # fmt: skip
_ROUNDS, _RATE, _SLOWER, _SEED = 8, 1.5, 0.1, 0
_FEWEST = 2
"""Lines in which a feature has to stand to be looked at."""
_STEM = 5
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?|[?!]")
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")


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


@dataclass(frozen=True, slots=True)
class Model:
    """One row of weights per feature, the last one for every sentence; one column per kind."""

    rows: Mapping[str, int]
    weights: np.ndarray

    def chances(self, text: str) -> dict[str, float]:
        """Kind -> how likely this sentence is of it; together 1."""
        at = _rows(self.rows, text)
        return dict(zip(KINDS, _softmax(self.weights[at].sum(0) / np.sqrt(len(at))).tolist(), strict=True))


def learn(lines: Sequence[tuple[str, str]]) -> Model:
    """A model of these examples."""
    count = Counter(feature for _, text in lines for feature in set(_features(text)))
    rows = {feature: at for at, feature in enumerate(sorted(f for f in count if count[f] >= _FEWEST))}
    weights = np.zeros((len(rows) + 1, len(KINDS)), np.float32)
    seen = [(_rows(rows, text), KINDS.index(kind)) for kind, text in lines]
    order, chance = list(range(len(seen))), random.Random(_SEED)
    for turn in range(_ROUNDS):
        chance.shuffle(order)
        for at, kind in (seen[each] for each in order):
            scale = 1 / np.sqrt(len(at))
            error = _softmax(weights[at].sum(0) * scale)
            error[kind] -= 1
            weights[at] -= _RATE / (1 + _SLOWER * turn) * scale * error
    return Model(rows, weights)


@cache
def model_of(lang: str) -> Model:
    """What was learned of one language that has examples."""
    return learn(examples(lang))


@lru_cache(maxsize=2_000)
def chances(sentence: str, lang: str) -> Mapping[str, float]:
    """Kind -> how likely this sentence is of it; nothing for a language without examples."""
    return model_of(lang).chances(sentence) if lang in LANGUAGES else {}


def is_modest(sentence: str, lang: str, sure: float) -> bool:
    """Whether it rather says what we are at, or is courtesy, than claims anything: by at least `sure` (0 to 1)."""
    found = chances(sentence, lang)
    return sum(found.get(kind, 0) for kind in MODEST) - sum(found.get(kind, 0) for kind in CLAIMS) >= sure


def _softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values - values.max())
    return np.asarray(powers / powers.sum())


def _rows(rows: Mapping[str, int], text: str) -> np.ndarray:
    return np.array([*sorted({rows[each] for each in _features(text) if each in rows}), len(rows)])


def _features(text: str) -> Iterator[str]:
    """Words, their letters in threes to fives, and neighbouring stems; figures are all alike."""
    words = _WORD.findall(_DIGITS.sub("0", fold(text)))
    for word in words:
        yield f"w {word}"
        edged = f"<{word}>"
        yield from (edged[at : at + size] for size in (3, 4, 5) for at in range(len(edged) - size + 1))
    stems = ["^", *(word[:_STEM] for word in words), "$"]
    yield from (f"2 {a} {b}" for a, b in pairwise(stems))
    for a, b, c in zip(stems, stems[1:], stems[2:], strict=False):
        yield f"3 {a} {b} {c}"
        yield f"s {a} {c}"
