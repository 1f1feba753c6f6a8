"""Who is on call, above all on the days on which the clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.rota import Team, check, on_call, reach, spans
from domain.alert import Turn
from domain.errors import BadInput

ZAGREB = "Europe/Zagreb"
ZONES = ["Europe/Zagreb", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca", "Asia/Gaza"]
ANA, IVO = 1, 2


def at(text: str, zone: str = ZAGREB, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def turn(user: int, weekday: int, start: str, end: str, zone: str = ZAGREB, next_day: bool = False) -> Turn:
    return Turn(user, weekday, minutes(start), minutes(end) + (1440 if next_day else 0), zone)


def test_the_day_shift_begins_and_ends_on_its_minute():
    day = [turn(ANA, 0, "08:00", "16:00")]  # 2 March 2026 is a Monday
    assert on_call(day, at("2026-03-02 07:59:59")) == []
    assert on_call(day, at("2026-03-02 08:00")) == [ANA]
    assert on_call(day, at("2026-03-02 15:59:59")) == [ANA]
    assert on_call(day, at("2026-03-02 16:00")) == []


def test_a_night_shift_of_sunday_reaches_into_monday():
    night = [turn(IVO, 6, "22:00", "06:00", next_day=True)]
    assert on_call(night, at("2026-03-01 23:00")) == [IVO]
    assert on_call(night, at("2026-03-02 05:59")) == [IVO]
    assert on_call(night, at("2026-03-02 06:00")) == []


def test_people_are_asked_in_their_own_zone():
    manila = [turn(ANA, 0, "08:00", "16:00", "Asia/Manila")]
    assert on_call(manila, datetime(2026, 3, 2, 0, 30, tzinfo=UTC)) == [ANA]
    assert on_call(manila, datetime(2026, 3, 2, 8, 30, tzinfo=UTC)) == []


@pytest.mark.parametrize(("sunday", "hours"), [("2026-03-29", 7), ("2026-10-25", 9), ("2026-10-18", 8)])
def test_a_night_with_a_clock_change_is_an_hour_shorter_or_longer(sunday, hours):
    night = [turn(IVO, 5, "22:00", "06:00", next_day=True)]
    end = at(f"{sunday} 06:00")
    span = spans(night, end - timedelta(hours=1), end - timedelta(hours=1))[0]
    assert (span.end - span.start) == timedelta(hours=hours)


def test_in_the_hour_that_comes_twice_nobody_is_called_back():
    list_ = [turn(ANA, 6, "00:00", "02:30"), turn(IVO, 6, "02:30", "08:00")]
    who = [on_call(list_, at("2026-10-25 00:00") + timedelta(minutes=15 * i)) for i in range(8 * 4)]
    assert all(len(people) == 1 for people in who)
    assert who == sorted(who)  # Ana first, then Ivo, and never Ana again


def test_in_the_hour_that_does_not_exist_nobody_is_missing():
    list_ = [turn(ANA, 6, "00:00", "02:30"), turn(IVO, 6, "02:30", "08:00")]
    who = [on_call(list_, at("2026-03-29 00:00") + timedelta(minutes=15 * i)) for i in range(6 * 4)]
    assert all(len(people) == 1 for people in who)


@given(
    zone=st.sampled_from(ZONES),
    cut=st.integers(1, 1439),
    hours=st.floats(0, 6 * 8766),
)
def test_a_week_cut_into_two_turns_a_day_always_has_exactly_one_person(zone, cut, hours):
    week = [t for d in range(7) for t in (Turn(ANA, d, 0, cut, zone), Turn(IVO, d, cut, 1440, zone))]
    assert len(on_call(week, datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=hours))) == 1


def test_nobody_on_call_means_the_fallback_then_every_admin_then_everyone():
    assert reach(Team((1,), (2,), (3,)), 1) == [1]
    assert reach(Team((), (2,), (3,)), 1) == [2]
    assert reach(Team((), (), (3, 4)), 1) == [3, 4]
    assert reach(Team((), (), (), (5,)), 1) == [5]
    assert reach(Team((1,), (2,), (2, 3)), 3) == [1, 2, 3]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Turn(1, 7, 0, 60, "UTC"), "weekday"),
        (Turn(1, 0, -1, 60, "UTC"), "from"),
        (Turn(1, 0, 60, 60, "UTC"), "until"),
        (Turn(1, 0, 60, 1501, "UTC"), "until"),
        (Turn(1, 0, 60, 120, "Mars/Olympus"), "time zone"),
    ],
)
def test_a_turn_that_makes_no_sense_is_refused_with_the_mend(wrong, said):
    with pytest.raises(BadInput, match=said):
        check(wrong)
