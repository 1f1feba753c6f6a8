"""What a brand aims at: typed by a manager, kept with how the brand is set. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from domain.errors import BadInput

SETTING: Final = "targets"
"""Under this name in `Brand.voice`: figure -> what is aimed at."""
NAMES: Final = ("within_1h", "sla_target", "fcr", "promises_kept", "csat", "nps", "ces")
"""Figures that can have a target; each is better when it is higher."""
_LEAST: Final = {"nps": -100.0}


def typed(values: Mapping[str, str]) -> dict[str, float]:
    """What was typed for each figure; an empty one has no target. BadInput says what it may be."""
    found = {}
    for name, text in values.items():
        if not text.strip():
            continue
        least = _LEAST.get(name, 0.0)
        try:
            goal = float(text.strip().replace(",", "."))
        except ValueError:
            goal = float("nan")
        if not least <= goal <= 100:
            raise BadInput(f"target of {name}: write a number from {least:.0f} to 100, or nothing")
        found[name] = goal
    return found


def common(voices: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """The targets that all these brands share: a report about several has no others."""
    each = [voice.get(SETTING) or {} for voice in voices]
    first = each[0] if each else {}
    return {name: first[name] for name in NAMES if name in first and all(one.get(name) == first[name] for one in each)}
