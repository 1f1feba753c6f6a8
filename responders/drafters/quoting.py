"""A few words of the post, given back in quotation marks: only words that our own lists know, so nothing hostile.

Only a whole clause is given back, of words of our lists and small words between them: a shred of one says nothing. One
name, number, address, insult or free word in it, and it is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from responders.drafters.phrasebook import Pack, finder, fold, insults, pack
from scoring.function_words import ENGLISH, LISTS
from scoring.naming import subjects

FEWEST_WORDS, MOST_WORDS, FEWEST_CONTENT, SHORTEST = 3, 8, 2, 4
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PLAIN = re.compile(r"[^\W\d_]+(?:[ \t'’-]+[^\W\d_]+)*")
_STOP = re.compile(
    r"\s*(?:[.!?…,;:()\n]+|\s[–—-]\s|\s(?:and|but|because|so|i|a|ali|jer|pa|és|de|mert|un|bet|jo|dan|tapi|karena|"
    r"at|pero|kasi|tapos)(?=\s))\s*"
)
_CONTRACTED = frozenset(
    ("cant", "dont", "doesnt", "didnt", "wont", "isnt", "wasnt", "nema", "nije", "nitko", "nista", "opet", "nincs",
     "senki", "semmi", "megint", "tidak", "belum", "bukan", "kurang", "nav", "neviens", "atkal", "hindi", "wala",
     "walang", "di")
)  # fmt: skip
"""Small words that turn a sentence round."""
_KIND = frozenset({"praise", "thanks"})
"""Kinds of post that tell of no trouble, in kind words."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    plain: str
    is_content: bool
    is_known: bool


def quote_of(own: Pack, raw: str, kind: str, *, is_praise: bool = False) -> str:
    """The most telling clause of the post, "" when none is short, whole and made of words that our lists know. Words of
    `kind` tell most; praise is given back only with a word of praise."""
    kind = "praise" if is_praise else kind
    telling = [
        clause
        for clause in _clauses(own, raw)
        if sum(token.is_content for token in clause) >= FEWEST_CONTENT and _tells(own, clause, kind)
    ]
    best = max(telling, key=lambda clause: _points(own, clause, kind), default=())
    return "" if is_praise and not _names(own, best, kind) else " ".join(token.text for token in best)


def _points(own: Pack, run: tuple[_Token, ...], kind: str) -> tuple[bool, int, int]:
    return _names(own, run, kind), sum(token.is_content for token in run), -len(run)


def _tells(own: Pack, run: tuple[_Token, ...], kind: str) -> bool:
    """Whether it names a trouble, a thing or the subject. Kind words are no trouble: "I've read “a great flight”" would
    mock."""
    plain = _plain(run)
    if kind != "praise" and _is_kind(own, plain):
        return False
    about = (own.topics[kind],) if kind in own.topics else ()
    return any(found.search(plain) for found in (*about, *own.strong.values(), *own.nouns.values()))


def _is_kind(own: Pack, plain: str) -> bool:
    """Whether it praises or thanks, and names no trouble in the same breath."""
    said = {kind for kind, found in own.strong.items() if found.search(plain)}
    return bool(said & _KIND) and said <= _KIND


def _plain(run: tuple[_Token, ...]) -> str:
    return " ".join(token.plain for token in run)


def _names(own: Pack, run: tuple[_Token, ...], kind: str) -> bool:
    return kind in own.strong and bool(own.strong[kind].search(_plain(run)))


def _clauses(own: Pack, raw: str) -> Iterator[tuple[_Token, ...]]:
    """Whole clauses of a few words, all of them known: cut at punctuation and conjunctions, never in between."""
    start = 0
    for stop in (*_STOP.finditer(raw), None):
        part = raw[start : stop.start() if stop else len(raw)]
        tokens = [_token(own, raw, start, found) for found in _WORD.finditer(part)]
        start = stop.end() if stop else len(raw)
        if FEWEST_WORDS <= len(tokens) <= MOST_WORDS and all(t.is_known for t in tokens) and _PLAIN.fullmatch(part):
            yield tuple(tokens)


def _token(own: Pack, raw: str, start: int, found: re.Match[str]) -> _Token:
    word, plain, before = found[0], fold(found[0]), raw[: start + found.start()]
    begins = not before.rstrip() or before.rstrip()[-1] in ".!?…"
    as_name = word != word.lower() and not (begins and word[1:] == word[1:].lower())
    bad = as_name or bool(insults().search(plain)) or bool(own.words["heat"].search(plain))
    is_small = plain in _small() or len(plain) < SHORTEST
    is_content = not is_small and bool(_vocabulary(own.lang).search(plain))
    return _Token(word.lower(), plain, is_content and not bad, (is_content or plain in _small()) and not bad)


@cache
def _small() -> frozenset[str]:
    every = ENGLISH.union(_CONTRACTED, *LISTS.values())
    return frozenset(fold(word) for word in every)


@cache
def _vocabulary(lang: str) -> re.Pattern[str]:
    """Every word of our lists of troubles, things and subjects in this language."""
    own = pack(lang).raw
    packs = [own, *(pack(other).raw for other in own["also_read"])]
    terms = [t for raw in packs for kind in raw["kinds"].values() for t in (*kind["words"], *kind["topics"])]
    terms += [
        t for raw in packs for table in ("nouns", "products", "things") for words in raw[table].values() for t in words
    ]
    terms += [entry for code in (lang, *own["also_read"]) for _, entry in subjects().entries.get(code, ())]
    words = {word for term in terms for word in term.split() if len(word.rstrip("*")) >= SHORTEST - 1}
    return finder(sorted(words - {"*"}))
