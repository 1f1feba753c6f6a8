"""How much strangers may make us look at: what is pushed from one network of addresses to one source is held to a pace.

A signature cannot be guessed, so this is about load alone. It counts by network, so that nobody can use up what the
true sender needs.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from web.throttle import network

PER_S = 10.0
BURST = 60
_SIZE = 20_000
_QUIET = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Refusals:
    """What was refused at one address since the start: how often, and when last."""

    count: int
    last_at: datetime


class Gate:
    """Kept in memory and bounded: the oldest entries fall out first. `burst` at once, then `per_s` a second."""

    def __init__(self, per_s: float = PER_S, burst: int = BURST) -> None:
        self._ahead, self._each = timedelta(seconds=burst / per_s), timedelta(seconds=1 / per_s)
        self._due: OrderedDict[tuple[int, str], datetime] = OrderedDict()
        self._refused: OrderedDict[int, Refusals] = OrderedDict()
        self._told_at: datetime | None = None

    def wait_s(self, source_id: int, address: str, now: datetime) -> float:
        """Seconds until a push from there is looked at; 0 for now, and then it counts."""
        key = source_id, network(address)
        due = max(self._due.get(key, now), now)
        if due - now >= self._ahead:
            return (due - now - self._ahead + self._each).total_seconds()
        _put(self._due, key, due + self._each)
        return 0.0

    def refuse(self, source_id: int, now: datetime) -> bool:
        """Count what did not come from the sender of a source. Returns whether it is worth a line in the log."""
        before = self._refused.get(source_id)
        _put(self._refused, source_id, Refusals(before.count + 1 if before else 1, now))
        if self._told_at is not None and now - self._told_at < _QUIET:
            return False
        self._told_at = now
        return True

    def refusals(self, source_id: int) -> Refusals | None:
        """What was refused at this address."""
        return self._refused.get(source_id)


K = TypeVar("K")
V = TypeVar("V")


def _put(entries: OrderedDict[K, V], key: K, value: V) -> None:
    entries[key] = value
    entries.move_to_end(key)
    if len(entries) > _SIZE:
        entries.popitem(last=False)
