"""What a reply must not look like: template residue, characters that deceive, more than the place holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.reply import Finding
from responders.deceptive import deceptive
from responders.drafters.naming import address
from responders.drafters.phrasebook import LANGUAGES, pack
from responders.links import addresses
from responders.placeholders import greeted, missing_name, nothing, residue, without_markup
from responders.rules.context import ReplyContext, finding

HANDLE = re.compile(r"(?<![\w@./])@([A-Za-z0-9_][\w.-]*(?:@[\w.-]+)?)")
_JOINED = re.compile(r"(?<![\w@/.#-])[^\W\d_]+(?:_[^\W_]+)+(?![\w@/.-])")
"""A name of a field: no language joins words by an underscore."""
MARKDOWN = frozenset({"github", "discourse", "reddit", "lemmy"})
"""Channels that show links and code by their markup."""
REPLACE = "Replace this template residue with real words, or take it out."
RAMBLING = {"email": 260, "mail": 260, "discourse": 220, "reddit": 220}
MOST_WORDS = 170
"""More words than this nobody reads in an answer (our own bound, so advice only; a letter or a forum bears more)."""


def placeholder(text: str, context: ReplyContext) -> Iterator[Finding]:
    """What a template left behind; what may as well be the name of a field or a value in a program is advice."""
    shown = without_markup(text) if context.facts and context.facts.channel.casefold() in MARKDOWN else text
    plain = HANDLE.sub("@someone", shown)  # a handle may well be "null"
    left = list(residue(plain))
    for words in left:
        yield finding("placeholder", words, REPLACE, fix=_named(text, words, context))
    joined = (found[0] for found in _JOINED.finditer(plain))
    guessed = [each for each in joined if not (any(each in words for words in left) or _is_told(each, context))]
    nobody = missing_name(plain)
    if not nobody and (empty := nothing(plain)):
        guessed.append(empty)
    for words in guessed:
        yield finding("placeholder", words, REPLACE, blocking=False)
    if nobody:
        yield finding("placeholder", nobody, "The name is missing here: write it, or greet without a name.")


def _named(text: str, words: str, context: ReplyContext) -> str | None:
    """The text with the person's name in its greeting, so that no apology is cut with it; None elsewhere."""
    if not greeted(text, words) or context.lang not in LANGUAGES:
        return None
    brand = context.facts.brand if context.facts else ""
    name = address(pack(context.lang), context.author_name, "", brand)
    return text.replace(words, name, 1) if name else None


def _is_told(words: str, context: ReplyContext) -> bool:
    facts = context.facts
    told = (facts.author_name, facts.brand, *(text for _, text in facts.sources)) if facts else (context.author_name,)
    return any(words in text for text in told) or any(words in written for written, _ in addresses(words))


def too_long(text: str, context: ReplyContext) -> Iterator[Finding]:
    """More than the channel takes, or than anybody reads there."""
    over = context.length(text) - context.max_length
    if over > 0:
        yield finding("too_long", text[-max(1, over) :], f"Shorten it by {over}: {context.max_length} fit here.")
    elif context.facts is not None:
        most = RAMBLING.get(context.facts.channel.casefold(), MOST_WORDS)
        if (count := len(text.split())) > most:
            advice = f"{count} words are more than anybody reads here: keep what this person needs."
            yield finding("too_long", " ".join(text.split()[most:]), advice, blocking=False)


def deceptive_chars(text: str, context: ReplyContext) -> Iterator[Finding]:
    """Characters that make it look like what it is not."""
    for shown in deceptive(text):
        yield finding("deceptive_chars", shown, "Readers cannot see what this does: delete it or type it anew.")
