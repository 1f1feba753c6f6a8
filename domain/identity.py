"""What speaks for two authors on two networks being one person. It only proposes: a person says yes or no. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

WITHIN: Final = timedelta(days=7)
"""So far apart the last posts of two cases may be: the measure of a second contact."""
LEAST_OF_HANDLE: Final = 4
"""Characters: shorter handles are taken by somebody else on each network."""
NO_MATTER: Final = frozenset(("praise", "question", "spam", "other"))
"""Themes that say nothing of what a post is about."""

SAME_MARK: Final = "both wrote the same number or address"
SAME_HANDLE: Final = "the same handle, about the same matter"
SAME_NAME: Final = "the same name, about the same matter"

_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_NUMBER = re.compile(r"(?<![\w@.])[A-Z]{0,4}-?\d(?:[\d-]{4,18})\d(?!\w)", re.IGNORECASE)
_HOSTS = (".bsky.social",)
_MOST_MARKS = 5


@dataclass(frozen=True, slots=True)
class Writer:
    """An author as one case shows them: handle, name, what their posts are about, and the marks in their words."""

    handle: str = ""
    name: str = ""
    themes: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()


def marks_of(texts: Iterable[str]) -> frozenset[str]:
    """E-mail addresses, and numbers of six digits or more as orders and bookings have them, in one spelling; of one
    case at most five."""
    found: dict[str, None] = {}
    for text in texts:
        found |= dict.fromkeys(each.casefold() for each in _ADDRESS.findall(text))
        numbers = (each.replace("-", "").casefold() for each in _NUMBER.findall(text))
        found |= dict.fromkeys(each for each in numbers if sum(map(str.isdigit, each)) >= 6)
    return frozenset([*found][:_MOST_MARKS])


def evidence(one: Writer, other: Writer) -> tuple[str, ...]:
    """What speaks for it, in plain words that name nobody; nothing where nothing does. An equal handle or name proves
    nothing by itself, so they must also be about the same matter."""
    found = [SAME_MARK] if one.marks & other.marks else []
    if (one.themes & other.themes) - NO_MATTER:
        found += [SAME_HANDLE] if _same(_handle(one.handle), _handle(other.handle), LEAST_OF_HANDLE) else []
        found += [SAME_NAME] if " " in _name(one.name) and _name(one.name) == _name(other.name) else []
    return tuple(found)


def _same(one: str, other: str, least: int) -> bool:
    return len(one) >= least and one == other


def _handle(handle: str) -> str:
    """Without its server."""
    bare = handle.casefold().lstrip("@").partition("@")[0]
    return next((bare.removesuffix(host) for host in _HOSTS if bare.endswith(host)), bare)


def _name(name: str) -> str:
    return " ".join(name.casefold().split())
