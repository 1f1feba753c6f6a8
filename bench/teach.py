"""Teach the reader of replies: write responders/rules/reader.npz from the examples and the labelled replies.

    python3 -m bench.teach             goes on from what was learned before, an hour on two processors, and keeps the
                                       middle between both; then `bench.reader` says how good it is
    python3 -m bench.teach --anew      the same from nothing: more rounds are needed then
    python3 -m bench.teach --short     twenty steps into a file of its own: whether all of it still fits together

Needs torch besides what Earshot needs; nothing else does, and Earshot itself never. What is learned (`bench.taught`) is
a file of two megabytes. Replies are also shown with a fact or a commitment taken out of their case, or exchanged for
that of another one: what rested on it is groundless then, and nobody had to write that reply. And acceptable ones with
a sentence of a kind put among theirs, at fault or harmless: whose manner it is written in tells nothing then.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import cos, pi
from pathlib import Path
from tempfile import gettempdir
from time import monotonic
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.replies import KIND_OF, Reply, digest, lines_of, replies
from bench.taught import JUDGED, Lesson, Taught
from responders.facts import is_private
from responders.rules import encoder, reader, speech
from responders.rules.encoder import Encoder

ROUNDS, BATCH, SINGLES = 2, 16, 32
PACE, PACE_OF_QUESTIONS, LEAST_PACE, WARM = 1.5e-3, 4e-3, 0.02, 0.06
ON = 0.7
"""The share of the full pace for whoever goes on from what was learned before."""
OF_WHOLE, OF_SENTENCES, OF_KINDS, OF_FAULTS = 3.0, 6.0, 0.4, 2.0
"""How much each of the three lessons counts, and how much more a fault than none."""
TAKEN, STRANGE = 0.3, 0.3
"""How often something is taken from a case, and how often a strange article is put to it."""
PUT, PUT_HARMLESS = 0.25, 0.1
"""How often a sentence at fault is put among those of an acceptable reply, and how often a harmless one."""
RESTS = {"done": 0.35, "next": 0.35}
RESTS_ELSE = 0.45
"""From such a nearness on (cosine) a sentence rests on a thing known, on any other thing or article."""
SPECIAL = ("agent", "formality", "site")
GROUNDLESS = ("over_promise", "unsupported_fact")
_OF_REPLY = "canned"
"""A rule that no single sentence breaks."""
_OF_FEW = (_OF_REPLY, "brush_off")
"""Rules that a reply may break by what it lacks."""
BREAKS = {kind: rule for rule, kind in KIND_OF.items()} | {"noted": "brush_off", "slang": "register"}
"""What a sentence of a kind breaks wherever it stands."""


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


class Lessons:
    """Makes lessons of replies, each time a little different."""

    def __init__(self, engine: Encoder, given: Sequence[Source]) -> None:
        self._engine = engine
        self._given = given
        self._by_lang: dict[str, list[Source]] = {}
        for each in given:
            self._by_lang.setdefault(each.reply.lang, []).append(each)
        lines = {
            lang: [*speech.examples(lang), *lines_of(each.reply for each in some)]
            for lang, some in self._by_lang.items()
        }
        self._harmless = {lang: [text for kind, text in some if kind in speech.MODEST] for lang, some in lines.items()}
        self._faulty = {lang: [each for each in some if each[0] in BREAKS] for lang, some in lines.items()}

    def lessons(self) -> list[Lesson]:
        """One for each reply."""
        return [self._lesson(each) for each in self._given]

    def _lesson(self, source: Source) -> Lesson:
        chance = random.random()
        if source.reply.rules or chance > PUT + PUT_HARMLESS:
            return self._laid(source, plain(self._engine, source.reply))
        if chance > PUT:
            reply = _with(source.reply, random.choice(self._harmless[source.reply.lang]))
            return self._laid(Source(reply, ()), plain(self._engine, reply))
        kind, line = random.choice(self._faulty[source.reply.lang])
        reply = _with(_shorter(source.reply), line)._replace(rules=(BREAKS[kind],), words=(line,))
        lesson = plain(self._engine, reply)
        for rule in set(_OF_FEW).difference(reply.rules):
            lesson.counts[JUDGED[rule]] = 0
        return self._laid(Source(reply, ()), lesson)

    def _laid(self, source: Source, lesson: Lesson) -> Lesson:
        """The lesson of this reply before its case, a little of which is taken, added, or in another order."""
        reply, facts = source.reply, source.reply.facts
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


def _with(reply: Reply, line: str) -> Reply:
    at = random.randint(0, min(len(reply.sentences), reader.SENTENCES - 1))
    return reply._replace(sentences=(*reply.sentences[:at], line, *reply.sentences[at:]))


def _shorter(reply: Reply) -> Reply:
    """Half the time without some of its sentences: bluntness comes in few words too."""
    if random.random() < 0.5:
        return reply
    return reply._replace(sentences=tuple(each for each in reply.sentences if random.random() < 0.5))


def _without(facts: Any, kind: str, key: str | int, other: str) -> Any:
    """The case without this thing; what is known has half the time that of another case in its place."""
    if kind == "knowledge":
        return replace(facts, knowledge=tuple(each for at, each in enumerate(facts.knowledge) if at != key))
    known = {name: value for name, value in facts.known.items() if name != key}
    return replace(facts, known=known | ({str(key): other} if other and random.random() < 0.5 else {}))


def _groundless(lesson: Lesson, number: int) -> None:
    unsure = [JUDGED[rule] for rule in GROUNDLESS]
    due = [JUDGED[reader.GROUNDLESS], JUDGED[reader.OBJECTION]]
    lesson.whole[due], lesson.counts[unsure] = 1, 0
    if number < reader.SENTENCES:
        lesson.sentences[number, due], lesson.each_counts[number, unsure] = 1, 0


def plain(engine: Encoder, reply: Reply) -> Lesson:
    """The reply as it stands. A sentence of a bad reply whose fault nobody quoted counts for nothing."""
    wide = (reader.SENTENCES, len(JUDGED))
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
            lesson.each_counts[number, JUDGED[_OF_REPLY]] = 0
    return lesson


def _due(rules: Sequence[str]) -> np.ndarray:
    due = np.zeros(len(JUDGED), np.float32)
    due[[JUDGED[rule] for rule in rules if rule in JUDGED]] = 1
    due[JUDGED[reader.GROUNDLESS]] = max(due[JUDGED[rule]] for rule in GROUNDLESS)
    due[JUDGED[reader.OBJECTION]] = due.max()
    return due


def teach(
    taught: Taught, given: Sequence[Source], singles: Sequence[tuple[str, str]], path: Path, most: int, pace: float
) -> None:
    """Learn from these replies and these sentences of a kind, `most` steps, at this share of the full pace; it is kept
    after each round."""
    questions = [*taught.asked.parameters(), taught.shift]
    descent = torch.optim.AdamW(
        [
            {"params": list(taught.change.values()), "lr": pace * PACE},
            {"params": questions, "lr": pace * PACE_OF_QUESTIONS},
        ]
    )
    steps = ROUNDS * -(-len(given) // BATCH)
    slower = torch.optim.lr_scheduler.LambdaLR(descent, lambda step: pace_at(step / steps))
    everything = [*taught.change.values(), *questions]
    pupils, step, began = Lessons(taught.engine, given), 0, monotonic()
    alone = [(taught.single(text), speech.ALL.index(kind)) for kind, text in singles]
    lost = np.zeros(3)
    for _ in range(ROUNDS):
        for batch in _batches(pupils.lessons()):
            here = random.sample(alone, SINGLES)
            parts = _lost(taught, batch, here)
            torch.stack(parts).sum().backward()
            nn.utils.clip_grad_norm_(everything, 1.0)
            descent.step()
            slower.step()
            descent.zero_grad()
            step, lost = step + 1, 0.95 * lost + 0.05 * np.array([each.item() for each in parts])
            if step % 40 == 0:
                print(f"step {step:,} of {steps:,}, {monotonic() - began:.0f} s, {np.round(lost, 3)}", flush=True)
            if step >= most:
                break
        taught.keep(path, digest())
        if step >= most:
            return


def pace_at(done: float) -> float:
    """The share of the pace after this share of the steps: it rises, then falls."""
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
    short, anew = "--short" in sys.argv[1:], "--anew" in sys.argv[1:]
    random.seed(1)
    torch.manual_seed(1)
    file = encoder.file()
    if file is None:
        sys.exit("The sentence model is not installed here: nothing can be learned.")
    taught, labelled = Taught(file), [each for each in replies() if each.sentences]
    listed = [line for lang in speech.LANGUAGES for line in speech.examples(lang)]
    taught.centre([text for _, text in random.sample(listed, 600)])
    labelled = labelled[:160] if short else labelled
    given = sources(taught, labelled)
    if not anew:
        taught.take(reader.LEARNED)
    before = taught.state()
    taught.train()
    singles = [*listed, *lines_of(labelled)][-500 if short else 0 :]
    path = Path(gettempdir()) / "reader.short.npz" if short else reader.LEARNED
    teach(taught, given, singles, path, 20 if short else 10**9, 1.0 if anew else ON)
    if not anew:
        taught.meet(before)
        taught.keep(path, digest())


if __name__ == "__main__":
    main()
