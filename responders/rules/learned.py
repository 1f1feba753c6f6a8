"""The second reading: what the word lists find has to look like it to the learned reader too, and what no list knows is
found where that one is sure (`speech`). Such a finding is advice: it never stops an approval.

The bounds are near those at which one in two hundred acceptable replies of the read sets was objected to, each looked
at by a reader that had not learned from it (`python3 -m bench.speech`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from domain.reply import Finding
from responders.rules.context import ReplyContext, finding
from responders.rules.matter import is_complaint
from responders.rules.reading import Sentence, read
from responders.rules.speech import chances
from responders.rules.tone import does_something
from responders.rules.words import LANGUAGES, words_of


@dataclass(frozen=True, slots=True)
class Bounds:
    """The kinds of sentence that break a rule. From `sure` on one is found that no list knows, from `idle` on where
    nothing is done in the whole reply; below `doubt` what a list found is let pass. Each from 0 to 1."""

    kinds: tuple[str, ...]
    sure: float
    doubt: float = 0.0
    idle: float = 1.0
    advice: str = ""


RULES: Final = {
    "defensive": Bounds(
        ("defensive",), 0.85, 0.003, advice="This may sound like arguing or blaming: say what you will do instead."
    ),
    "brush_off": Bounds(
        ("sends_away", "noted"), 0.9, idle=0.75,
        advice="This may sound like sending the person away: say what you do about it, or ask what you need.",
    ),
    "selling": Bounds(
        ("selling",), 0.73, 0.01, advice="This may sound like selling to somebody in trouble: leave the offer out."
    ),
    "legal_admission": Bounds(
        ("admits",), 0.9, advice="This may admit guilt or a duty to pay: apologise, and leave that open."
    ),
    "jargon": Bounds(("jargon",), 0.85, advice="Only we may say it so: say it in words that the person uses."),
    "over_promise": Bounds(("promises",), 1.0, 0.002),
    "unsupported_fact": Bounds(("deeds", "tells"), 1.0, 0.002),
}  # fmt: skip
_FIGURE = re.compile(r"\d")
"""What has one in it is never let pass."""


def reviewed(found: Sequence[Finding], text: str, context: ReplyContext) -> list[Finding]:
    """What of these findings stays, and what is found besides."""
    sentences = read(text).sentences
    if context.lang not in LANGUAGES or context.facts is None or not any(chances(each.written) for each in sentences):
        return list(found)
    return [*(each for each in found if not _is_doubtful(each, sentences)), *_besides(found, sentences, context)]


def _is_doubtful(each: Finding, sentences: Sequence[Sentence]) -> bool:
    bounds = RULES.get(each.rule)
    if bounds is None or _FIGURE.search(each.words):
        return False
    around = [sentence for sentence in sentences if each.words.rstrip("…") in sentence.written]
    return bool(around) and all(_chance(sentence, bounds) < bounds.doubt for sentence in around)


def _besides(found: Sequence[Finding], sentences: Sequence[Sentence], context: ReplyContext) -> Iterator[Finding]:
    words = words_of(context.lang)
    idle = not any(does_something(each, words) for each in sentences)
    for rule, bounds in RULES.items():
        if any(each.rule == rule for each in found) or (rule == "brush_off" and not is_complaint(context)):
            continue  # whoever praised us may be thanked, and that is all
        least = min(bounds.sure, bounds.idle) if idle else bounds.sure
        for sentence in sentences:
            if _chance(sentence, bounds) >= least:
                yield finding(rule, sentence.written, bounds.advice, blocking=False)


def _chance(sentence: Sentence, bounds: Bounds) -> float:
    return sum(chances(sentence.written).get(kind, 0.0) for kind in bounds.kinds)
