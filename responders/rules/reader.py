"""What a reply does to the person it answers, read as a whole and before its case: it argues, sends away, sells,
admits, tells what nobody knows, promises what nobody owns, asks what was told.

One reader over the rows of a sentence model (`encoder`), taught by `python3 -m bench.teach`: by the examples
(`speech`) what a single sentence does, by the labelled replies that may be read what a careful person objects to. It
gives likelihoods; from where on they count stands in `learned`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

import numpy as np

from domain.remembering import remembered
from responders.facts import Facts
from responders.rules import encoder, speech
from responders.rules.encoder import END, START, Encoder
from responders.rules.taught import Chances, Taught, taught_in

LEARNED: Final = Path(__file__).parent / "reader.npz"
RULES: Final = (
    "defensive", "brush_off", "selling", "legal_admission", "jargon", "over_promise", "unsupported_fact", "asks_known",
    "canned", "register", "personal_data",
)  # fmt: skip
"""Rules of the contract that are read; the others are looked up."""
GROUNDLESS: Final = "groundless"
"""A fact or a promise that nothing in the case bears out, whichever of both."""
OBJECTION: Final = "objection"
"""Any of RULES."""
JUDGED: Final = (*RULES, GROUNDLESS, OBJECTION)
QUESTIONS: Final = {"sentence": JUDGED, "whole": JUDGED, "kind": speech.ALL}
"""What is asked: of each sentence of a reply before its case, of the whole of it, of a sentence alone."""
SENTENCES: Final = 12
"""So many sentences of a reply are read."""
SENTENCE, REPLY, MENTION, VALUE, KNOWN, ARTICLE, KNOWLEDGE, ALL = 90, 230, 110, 50, 150, 70, 140, 440
"""Pieces that are read at most: of a sentence, all of them, of the post, of a thing known, of all those, of an article,
of all those, of everything."""
SINGLE: Final = 40
"""Pieces of a sentence that is read alone."""
_LETTERS = 700
"""Of any text are looked at: finding pieces takes time, and they are read to a bound anyway."""

_LOADING = Lock()
"""The contract is asked on several threads, and one copy of the model is enough."""


class Case(NamedTuple):
    """What a reply is read before, as texts: who said what, each thing known, each article."""

    mention: str
    known: tuple[str, ...]
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """How likely each of JUDGED is (0 to 1): in each sentence that was read to its end, and in the reply as a whole."""

    sentences: tuple[Chances, ...]
    whole: Chances

    def is_read(self, number: int) -> bool:
        """Whether that sentence was read to its end: nothing is known of one that comes late or goes on for long."""
        return number < len(self.sentences) and bool(self.sentences[number])


@cache
def learned() -> Taught:
    """What was taught. Raises BadInput where the file is damaged or does not fit this version."""
    return taught_in(LEARNED, QUESTIONS, "python3 -m bench.teach")


def _encoder() -> Encoder | None:
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> Encoder | None:
    path = encoder.file()
    if path is None:
        return None
    try:
        return Encoder(path, learned().change)
    except encoder.DAMAGED:
        return None


def runs() -> bool:
    """Whether replies are read here. Raises BadInput as `learned` does."""
    return _encoder() is not None


def look(sentences: Sequence[str], facts: Facts) -> Look | None:
    """These sentences of a reply, read before that case; None where nothing is read. A fifth of a second, the first
    time, and half a second for a long one."""
    return _look(tuple(sentences[:SENTENCES]), case_of(facts)) if sentences and runs() else None


def kinds(sentence: str) -> Chances:
    """Kind (of `speech.ALL`) -> how likely this sentence is of it; nothing where nothing is read. 15 ms the first
    time."""
    return _kinds(sentence) if runs() else {}


def is_modest(sentence: str, sure: float) -> bool:
    """Whether it rather says what we are at, or is courtesy, than claims anything: by at least `sure` (0 to 1)."""
    found = kinds(sentence)
    return sum(found.get(kind, 0) for kind in speech.MODEST) - sum(found.get(kind, 0) for kind in speech.CLAIMS) >= sure


def laid_out(encode: Encoder, sentences: Sequence[str], case: Case) -> tuple[list[int], list[int]]:
    """The pieces of a reply and of its case, and for each piece the number of its sentence; -1 in the case."""
    reply, parts = [START], [-1]
    for number, sentence in enumerate(sentences[:SENTENCES]):
        pieces = _pieces(encode, sentence, SENTENCE)
        reply += pieces
        parts += [number] * len(pieces)
    reply, parts = reply[:REPLY], parts[:REPLY]
    told = [END, *_pieces(encode, case.mention, MENTION), END]
    told += list(islice(_each(encode, case.known, VALUE), KNOWN))
    told += list(islice(_each(encode, case.articles, ARTICLE), KNOWLEDGE))
    told = told[: ALL - len(reply)]
    return reply + told, parts + [-1] * len(told)


def case_of(facts: Facts) -> Case:
    """What a reply in this case is read before: nothing that is for the desk's eyes only, it bears out no claim."""
    return Case(
        f"{facts.author_name}: {facts.mention}",
        tuple(f"{key}: {value}" for key, value in facts.public.items()),
        tuple(article.text for article in facts.knowledge),
    )


def _each(encode: Encoder, texts: Sequence[str], most: int) -> Iterator[int]:
    for text in texts:
        yield from _pieces(encode, text, most)
        yield END


def _pieces(encode: Encoder, text: str, most: int) -> list[int]:
    return encode.pieces(text[:_LETTERS])[:most]


@remembered(64)
def _look(sentences: tuple[str, ...], case: Case) -> Look:
    encode, taught = engine(), learned()
    pieces, parts = laid_out(encode, sentences, case)
    own = np.array(parts)
    rows, asked = encode.rows(pieces, taught.shift[(own >= 0).astype(int)]), taught.questions["sentence"]
    each = tuple(
        asked.each(taught.centred(rows[own == number])) if _is_whole(sentence, own == number) else {}
        for number, sentence in enumerate(sentences)
    )
    return Look(each, taught.questions["whole"].each(taught.centred(rows[own >= 0])))


def _is_whole(sentence: str, own: np.ndarray) -> bool:
    return len(sentence) <= _LETTERS and 0 < len(engine().pieces(sentence)) == int(own.sum())


@remembered(1_024)
def _kinds(sentence: str) -> Chances:
    encode, taught = engine(), learned()
    return taught.questions["kind"].one(taught.centred(encode.rows(single(encode, sentence), taught.shift[1])))


def single(encode: Encoder, sentence: str) -> list[int]:
    """The pieces of a sentence that is read alone."""
    return [START, *_pieces(encode, sentence, SINGLE), END]


def engine() -> Encoder:
    """The sentence model as it was taught to read replies; only where `runs`."""
    found = _encoder()
    assert found is not None
    return found
