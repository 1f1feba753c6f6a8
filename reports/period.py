"""The stretch of time a report is about, in the report's own zone. Pure.

A day is a day of the calendar there: 23 or 25 hours long where clocks change. The database groups by day with one
offset per stretch of time (`offsets`), because neither database can be trusted to know our time zones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.errors import BadInput

CHOICES = (1, 7, 28, 90)
_LONGEST_DAYS = 800
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days `first` to `last` (both included) of `zone`."""

    first: date
    last: date
    zone: str

    @property
    def since(self) -> datetime:
        """The first moment, in UTC."""
        return midnight(self.first, self.zone)

    @property
    def until(self) -> datetime:
        """The first moment that no longer belongs to it, in UTC."""
        return midnight(self.last + timedelta(days=1), self.zone)

    @property
    def days(self) -> list[date]:
        """Every day of it, oldest first."""
        return [self.first + timedelta(days=offset) for offset in range(self.length)]

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def day(self, day: date) -> Span:
        """One day as a stretch of time."""
        return Span(midnight(day, self.zone), midnight(day + timedelta(days=1), self.zone), self.zone)

    def span(self) -> Span:
        """All of it as a stretch of time."""
        return Span(self.since, self.until, self.zone)

    def before(self, now: datetime) -> Span:
        """The equally long stretch just before. Of a period that still runs, only as much as has passed of it: seven
        days up to this hour are compared with seven days up to this hour."""
        end = min(self.until, max(now, self.since))
        local_end = end.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None) - timedelta(days=self.length)
        back = midnight(self.first - timedelta(days=self.length), self.zone)
        return Span(back, max(back, instant(local_end, self.zone)), self.zone)


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` until just before `until`, both UTC, seen in `zone`."""

    since: datetime
    until: datetime
    zone: str

    def days(self) -> list[date]:
        """Every local day that it touches, oldest first."""
        zone = ZoneInfo(self.zone)
        first = self.since.astimezone(zone).date()
        last = (self.until - timedelta(microseconds=1)).astimezone(zone).date()
        return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]

    def offsets(self) -> list[tuple[datetime, int]]:
        """(until when, seconds east of UTC), in order: the zone's offset changes at each of these moments."""
        zone = ZoneInfo(self.zone)
        found: list[tuple[datetime, int]] = []
        at = self.since
        while at < self.until:
            step = min(at + timedelta(days=1), self.until)
            here, there = _offset(at, zone), _offset(step, zone)
            if here != there:
                found.append((_change(at, step, zone), here))
            at = step
        return [*found, (self.until, _offset(self.until - _MINUTE, zone))]


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    return round((moment.astimezone(zone).utcoffset() or timedelta()).total_seconds())


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first minute at which the offset of `low` no longer holds."""
    old = _offset(low, zone)
    low = low.replace(second=0, microsecond=0)
    while high - low > _MINUTE:
        middle = low + ((high - low) / 2 // _MINUTE) * _MINUTE
        low, high = (middle, high) if _offset(middle, zone) == old else (low, middle)
    return high.replace(second=0, microsecond=0)


def midnight(day: date, zone: str) -> datetime:
    """The first moment of a local day, in UTC (where a clock change skips midnight: the first one after it)."""
    return instant(datetime.combine(day, time()), zone)


def instant(local: datetime, zone: str) -> datetime:
    """A local time of day as a moment in UTC; the earlier of two where clocks go back."""
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def last_days(count: int, zone: str, now: datetime) -> Period:
    """Today and the days before it, `count` in all."""
    zone = checked_zone(zone)
    today = now.astimezone(ZoneInfo(zone)).date()
    return Period(today - timedelta(days=_checked_count(count) - 1), today, zone)


def between(since: str, until: str, zone: str, now: datetime) -> Period:
    """From one day to another (YYYY-MM-DD, both included); without an end up to today. BadInput for what is no day."""
    zone = checked_zone(zone)
    today = now.astimezone(ZoneInfo(zone)).date()
    last = _day(until, "until") if until else today
    first = _day(since, "since") if since else last - timedelta(days=6)
    if first > last:
        raise BadInput(f"since: {first} is after until: {last}; swap them")
    _checked_count((last - first).days + 1)
    return Period(first, last, zone)


def checked_zone(name: str) -> str:
    """The name, if there is such a time zone; else BadInput."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(f"zone: no time zone is called {name[:60]!r}; use a name such as Europe/Zagreb") from None
    return name


def _checked_count(count: int) -> int:
    if not 1 <= count <= _LONGEST_DAYS:
        raise BadInput(f"days: {count} does not fit; a report is about 1 to {_LONGEST_DAYS} days")
    return count


def _day(text: str, name: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{name}: {text[:20]!r} is no day; write it like 2026-03-02") from None
    if not 1970 < day.year < 9990:
        raise BadInput(f"{name}: {day} is too far away")
    return day
