"""The query language of topics, typed and parsed; nothing a person types ever becomes a regular expression.

    "norda rail" OR @norda OR #norda            phrases and words; OR between, AND by standing side by side
    norda delay -football NOT "real norda"      without
    norda (site:example.org OR channel:rss)     only from a host or a channel
    norda author:@someone lang:hr               by an author, in a language

Words match whole words, whatever their case; a phrase matches over any white space. Each alternative needs at least one
word or phrase to look for, otherwise it would match everything.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import re2

from domain.errors import BadInput

FIELDS = ("site", "author", "lang", "channel")
_TOKEN = re2.compile(r'\s*(?:(-?)"([^"]*)"|([()])|([^\s()"]+))')
_MAX_LENGTH = 2000
_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Phrase:
    """Whole words to find in the text; folded, single spaces."""

    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """A condition on where the post is from: site, author, lang or channel."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Not:
    """Not this."""

    of: Node


@dataclass(frozen=True, slots=True)
class All:
    """Every one of these."""

    of: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any_:
    """At least one of these."""

    of: tuple[Node, ...]


Node = Phrase | Field | Not | All | Any_


def fold(text: str) -> str:
    """Case-folded NFC text with single spaces: how queries and posts are compared."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def parse(query: str) -> Node:
    """The query as a tree. Raises BadInput that names the place and the mend."""
    if len(query) > _MAX_LENGTH:
        raise BadInput(f"query: longer than {_MAX_LENGTH} characters; split it into two topics")
    node, rest = _either(_tokens(query), 0)
    if rest:
        raise BadInput(f"query: unexpected {rest[0][1]!r}; a bracket or a quote is probably missing")
    if not _searches(node):
        raise BadInput("query: each alternative needs a word or phrase to look for, e.g. norda -football")
    return node


def phrases(node: Node, *, wanted: bool = True) -> list[str]:
    """The phrases of a query: those looked for (`wanted`), or those excluded."""
    match node:
        case Phrase(text):
            return [text] if wanted else []
        case Not(of):
            return phrases(of, wanted=not wanted)
        case All(of) | Any_(of):
            return [phrase for part in of for phrase in phrases(part, wanted=wanted)]
    return []


_Token = tuple[str, str]


def _tokens(query: str) -> list[_Token]:
    found: list[_Token] = []
    if query.count('"') % 2:
        raise BadInput('query: a quote (") is not closed')
    for match in _TOKEN.finditer(query):
        minus, quoted, bracket, word = match.groups()
        if quoted is not None:
            found += [("not", "-")] if minus else []
            found.append(("phrase", quoted))
        elif bracket:
            found.append((bracket, bracket))
        else:
            found += _word(word)
    return found


def _word(word: str) -> list[_Token]:
    if word in ("OR", "AND", "NOT"):
        return [(word.lower(), word)]
    if word == "-":
        return [("not", "-")]
    if word.startswith("-"):
        return [("not", "-"), *_word(word[1:])]
    name, colon, value = word.partition(":")
    if colon and name in FIELDS:
        if not value:
            raise BadInput(f"query: {name}: needs a value, e.g. {name}:example")
        return [("field", word)]
    return [("phrase", word)]


def _either(tokens: list[_Token], depth: int) -> tuple[Node, list[_Token]]:
    if depth > _MAX_DEPTH:
        raise BadInput(f"query: more than {_MAX_DEPTH} brackets inside one another")
    parts = []
    while True:
        part, tokens = _each(tokens, depth)
        parts.append(part)
        if not tokens or tokens[0][0] != "or":
            return (parts[0] if len(parts) == 1 else Any_(tuple(parts))), tokens
        tokens = tokens[1:]


def _each(tokens: list[_Token], depth: int) -> tuple[Node, list[_Token]]:
    parts: list[Node] = []
    while tokens and tokens[0][0] not in ("or", ")"):
        if tokens[0][0] == "and":
            tokens = tokens[1:]
            continue
        part, tokens = _one(tokens, depth)
        parts.append(part)
    if not parts:
        raise BadInput("query: something is missing beside OR or between brackets")
    return (parts[0] if len(parts) == 1 else All(tuple(parts))), tokens


def _one(tokens: list[_Token], depth: int) -> tuple[Node, list[_Token]]:
    (kind, value), rest = tokens[0], tokens[1:]
    if kind == "not":
        if not rest or rest[0][0] in ("or", "and", ")"):
            raise BadInput("query: NOT (or -) needs a word after it")
        part, rest = _one(rest, depth + 1)
        return Not(part), rest
    if kind == "(":
        part, rest = _either(rest, depth + 1)
        if not rest or rest[0][0] != ")":
            raise BadInput("query: a bracket is not closed")
        return part, rest[1:]
    if kind == "field":
        name, _, wanted = value.partition(":")
        return Field(name, fold(wanted).lstrip("@")), rest
    if not fold(value):
        raise BadInput("query: empty quotes")
    return Phrase(fold(value)), rest


def _searches(node: Node) -> bool:
    match node:
        case Phrase():
            return True
        case All(of):
            return any(_searches(part) for part in of)
        case Any_(of):
            return all(_searches(part) for part in of)
    return False
