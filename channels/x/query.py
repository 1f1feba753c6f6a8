"""What X is asked for: search queries and stream rules made of the words of the topics. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from domain.errors import Refused

SEARCH_LENGTH = 512
"""Characters of a search query on self-serve access."""
RULE_LENGTH = 1024
RULES = 1000

_HANDLE = re.compile(r"@?([A-Za-z0-9_]{1,15})")
_WORD = re.compile(r"\w+")
_TAG = re.compile(r"#\w+")
_DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,24}")


def queries(query: str, terms: Sequence[str], handles: Iterable[str], longest: int) -> tuple[str, ...]:
    """As many queries as the words need, each at most `longest` characters. None without words.

    Our own posts are left out, and so are bare reposts and advertisements: each post read is billed. Raises Refused
    for a query of the settings, or a single phrase, that is too long.
    """
    tail = _tail(handles)
    if query.strip():
        return (_fitting(f"({query.strip()}){tail}", longest),)
    found: list[str] = []
    group = ""
    for term in terms:
        wanted = _operators(term)
        joined = f"{group} OR {wanted}" if group else wanted
        if group and len(joined) + 2 + len(tail) > longest:
            found.append(f"({group}){tail}")
            joined = wanted
        _fitting(f"({joined}){tail}", longest)
        group = joined
    return (*found, f"({group}){tail}") if group else ()


def names_of(handles: Iterable[str]) -> tuple[str, ...]:
    """Those of our names that can be names on X, without "@", in lower case."""
    found = (_HANDLE.fullmatch(each.strip()) for each in handles)
    return tuple(dict.fromkeys(each[1].lower() for each in found if each))


def _tail(handles: Iterable[str]) -> str:
    return "".join(f" -from:{name}" for name in names_of(handles)) + " -is:retweet -is:nullcast"


def _operators(term: str) -> str:
    """One phrase as X finds it: as words, as a tag, in a link. In quotes, OR and the like are words as well."""
    plain = " ".join(term.replace('"', " ").replace("\\", " ").split())
    if (name := _HANDLE.fullmatch(plain)) and plain.startswith("@"):
        return f"@{name[1]}"
    if _TAG.fullmatch(plain):
        return plain
    if _DOMAIN.fullmatch(plain):
        return f'"{plain}" OR url:"{plain}"'
    return f'"{plain}" OR #{plain}' if _WORD.fullmatch(plain) and not plain.isdigit() else f'"{plain}"'


def _fitting(query: str, longest: int) -> str:
    if len(query) > longest:
        raise Refused(
            "query",
            f"X takes queries of at most {longest} characters, with our own names left out this one has {len(query)}: "
            "shorten the query of this source, or the phrase of the topic",
        )
    return query
