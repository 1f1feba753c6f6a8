"""May we say this? The blocking checks that every reply passes, drafted or typed. Pure, and fast enough for each key.

Each finding names the rule, quotes the words, and says what to do. More rules come as more functions in RULES.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from domain.reply import Finding
from responders.deceptive import deceptive
from responders.kinship import is_same, relative, stranger
from responders.links import addresses, imitated, is_allowed
from responders.placeholders import missing_name, residue
from responders.similarity import CEILING, bare, bodies, closest

Detect = Callable[[str], str | None]
"""Returns the language code of a text, or None when it cannot tell."""

FEWEST_WORDS, FEWEST_LETTERS = 6, 28
"""Shorter texts are no evidence of a language: "Salamat, Ana!" passes."""

FEWEST_SCRIPT_WORDS = 6
"""Fewer words of one's own are a plain thank-you, not a script."""

QUOTE_LENGTH = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyContext:
    """The situation a reply is checked in.

    `lang` is the language to answer in; `recent` what was sent lately (not this reply itself); `allowed_hosts` the
    brand's links; `own_handles` ours on that channel; `sign_off` is left out when the language is looked at.
    """

    lang: str
    author_handle: str = ""
    author_name: str = ""
    max_length: int = 10_000
    length: Callable[[str], int] = len
    allowed_hosts: tuple[str, ...] = ()
    own_handles: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()
    detect: Detect | None = None
    sign_off: str = ""


def check(text: str, context: ReplyContext) -> list[Finding]:
    """Every objection to sending exactly this text, in the order of RULES; empty when there is none."""
    if not any(char.isalnum() for char in text):
        return [Finding("empty", _quote(text), "Write something before approving.")]
    return [finding for rule in RULES for finding in rule(text, context)]


def _quote(words: str) -> str:
    """The words as they can be shown: no control or invisible characters, not too long."""
    shown = "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in words.strip())
    return shown if len(shown) <= QUOTE_LENGTH else f"{shown[: QUOTE_LENGTH - 1]}…"


# --- the rules -----------------------------------------------------------------------------------------------------


def _placeholder(text: str, context: ReplyContext) -> Iterator[Finding]:
    plain = _MENTION.sub("@someone", text)  # a handle may well be "null"
    for words in residue(plain):
        yield Finding("placeholder", _quote(words), "Replace this template residue with real words, or take it out.")
    if nobody := missing_name(plain):
        yield Finding("placeholder", _quote(nobody), "The name is missing here: write it, or greet without a name.")


def _too_long(text: str, context: ReplyContext) -> Iterator[Finding]:
    over = context.length(text) - context.max_length
    if over > 0:
        yield Finding(
            "too_long", _quote(text[-max(1, over) :]), f"Shorten it by {over}: {context.max_length} fit here."
        )


_MENTION = re.compile(r"(?<![\w@./])@([A-Za-z0-9_][\w.-]*(?:@[\w.-]+)?)")


def _wrong_language(text: str, context: ReplyContext) -> Iterator[Finding]:
    plain = _prose(text, context)
    words = plain.split()
    if len(words) < FEWEST_WORDS or sum(c.isalpha() for c in plain) < FEWEST_LETTERS:
        return
    found = relative(plain, context.lang) or stranger(plain, context.lang)
    found = found or (context.detect(plain) if context.detect else None)
    if found and not is_same(found, context.lang):
        yield Finding("wrong_language", _quote(plain), f"This reads as {found}; the person expects {context.lang}.")


def _prose(text: str, context: ReplyContext) -> str:
    """Only the words that can show a language: no links, handles, names or sign-off."""
    plain = text
    for written, _ in addresses(text):
        plain = plain.replace(written, " ")
    plain = plain.replace(context.sign_off, " ") if context.sign_off else plain
    plain = _MENTION.sub(" ", plain)
    for name in context.author_name.split():
        plain = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", plain)
    return " ".join(re.sub(r"[\d#^_]+", " ", plain).split())


def _bad_link(text: str, context: ReplyContext) -> Iterator[Finding]:
    handles = {
        f"@{handle.lstrip('@').casefold()}" for handle in (context.author_handle, *context.own_handles) if handle
    }
    for written, host in addresses(text):
        if f"@{written.casefold()}" in handles or (host and is_allowed(host, context.allowed_hosts)):
            continue
        twin = imitated(host, context.allowed_hosts) if host else None
        why = f"It imitates {twin}. " if twin else ""
        yield Finding(
            "bad_link",
            _quote(written),
            f"{why}Only links on the brand's list may be sent; take it out or add its host.",
        )


def _canned(text: str, context: ReplyContext) -> Iterator[Finding]:
    body = bare(text)
    if len(body.split()) < FEWEST_SCRIPT_WORDS:
        return
    if body in bodies(context.recent):
        yield Finding(
            "canned", _quote(text), "Somebody got this very text lately. Say it in words meant for this person."
        )
        return
    alike, other = closest(text, context.recent)
    if alike > CEILING:
        yield Finding(
            "canned", _quote(other), f"It is {alike:.0%} the same as this recent reply. Reword what is not theirs."
        )


def _deceptive_chars(text: str, context: ReplyContext) -> Iterator[Finding]:
    for shown in deceptive(text):
        yield Finding("deceptive_chars", _quote(shown), "Readers cannot see what this does: delete it or type it anew.")


def _other_mention(text: str, context: ReplyContext) -> Iterator[Finding]:
    allowed = {handle.lstrip("@").casefold() for handle in (context.author_handle, *context.own_handles) if handle}
    allowed |= {handle.partition("@")[0] for handle in allowed}
    for found in _MENTION.finditer(text.replace("＠", "@")):
        handle = found[1].rstrip(".-").casefold()
        if handle not in allowed:
            yield Finding("other_mention", _quote(found[0]), "This calls in somebody else; leave only the author in.")


Rule = Callable[[str, ReplyContext], Iterable[Finding]]
RULES: tuple[Rule, ...] = (
    _placeholder,
    _too_long,
    _wrong_language,
    _bad_link,
    _canned,
    _deceptive_chars,
    _other_mention,
)
"""To add a limit on what may be said, add a function here."""
