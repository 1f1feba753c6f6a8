"""Sentences become one text that fits the channel."""

from __future__ import annotations

from dataclasses import dataclass

from responders.brief import Brief
from responders.drafters.phrasebook import Pack

COMFORTABLE_LENGTH = 430
"""Longer is allowed where the channel allows it, but nobody reads it: optional sentences leave above this."""

NEVER = 99


@dataclass(frozen=True, slots=True)
class Sentence:
    """One part of a draft. The lowest `keep` leaves first; NEVER leaves last. `cosy` may leave for mere comfort."""

    slot: str
    choice: int
    text: str
    keep: int = NEVER
    cosy: bool = False


def fitted(brief: Brief, own: Pack, sentences: list[Sentence]) -> list[Sentence]:
    """Let sentences leave until the rest fits: cosy ones for comfort, then any, and at last all but the shortest whole
    one that fits. Empty when not even that does."""

    def too_long(kept: list[Sentence], most: int) -> bool:
        return brief.length(joined(own, kept)) > most

    kept = list(sentences)
    while too_long(kept, min(brief.max_length, COMFORTABLE_LENGTH)) and any(s.cosy for s in kept):
        kept.remove(min((s for s in kept if s.cosy), key=lambda s: s.keep))
    while len(kept) > 1 and too_long(kept, brief.max_length):
        kept.remove(min(kept, key=lambda s: s.keep))
    return [] if too_long(kept, brief.max_length) else kept


def joined(own: Pack, sentences: list[Sentence]) -> str:
    """One paragraph; after "Hi Ana," it goes on in lower case, as each language does."""
    text = ""
    for sentence in sentences:
        if sentence.slot == "sign":
            text += (" " if sentence.text[:1] in "^-–—" else "\n") + sentence.text if text else sentence.text
        elif not text:
            text = sentence.text if sentence.slot == "greeting" else _upper(sentence.text)
        else:
            text += " " + (_lower(own, sentence.text) if text.endswith(",") else _upper(sentence.text))
    return text


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(own: Pack, text: str) -> str:
    first = text.split(maxsplit=1)[0].strip(",.:")
    keeps = first in own.raw["address"]["keep_capital"] or first[1:] != first[1:].lower()
    return text if keeps else text[:1].lower() + text[1:]
