"""A reader as it learns, of replies or of posts: the encoder with its changes, and the questions asked of its rows.

The same steps as in `responders.rules.encoder`, of many texts at once and in torch, which tells how to change them.
The matrices of the upper layers get a small change of rank RANK each (LoRA, Hu et al. 2021).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from responders.rules import encoder, reader
from responders.rules.encoder import LAYERS, MATRICES, WIDTH, Encoder
from responders.rules.taught import Questions

RANK = 16
FIRST = 4
"""Layers below this one stay as they are: they know letters and words."""
SELDOM = {"sentence": -3.0, "whole": -2.0}
"""Questions that are mostly answered with no."""
JUDGED = {name: number for number, name in enumerate(reader.JUDGED)}
_FAR = -1e9
HAS_HALVES = torch.backends.cpu.get_cpu_capability() == "AVX512"
"""Whether this processor is quick in half precision: one without AVX-512 took eighty times as long."""


@dataclass(slots=True)
class Lesson:
    """A reply with its case as pieces, the part each belongs to, and what is due of JUDGED: for the whole (answer,
    whether it counts) and for each sentence."""

    pieces: list[int]
    parts: list[int]
    whole: np.ndarray
    counts: np.ndarray
    sentences: np.ndarray
    each_counts: np.ndarray


class Taught(nn.Module):  # type: ignore[misc]
    """The encoder with its changes, and the questions with their answers."""

    def __init__(self, file: Path, questions: Questions = reader.QUESTIONS) -> None:
        super().__init__()
        self.engine = Encoder(file, {})
        self.engine.pieces = cache(self.engine.pieces)  # type: ignore[method-assign]  # each text is seen many times
        self.fixed = {
            f"l{number}.{name}": torch.from_numpy(value)
            for number, layer in enumerate(self.engine.layers)
            for name, value in layer.items()
        }
        self.first = tuple(map(torch.from_numpy, self.engine.first))
        self.places = torch.from_numpy(self.engine.places)
        self.change = nn.ParameterDict(dict(_changes()))
        self.shift = nn.Parameter(torch.zeros(2, WIDTH))
        self.answers = questions
        self.asked = nn.ModuleDict({name: nn.Linear(WIDTH, len(answers)) for name, answers in questions.items()})
        for name, question in self.asked.items():
            nn.init.zeros_(question.weight)
            nn.init.constant_(question.bias, SELDOM.get(name, 0.0))
        self.rest = nn.Dropout(0.1)
        self.middle, self.spread = torch.zeros(WIDTH), torch.ones(())

    def centre(self, sentences: Sequence[str]) -> None:
        """See means of rows from the middle of these sentences from now on."""
        found = self.points(sentences)
        self.middle, self.spread = found.mean(0), found.std(0).mean()

    def points(self, sentences: Sequence[str]) -> Tensor:
        """The mean row of each sentence, read alone."""
        found = []
        with torch.no_grad():
            for start in range(0, len(sentences), 64):
                some = [self.single(text) for text in sentences[start : start + 64]]
                found.append(self.mean(some))
        return torch.cat(found)

    def single(self, text: str) -> list[int]:
        """The pieces of a sentence that is read alone."""
        return reader.single(self.engine, text)

    def judged(self, lessons: Sequence[Lesson]) -> tuple[Tensor, Tensor]:
        """Values of JUDGED: for each sentence of each reply, and for each reply."""
        pieces, far = _padded([each.pieces for each in lessons])
        shares = torch.zeros(len(lessons), reader.SENTENCES + 1, pieces.shape[1])
        for row, lesson in enumerate(lessons):
            own = np.array(lesson.parts)
            for number in range(reader.SENTENCES):
                shares[row, number, : len(own)] = torch.from_numpy((own == number) / max(1, (own == number).sum()))
            shares[row, -1, : len(own)] = torch.from_numpy((own >= 0) / max(1, (own >= 0).sum()))
        means = torch.bmm(shares, self._rows(pieces, far, (shares[:, -1] > 0).long()).float())
        means = self.rest((means - self.middle) / self.spread)
        return self.asked["sentence"](means[:, :-1]), self.asked["whole"](means[:, -1])

    def kinds(self, pieces: Sequence[list[int]]) -> Tensor:
        """Values of `speech.ALL` for sentences that are read alone."""
        return self.asked["kind"](self.centred(pieces, 1))

    def centred(self, texts: Sequence[list[int]], own: int) -> Tensor:
        """The mean row of each text, seen from the middle of many."""
        return (self.mean(texts, own) - self.middle) / self.spread

    def mean(self, texts: Sequence[list[int]], own: int = 1) -> Tensor:
        """The mean row of each text: of words of a reply (1), or of what it is read before (0)."""
        pieces, far = _padded(texts)
        near = (far == 0).float()
        rows = self._rows(pieces, far, torch.full_like(pieces, own)).float()
        return (rows * near[..., None]).sum(1) / near.sum(1)[:, None]

    def _rows(self, pieces: Tensor, far: Tensor, own: Tensor) -> Tensor:
        count, length = pieces.shape
        here = torch.from_numpy(self.engine.words(pieces.flatten().tolist())).view(count, length, WIDTH)
        here = functional.layer_norm(here + self.places[:length], (WIDTH,), *self.first) + self.shift[own]
        with torch.autocast("cpu", torch.bfloat16, enabled=HAS_HALVES):
            for layer in range(LAYERS):
                here = self._layer(here, far[:, None, None], f"l{layer}.")
        return here

    def _layer(self, here: Tensor, far: Tensor, name: str) -> Tensor:
        fixed, count, length = self.fixed, here.shape[0], here.shape[1]
        heads = [
            each.view(count, length, encoder.HEADS, -1).transpose(1, 2)
            for each in self._qkv(here, name)
        ]  # fmt: skip
        mixed = functional.scaled_dot_product_attention(*heads, far.to(heads[0].dtype))
        mixed = mixed.transpose(1, 2).reshape(count, length, WIDTH)
        here = functional.layer_norm(
            here + self._times(mixed, name, "ao"), (WIDTH,), fixed[f"{name}aln.w"], fixed[f"{name}aln.b"]
        )
        wide = functional.gelu(self._times(here, name, "fi"), approximate="tanh")
        return functional.layer_norm(
            here + self._times(wide, name, "fo"), (WIDTH,), fixed[f"{name}oln.w"], fixed[f"{name}oln.b"]
        )

    def _qkv(self, here: Tensor, name: str) -> list[Tensor]:
        every = here @ self.fixed[f"{name}qkv.w"] + self.fixed[f"{name}qkv.b"]
        return [each + self._change(here, name, key) for each, key in zip(every.chunk(3, -1), "qkv", strict=True)]

    def _times(self, here: Tensor, name: str, key: str) -> Tensor:
        return here @ self.fixed[f"{name}{key}.w"] + self.fixed[f"{name}{key}.b"] + self._change(here, name, key)

    def _change(self, here: Tensor, name: str, key: str) -> Tensor | int:
        found = f"{name}{key}.w".replace(".", "_")
        return here @ self.change[f"{found}A"] @ self.change[f"{found}B"] if f"{found}A" in self.change else 0

    def take(self, path: Path) -> None:
        """Go on from what was learned before (`keep`)."""
        with np.load(path) as kept, torch.no_grad():
            for name, answers in self.answers.items():
                if (*kept[f"{name}.answers"],) != tuple(answers):
                    raise ValueError(f"{path.name}: the answers of {name} were others: learn --anew")
            for name, value in self._learned().items():
                value.copy_(torch.from_numpy(kept[name].astype(np.float32)))

    def take_change(self, path: Path) -> None:
        """Go on from the rows of a reader that was asked other questions."""
        with np.load(path) as kept, torch.no_grad():
            for name, value in self._learned().items():
                if not name.endswith((".weights", ".always")):
                    value.copy_(torch.from_numpy(kept[name].astype(np.float32)))

    def state(self) -> dict[str, Tensor]:
        """What is learned so far, for `meet`."""
        return {name: value.detach().clone() for name, value in self._learned().items()}

    def meet(self, before: dict[str, Tensor], way: float = 0.5) -> None:
        """Go back this share of the way to what was known before: whoever learned in two ways is surer where both
        agree, and forgets less (Wortsman et al. 2022)."""
        with torch.no_grad():
            for name, value in self._learned().items():
                value.copy_(torch.lerp(value, before[name], way))

    def keep(self, path: Path, digest: str) -> None:
        """Write what was learned, as `responders.rules.taught` reads it."""
        answers: dict[str, Any] = {f"{name}.answers": np.array(each) for name, each in self.answers.items()}
        np.savez_compressed(
            path,
            **answers,
            digest=np.array(digest),
            **{name: value.detach().numpy().astype(np.float16) for name, value in self._learned().items()},
        )

    def _learned(self) -> dict[str, Tensor]:
        here = {
            f"{name[:-1].replace('_', '.')}{name[-1]}": value for name, value in self.change.items()
        } | {"shift": self.shift, "middle": self.middle, "spread": self.spread}  # fmt: skip
        for name, question in self.asked.items():
            here |= {f"{name}.weights": question.weight, f"{name}.always": question.bias}
        return here


def _changes() -> Iterator[tuple[str, nn.Parameter]]:
    for layer in range(FIRST, LAYERS):
        for key, (numbers_in, out) in MATRICES.items():
            yield f"l{layer}_{key}_wA", nn.Parameter(torch.randn(numbers_in, RANK) / numbers_in**0.5)
            yield f"l{layer}_{key}_wB", nn.Parameter(torch.zeros(RANK, out))


def _padded(pieces: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """All in one table, and how far away each place of it is: 0, or out of sight."""
    longest = max(map(len, pieces))
    table, far = torch.ones(len(pieces), longest, dtype=torch.long), torch.full((len(pieces), longest), _FAR)
    for row, each in enumerate(pieces):
        table[row, : len(each)] = torch.tensor(each)
        far[row, : len(each)] = 0
    return table, far
