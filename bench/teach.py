"""Teach the reader of replies: write responders/rules/reader.npz from the examples and the labelled replies.

    python3 -m bench.teach             half an hour on two processors; then `bench.reader` says how good it is
    python3 -m bench.teach --short     twenty steps into a file of its own: whether all of it still fits together

Needs torch besides what Earshot needs; nothing else does, and Earshot itself never. Every matrix of the upper layers
gets a small change of rank RANK (LoRA, Hu et al. 2021), so that what is learned is a file of two megabytes. Replies are
also shown with a fact or a commitment taken out of their case or exchanged for that of another one: what rested on it
is groundless then, and nobody had to write that reply.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import cos, pi
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.replies import LEFT_OUT, Reply, digest, lines_of, replies
from responders.facts import is_private
from responders.rules import encoder, reader, speech
from responders.rules.encoder import LAYERS, MATRICES, WIDTH, Encoder

RANK = 16
FIRST = 4
"""Layers below this one stay as they are: they know letters and words."""
ROUNDS, BATCH, SINGLES = 3, 16, 32
PACE, PACE_OF_QUESTIONS, LEAST_PACE, WARM = 1.5e-3, 4e-3, 0.02, 0.06
OF_WHOLE, OF_SENTENCES, OF_KINDS, OF_FAULTS = 3.0, 6.0, 0.4, 2.0
"""How much each of the three lessons counts, and how much more a fault than none."""
TAKEN, STRANGE = 0.3, 0.3
"""How often something is taken from a case, and how often a strange article is put to it."""
RESTS = {"done": 0.35, "next": 0.35}
RESTS_ELSE = 0.45
"""From such a nearness on (cosine) a sentence rests on a thing known, on any other thing or article."""
SPECIAL = ("agent", "formality", "site")
GROUNDLESS = ("over_promise", "unsupported_fact")
_JUDGED = {name: number for number, name in enumerate(reader.JUDGED)}
_OF_REPLY = "canned"
"""A rule that no single sentence breaks."""
_FAR = -1e9


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
    """The encoder with its changes, and the questions."""

    def __init__(self, file: Path) -> None:
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
        self.sentence, self.whole = nn.Linear(WIDTH, len(_JUDGED)), nn.Linear(WIDTH, len(_JUDGED))
        self.kind = nn.Linear(WIDTH, len(speech.ALL))
        for question, always in ((self.sentence, -3.0), (self.whole, -2.0), (self.kind, 0.0)):
            nn.init.zeros_(question.weight)
            nn.init.constant_(question.bias, always)
        self.rest = nn.Dropout(0.1)
        self.middle, self.spread = torch.zeros(WIDTH), torch.ones(1)

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
                found.append(self._mean(*_padded(some)))
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
        return self.sentence(means[:, :-1]), self.whole(means[:, -1])

    def kinds(self, pieces: Sequence[list[int]]) -> Tensor:
        """Values of `speech.ALL` for sentences that are read alone."""
        return self.kind((self._mean(*_padded(pieces)) - self.middle) / self.spread)

    def _mean(self, pieces: Tensor, far: Tensor) -> Tensor:
        near = (far == 0).float()
        rows = self._rows(pieces, far, near.long()).float()
        return (rows * near[..., None]).sum(1) / near.sum(1)[:, None]

    def _rows(self, pieces: Tensor, far: Tensor, own: Tensor) -> Tensor:
        count, length = pieces.shape
        here = torch.from_numpy(self.engine.words(pieces.flatten().tolist())).view(count, length, WIDTH)
        here = functional.layer_norm(here + self.places[:length], (WIDTH,), *self.first) + self.shift[own]
        with torch.autocast("cpu", torch.bfloat16):
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

    def keep(self, path: Path, digest: str) -> None:
        """Write what was learned, as `reader.learned` reads it."""
        here = {
            f"{name[:-1].replace('_', '.')}{name[-1]}": value for name, value in self.change.items()
        } | {"shift": self.shift, "middle": self.middle, "spread": self.spread}  # fmt: skip
        for name, question in (("sentence", self.sentence), ("whole", self.whole), ("kind", self.kind)):
            here |= {f"{name}.weights": question.weight, f"{name}.always": question.bias}
        np.savez_compressed(
            path,
            judged=np.array(reader.JUDGED),
            kinds=np.array(speech.ALL),
            digest=np.array(digest),
            **{name: value.detach().numpy().astype(np.float16) for name, value in here.items()},
        )


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


@dataclass(frozen=True, slots=True)
class Source:
    """A reply and what of its case its sentences rest on: (kind, key or number) and the sentence."""

    reply: Reply
    rests: tuple[tuple[str, str | int, int], ...]


def sources(taught: Taught, labelled: Sequence[Reply]) -> list[Source]:
    """Each reply with what it rests on, told by nearness in meaning before anything is learned."""
    texts = {text for each in labelled for text in (*each.sentences, *(value for *_, value in _things(each)))}
    ordered = sorted(texts, key=len)
    found = functional.normalize(taught.points(ordered) - taught.middle, dim=1).numpy()
    points = dict(zip(ordered, found, strict=True))
    return [Source(each, tuple(_rests(each, points))) for each in labelled]


def _things(reply: Reply) -> Iterator[tuple[str, str | int, str]]:
    for key, value in reply.facts.known.items():
        if key not in SPECIAL and not is_private(key) and value.strip():
            yield "known", key, value
    for number, article in enumerate(reply.facts.knowledge):
        yield "knowledge", number, article.text


def _rests(reply: Reply, points: dict[str, np.ndarray]) -> Iterator[tuple[str, str | int, int]]:
    for kind, key, value in _things(reply):
        near = np.stack([points[text] for text in reply.sentences]) @ points[value]
        if near.max() > RESTS.get(str(key), RESTS_ELSE):
            yield kind, key, int(near.argmax())


class Class:
    """Makes lessons of replies, each time a little different."""

    def __init__(self, engine: Encoder, given: Sequence[Source]) -> None:
        self._engine = engine
        self._given = given
        self._by_lang: dict[str, list[Source]] = {}
        for each in given:
            self._by_lang.setdefault(each.reply.lang, []).append(each)

    def lessons(self) -> list[Lesson]:
        """One for each reply."""
        return [self._lesson(each) for each in self._given]

    def _lesson(self, source: Source) -> Lesson:
        reply, facts = source.reply, source.reply.facts
        lesson = plain(self._engine, reply)
        other = random.choice(self._by_lang[reply.lang]).reply.facts
        if not reply.rules and source.rests and random.random() < TAKEN:
            kind, key, number = random.choice(source.rests)
            facts = _without(facts, kind, key, other.known.get(str(key), ""))
            _groundless(lesson, number)
        elif other.knowledge and "asks_known" not in reply.rules and random.random() < STRANGE:
            facts = replace(facts, knowledge=(*facts.knowledge, random.choice(other.knowledge)))
        known, articles = list(facts.known.items()), list(facts.knowledge)
        random.shuffle(known)
        random.shuffle(articles)
        case = reader.case_of(replace(facts, known=dict(known), knowledge=tuple(articles)))
        lesson.pieces, lesson.parts = reader.laid_out(self._engine, reply.sentences, case)
        return lesson


def _without(facts: Any, kind: str, key: str | int, other: str) -> Any:
    """The case without this thing; what is known has half the time that of another case in its place."""
    if kind == "knowledge":
        return replace(facts, knowledge=tuple(each for at, each in enumerate(facts.knowledge) if at != key))
    known = {name: value for name, value in facts.known.items() if name != key}
    return replace(facts, known=known | ({str(key): other} if other and random.random() < 0.5 else {}))


def _groundless(lesson: Lesson, number: int) -> None:
    unsure = [_JUDGED[rule] for rule in GROUNDLESS]
    due = [_JUDGED[reader.GROUNDLESS], _JUDGED[reader.OBJECTION]]
    lesson.whole[due], lesson.counts[unsure] = 1, 0
    if number < reader.SENTENCES:
        lesson.sentences[number, due], lesson.each_counts[number, unsure] = 1, 0


def plain(engine: Encoder, reply: Reply) -> Lesson:
    """The reply as it stands. A sentence of a bad reply whose fault nobody quoted counts for nothing."""
    wide = (reader.SENTENCES, len(_JUDGED))
    lesson = Lesson([], [], _due(reply.rules), np.ones(wide[1], np.float32), np.zeros(wide, np.float32),
                    np.zeros(wide, np.float32))  # fmt: skip
    lesson.pieces, lesson.parts = reader.laid_out(engine, reply.sentences, reader.case_of(reply.facts))
    for number, sentence in enumerate(reply.sentences[: reader.SENTENCES]):
        if not reply.rules:
            lesson.each_counts[number] = 1
        elif reply.words and reply.at_fault(sentence):
            single = len(reply.rules) == 1
            lesson.sentences[number] = lesson.whole if single else 0
            lesson.each_counts[number] = 1 if single else 1 - lesson.whole
        elif reply.words:
            lesson.each_counts[number] = 1
        if reply.rules:
            lesson.each_counts[number, _JUDGED[_OF_REPLY]] = 0
    return lesson


def _due(rules: Sequence[str]) -> np.ndarray:
    due = np.zeros(len(_JUDGED), np.float32)
    due[[_JUDGED[rule] for rule in rules if rule in _JUDGED]] = 1
    due[_JUDGED[reader.GROUNDLESS]] = max(due[_JUDGED[rule]] for rule in GROUNDLESS)
    due[_JUDGED[reader.OBJECTION]] = due.max()
    return due


def teach(taught: Taught, given: Sequence[Source], singles: Sequence[tuple[str, str]], path: Path, most: int) -> None:
    """Learn from these replies and these sentences of a kind, `most` steps; it is kept after each round."""
    questions = [*taught.sentence.parameters(), *taught.whole.parameters(), *taught.kind.parameters(), taught.shift]
    descent = torch.optim.AdamW(
        [{"params": list(taught.change.values()), "lr": PACE}, {"params": questions, "lr": PACE_OF_QUESTIONS}]
    )
    steps = ROUNDS * -(-len(given) // BATCH)
    pace = torch.optim.lr_scheduler.LambdaLR(descent, lambda step: _pace(step / steps))
    everything = [*taught.change.values(), *questions]
    pupils, step, began = Class(taught.engine, given), 0, monotonic()
    alone = [(taught.single(text), speech.ALL.index(kind)) for kind, text in singles]
    lost = np.zeros(3)
    for _ in range(ROUNDS):
        for batch in _batches(pupils.lessons()):
            here = random.sample(alone, SINGLES)
            parts = _lost(taught, batch, here)
            torch.stack(parts).sum().backward()
            nn.utils.clip_grad_norm_(everything, 1.0)
            descent.step()
            pace.step()
            descent.zero_grad()
            step, lost = step + 1, 0.95 * lost + 0.05 * np.array([each.item() for each in parts])
            if step % 40 == 0:
                print(f"step {step:,} of {steps:,}, {monotonic() - began:.0f} s, {np.round(lost, 3)}", flush=True)
            if step >= most:
                break
        taught.keep(path, digest())
        if step >= most:
            return


def _pace(done: float) -> float:
    return done / WARM if done < WARM else LEAST_PACE + (1 - LEAST_PACE) * (1 + cos(pi * done)) / 2


def _batches(lessons: list[Lesson]) -> Iterator[list[Lesson]]:
    """Replies of like length together, all in another order each time."""
    random.shuffle(lessons)
    wide = BATCH * BATCH
    lessons = [
        each
        for start in range(0, len(lessons), wide)
        for each in sorted(lessons[start : start + wide], key=lambda lesson: len(lesson.pieces))
    ]
    starts = list(range(0, len(lessons), BATCH))
    random.shuffle(starts)
    return (lessons[start : start + BATCH] for start in starts)


def _lost(taught: Taught, batch: Sequence[Lesson], alone: Sequence[tuple[list[int], int]]) -> list[Tensor]:
    each, whole = taught.judged(batch)
    seen = torch.tensor([[number in lesson.parts for number in range(reader.SENTENCES)] for lesson in batch])
    due, counts = _table(batch, "whole"), _table(batch, "counts")
    each_due, each_counts = _table(batch, "sentences"), _table(batch, "each_counts") * seen[..., None]
    kinds = functional.cross_entropy(
        taught.kinds([pieces for pieces, _ in alone]).float(), torch.tensor([kind for _, kind in alone])
    )
    return [
        OF_WHOLE * _wrong(whole, due, counts),
        OF_SENTENCES * _wrong(each, each_due, each_counts),
        OF_KINDS * kinds,
    ]


def _table(batch: Sequence[Lesson], name: str) -> Tensor:
    return torch.from_numpy(np.stack([getattr(lesson, name) for lesson in batch]))


def _wrong(values: Tensor, due: Tensor, counts: Tensor) -> Tensor:
    lost = functional.binary_cross_entropy_with_logits(values.float(), due, reduction="none")
    return (lost * counts * torch.where(due > 0, OF_FAULTS, 1.0)).sum() / counts.sum()


def main() -> None:
    """Learn and keep what was learned."""
    short = "--short" in sys.argv[1:]
    random.seed(1)
    torch.manual_seed(1)
    file = encoder.file()
    if file is None:
        sys.exit("The sentence model is not installed here: nothing can be learned.")
    taught, labelled = Taught(file), [each for each in replies() if each.sentences and each.part != LEFT_OUT]
    listed = [line for lang in speech.LANGUAGES for line in speech.examples(lang)]
    taught.centre([text for _, text in random.sample(listed, 600)])
    taught.train()
    labelled = labelled[:160] if short else labelled
    singles = [*listed, *lines_of(labelled)][-500 if short else 0 :]
    path = reader.LEARNED.with_suffix(".short.npz") if short else reader.LEARNED
    teach(taught, sources(taught, labelled), singles, path, 20 if short else 10**9)


if __name__ == "__main__":
    main()
