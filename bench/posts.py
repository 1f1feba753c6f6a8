"""The labelled posts, as the learned reader (`responders.rules.posts`) learns from them and is measured on them.

Most are the posts of the labelled replies; `tests/data/posts/labels` says of each, by its set and the id of a reply to
it: its tone, its subject, another subject (or -), and what it tells (or -; ? where nobody noted it). Those of
`tests/data/posts/tones` stand there with their labels: hardly anybody answers a greeting or a joke.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

import numpy as np
import xxhash

from bench.replies import LEARNED_FROM, REPLIES
from responders.rules import posts

POSTS = REPLIES.parent / "posts"
LEFT_OUT_OF = 10
"""One post of so many is not learned from: it measures."""
OF_SUBJECT = 0.7
"""What of the subject falls to the main one where there is another."""


class Due(NamedTuple):
    """The number of the tone, the shares of the subjects (together 1), what is told (1 where it is), and whether
    somebody noted that."""

    tone: int
    subjects: np.ndarray
    told: np.ndarray
    is_told: bool


class Post(NamedTuple):
    """A labelled post. `told` is None where nobody noted it; posts of any tone were written to be of one."""

    lang: str
    text: str
    tone: str
    subject: str
    second: str
    told: frozenset[str] | None
    is_left_out: bool
    is_of_any_tone: bool

    def due(self) -> Due:
        """What a reader is to say of it."""
        shares, told = np.zeros(len(posts.SUBJECTS), np.float32), np.zeros(len(posts.TOLD), np.float32)
        shares[posts.SUBJECTS.index(self.subject)] = OF_SUBJECT if self.second else 1
        if self.second:
            shares[posts.SUBJECTS.index(self.second)] += 1 - OF_SUBJECT
        told[[posts.TOLD.index(name) for name in self.told or ()]] = 1
        return Due(posts.TONES.index(self.tone), shares, told, self.told is not None)


def labelled_posts() -> Iterator[Post]:
    """All of them, those left out too."""
    texts = dict(_texts())
    for file in sorted((POSTS / "labels").glob("*.tsv")):
        for line in file.read_text("utf-8").splitlines():
            half, number, *labels = line.split("\t")
            yield _post(file.stem, texts[half, number], labels, f"{half} {number}")
    yield from written("tones")


def written(folder: str) -> Iterator[Post]:
    """The posts that stand in this folder with their labels."""
    for file in sorted((POSTS / folder).glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            labels = [row[name] for name in ("tone", "subject", "second", "told")]
            yield _post(file.stem, row["text"], labels, f"{folder} {row['id']}")


def _post(lang: str, text: str, labels: Sequence[str], key: str) -> Post:
    tone, subject, second, told = labels
    return Post(
        lang,
        text,
        tone,
        subject,
        "" if second == "-" else second,
        None if told == "?" else frozenset(told.split(",")) - {"-"},
        xxhash.xxh3_64_intdigest(key.encode()) % LEFT_OUT_OF == 0,
        key.startswith("tones "),
    )


def _texts() -> Iterator[tuple[tuple[str, str], str]]:
    for half in LEARNED_FROM:
        for file in sorted((REPLIES / half).glob("*.jsonl")):
            for line in file.read_text("utf-8").splitlines():
                row = json.loads(line)
                yield (half, row["id"]), row["case"]["mention"]


def digest() -> str:
    """All that is learned from, in short: another post or label, another digest."""
    learned = [each for each in labelled_posts() if not each.is_left_out]
    told = ["?" if each.told is None else " ".join(sorted(each.told)) for each in learned]
    lines = ["\t".join((*each[:5], tells)) for each, tells in zip(learned, told, strict=True)]
    return sha256("\n".join(sorted(lines)).encode()).hexdigest()
