"""What is praise of us, and how often its author is thanked. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Final

from domain.mention import NOT_TO_US, SPEAKS_TO_US, Mention, Score

CLEARLY: Final = 0.5
"""So glad (of 1.0) a post must be that speaks of us, not to us: the upper half of what is positive at all."""
THANKED_WITHIN: Final = timedelta(days=30)
"""Nobody is thanked twice within it: a brand that thanks the same person each week sounds like a machine. As long as
nobody is asked twice how satisfied they are (`domain.survey.REST`)."""
SETTING: Final = "thank_praise"
"""The key of a brand's voice: "off" where praise is left without an answer."""

_NO_PRAISE: Final = frozenset({
    "irony", "double-edged", "news", "spam", "asks", "wish", "help", "leaving", "repeated", "lost", "luggage",
    "lost parcel", "not arrived", "stranded", "refund", "voucher",
})  # fmt: skip
"""Concepts of a post whose kind words mean something else, ask for something, or tell of what somebody misses."""

_REASONS: Final = frozenset({"question", "help", "leaving", "repeated", "lost", "missing", "stranded", "money"})
"""What of them stands among the reasons of a priority, which are kept with a post."""


def is_praise(mention: Mention, score: Score | None) -> bool:
    """Whether a post praises us and asks for nothing: a thank-you is all it can get. In doubt it is none, and waits for
    an answer like any other post."""
    if score is None or score.label != "positive" or score.severity > 0:
        return False
    if mention.is_repost or mention.author_is_bot or not (mention.author_id or mention.author_handle):
        return False
    if not _NO_PRAISE.isdisjoint(score.concepts) or "safety" in score.themes:  # a hurt person may be kind
        return False
    return score.why == SPEAKS_TO_US or (score.why == NOT_TO_US and (score.sentiment or 0.0) >= CLEARLY)


def may_be_praise(reasons: Iterable[str], themes: Collection[str]) -> bool:
    """As `is_praise`, by what is kept of a glad post. Not kept: a wish, irony, retold news, and that a bot wrote it."""
    return _REASONS.isdisjoint(reasons) and "safety" not in themes and "spam" not in themes
