"""What a set of lessons would change, told before it goes live. Pure: scores before and after in, differences out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.mention import Score
from scoring.learning import Judge, distinct
from scoring.taught import LEARNED, Model

FIRST: Final = 50
EXAMPLES: Final = 8
LEAST: Final = 0.1
"""Weights below are noise and are not shown."""


@dataclass(frozen=True, slots=True)
class Change:
    """One mention (by its place among those looked at) that would be scored differently, and why."""

    place: int
    before: Score
    after: Score

    @property
    def why(self) -> str:
        """The reason of the lessons; empty where the change is that one goes away."""
        return next((reason for name, _, reason in self.after.parts if name == LEARNED), "")

    @property
    def points(self) -> float:
        """How far the priority moves."""
        return round(self.after.priority - self.before.priority, 1)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Of `mentions` looked at: those whose label, themes or points change; cases that come into the first fifty of
    the queue, and those that leave them, with their places in `up` and `down`."""

    mentions: int
    labels: tuple[Change, ...]
    themes: int
    moved: int
    up: tuple[Change, ...]
    down: tuple[Change, ...]

    @property
    def examples(self) -> tuple[Change, ...]:
        """Labels that change, those first whose priority moves most."""
        return tuple(sorted(self.labels, key=lambda change: (-abs(change.points), change.place))[:EXAMPLES])


def rehearse(before: Sequence[Score], after: Sequence[Score], cases: Sequence[int | None]) -> Rehearsal:
    """`cases` names the case to do of each mention, None where it has none. A case is as urgent as its most urgent
    mention."""
    changes = [
        Change(place, old, new) for place, (old, new) in enumerate(zip(before, after, strict=True)) if old != new
    ]
    first, then = _first(before, cases), _first(after, cases)
    return Rehearsal(
        mentions=len(before),
        labels=tuple(change for change in changes if change.before.label != change.after.label),
        themes=sum(change.before.themes != change.after.themes for change in changes),
        moved=sum(bool(change.points) for change in changes),
        up=tuple(_change(then[case], before, after) for case in then if case not in first),
        down=tuple(_change(first[case], before, after) for case in first if case not in then),
    )


def _change(place: int, before: Sequence[Score], after: Sequence[Score]) -> Change:
    return Change(place, before[place], after[place])


def _first(scores: Sequence[Score], cases: Sequence[int | None]) -> dict[int, int]:
    """The first cases of the queue in their order, with the place of their most urgent mention."""
    loudest: dict[int, int] = {}
    for place, case in enumerate(cases):
        if case is not None and (case not in loudest or scores[place].priority > scores[loudest[case]].priority):
            loudest[case] = place
    ranked = sorted(loudest, key=lambda case: (-scores[loudest[case]].priority, case))
    return {case: loudest[case] for case in ranked[:FIRST]}


@dataclass(frozen=True, slots=True)
class TaughtWord:
    """One word of a model: what it says (-1 to 1 is not a bound), and in how many authors' corrections it stood."""

    word: str
    weight: float
    authors: int


def words(model: Model, most: int = 12) -> dict[str, list[TaughtWord]]:
    """The words that say most, by what they say: "negative", "positive", "more urgent", "less urgent", and themes."""
    found: dict[str, list[TaughtWord]] = {}
    if model.feeling:
        found |= {"negative": _say(model.feeling, (1, 0, -1), most), "positive": _say(model.feeling, (-1, 0, 1), most)}
    if model.urgency:
        slope = (-1.5, -0.5, 0.5, 1.5)
        found["more urgent"] = _say(model.urgency, slope, most)
        found["less urgent"] = _say(model.urgency, tuple(-each for each in slope), most)
    return found | {theme: _say(judge, (-1, 1), most) for theme, judge in model.themes.items()}


def _say(judge: Judge, per_verdict: Sequence[float], most: int) -> list[TaughtWord]:
    said = [
        TaughtWord(word, sum(w * p for w, p in zip(found.weights, per_verdict, strict=True)), found.authors)
        for word, found in judge.words.items()
    ]
    strong = sorted((each for each in said if each.weight >= LEAST), key=lambda each: (-each.weight, -len(each.word)))
    shown = set(distinct([each.word for each in strong]))
    return [each for each in strong if each.word in shown][:most]
