"""What a writer added, without the mail they answered and without their signature. Pure.

Only what is certain is cut: a quote at the very end that is marked as one, and a signature below "-- " (RFC 3676).
A quote between the lines stays, because the words around it answer it; so does everything in a mail that forwards
another. When nothing would be left, nothing is cut.
"""

from __future__ import annotations

import re

from net.decode import html_to_text

_LONGEST_SIGNATURE = 10
_LONGEST_ATTRIBUTION = 3
# Outlook's line above the answered mail, in any language: five dashes on both sides. Forwards have eight or ten.
_ORIGINAL = re.compile(r"-{5} ?[^\s-][^-]{2,40}-{5}\s*")
_RULE = re.compile(r"_{20,}\s*")
_FIELD = re.compile(r"\*?\w[\w .-]{0,20}:\*? ?\S")
_FORWARDS = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|doorst|i|vs|vb)\s*:", re.IGNORECASE)
_HTML_QUOTES = re.compile(
    r"""<div[^<>]{0,200}class\s*=\s*["']?gmail_quote|<blockquote[^<>]{0,200}type\s*=\s*["']?cite"""
    r"""|<div[^<>]{0,200}id\s*=\s*["']?(?:divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION)""",
    re.IGNORECASE,
)


def forwards(subject: str) -> bool:
    """Whether the subject says that another mail is forwarded: then the quoted words are the message."""
    return _FORWARDS.match(subject) is not None


def own_words(text: str, *, answers: bool) -> str:
    """The text without what stands below it. `answers`: the mail answers another one, so a quote may be cut."""
    lines = text.split("\n")
    if answers:
        lines = _without_quote(_without_original(lines))
    return "\n".join(_without_signature(lines)).strip() or text.strip()


def without_html_quote(source: str) -> str:
    """HTML up to the answered mail, where the writer's program marked it as such."""
    found = _HTML_QUOTES.search(source)
    return source[: found.start()] if found and html_to_text(source[: found.start()]) else source


def _without_original(lines: list[str]) -> list[str]:
    for at, line in enumerate(lines):
        if _ORIGINAL.fullmatch(line) or (_RULE.fullmatch(line) and _is_head(lines[at + 1 : at + 3])):
            return lines[:at]
    return lines


def _is_head(lines: list[str]) -> bool:
    """Whether a mail's head begins here ("From: ...", in any language)."""
    first = next((line for line in lines if line.strip()), "")
    return _FIELD.match(first) is not None


def _without_quote(lines: list[str]) -> list[str]:
    end = _trimmed(lines)
    start = end
    while start and (lines[start - 1].startswith(">") or not lines[start - 1].strip()):
        start -= 1
    if not any(line.startswith(">") for line in lines[start:end]):
        return lines
    return lines[: _before_attribution(lines, start)]


def _before_attribution(lines: list[str], end: int) -> int:
    """Where "On Friday, ... wrote:" begins, which may be broken over lines; `end` when there is no such line."""
    start = end
    while start and lines[start - 1].strip() and end - start <= _LONGEST_ATTRIBUTION:
        start -= 1
    said = " ".join(lines[start:end])
    is_one = said.rstrip().endswith(":") and end - start <= _LONGEST_ATTRIBUTION and re.search(r"[\d@]", said)
    return start if is_one else end


def _without_signature(lines: list[str]) -> list[str]:
    end = _trimmed(lines)
    for at in range(end - 1, max(-1, end - 2 - _LONGEST_SIGNATURE), -1):
        if lines[at].rstrip() == "--":
            return lines[:at]
    return lines[:end]


def _trimmed(lines: list[str]) -> int:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return end
