"""What a reply must not look like: template residue, characters that deceive, more than the place holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.reply import Finding
from responders.deceptive import deceptive
from responders.links import addresses
from responders.placeholders import missing_name, residue
from responders.rules.context import ReplyContext, finding

HANDLE = re.compile(r"(?<![\w@./])@([A-Za-z0-9_][\w.-]*(?:@[\w.-]+)?)")
_JOINED = re.compile(r"(?<![\w@/.#-])[^\W\d_]+(?:_[^\W_]+)+(?![\w@/.-])")
"""A name of a field: no language joins words by an underscore."""
RAMBLING = {"email": 260, "mail": 260, "discourse": 220, "reddit": 220}
MOST_WORDS = 170
"""More words than this nobody reads in an answer (our own bound; a letter or a forum bears more)."""


def placeholder(text: str, context: ReplyContext) -> Iterator[Finding]:
    """What a template left behind."""
    plain = HANDLE.sub("@someone", text)  # a handle may well be "null"
    for words in residue(plain):
        yield finding("placeholder", words, "Replace this template residue with real words, or take it out.")
    for found in _JOINED.finditer(plain):
        if not _is_told(found[0], context):
            yield finding("placeholder", found[0], "Replace this template residue with real words, or take it out.")
    if nobody := missing_name(plain):
        yield finding("placeholder", nobody, "The name is missing here: write it, or greet without a name.")


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
            yield finding("too_long", " ".join(text.split()[most:]), advice)


def deceptive_chars(text: str, context: ReplyContext) -> Iterator[Finding]:
    """Characters that make it look like what it is not."""
    for shown in deceptive(text):
        yield finding("deceptive_chars", shown, "Readers cannot see what this does: delete it or type it anew.")
