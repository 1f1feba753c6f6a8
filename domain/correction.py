"""What a person can say about a mention that scoring got wrong, and what that means for its figures. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from domain.errors import BadInput

KINDS: Final = ("sentiment", "priority", "theme", "irrelevant")
FEELINGS: Final = ("negative", "neutral", "positive")
LEVELS: Final = ("nothing wrong", "a grumble", "a complaint for today", "to be answered first")
"""What a person chooses as priority: the severities of the glossary, 0 to 3."""

FELT: Final = {"negative": (-1.0, -0.3), "neutral": (0.0, 0.0), "positive": (0.3, 1.0)}
"""Where the number of a corrected feeling lies: clearly on its side, no further from what was found than needed."""
BANDS: Final = ((-1000.0, 5.0), (10.0, 25.0), (25.0, 45.0), (45.0, 1000.0))
"""Where the priority of each level lies: about where the rules put posts of that severity (see bench/learning)."""


class Said(NamedTuple):
    """What stands of people's corrections of one mention. None: nothing was said about that."""

    label: str | None = None
    level: int | None = None
    themes: tuple[str, ...] | None = None
    irrelevant: bool = False

    @property
    def lesson_level(self) -> int | None:
        """The level that other posts learn from: an irrelevant post is one with nothing wrong."""
        return 0 if self.level is None and self.irrelevant else self.level


NOTHING_SAID: Final = Said()


def said(values: Mapping[str, str]) -> Said:
    """What stands, from values by kind that went through `checked`."""
    themes = values.get("theme")
    return Said(
        label=values.get("sentiment"),
        level=int(values["priority"]) if "priority" in values else None,
        themes=None if themes is None else tuple(filter(None, themes.split(","))),
        irrelevant="irrelevant" in values,
    )


def checked(kind: str, value: str, themes: tuple[str, ...]) -> str:
    """The value as it is stored. BadInput says what is expected; `themes` are those that scoring knows."""
    if kind == "sentiment" and value in FEELINGS:
        return value
    if kind == "priority" and value in map(str, range(len(LEVELS))):
        return value
    if kind == "theme":
        chosen = set(filter(None, (name.strip() for name in value.split(","))))
        if chosen <= set(themes):
            return ",".join(name for name in themes if name in chosen)
    raise BadInput(
        f"{_shown(kind)}: {_EXPECTED.get(kind, 'correct the ' + ', '.join(_EXPECTED))}, not {_shown(value)!r}"
    )


_EXPECTED: Final = {
    "sentiment": f"expected is one of {', '.join(FEELINGS)}",
    "priority": "expected is a level from 0 (nothing wrong) to 3 (to be answered first)",
    "theme": "expected are names of themes with commas between them",
}


def _shown(text: str) -> str:
    return text[:40]


def within(value: float, band: tuple[float, float]) -> float:
    """The nearest number of the band."""
    return max(band[0], min(band[1], value))


def points_to(level: int, priority: float) -> float:
    """The points that bring a priority to where its level lies; none when it is there already."""
    return round(within(priority, BANDS[level]) - priority, 1)
