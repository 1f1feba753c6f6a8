"""What a sentence of a reply does: it promises, tells a deed, says what we are at, feels with the person, asks, sells.

Learned from `examples/<lang>.txt` (a section per kind, a sentence a line, native speakers can add to it) and from the
labelled replies that may be read, by `python3 -m bench.speech --write`: a multinomial regression over the point of a
sentence (`vectors`), one for all languages. What was learned is in `speech.npz`; its examples say why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np

from domain.errors import BadInput
from responders.rules.vectors import point

FOLDER: Final = Path(__file__).parent / "examples"
LEARNED: Final = Path(__file__).parent / "speech.npz"
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
_TURNS, _TIES = 300, 0.1
"""Steps of the descent, and how strongly weights are held to nothing (1 / C in the literature's terms)."""


def digest(lines: Sequence[tuple[str, str]]) -> str:
    """What was learned from, in short: other lines, another digest."""
    return sha256("\n".join(sorted(f"{kind}\t{text}" for kind, text in lines)).encode()).hexdigest()


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
    """`middle` is the mean of the examples' points; one row of weights per number of a point and a last one for every
    sentence; one column per kind of ALL."""

    middle: np.ndarray
    weights: np.ndarray

    def chances(self, points: np.ndarray) -> np.ndarray:
        """How likely each point (a row) is of each kind (a column); each row together 1."""
        return _softmax(_centred(points, self.middle) @ self.weights)


def learn(kinds: Sequence[str], points: np.ndarray) -> Model:
    """A model of these examples: the kind of each, and its point (a row)."""
    middle = points.mean(0)
    rows = _centred(points, middle)
    due = np.eye(len(ALL), dtype=np.float64)[[ALL.index(kind) for kind in kinds]]
    ties = np.full((rows.shape[1], 1), _TIES)
    ties[-1] = 0
    pace = 1 / (0.5 * np.linalg.eigvalsh(rows.T @ rows)[-1] + _TIES)
    weights = ahead = np.zeros((rows.shape[1], len(ALL)))
    for turn in range(_TURNS):  # Nesterov's accelerated descent over all examples
        before, weights = weights, ahead - pace * (rows.T @ (_softmax(rows @ ahead) - due) + ties * ahead)
        ahead = weights + turn / (turn + 3) * (weights - before)
    return Model(middle, weights.astype(np.float32))


@cache
def model() -> Model:
    """What was learned. Raises BadInput where the file does not fit this version."""
    with np.load(LEARNED) as kept:
        if tuple(kept["kinds"]) != ALL:
            raise BadInput(
                f"{LEARNED.name}: learned for other kinds: make it anew with python3 -m bench.speech --write"
            )
        return Model(kept["middle"], kept["weights"])


@lru_cache(maxsize=8_192)
def chances(sentence: str) -> Mapping[str, float]:
    """Kind -> how likely this sentence is of it; nothing where sentences have no points."""
    here = point(sentence)
    return {} if here is None else dict(zip(ALL, model().chances(here[None])[0].tolist(), strict=True))


def is_modest(sentence: str, sure: float) -> bool:
    """Whether it rather says what we are at, or is courtesy, than claims anything: by at least `sure` (0 to 1)."""
    found = chances(sentence)
    return sum(found.get(kind, 0) for kind in MODEST) - sum(found.get(kind, 0) for kind in CLAIMS) >= sure


def _centred(points: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Seen from the middle, of length 1, and a 1 at the end of each row."""
    away = points - middle
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    return np.hstack([away, np.ones((len(away), 1), away.dtype)])


def _softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
