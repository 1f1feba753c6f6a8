"""How many people must say yes to a reply, by what could go wrong. Pure: what is known in, the depth out.

low: a known topic, no finding, no real complaint. One person, who may have written it.
medium: anything that asks for a second look. One person, or two where the brand wants two from there on.
high: a matter in which a wrong word harms. Two different people, wherever the brand has two who may approve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["low", "medium", "high"]
LEVELS: Final[tuple[Level, ...]] = ("low", "medium", "high")
TWO_FROM: Final = ("high", "medium")
"""From which risk on a brand wants two people; the first is what a brand starts with."""

GRAVE: Final = ("safety", "legal", "press", "privacy")
"""Themes in which a wrong word harms, whatever the reply says."""
HIGH_REACH: Final = 100_000
"""Followers of an author from which a wrong word travels far; more of them add nothing to a priority either
(`scoring.priority`)."""
_COMPLAINT, _GRAVEST = 2, 3
_MONEY = "billing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the depth rests on: `themes` and `severity` (0 to 3) of the posts that are answered, the most `followers` of
    an author among them, the rules of `findings` that stand, those of `overruled` ones, what the reply promises beyond
    a playbook (`over_limit`, in words), and how unedited approvals have `earned` one level less, in words (see
    `responders.autonomy`)."""

    themes: frozenset[str]
    severity: int
    findings: tuple[str, ...] = ()
    overruled: tuple[str, ...] = ()
    over_limit: str = ""
    followers: int = 0
    earned: str = ""


@dataclass(frozen=True, slots=True)
class Depth:
    """The risk, why, and how many different people it takes. `alone`: two were due, and only one may approve."""

    level: Level
    reasons: tuple[str, ...]
    people: int
    alone: bool = False


def depth(situation: Situation, *, two_from: str, approvers: int) -> Depth:
    """The depth of one reply for a brand with so many people who may approve."""
    level, reasons = _risk(situation)
    if situation.earned and level == "medium":
        level, reasons = "low", (*reasons, situation.earned)
    wants_two = level != "low" and LEVELS.index(level) >= LEVELS.index("medium" if two_from == "medium" else "high")
    alone = wants_two and approvers < 2
    return Depth(level, reasons, 2 if wants_two and not alone else 1, alone)


def _risk(it: Situation) -> tuple[Level, tuple[str, ...]]:
    high: list[str] = [theme for theme in GRAVE if theme in it.themes]
    if it.severity >= _GRAVEST and _MONEY in it.themes:
        high.append("money in a grave complaint")
    high += [it.over_limit] if it.over_limit else []
    high += [f"high reach: {it.followers:,} followers"] if it.followers >= HIGH_REACH else []
    high += [f"overruled: {rule.replace('_', ' ')}" for rule in it.overruled]
    if high:
        return "high", tuple(dict.fromkeys(high))
    medium = [f"finding: {rule.replace('_', ' ')}" for rule in it.findings]
    medium += ["a real complaint"] if it.severity >= _COMPLAINT else []
    medium += ["an unknown topic"] if it.themes <= {"other"} else []
    return ("medium", tuple(dict.fromkeys(medium))) if medium else ("low", ())
