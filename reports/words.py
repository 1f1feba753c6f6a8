"""How figures are said: counts, shares, lengths of time, and how much changed. Pure; "" stands for nothing to say."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

NONE = "–"


def count(number: float) -> str:
    """1234 as 1,234."""
    return f"{number:,.0f}"


def percent(value: float | None) -> str:
    """A share in whole percents, near both ends with one decimal; never 0 or 100 unless it is. NONE: cannot be said."""
    if value is None:
        return NONE
    if 0 < value < 0.1 or 99.9 < value < 100:
        return "under 0.1 %" if value < 1 else "over 99.9 %"
    near_an_end = 0 < value < 2 or 98 < value < 100
    return f"{value:.1f} %" if near_an_end else f"{value:.0f} %"


def points(value: float | None) -> str:
    """A signed number with a true minus."""
    return NONE if value is None else f"{value:+.0f}".replace("-", "−").replace("+0", "0").replace("−0", "0")


def mean(value: float | None) -> str:
    """A mean with one decimal. NONE: cannot be said."""
    return NONE if value is None else f"{value:.1f}"


def span(seconds: float | None) -> str:
    """A length of time in one or two units: 45 s, 12 min, 3 h 5 min, 2 d 4 h."""
    if seconds is None:
        return NONE
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def waited(seconds: float | None, at_least: bool) -> str:
    """A percentile: "38 min", or "over 2 h" where some still wait."""
    return f"over {span(seconds)}" if at_least and seconds is not None else span(seconds)


def change(now: float, before: float) -> str:
    """18 % more, 5 % fewer, as many; in times where it more than tripled; "" when there was nothing before."""
    if not before:
        return ""
    ratio = now / before
    if now == before:
        return "as many"
    if ratio >= 3:
        return f"{ratio:.1f} times as many"
    share = abs(ratio - 1) * 100
    amount = f"{share:.0f} %" if share >= 1 else "under 1 %"
    return f"{amount} {'more' if ratio > 1 else 'fewer'}"


def clock(moment: datetime, zone: str) -> str:
    """Mon 2 Mar 14:00 in this zone."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def clock_range(since: datetime, until: datetime, zone: str) -> str:
    """Mon 2 Mar 14:00-15:10; with both days where they differ."""
    begin, end = (moment.astimezone(ZoneInfo(zone)) for moment in (since, until))
    if begin.date() == end.date() and begin.utcoffset() == end.utcoffset():
        return f"{clock(since, zone)}-{end:%H:%M}"
    return f"{clock(since, zone)} - {clock(until, zone)}"


def plural(number: int, one: str, many: str = "") -> str:
    """1 gap, 2 gaps."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"
