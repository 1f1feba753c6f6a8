"""A few words of the post, given back in quotation marks: only words that our own lists know, so nothing hostile.

A run is words of our lists and small words between them, within one clause. Names, numbers, addresses, capitals,
insults and free words end it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from responders.drafters.phrasebook import Pack, finder, fold, insults, pack
from scoring.function_words import ENGLISH, LISTS
from scoring.naming import subjects

MOST_WORDS, SHORTEST = 6, 4
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_GLUE = re.compile(r"[ \t]+")
_SIGNS = re.compile(r"[@#\w]")
_NEGATIONS = frozenset(
    ("no", "not", "never", "nobody", "nothing", "cant", "dont", "doesnt", "didnt", "wont", "isnt", "wasnt", "still",
     "again", "nema", "nije", "ne", "ni", "nitko", "nista", "opet", "nem", "nincs", "senki", "semmi", "megint", "tidak",
     "belum", "bukan", "kurang", "nav", "neviens", "atkal", "hindi", "wala", "walang", "di")
)  # fmt: skip
"""Small words that a run may begin with: without them it says the opposite."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    plain: str
    is_content: bool
    is_known: bool


def quote_of(own: Pack, raw: str, kind: str, *, is_praise: bool = False) -> str:
    """The most telling run of the post, "" when our lists know none. Words of `kind` tell most; a single word is given
    back only when it is one of them, and praise only with a word of praise."""
    kind = "praise" if is_praise else kind
    runs = [_trimmed(window) for run in _runs(own, raw) for window in _windows(run)]
    telling = [run for run in runs if any(token.is_content for token in run) and _tells(own, run, kind)]
    best = max(telling, key=lambda run: _points(own, run, kind), default=())
    if not best or (not _names(own, best, kind) and (is_praise or len(best) == 1)) or (is_praise and len(best) == 1):
        return ""
    return " ".join(token.text for token in best)


def _points(own: Pack, run: tuple[_Token, ...], kind: str) -> tuple[bool, int, int]:
    return _names(own, run, kind), sum(token.is_content for token in run), -len(run)


def _tells(own: Pack, run: tuple[_Token, ...], kind: str) -> bool:
    """Whether it names a trouble, a thing or the subject, and is more than a shred of a sentence."""
    plain = _plain(run)
    about = (own.topics[kind],) if kind in own.topics else ()
    return any(found.search(plain) for found in (*about, *own.strong.values(), *own.nouns.values()))


def _plain(run: tuple[_Token, ...]) -> str:
    return " ".join(token.plain for token in run)


def _names(own: Pack, run: tuple[_Token, ...], kind: str) -> bool:
    return kind in own.strong and bool(own.strong[kind].search(_plain(run)))


def _runs(own: Pack, raw: str) -> list[tuple[_Token, ...]]:
    """Known words that follow one another with nothing but a space between them."""
    runs, current, end = list[tuple[_Token, ...]](), list[_Token](), 0
    for found in _WORD.finditer(raw):
        token, gap = _token(own, raw, found), raw[end : found.start()]
        if current and not (token.is_known and _GLUE.fullmatch(gap)):
            runs.append(tuple(current))
            current = []
        if token.is_known:
            current.append(token)
        end = found.end()
    return [*runs, tuple(current)] if current else runs


def _token(own: Pack, raw: str, found: re.Match[str]) -> _Token:
    word, plain = found[0], fold(found[0])
    glued = bool(_SIGNS.search(raw[max(0, found.start() - 1) : found.start()] + raw[found.end() : found.end() + 1]))
    begins = not raw[: found.start()].rstrip() or raw[: found.start()].rstrip()[-1] in ".!?…"
    as_name = word != word.lower() and not (begins and word[1:] == word[1:].lower())
    bad = glued or as_name or bool(insults().search(plain)) or bool(own.words["heat"].search(plain))
    is_small = plain in _small() or len(plain) < SHORTEST
    is_content = not is_small and bool(_vocabulary(own.lang).search(plain))
    return _Token(word.lower(), plain, is_content and not bad, (is_content or plain in _small()) and not bad)


def _windows(run: tuple[_Token, ...]) -> list[tuple[_Token, ...]]:
    return [run[at : at + MOST_WORDS] for at in range(max(1, len(run) - MOST_WORDS + 1))]


def _trimmed(run: tuple[_Token, ...]) -> tuple[_Token, ...]:
    """Without small words at both ends."""
    first, last = 0, len(run)
    while first < last and not (run[first].is_content or run[first].plain in _NEGATIONS):
        first += 1
    while last > first and not run[last - 1].is_content:
        last -= 1
    return run[first:last]


@cache
def _small() -> frozenset[str]:
    every = ENGLISH.union(_NEGATIONS, *LISTS.values())
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
