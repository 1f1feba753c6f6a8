"""Days are days of the report's zone, also where the clock changes or stands half an hour beside."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.errors import BadInput
from reports.period import Period, Span, between, last_days

NOW = datetime(2026, 4, 20, 15, 30, tzinfo=UTC)


def test_seven_days_are_today_and_the_six_before_it():
    period = last_days(7, "Europe/Zagreb", NOW)
    assert (period.first, period.last) == (date(2026, 4, 14), date(2026, 4, 20))
    assert period.since == datetime(2026, 4, 13, 22, 0, tzinfo=UTC)
    assert period.until == datetime(2026, 4, 20, 22, 0, tzinfo=UTC)


def test_today_is_the_day_it_is_there():
    late = datetime(2026, 4, 20, 20, 0, tzinfo=UTC)
    assert last_days(1, "Australia/Adelaide", late).first == date(2026, 4, 21)
    assert last_days(1, "America/New_York", late).first == date(2026, 4, 20)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Zagreb", date(2026, 3, 29), 23),
        ("Europe/Zagreb", date(2026, 10, 25), 25),
        ("Australia/Adelaide", date(2026, 4, 5), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Asia/Kolkata", date(2026, 3, 29), 24),
        ("Asia/Kathmandu", date(2026, 3, 29), 24),
    ],
)
def test_a_day_is_as_long_as_it_is(zone: str, day: date, hours: float):
    span = Period(day, day, zone).span()
    assert span.until - span.since == timedelta(hours=hours)


@pytest.mark.parametrize("zone", ["Europe/Zagreb", "Australia/Adelaide", "Australia/Lord_Howe", "America/St_Johns"])
def test_offsets_put_every_quarter_of_an_hour_on_its_local_day(zone: str):
    period = Period(date(2026, 2, 20), date(2026, 11, 10), zone)
    offsets = period.span().offsets()
    assert len(offsets) > 1
    at = period.since
    while at < period.until:
        east = next(east for until, east in offsets if at < until)
        day = (at + timedelta(seconds=east)).date()
        assert period.day(day).since <= at < period.day(day).until
        at += timedelta(minutes=15)


def test_a_zone_without_changes_has_one_offset():
    span = last_days(28, "Asia/Kolkata", NOW).span()
    assert span.offsets() == [(span.until, 19_800)]


def test_a_period_that_is_over_is_compared_with_the_days_just_before():
    before = between("2026-03-30", "2026-04-05", "Europe/Zagreb", NOW).before(NOW)
    assert before == Span(
        datetime(2026, 3, 22, 23, 0, tzinfo=UTC), datetime(2026, 3, 29, 22, 0, tzinfo=UTC), "Europe/Zagreb"
    )


def test_a_period_that_runs_is_compared_up_to_the_same_hour():
    before = last_days(7, "UTC", NOW).before(NOW)
    assert before == Span(datetime(2026, 4, 7, tzinfo=UTC), datetime(2026, 4, 13, 15, 30, tzinfo=UTC), "UTC")
    assert before.days()[-1] == date(2026, 4, 13)


@pytest.mark.parametrize(
    ("since", "until", "zone"),
    [("2026-04-02", "2026-04-01", "UTC"), ("yesterday", "", "UTC"), ("2026-04-01", "", "Moon"),
     ("1999-01-01", "", "UTC")],
)  # fmt: skip
def test_what_is_no_period_says_how_to_mend_it(since: str, until: str, zone: str):
    with pytest.raises(BadInput, match=r"use a name|write it like|swap them|days"):
        between(since, until, zone, NOW)
