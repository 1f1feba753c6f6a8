"""Who is on call. Pure: weekly turns and a moment in, people out; never nobody where anybody exists.

A turn is written in local time and lasts from instant to instant, so on the day of a clock change it is an hour
longer or shorter, and the turn after it begins exactly where it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.alert import Turn
from domain.errors import BadInput

DAY_MINUTES = 1440


@dataclass(frozen=True, slots=True)
class Span:
    """One turn on the time line, in UTC."""

    user_id: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Team:
    """Who can be reached for a brand, narrow to wide. `everyone` is any member, for when there is no admin."""

    on_call: tuple[int, ...]
    fallback: tuple[int, ...]
    admins: tuple[int, ...]
    everyone: tuple[int, ...] = ()


def spans(turns: Iterable[Turn], since: datetime, until: datetime) -> list[Span]:
    """Every turn that touches the period, earliest first."""
    found = [span for turn in turns for span in _of(turn, since, until)]
    return sorted(found, key=lambda span: (span.start, span.end, span.user_id))


def on_call(turns: Iterable[Turn], now: datetime) -> list[int]:
    """The people whose turn it is now; several when turns overlap."""
    return list(dict.fromkeys(span.user_id for span in spans(turns, now, now) if span.start <= now < span.end))


def reach(team: Team, width: int) -> list[int]:
    """The people to tell, each once: 1 is who is on call, 2 adds the fallback, 3 every admin, 4 everyone.

    An empty circle widens by itself.
    """
    circles: Sequence[Sequence[int]] = (team.on_call, team.fallback, team.admins, team.everyone)
    while width < len(circles) and not any(circles[:width]):
        width += 1
    return list(dict.fromkeys(user for circle in circles[:width] for user in circle))


def check(turn: Turn) -> Turn:
    """The turn, if it makes sense. Raises BadInput that says what to write."""
    if not 0 <= turn.weekday <= 6:
        raise BadInput("weekday: choose one from Monday to Sunday")
    if not 0 <= turn.start_minute < DAY_MINUTES:
        raise BadInput("from: write a time of the day like 08:00")
    if not 0 < turn.end_minute - turn.start_minute <= DAY_MINUTES:
        raise BadInput("until: a turn lasts up to 24 hours; write a time like 17:00 (earlier than from: the next day)")
    try:
        ZoneInfo(turn.zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadInput(f"time zone: no zone is called {turn.zone!r}; use e.g. Europe/Zagreb") from None
    return turn


def _of(turn: Turn, since: datetime, until: datetime) -> Iterator[Span]:
    zone = _zone(turn.zone)
    # a turn may have begun two local days earlier and end today
    day = since.astimezone(zone).date() - timedelta(days=2)
    last = until.astimezone(zone).date() + timedelta(days=1)
    while day <= last:
        if day.weekday() == turn.weekday:
            span = Span(turn.user_id, _instant(day, turn.start_minute, zone), _instant(day, turn.end_minute, zone))
            if span.start <= until and span.end >= since:
                yield span
        day += timedelta(days=1)


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return (datetime.combine(day, time()) + timedelta(minutes=minute)).replace(tzinfo=zone).astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")  # a zone that this machine no longer knows must not lose the turn
