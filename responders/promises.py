"""The promises in a reply: who reads "I'll write again by tomorrow noon" waits for it. Pure.

What is found is only proposed: the sender confirms, corrects or dismisses each. A sentence counts that says we will do
something and by when, or that we will write again at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
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


@dataclass(frozen=True, slots=True)
class Found:
    """A promise in a text: its words are `text[start:stop]`, `due_at` is when it must be kept (None: not said)."""

    start: int
    stop: int
    due_at: datetime | None


@cache
def _finders(lang: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    words = WORDS[lang]
    joins = "|".join(rf"\s{re.escape(join)}\s" for join in words.joins)
    return finder(words.commits), finder(words.pledges), finder(words.doubts), re.compile(rf",\s|{joins}")


def promises(text: str, lang: str | None, now: datetime, zone: ZoneInfo) -> list[Found]:
    """Every promise in the text of a reply that leaves at `now`, in order; `zone` is where its days begin."""
    known = lang if lang is not None and lang in WORDS else "en"
    found = [each for start, stop in _sentences(text) for each in _in(text, start, stop, known, now, zone)]
    return found[:MOST]


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    for hit in _SENTENCE.finditer(text):
        words = hit.group()
        yield hit.start() + len(words) - len(words.lstrip()), hit.start() + len(words.rstrip())


def _in(text: str, start: int, stop: int, lang: str, now: datetime, zone: ZoneInfo) -> Iterator[Found]:
    commits, pledges, doubts, joins = _finders(lang)
    folded = fold(text[start:stop])
    if not (commits.search(folded) or pledges.search(folded)) or doubts.search(folded) or folded.endswith("?"):
        return
    dated = [
        Found(*part, due)
        for part in _parts(text, start, stop, joins)
        if (due := moment(text[slice(*part)], lang, now, zone))
    ]
    if len(dated) > 1 and all(commits.search(fold(text[each.start : each.stop])) for each in dated):
        yield from dated
    elif due := moment(text[start:stop], lang, now, zone):
        yield Found(start, stop, due)
    elif pledges.search(folded):
        yield Found(start, stop, None)


def _parts(text: str, start: int, stop: int, joins: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """The parts of a sentence: two of them may promise two things."""
    at = start
    for hit in joins.finditer(text, start, stop):
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
