"""Has a topic on a channel, in a language, earned one level less of approval? From unedited approvals alone. Pure.

A person still approves each reply: there is no autopilot. What is earned only spares the second person where a brand
wants two for some risk, never where the risk is high.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(days=90)
"""How far back drafts count."""
FEWEST: Final = 30
"""Fewer drafts than this prove nothing."""
LEAST: Final = 0.9
"""The share that left as drafted is at least this, by the lower end of its interval."""
_Z = 1.959964
"""95 % of a normal distribution, both sides."""


@dataclass(frozen=True, slots=True)
class Earned:
    """What was measured: of `drafts` since the last bad event, those rejected or replaced among them, `as_drafted` left
    as they were drafted; `lower` is the lower end of the 95 % Wilson interval of that share."""

    drafts: int
    as_drafted: int
    lower: float

    @property
    def holds(self) -> bool:
        """Whether it is enough."""
        return self.drafts >= FEWEST and self.lower >= LEAST


def earned(ended: Sequence[tuple[datetime, bool]], bad: Sequence[datetime], now: datetime) -> Earned:
    """From (when a draft left, was rejected or replaced; whether it left as drafted) and the moments of bad events, in
    any order.

    One bad event ends what was earned: only drafts that ended after the last one count.
    """
    since = max([now - WINDOW, *bad])
    counted = [as_drafted for at, as_drafted in ended if at > since]
    return Earned(len(counted), sum(counted), wilson_lower(sum(counted), len(counted)))


def wilson_lower(part: int, whole: int) -> float:
    """The lower end of the 95 % interval of a share, by Wilson (1927); 0 where nothing was counted."""
    if whole == 0:
        return 0.0
    share, square = part / whole, _Z * _Z
    middle = share + square / (2 * whole)
    spread = _Z * math.sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    return (middle - spread) / (1 + square / whole)
