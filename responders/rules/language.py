"""Whether a reply is in the person's language, all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.reply import Finding
from responders.kinship import is_same, partly, relative, stranger
from responders.links import addresses
from responders.rules.context import ReplyContext, finding
from responders.rules.form import HANDLE
from scoring.language import is_mostly_other_script, script_agrees

FEWEST_WORDS, FEWEST_LETTERS = 6, 28
"""Shorter texts are no evidence of a language: "Salamat, Ana!" passes."""


def wrong_language(text: str, context: ReplyContext) -> Iterator[Finding]:
    """Another language than the person's, a close relative of it, or a part in another one."""
    plain = prose(text, context)
    words = plain.split()
    if len(words) < FEWEST_WORDS or sum(c.isalpha() for c in plain) < FEWEST_LETTERS:
        return
    if not script_agrees(context.lang, plain, is_mostly_other_script(plain)):
        yield finding("wrong_language", plain, f"This is in another script; the person expects {context.lang}.")
        return
    found = relative(plain, context.lang) or stranger(plain, context.lang)
    found = found or (context.detect(plain) if context.detect else None)
    if found and not is_same(found, context.lang):
        yield finding("wrong_language", plain, f"This reads as {found}; the person expects {context.lang}.")
    elif half := partly(text, context.lang):
        lang, words_there = half
        yield finding("wrong_language", words_there, f"This part reads as {lang}; the person expects {context.lang}.")


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
