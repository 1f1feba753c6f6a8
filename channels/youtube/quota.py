"""YouTube's daily quota: what a source has spent of it, and when it begins anew. Pure.

Source: developers.google.com/youtube/v3/determine_quota_cost (2026): 10,000 units a day and project, most reads cost
one, a comment 50; search.list has a bucket of its own, 100 calls a day. Every page and every failed call counts.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

OF_PROJECT = 10_000
"""Units a day that YouTube gives a project, unless it was given more."""
PACIFIC = ZoneInfo("America/Los_Angeles")
_HEAD_START = 0.05
"""The share of a day's budget that may be spent at its beginning already."""
_RESERVE = 0.05
"""The share that is kept for ending rounds which have begun."""


def quota_day(now: datetime) -> str:
    """The day by which YouTube counts, as a date."""
    return now.astimezone(PACIFIC).date().isoformat()


def reset_at(now: datetime) -> datetime:
    """When the quota begins anew: the next midnight in California, also across a change of clocks."""
    return _midnight(now, 1)


def _midnight(now: datetime, days: int) -> datetime:
    date = now.astimezone(PACIFIC).date() + timedelta(days=days)
    return datetime.combine(date, time(), PACIFIC).astimezone(UTC)


class Meter(msgspec.Struct, frozen=True):
    """What one source has spent on one day: units, and searches, which are counted apart."""

    day: str = ""
    units: int = 0
    searches: int = 0

    def on(self, now: datetime) -> Meter:
        """The meter of today; a new day begins at nothing."""
        return self if self.day == quota_day(now) else Meter(quota_day(now))

    def spend(self, units: int = 0, searches: int = 0) -> Meter:
        """After these calls."""
        return Meter(self.day, self.units + units, self.searches + searches)

    def may_begin(self, now: datetime, budget: int) -> bool:
        """Whether a round may begin: the budget is spread over the day, so that a busy morning leaves an evening."""
        began, ends = _midnight(now, 0), reset_at(now)
        share = _HEAD_START + (1 - _HEAD_START - _RESERVE) * ((now - began) / (ends - began))
        return self.units < max(1.0, budget * share)
