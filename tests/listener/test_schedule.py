"""When to poll next, and what silence is."""

from datetime import datetime, timedelta

import pytest

from listener.schedule import after_failure, after_limit, after_success, is_silent
from tests.listener.rig import NOON


def waits(moment: datetime) -> float:
    return (moment - NOON).total_seconds()


def test_a_good_poll_comes_again_after_its_interval_spread_by_a_tenth() -> None:
    assert waits(after_success(NOON, 60, 0.0)) == 60
    assert 60 <= waits(after_success(NOON, 60, 0.999)) < 66


def test_failures_wait_longer_each_time_up_to_an_hour() -> None:
    found = [waits(after_failure(NOON, 60, failures, 0.0)) for failures in range(12)]
    assert found[:4] == [60, 120, 240, 480]
    assert found == sorted(found)
    assert found[-1] == 3600
    assert waits(after_failure(NOON, 7200, 5, 0.0)) == 7200


@pytest.mark.parametrize(
    ("told", "waited"),
    [(None, 60), (timedelta(seconds=17), 17), (timedelta(hours=-3), 0), (timedelta(days=4000), 86_400)],
)
def test_a_limit_is_kept_as_told_but_never_silences_for_good(told: timedelta | None, waited: float) -> None:
    assert waits(after_limit(NOON, NOON + told if told is not None else None, 60)) == waited


def test_silence_counts_from_the_last_post_or_from_when_we_began() -> None:
    hour = timedelta(hours=1)
    assert is_silent(NOON, NOON - 3 * hour, NOON - 9 * hour, 7200)
    assert not is_silent(NOON, NOON - hour, NOON - 9 * hour, 7200)
    assert not is_silent(NOON, None, NOON - hour, 7200)
    assert not is_silent(NOON, NOON - 90 * hour, NOON - hour, 7200)
