"""The one question that may be asked after a case: what it may be, and which answers say that we let somebody down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

LIFE: Final = timedelta(days=30)
"""So long an answer is taken, and may be changed."""
REST: Final = timedelta(days=30)
"""Within so long the same author is asked once."""
LONGEST_WORDS: Final = 2000


@dataclass(frozen=True, slots=True)
class Kind:
    """A question with whole numbers as answers. Up to `critical_to` an answer opens the case again; from `good_from` on
    it counts as good."""

    name: str
    title: str
    lowest: int
    highest: int
    good_from: int
    critical_to: int | None = None

    def takes(self, value: int) -> bool:
        """Whether this is one of the answers."""
        return self.lowest <= value <= self.highest

    def is_critical(self, value: int | None) -> bool:
        """Whether this answer opens the case again."""
        return value is not None and self.critical_to is not None and value <= self.critical_to


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind("csat", "satisfied (CSAT)", 1, 5, 4, 2),
        Kind("nps", "would recommend us (NPS)", 0, 10, 9, 6),
        Kind("ces", "how easy it was (CES)", 1, 7, 5),
    )
}
"""Whom each means: 4-5 of 5 are satisfied; 9-10 promote, 0-6 detract; 5-7 of 7 found it easy."""
