"""What speaks for two authors on two networks being one person. It only proposes: a person says yes or no. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

WITHIN: Final = timedelta(days=7)
"""So far apart the last posts of two cases may be: the measure of a second contact."""
LEAST_OF_HANDLE: Final = 4
"""Characters: shorter handles are taken by somebody else on each network."""
NO_MATTER: Final = frozenset(("praise", "question", "spam", "other"))
"""Themes that say nothing of what a post is about."""

SAME_MARK: Final = "both wrote the same number or address"
SAME_ADDRESS: Final = "both left the same e-mail address, which nobody checked"
SAME_HANDLE: Final = "the same handle, about the same matter"
SAME_NAME: Final = "the same name, about the same matter"

_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_NUMBER = re.compile(r"(?<![\w@.])[A-Z]{0,4}-?\d(?:[\d-]{4,18})\d(?!\w)", re.IGNORECASE)
_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"(?<![\w-])(?:{_YEAR}([-/.]){_MONTH}\1{_DAY}|{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    rf"|{_DAY}([-/.]){_MONTH}\2(?:{_YEAR}|\d\d)|{_MONTH}([-/.]){_DAY}\3(?:{_YEAR}|\d\d))(?=T\d|(?![\w-]))",
    re.ASCII,
)
_SPACED = re.compile(r"\d(?:[ \t()/.-]{0,3}\d){5,19}", re.ASCII)
"""Numbers as people print them: 0800 / 123-456."""
_HOSTS = (".bsky.social",)
_MOST_MARKS = 5
MOST_SHARING: Final = 3
"""Authors: what more of them wrote is no sign of one person, but a number that goes round."""


@dataclass(frozen=True, slots=True)
class Writer:
    """An author as one case shows them: handle, name, what their posts are about, the marks in their words, and the
    address that they left for an answer."""

    handle: str = ""
    name: str = ""
    themes: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    address: str = ""

    def without(self, marks: frozenset[str]) -> Writer:
        """The same author, these marks left out."""
        return replace(self, marks=self.marks - marks)


def marks_of(texts: Iterable[str], ours: frozenset[str] = frozenset()) -> frozenset[str]:
    """E-mail addresses, and numbers of six digits or more as orders and bookings have them, in one spelling; of one
    case at most five. Dates are none, nor is what is `ours`."""
    found: dict[str, None] = {}
    for text in texts:
        found |= dict.fromkeys(each.casefold() for each in _ADDRESS.findall(text))
        numbers = (each.replace("-", "").casefold() for each in _NUMBER.findall(_DATE.sub(" ", text)))
        found |= dict.fromkeys(each for each in numbers if sum(map(str.isdigit, each)) >= 6)
    return frozenset([each for each in found if not _is_ours(each, ours)][:_MOST_MARKS])


def marks_of_ours(texts: Iterable[str]) -> frozenset[str]:
    """The addresses and numbers that these texts of a brand tell people, numbers as digits without what leads them
    from abroad or from the same country."""
    found = set[str]()
    for text in texts:
        found |= {each.casefold() for each in _ADDRESS.findall(text)}
        found |= {_digits(each) for each in _SPACED.findall(_DATE.sub(" ", text))}
    return frozenset(each for each in found if len(each) >= 6)


def _is_ours(mark: str, ours: frozenset[str]) -> bool:
    if "@" in mark:
        return mark in ours
    digits = _digits(mark)
    return any(each in (digits, digits[-len(each) :]) for each in ours)


def _digits(number: str) -> str:
    return "".join(filter(str.isdigit, number)).lstrip("0")


def common(marks: Iterable[tuple[object, frozenset[str]]]) -> frozenset[str]:
    """Of (author, their marks): the marks that more than a few authors share."""
    authors: dict[str, set[object]] = {}
    for author, theirs in marks:
        for mark in theirs:
            authors.setdefault(mark, set()).add(author)
    return frozenset(mark for mark, known in authors.items() if len(known) > MOST_SHARING)


def evidence(one: Writer, other: Writer) -> tuple[str, ...]:
    """What speaks for it, in plain words that name nobody; nothing where nothing does. An equal handle or name proves
    nothing by itself, so they must also be about the same matter."""
    left = {one.address} & {other.address} - {""}
    found = [SAME_ADDRESS] if left else []
    found += [SAME_MARK] if (_marks(one) & _marks(other)) - left else []
    if (one.themes & other.themes) - NO_MATTER:
        found += [SAME_HANDLE] if _same(_handle(one.handle), _handle(other.handle), LEAST_OF_HANDLE) else []
        found += [SAME_NAME] if " " in _name(one.name) and _name(one.name) == _name(other.name) else []
    return tuple(found)


def _marks(writer: Writer) -> frozenset[str]:
    return writer.marks | {writer.address} - {""}


def _same(one: str, other: str, least: int) -> bool:
    return len(one) >= least and one == other


def _handle(handle: str) -> str:
    """Without its server."""
    bare = handle.casefold().lstrip("@").partition("@")[0]
    return next((bare.removesuffix(host) for host in _HOSTS if bare.endswith(host)), bare)


def _name(name: str) -> str:
    return " ".join(name.casefold().split())
