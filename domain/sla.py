"""When an answer is due. Three clocks: acknowledgement, first human answer, resolution.

Defaults come from customer-service practice (R1): answer within an hour, never later than a day. An hour is an
elapsed hour, also across a clock change; business hours are a calendar of the local week.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.errors import BadInput

State = Literal["running", "at_risk", "breached"]

_AT_RISK_SHARE = 0.25
HOLD_SHARE = 0.75
"""When so much of the time for a word is gone and none is on its way, a holding reply is drafted (R12)."""
_DAYS_LOOKED_AHEAD = 400

Opening = tuple[int, int, int]
"""Weekday (0 is Monday), start and end in minutes of the local day; an end above 1440 runs past midnight."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Promised limits in seconds, and optionally the hours in which they count."""

    ack_s: float = 3600.0
    answer_s: float = 3600.0
    limit_s: float = 86_400.0
    resolve_s: float = 259_200.0
    hours: tuple[Opening, ...] = ()
    zone: str = "UTC"
    holidays: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """The moments by which each clock must stop, in UTC; `hold` is when a first word is drafted if none is there."""

    hold: datetime
    ack: datetime
    answer: datetime
    limit: datetime
    resolve: datetime


def policy_from(raw: dict[str, Any], channel: str, holidays: tuple[date, ...] = ()) -> Policy:
    """The policy of one channel: the brand's values with the channel's own on top. Raises BadInput for unknown keys."""
    known = {field.name for field in fields(Policy)}
    merged = {k: v for k, v in raw.items() if k != "channels"} | raw.get("channels", {}).get(channel, {})
    if unknown := set(merged) - known:
        raise BadInput(f"SLA policy: unknown {sorted(unknown)}; known are {sorted(known)}")
    if "hours" in merged:
        merged["hours"] = tuple(tuple(opening) for opening in merged["hours"])
    merged.pop("holidays", None)
    policy = replace(Policy(**merged), holidays=holidays)
    try:
        ZoneInfo(policy.zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadInput(f"SLA policy: no time zone is called {policy.zone!r}; use e.g. Europe/Zagreb") from None
    return policy


def due(policy: Policy, since: datetime) -> Due:
    """When each clock of a post written at `since` must stop."""
    ack = after(policy, since, policy.ack_s)
    return Due(
        hold=after(policy, since, policy.ack_s * HOLD_SHARE),
        ack=ack,
        answer=ack if policy.answer_s == policy.ack_s else after(policy, since, policy.answer_s),
        limit=after(policy, since, policy.limit_s),
        resolve=after(policy, since, policy.resolve_s),
    )


@lru_cache(maxsize=64)
def _span(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def after(policy: Policy, since: datetime, seconds: float) -> datetime:
    """The moment at which `seconds` have passed: elapsed, or counted in business hours where the policy has them."""
    if not policy.hours:
        return since + _span(seconds)
    left = seconds
    day = since.astimezone(ZoneInfo(policy.zone)).date() - timedelta(days=1)
    for offset in range(_DAYS_LOOKED_AHEAD):
        for start, end in _openings(policy, day + timedelta(days=offset)):
            start = max(start, since)
            open_s = (end - start).total_seconds()
            if open_s <= 0:
                continue
            if open_s >= left:
                return start + timedelta(seconds=left)
            left -= open_s
    return since + timedelta(seconds=seconds)  # a calendar that never opens must not lose the case


def _openings(policy: Policy, day: date) -> list[tuple[datetime, datetime]]:
    if day in policy.holidays:
        return []
    zone = ZoneInfo(policy.zone)
    midnight = datetime.combine(day, time())

    def instant(minute: int) -> datetime:
        return (midnight + timedelta(minutes=minute)).replace(tzinfo=zone).astimezone(UTC)

    return sorted((instant(start), instant(end)) for weekday, start, end in policy.hours if weekday == day.weekday())


def state(since: datetime, due_at: datetime, now: datetime) -> State:
    """at_risk: less than a quarter of the window is left."""
    if now >= due_at:
        return "breached"
    window = (due_at - since).total_seconds()
    return "at_risk" if (due_at - now).total_seconds() <= window * _AT_RISK_SHARE else "running"
