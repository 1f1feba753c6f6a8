"""What a problem is called, from what its posts named: words of our lists, never of a post."""

from __future__ import annotations

from collections.abc import Mapping

from scoring.traits import WIDE_SHARE, is_fault, share_of

Named = Mapping[str, Mapping[str, int]]
"""Kind ("cause", "place", "severity", ...) -> value -> how many posts named it."""
_OFTEN = 0.5


def main_cause(named: Named) -> str:
    """The cause that tells most: named often, and seldom elsewhere; "" when none is named."""
    causes = named.get("cause", {})
    return min(causes, key=lambda cause: (-_weight(cause, causes[cause]), cause), default="")


def _weight(cause: str, count: int) -> float:
    return count * (1.1 - share_of(cause) / WIDE_SHARE) * (1.5 if is_fault(cause) else 1.0)


def title_of(given: str, named: Named, mentions: int) -> str:
    """The title that a person gave, else one like "Double charge, card" or "No internet in Osijek"; a place only where
    every second post names it."""
    if given:
        return given
    main, often = main_cause(named), mentions * _OFTEN
    second = _second(named, main, often)
    words = f"{main}, {second}" if second else main
    place = max(named.get("place", {}).items(), key=lambda item: (item[1], item[0]), default=("", 0))
    where = f" in {place[0]}" if place[1] and place[1] >= often else ""
    return (words[:1].upper() + words[1:] or "Something") + where


def _second(named: Named, main: str, often: float) -> str:
    """What every second post names beside the main cause; beside a thing, what is wrong with it comes first."""
    others = {cause: n for cause, n in named.get("cause", {}).items() if cause != main and n >= often}
    faults = {cause: n for cause, n in others.items() if is_fault(cause)} if not is_fault(main) else {}
    return main_cause({"cause": faults or others})


def severity_of(named: Named, mentions: int) -> int:
    """The highest severity, 0 to 3, that at least two posts and every tenth have: one alone may be misread."""
    found = {int(level): count for level, count in named.get("severity", {}).items()}
    enough = max(2, mentions // 10)
    return max((level for level in range(4) if sum(c for at, c in found.items() if at >= level) >= enough), default=0)
