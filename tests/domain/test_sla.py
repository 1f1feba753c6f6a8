"""When an answer is due, held against an oracle that steps minute by minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import BadInput
from domain.sla import Policy, after, due, policy_from, state

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OFFICE = tuple((day, 9 * 60, 17 * 60) for day in range(5))


def test_defaults_are_an_hour_and_a_day() -> None:
    clocks = due(Policy(), MONDAY)
    assert clocks.answer - MONDAY == timedelta(hours=1)
    assert clocks.limit - MONDAY == timedelta(hours=24)


def test_business_hours_wait_for_the_morning_and_the_week() -> None:
    office = Policy(hours=OFFICE, zone="Europe/Zagreb")
    friday_late = datetime(2026, 3, 6, 15, 30, tzinfo=UTC)  # 16:30 there
    assert after(office, friday_late, 3600) == datetime(2026, 3, 9, 8, 30, tzinfo=UTC)


def test_the_hour_to_hold_somebody_in_counts_service_hours_too() -> None:
    office = Policy(hours=OFFICE, zone="Europe/Zagreb")
    friday_late = datetime(2026, 3, 6, 16, 30, tzinfo=UTC)  # 17:30 there, after hours
    assert due(office, friday_late).hold == datetime(2026, 3, 9, 8, 45, tzinfo=UTC)
    assert due(Policy(), MONDAY).hold == MONDAY + timedelta(minutes=45)


def test_a_holiday_is_closed() -> None:
    office = Policy(hours=OFFICE, holidays=(date(2026, 3, 2),))
    assert after(office, MONDAY, 3600) == datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


def test_a_shift_past_midnight_and_a_lunch_break() -> None:
    night = Policy(hours=((0, 22 * 60, 26 * 60),))
    assert after(night, datetime(2026, 3, 2, 23, 0, tzinfo=UTC), 7200) == datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
    split = Policy(hours=((0, 540, 720), (0, 780, 1020)))
    assert after(split, datetime(2026, 3, 2, 11, 30, tzinfo=UTC), 3600) == datetime(2026, 3, 2, 13, 30, tzinfo=UTC)


def test_an_hour_is_an_elapsed_hour_across_a_clock_change() -> None:
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert after(Policy(zone="Europe/Zagreb"), before, 3600) - before == timedelta(hours=1)


def oracle(policy: Policy, since: datetime, minutes: int) -> datetime:
    """Walks minute by minute through local time; a minute counts when it lies inside an opening."""
    zone, at, left = ZoneInfo(policy.zone), since, minutes
    while left:
        local = at.astimezone(zone).replace(tzinfo=None)
        midnight = datetime.combine(local.date(), datetime.min.time())
        minute = (local - midnight) // timedelta(minutes=1)
        today, yesterday = midnight.weekday(), (midnight - timedelta(days=1)).weekday()
        is_open = any(
            (day == today and start <= minute < end) or (day == yesterday and start <= minute + 1440 < end)
            for day, start, end in policy.hours
        )
        at += timedelta(minutes=1)
        left -= is_open
    return at


@settings(max_examples=60)
@given(
    start=st.integers(0, 60 * 24 * 365),
    minutes=st.integers(1, 900),
    opening=st.tuples(st.integers(6, 12), st.integers(13, 26)),
    zone=st.sampled_from(["UTC", "Asia/Jakarta", "Asia/Kolkata", "America/New_York", "Europe/Riga"]),
)
def test_agrees_with_the_oracle_on_ordinary_days(start: int, minutes: int, opening: tuple[int, int], zone: str) -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=start)
    policy = Policy(hours=tuple((day, opening[0] * 60, opening[1] * 60) for day in range(7)), zone=zone)
    local_days = {(since + timedelta(days=n)).astimezone(ZoneInfo(zone)).utcoffset() for n in range(-2, 6)}
    if len(local_days) == 1:  # on days when the clocks change the two may count the folded hour differently
        assert after(policy, since, minutes * 60) == oracle(policy, since, minutes)


def test_states() -> None:
    deadline = MONDAY + timedelta(hours=1)
    assert state(MONDAY, deadline, MONDAY) == "running"
    assert state(MONDAY, deadline, MONDAY + timedelta(minutes=46)) == "at_risk"
    assert state(MONDAY, deadline, deadline) == "breached"


def test_a_channel_may_have_its_own_and_a_mistake_is_named() -> None:
    assert policy_from({"answer_s": 60, "channels": {"rss": {"answer_s": 5}}}, "rss").answer_s == 5
    with pytest.raises(BadInput, match="anwser_s"):
        policy_from({"anwser_s": 60}, "rss")
    with pytest.raises(BadInput, match="time zone"):
        policy_from({"zone": "Mars/Base"}, "rss")
