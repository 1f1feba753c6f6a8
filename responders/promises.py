"""The promises in a reply: who reads "I'll write again by tomorrow noon" waits for it. Pure.

What is found is only proposed: the sender confirms, corrects or dismisses each. A sentence counts that says we will do
something and by when, or that we will write again at all. Doubt counts in its own clause, a condition as far as
it reaches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from responders.moments import finder, moment
from responders.promise_words import WORDS
from scoring.folding import fold

MOST: Final = 5
"""Promises of one reply that are proposed."""
_SHARE: Final = 0.75
_LEAST: Final = timedelta(hours=1)
_SENTENCE = re.compile(r"[^\n]+?(?:[.!?…]{1,8}(?=\s+[^\W\d_a-zšđčćžáéíóöőúüűāēģīķļņū])|\n|$)")

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """A promise in a text: its words are `text[start:stop]`, `due_at` is when it must be kept (None: not said)."""

    start: int
    stop: int
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Finders:
    """The patterns of one language. `clauses` stands between two clauses, `reach` where a condition that comes later
    does not reach back, and `ends` where an earlier one has ended."""

    ours: re.Pattern[str]
    pledges: re.Pattern[str]
    at_it: re.Pattern[str]
    heads: re.Pattern[str]
    doubts: re.Pattern[str]
    conditions: re.Pattern[str]
    clauses: re.Pattern[str]
    reach: re.Pattern[str]
    ends: re.Pattern[str]


@cache
def _finders(lang: str) -> _Finders:
    words = WORDS[lang]
    joins, turns, that = _any_of((*words.joins, *words.turns)), _any_of(words.turns), _any_of(words.that)
    ifs = _any_of((*words.conditions, *words.opens))
    ours = finder((*words.commits, *words.pledges, *words.heads)).pattern
    return _Finders(
        ours=re.compile(rf"(?!{finder(words.lookalikes).pattern}){ours}"),
        pledges=finder(words.pledges),
        at_it=finder(words.at_it),
        heads=finder(words.heads),
        doubts=finder(words.doubts),
        conditions=re.compile(rf"{finder(words.conditions).pattern}|^\W*{finder(words.opens).pattern}"),
        clauses=re.compile(rf"[,:](?:\s+{joins})?\s+(?!{that})|\s{joins}\s", re.IGNORECASE),
        reach=re.compile(rf";\s|(?<!\d)\s[–—-]\s|,\s+{joins},?\s|\s{joins}\s+(?={ifs})", re.IGNORECASE),
        ends=re.compile(rf";|[–—-]|\b{turns}", re.IGNORECASE),
    )


def _any_of(terms: Iterable[str]) -> str:
    return rf"(?:{'|'.join(map(re.escape, terms))})\b" if terms else "(?!)"


def promises(
    text: str, lang: str | None, now: datetime, zone: ZoneInfo, holidays: Collection[date] = frozenset()
) -> list[Found]:
    """Every promise in the text of a reply that leaves at `now`, in order; `zone` is where its days begin, and its
    `holidays` are no working days."""
    known = lang if lang is not None and lang in WORDS else "en"
    found: list[Found] = []
    announced = False
    for start, stop in _sentences(text):
        found += _in(
            text, start, stop, known, lambda words: moment(words, known, now, zone, holidays), announced=announced
        )
        announced = _announces(text[start:stop], known)
    return found[:MOST]


def at_it(text: str, lang: str | None, due_at: datetime) -> Found | None:
    """The sentence that says we are still at it ("I'm looking into this"): who reads it waits for another word, which
    is due then."""
    known = lang if lang is not None and lang in WORDS else "en"
    found = _finders(known)
    for start, stop in _sentences(text):
        folded = fold(text[start:stop])
        if found.at_it.search(folded) and not found.conditions.search(folded) and not folded.endswith("?"):
            return Found(start, stop, due_at)
    return None


def _announces(sentence: str, lang: str) -> bool:
    """Whether it only says that the next sentence tells what we do: "This is what comes next." """
    found, folded = _finders(lang), fold(sentence)
    hit = found.heads.search(folded)
    return hit is not None and not re.search(r"\w", folded[hit.end() :])


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    for hit in _SENTENCE.finditer(text):
        words = hit.group()
        yield hit.start() + len(words) - len(words.lstrip()), hit.start() + len(words.rstrip())


def _in(
    text: str, start: int, stop: int, lang: str, moment_of: Callable[[str], datetime | None], *, announced: bool
) -> Iterator[Found]:
    """The promises of one sentence; `announced` when the one before it told that this is what we do."""
    found = _finders(lang)
    if text[:stop].endswith("?"):
        return
    runs = list(_runs(text, _held(text, start, stop, found), found, announced=announced))
    dues = [moment_of(" ".join(text[slice(*clause)] for clause in run)) for run in runs]
    dated = [(run, due) for run, due in zip(runs, dues, strict=True) if due]
    if len(dated) > 1:
        yield from (Found(run[0][0], run[-1][1], due) for run, due in dated)
    elif dated:
        yield Found(start, stop, dated[0][1])
    elif any(found.pledges.search(fold(text[slice(*clause)])) for run in runs for clause in run):
        yield Found(start, stop, None)


def _held(text: str, start: int, stop: int, found: _Finders) -> Iterator[_Span]:
    """The clauses that no doubt stands in and no condition reaches."""
    at, is_if = start, False
    for whole in _apart(text, start, stop, found.reach):
        clauses = [(clause, fold(text[slice(*clause)])) for clause in _apart(text, *whole, found.clauses)]
        held_before = is_if and not found.ends.search(text, at, whole[0])
        is_if = held_before or any(found.conditions.search(folded) for _, folded in clauses)
        at = whole[1]
        if not is_if:
            yield from (clause for clause, folded in clauses if not found.doubts.search(folded))


def _runs(text: str, clauses: Iterable[_Span], found: _Finders, *, announced: bool) -> Iterator[list[_Span]]:
    """Each clause that promises, with those beside it that do not: they may name its moment."""
    run: list[_Span] = []
    promised = announced
    for clause in clauses:
        ours = found.ours.search(fold(text[slice(*clause)])) is not None
        if ours and promised and run:
            yield run
            run = []
        run.append(clause)
        promised |= ours
    if promised and run:
        yield run


def _apart(text: str, start: int, stop: int, between: re.Pattern[str]) -> Iterator[_Span]:
    at = start
    for hit in between.finditer(text, start, stop):
        yield at, hit.start()
        at = hit.end()
    yield at, stop


def warn_at(made_at: datetime, due_at: datetime) -> datetime:
    """When its owner is warned: when three quarters of its time are gone, and at least an hour before it is due."""
    return max(made_at, min(due_at - _LEAST, made_at + (due_at - made_at) * _SHARE))


def next_of(open_promises: Iterable[tuple[str, datetime | None]], zone: ZoneInfo) -> tuple[str, ...]:
    """What we owe a case next, as text: each promise (its words, when it is due) with its date, the nearest first."""
    dated = sorted((due, words) for words, due in open_promises if due is not None)
    return tuple(f"{words} ({due.astimezone(zone):%Y-%m-%d %H:%M})" for due, words in dated)
