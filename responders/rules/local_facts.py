"""Prices and ways to pay of another market than the customer's: true somewhere, and of no use to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from domain.reply import Finding
from responders.local import Local
from responders.rules.context import ReplyContext, finding
from responders.rules.figures import figures
from responders.rules.reading import read
from responders.rules.words import LANGUAGES
from scoring.folding import fold


def foreign_facts(text: str, context: ReplyContext) -> Iterator[Finding]:
    """Each sum in a currency, and each way to pay, of another market, unless the case or our knowledge names it."""
    local = context.facts.local if context.facts else None
    if context.facts is None or local is None or context.lang not in LANGUAGES:
        return
    told = "\n".join(source for _, source in context.facts.sources)
    yield from _prices(text, told, context.lang, local)
    yield from _ways(text, told, local)


def _prices(text: str, told: str, lang: str, local: Local) -> Iterator[Finding]:
    reading, langs = read(text), (lang, "en")
    known = {local.currency, *(currency for currency, _, _ in _sums(fold(told), langs))}
    for currency, start, end in _sums(reading.plain, langs):
        if currency not in known:
            advice = f"In {local.name} prices are in {local.currency} ({local.cited}): give theirs, or name its source."
            yield finding("unsupported_fact", reading.quote(start, end), advice)


def _sums(plain: str, langs: tuple[str, ...]) -> Iterator[tuple[str, int, int]]:
    for figure in figures(plain, langs):
        yield from ((kind[6:], figure.start, figure.end) for kind, _ in figure.readings if kind.startswith("money "))


def _ways(text: str, told: str, local: Local) -> Iterator[Finding]:
    for way, where in local.elsewhere:
        pattern = re.compile(rf"(?<!\w){re.escape(way)}(?!\w)")
        if (found := pattern.search(text)) and not pattern.search(told):
            here = ", ".join(local.names) or "what our knowledge says"
            advice = f"People pay so in {where}; in {local.name} by {here} ({local.cited})."
            yield finding("unsupported_fact", found[0], advice)


def set_apart(quoted: Iterable[str], found: Iterable[Finding]) -> Iterator[str]:
    """The words that none of these findings quotes already."""
    words = {each.words for each in found}
    return (each for each in quoted if finding("", each, "").words not in words)
