"""What was taught on top of the sentence model (`encoder`): a change to some of its matrices, and questions that are
asked of the mean of rows. One file each for the reader of replies (`reader`) and of posts (`posts`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from domain.errors import BadInput

Chances = Mapping[str, float]
"""Answer -> how likely it is, 0 to 1."""
Questions = Mapping[str, Sequence[str]]
"""Question -> its answers, in order."""


@dataclass(frozen=True, slots=True)
class Question:
    """A weight per number of a row for each of its answers, and one for every row."""

    answers: Sequence[str]
    weights: np.ndarray
    always: np.ndarray

    def each(self, row: np.ndarray) -> Chances:
        """How likely each answer is by itself."""
        return self._named(1 / (1 + np.exp(-self._values(row))))

    def one(self, row: np.ndarray) -> Chances:
        """How likely each answer is where just one is right."""
        values = self._values(row)
        powers = np.exp(values - values.max())
        return self._named(powers / powers.sum())

    def _values(self, row: np.ndarray) -> np.ndarray:
        return np.asarray(row @ self.weights.T + self.always)

    def _named(self, likely: np.ndarray) -> Chances:
        return dict(zip(self.answers, likely.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Taught:
    """What is added to the matrices of the encoder, and to pieces of the case (0) and of the reply (1); how a mean of
    rows is centred; and the questions, by name."""

    change: Mapping[str, np.ndarray]
    shift: np.ndarray
    middle: np.ndarray
    spread: float
    questions: Mapping[str, Question]

    def centred(self, rows: np.ndarray) -> np.ndarray:
        """The mean of these rows, seen from the middle of many."""
        return np.asarray((rows.mean(0) - self.middle) / self.spread)


def taught_in(path: Path, questions: Questions, anew: str) -> Taught:
    """What this file holds. Raises BadInput where it is damaged, or made for other questions: then `anew` is to be
    run."""
    try:
        with np.load(path) as kept:
            fits = all((*kept[f"{name}.answers"],) == tuple(answers) for name, answers in questions.items())
            here = {name: kept[name].astype(np.float32) for name in kept.files if kept[name].dtype == np.float16}
            found = _built(here, questions) if fits else None
    except KeyError:
        found = None
    except (OSError, TypeError, ValueError, EOFError, BadZipFile) as error:
        raise BadInput(f"{path.name}: damaged ({error}): restore it as it was delivered") from error
    if found is None:
        raise BadInput(f"{path.name}: made for other rules: make it anew with {anew}")
    return found


def _built(here: Mapping[str, np.ndarray], questions: Questions) -> Taught:
    return Taught(
        {name[:-1]: here[name] @ here[f"{name[:-1]}B"] for name in here if name.endswith(".wA")},
        here["shift"],
        here["middle"],
        float(here["spread"]),
        {name: Question(each, here[f"{name}.weights"], here[f"{name}.always"]) for name, each in questions.items()},
    )
