"""The daily quota: when it begins anew, and how a budget is spread over the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from channels.youtube.quota import Meter, quota_day, reset_at
from channels.youtube.settings import YouTubeSettings
from channels.youtube.source import meter

MORNING = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 11, 20, 12, 0, tzinfo=UTC), datetime(2026, 11, 21, 8, 0, tzinfo=UTC)),
        (datetime(2026, 7, 1, 6, 59, tzinfo=UTC), datetime(2026, 7, 1, 7, 0, tzinfo=UTC)),
        (datetime(2026, 7, 1, 7, 0, tzinfo=UTC), datetime(2026, 7, 2, 7, 0, tzinfo=UTC)),
        # the clocks go forward on 8 March and back on 1 November
        (datetime(2026, 3, 8, 8, 0, tzinfo=UTC), datetime(2026, 3, 9, 7, 0, tzinfo=UTC)),
        (datetime(2026, 11, 1, 7, 0, tzinfo=UTC), datetime(2026, 11, 2, 8, 0, tzinfo=UTC)),
    ],
)
def test_quota_begins_anew_at_midnight_in_california(now: datetime, expected: datetime):
    assert reset_at(now) == expected
    assert quota_day(expected) != quota_day(expected - timedelta(seconds=1)) == quota_day(now)


def test_a_new_day_begins_at_nothing():
    now = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    meter = Meter().on(now).spend(units=7, searches=1)
    assert meter.on(now + timedelta(hours=1)) == meter
    assert meter.on(now + timedelta(days=1)) == Meter("2026-11-21")


def test_a_budget_is_spread_over_the_day():
    midnight = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    spent = Meter("2026-11-20", units=500)
    assert not spent.may_begin(midnight + timedelta(hours=6), 1000)
    assert spent.may_begin(midnight + timedelta(hours=13), 1000)
    assert Meter("2026-11-20").may_begin(midnight, 1)


def test_what_a_source_spent_can_be_read_from_its_cursor_and_begins_anew_with_the_day():
    settings = YouTubeSettings(daily_units=4000)
    cursor = {"meter": {"day": quota_day(MORNING), "units": 312, "searches": 2}}
    shown = meter(settings, cursor, MORNING)
    assert (shown.used, shown.of, shown.of_account, shown.unit) == (312, 4000, 10_000, "units")
    assert shown.resets_at == reset_at(MORNING)
    assert [meter(settings, each, MORNING + timedelta(days=1)).used for each in (cursor, None, {"odd": 1})] == [0, 0, 0]
