"""What a sentence of a reply does: learned from the examples and the labelled replies that may be read.

    python3 -m bench.speech            how well it works on what it has not learned from, a sixth at a time (10 minutes)
    python3 -m bench.speech --write    learns from all of it and writes responders/rules/speech.npz (6 minutes)

Printed for each rule that the learned reader knows (`responders.rules.learned`): how many bad replies have a sentence
that looks like it, at the bound where one in two hundred, in a hundred, in fifty acceptable replies have one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from responders.rules import learned, speech, vectors
from responders.rules.reading import read

REPLIES = Path(__file__).resolve().parents[1] / "tests" / "data" / "replies"
READ = ("tuning", "fresh", "hard", "subtle")
"""Sets that may be read and learned from; the others only measure."""
KIND_OF = {
    "defensive": "defensive", "brush_off": "sends_away", "selling": "selling", "legal_admission": "admits",
    "jargon": "jargon", "over_promise": "promises", "unsupported_fact": "deeds",
}  # fmt: skip
PARTS = 6
WEIGHT = 3
ALARMS = (0.005, 0.01, 0.02)


class Reply(NamedTuple):
    """A labelled reply: its sentences, the rules it breaks, the words that break them; `part` is the same for each
    reply of a case."""

    sentences: tuple[str, ...]
    rules: tuple[str, ...]
    words: tuple[str, ...]
    part: int


def replies() -> list[Reply]:
    """All labelled replies that may be read."""
    files = sorted(file for half in READ for file in (REPLIES / half).glob("*.jsonl"))
    return [_reply(json.loads(line)) for file in files for line in file.read_text("utf-8").splitlines()]


def _reply(row: dict[str, Any]) -> Reply:
    sentences = tuple(each.written for each in read(row["reply"]).sentences)
    return Reply(sentences, tuple(row["rules"]), tuple(row["words"]), crc32(row["case"]["mention"].encode()) % PARTS)


def lines_of(labelled: list[Reply]) -> Iterator[tuple[str, str]]:
    """Kind and sentence of whatever in these replies is surely at fault, or surely not."""
    for reply in labelled:
        for text in reply.sentences:
            at_fault = any(words in text or text in words for words in reply.words if words.strip())
            if not reply.rules or (reply.words and not at_fault):
                yield speech.FINE, text
            elif at_fault and len(reply.rules) == 1 and reply.rules[0] in KIND_OF:
                yield KIND_OF[reply.rules[0]], text


def lines_of_weight(labelled: list[Reply]) -> list[tuple[str, str]]:
    """A sentence that stood in a whole reply counts as much as WEIGHT examples: it is what the reader will meet."""
    return [line for line in lines_of(labelled) for _ in range(WEIGHT)]


def lines() -> list[tuple[str, str]]:
    """All that is learned from."""
    listed = (each for lang in speech.LANGUAGES for each in speech.examples(lang))
    return [*listed, *lines_of_weight(replies())]


@cache
def point(text: str) -> np.ndarray:
    """The point of this text, found once."""
    found = vectors.point(text)
    if found is None:
        sys.exit("The sentence model does not run here: nothing can be learned or measured.")
    return found


def points(texts: Iterable[str]) -> np.ndarray:
    """One row per text."""
    return np.stack([point(text) for text in texts])


def learn(here: list[tuple[str, str]]) -> speech.Model:
    """A model of these kinds and sentences."""
    return speech.learn([kind for kind, _ in here], points(text for _, text in here))


def measure() -> None:
    """Print what each rule finds in replies that were left out of the learning."""
    labelled, listed = replies(), [each for lang in speech.LANGUAGES for each in speech.examples(lang)]
    found: dict[str, list[tuple[Reply, float]]] = {rule: [] for rule in learned.RULES}
    for part in range(PARTS):
        print(f"part {part + 1} of {PARTS}", flush=True)
        model = learn([*listed, *lines_of_weight([each for each in labelled if each.part != part])])
        for reply in (each for each in labelled if each.part == part and each.sentences):
            chances = model.chances(points(reply.sentences))
            for rule, bounds in learned.RULES.items():
                own = chances[:, [speech.ALL.index(kind) for kind in bounds.kinds]].sum(1)
                found[rule].append((reply, float(own.max())))
    for rule, seen in found.items():
        fine = np.sort([chance for reply, chance in seen if not reply.rules])[::-1]
        bad = np.array([chance for reply, chance in seen if rule in reply.rules])
        levels = [(share, fine[int(share * len(fine))]) for share in ALARMS]
        print(
            f"{rule:17} {len(bad):3} bad",
            *(f"{at:.2f}: {(bad > at).mean():.0%} at {share:.1%}" for share, at in levels),
            sep="   ",
        )


def write() -> None:
    """Learn from all of it and keep what was learned."""
    here = lines()
    model = learn(here)
    kinds = np.array(speech.ALL)
    np.savez_compressed(
        speech.LEARNED, kinds=kinds, middle=model.middle, weights=model.weights, digest=np.array(speech.digest(here))
    )
    print(f"{speech.LEARNED.name}: learned from {len(here):,} sentences")


if __name__ == "__main__":
    write() if "--write" in sys.argv[1:] else measure()
