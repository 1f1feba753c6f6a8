"""The labelled replies, as the learned reader (`responders.rules.reader`) learns from them and is measured on them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from responders.facts import Facts, facts_of
from responders.local import located
from responders.markets import PACKS
from responders.rules import speech
from responders.rules.reading import read

REPLIES = Path(__file__).resolve().parents[1] / "tests" / "data" / "replies"
LEARNED_FROM = ("tuning", "fresh", "hard", "subtle", "pairs", "voices")
LEFT_OUT = ("apart",)
"""Written by others than those learned from: the bounds of `responders.rules.learned` are set by it. All further sets
only measure."""
YEAR = 2026
KIND_OF = {
    "defensive": "defensive", "brush_off": "sends_away", "selling": "selling", "legal_admission": "admits",
    "jargon": "jargon", "over_promise": "promises", "unsupported_fact": "deeds",
}  # fmt: skip
"""Rule -> what a sentence does that breaks it (`responders.rules.speech`)."""


class Reply(NamedTuple):
    """A labelled reply: its set, language, sentences and case, the rules it breaks, the words that break them."""

    half: str
    lang: str
    text: str
    sentences: tuple[str, ...]
    facts: Facts
    rules: tuple[str, ...]
    words: tuple[str, ...]

    def at_fault(self, sentence: str) -> bool:
        """Whether this sentence of it holds words that break a rule."""
        return any(words in sentence or sentence in words for words in self.words if words.strip())


def replies(sets: Iterable[str] = LEARNED_FROM) -> Iterator[Reply]:
    """The labelled replies of these sets."""
    for half in sets:
        for file in sorted((REPLIES / half).glob("*.jsonl")):
            for line in file.read_text("utf-8").splitlines():
                yield _reply(half, json.loads(line))


def _reply(half: str, row: dict[str, Any]) -> Reply:
    facts = located(facts_of(row["case"], YEAR), PACKS.all())
    return Reply(
        half,
        row["lang"],
        row["reply"],
        tuple(each.written for each in read(row["reply"]).sentences),
        facts,
        tuple(row["rules"]),
        tuple(row["words"]),
    )


def lines_of(labelled: Iterable[Reply]) -> Iterator[tuple[str, str]]:
    """Kind (of `responders.rules.speech.ALL`) and sentence of whatever in these replies is surely at fault, or surely
    not."""
    for reply in labelled:
        for text in reply.sentences:
            at_fault = reply.at_fault(text)
            if not reply.rules or (reply.words and not at_fault):
                yield speech.FINE, text
            elif at_fault and len(reply.rules) == 1 and reply.rules[0] in KIND_OF:
                yield KIND_OF[reply.rules[0]], text


def digest() -> str:
    """All that is learned from, in short: another example or reply, another digest."""
    listed = [line for lang in speech.LANGUAGES for line in speech.examples(lang)]
    labelled = [(" ".join((*each.rules, "|", *each.words)), f"{each.lang} {each.text} {_told(each.facts)}")
                for each in replies()]  # fmt: skip
    return sha256("\n".join(sorted(f"{told}\t{text}" for told, text in [*listed, *labelled])).encode()).hexdigest()


def _told(facts: Facts) -> str:
    return " ".join((facts.mention, *map(" ".join, facts.known.items()), *(each.text for each in facts.knowledge)))
