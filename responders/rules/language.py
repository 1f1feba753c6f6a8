"""Whether a reply is in the person's language, all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.reply import Finding
from responders.kinship import briefly, is_same, own_words, partly, relative, stranger
from responders.links import addresses
from responders.rules.context import ReplyContext, finding
from responders.rules.form import HANDLE
from scoring.language import is_mostly_other_script, script_agrees

FEWEST_WORDS, FEWEST_LETTERS = 6, 28
"""Shorter texts are no evidence for the detector: "Salamat, Ana!" passes. Their everyday words still tell."""


def wrong_language(text: str, context: ReplyContext) -> Iterator[Finding]:
    """Another language than the person's, a close relative of it, or a part in another one."""
    plain = prose(text, context)
    if len(plain.split()) < FEWEST_WORDS or sum(c.isalpha() for c in plain) < FEWEST_LETTERS:
        if found := relative(plain, context.lang) or briefly(plain, context.lang):
            yield _reads_as(found, text, context.lang)
        return
    if not script_agrees(context.lang, plain, is_mostly_other_script(plain)):
        yield finding("wrong_language", text, f"This is in another script; the person expects {context.lang}.")
        return
    found = relative(plain, context.lang) or stranger(plain, context.lang)
    found = found or (context.detect(plain) if context.detect else None)
    half = partly(text, context.lang)
    rest = text.replace(half[1], " ") if half else ""
    if half and own_words(context.lang, rest) and not partly(rest, context.lang):
        yield _reads_as(*half, context.lang, "This part")
    elif found and not is_same(found, context.lang):
        yield _reads_as(found, text, context.lang)
    elif half:
        yield _reads_as(*half, context.lang, "This part")


def _reads_as(lang: str, words: str, due: str, which: str = "This") -> Finding:
    """It quotes what stands in the reply, so that it can be shown there and taken out."""
    return finding("wrong_language", words, f"{which} reads as {lang}; the person expects {due}.")


def prose(text: str, context: ReplyContext) -> str:
    """Only the words that can show a language: no links, handles, names or sign-off."""
    plain = text
    for written, _ in addresses(text):
        plain = plain.replace(written, " ")
    plain = plain.replace(context.sign_off, " ") if context.sign_off else plain
    plain = HANDLE.sub(" ", plain)
    for name in context.author_name.split():
        plain = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", plain)
    return " ".join(re.sub(r"[\d#^_]+", " ", plain).split())
