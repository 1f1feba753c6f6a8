"""A server's clock, and what it shows later than it took it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.clock import Clock, SetClock

_NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass(kw_only=True)
class Late:
    """Base of servers: what our account posts, from the next one on, can be read back `lag_s` after it is public."""

    clock: Clock = field(default_factory=lambda: SetClock(_NOON + timedelta(hours=1)))
    lag_s: float = 0.0
    _shows_at: dict[Hashable, datetime] = field(default_factory=dict)

    def took(self, name: Hashable) -> None:
        """Something of ours is public now."""
        self._shows_at[name] = self.clock.now() + timedelta(seconds=self.lag_s)

    def shows(self, name: Hashable) -> bool:
        """Whether it can be read back already. What is not ours always can."""
        return name not in self._shows_at or self._shows_at[name] <= self.clock.now()

    def shows_now(self, name: Hashable) -> None:
        """Somebody else's words took its place."""
        self._shows_at.pop(name, None)
