"""The situation a reply is checked in, and how a rule says what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from domain.reply import Finding
from responders.facts import Facts

Detect = Callable[[str], str | None]
"""Returns the language code of a text, or None when it cannot tell."""

QUOTE_LENGTH = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyContext:
    """The situation a reply is checked in.

    `lang` is the language to answer in; `recent` what was sent lately (not this reply itself); `allowed_hosts` the
    brand's links; `own_handles` ours on that channel; `sign_off` is left out when the language is looked at;
    `colleagues` are names that this reply is not to be signed with. `facts` is what is known of the case: without it,
    rules that measure a reply against the case keep silent. `private`: nobody else reads this conversation.
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
    colleagues: tuple[str, ...] = ()
    facts: Facts | None = None
    private: bool = False


Rule = Callable[[str, ReplyContext], Iterable[Finding]]


def quote(words: str) -> str:
    """The words as they can be shown: no control or invisible characters, not too long."""
    shown = "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in words.strip())
    return shown if len(shown) <= QUOTE_LENGTH else f"{shown[: QUOTE_LENGTH - 1]}…"


def finding(rule: str, words: str, advice: str, **more: Any) -> Finding:
    """A finding that quotes these words."""
    return Finding(rule, quote(words), advice, **more)
