"""Kill at random points and at any moment, again and again, under faults of the network and of the mail server.

A failure prints its seed: `random_trial(seed, lane.points)` is the whole trial.
"""

import os

import pytest

from tests.crash.harness import Lane, run_random

SEED = int(os.environ.get("CRASH_SEED", "1"))


def kill(lanes: list[Lane], kills: int) -> None:
    tally = run_random(lanes, kills, SEED)
    print(f"\nfrom seed {SEED}: {tally}")
    assert tally.problems == [], str(tally)
    assert tally.kills >= kills


def test_200_kills_on_sqlite(two_lanes: list[Lane]) -> None:
    kill(two_lanes, 200)


@pytest.mark.postgres
def test_40_kills_on_postgres(postgres_lane: Lane) -> None:
    kill([postgres_lane], 40)


@pytest.mark.long
def test_2000_kills_on_sqlite(two_lanes: list[Lane]) -> None:
    kill(two_lanes, 2000)


@pytest.mark.long
@pytest.mark.postgres
def test_200_kills_on_postgres(postgres_lane: Lane) -> None:
    kill([postgres_lane], 200)
