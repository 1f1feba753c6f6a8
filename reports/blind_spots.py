"""What was not seen: each source's timeline cut to the period. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from storage.reporting import SourceTimeline

GRACE: Final = timedelta(minutes=15)
"""A poll that is overdue by less than this is not a gap yet."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the period: `state` is seen, late, gap or paused."""

    since: datetime
    until: datetime
    state: str
    reason: str = ""

    @property
    def minutes(self) -> float:
        return (self.until - self.since).total_seconds() / 60


@dataclass(frozen=True, slots=True)
class Sight:
    """What one source saw of a period, without holes between its stretches."""

    source_id: int
    name: str
    channel: str
    stretches: tuple[Stretch, ...]

    def minutes(self, *states: str) -> float:
        """Minutes in these states."""
        return sum(stretch.minutes for stretch in self.stretches if stretch.state in states)

    @property
    def due(self) -> float:
        """Minutes in which it should have seen."""
        return self.minutes("seen", "late", "gap")

    @property
    def seen(self) -> float:
        """Minutes it saw, at once or later."""
        return self.minutes("seen", "late")

    @property
    def share(self) -> float | None:
        """Percent of what was due; None when nothing was."""
        return 100.0 * self.seen / self.due if self.due else None

    @property
    def gaps(self) -> tuple[Stretch, ...]:
        return tuple(stretch for stretch in self.stretches if stretch.state == "gap")


def sight(line: SourceTimeline, since: datetime, until: datetime, now: datetime) -> Sight:
    """One source's part of the period, from when it was added up to its last poll (or to now, when it is overdue)."""
    source = line.source
    at, end = max(since, _first_asked(line)), min(until, now)
    found: list[Stretch] = []
    for stretch in line.stretches:
        begin, stop = max(at, stretch.started_at), min(stretch.ended_at, end)
        if stop <= at:
            continue
        if begin > at:
            _append(found, Stretch(at, begin, "gap", "nothing is known about this time"))
        if stop > begin:
            _append(found, Stretch(begin, stop, stretch.state, stretch.reason))
        at = max(at, stop)
    if at < end and _is_overdue(line, at, end, now):
        state = "paused" if source.status == "paused" else "gap"
        _append(found, Stretch(at, end, state, "" if state == "paused" else _why(line)))
    return Sight(source.id, source.name, source.channel, tuple(found))


def _first_asked(line: SourceTimeline) -> datetime:
    """When the source was added, or at its first poll where that was a little later (or, moved here, before)."""
    added = line.source.created_at
    first = line.stretches[0].started_at if line.stretches else added
    return first if first <= added + GRACE else added


def _is_overdue(line: SourceTimeline, at: datetime, end: datetime, now: datetime) -> bool:
    """Whether the time since `at`, the last poll or push, is missing, rather than just not asked for yet or silent as
    it may be."""
    source = line.source
    if source.status in ("stopped", "paused"):
        return True
    if end < now and (source.status == "failing" or (source.last_ok_at or at) > at):
        return True
    planned = max((moment for moment in (source.next_poll_at, source.claimed_until) if moment), default=None)
    return (planned or source.created_at) < now - GRACE


def _why(line: SourceTimeline) -> str:
    source = line.source
    return source.error or ("not polled since" if line.stretches else "never polled")


def _append(found: list[Stretch], new: Stretch) -> None:
    """Join with the stretch before when it says the same."""
    if found and found[-1].until == new.since and (found[-1].state, found[-1].reason) == (new.state, new.reason):
        new = Stretch(found.pop().since, new.until, new.state, new.reason)
    found.append(new)


def gaps(sights: Iterable[Sight]) -> list[tuple[Sight, Stretch]]:
    """All gaps of all sources, oldest first."""
    return sorted(((each, gap) for each in sights for gap in each.gaps), key=lambda pair: (pair[1].since, pair[0].name))
