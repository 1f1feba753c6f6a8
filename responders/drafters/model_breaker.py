"""Whether the model is left alone for a while, from what its last answers were. Pure, so it survives a restart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

FAILURES = 5
"""So many questions in a row without a usable answer, and nobody asks for `REST`; then one question tries again."""
REST = timedelta(minutes=5)


def rests(ends: Sequence[tuple[datetime, bool]], now: datetime) -> bool:
    """`ends` are (when, whether it failed) of the last questions, the newest first."""
    last = ends[:FAILURES]
    return len(last) == FAILURES and all(failed for _, failed in last) and now - last[0][0] < REST
