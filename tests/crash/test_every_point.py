"""Die at every named point once, on both databases: nothing lost, nothing doubled, nothing unapproved."""

import re

import pytest

from tests.crash.harness import PROJECT, Lane, Result, Trial, play_all

STAGES = {
    "poll": ("before_request", "after_response"),
    "ingest": ("before_insert", "before_cursor", "before_commit", "after_commit"),
    "draft": ("before_compose", "after_compose", "before_commit", "after_commit"),
    "approve": ("before_commit", "committed"),
    "publish": (
        "before_intent_commit",
        "after_intent_commit",
        "before_connect",
        "after_answer",
        "before_outcome_commit",
        "after_outcome_commit",
    ),
    "send": ("connected", "head_sent", "body_sent", "answer_begun"),
    "confirm": ("before_read", "after_read", "before_commit", "after_commit"),
    "alert": (
        "before_trigger_commit",
        "after_trigger_commit",
        "before_round_commit",
        "after_round_commit",
        "before_send",
        "after_send_before_mark",
        "after_mark",
        "before_ack_commit",
        "acknowledged",
    ),
}
"""What must have a point, from hearing to the confirmed reply and from a cause to its acknowledgement."""
WANTED = {f"{stage}.{place}" for stage, places in STAGES.items() for place in places}
FAULTS = ({"kind": "reset", "applied": True},)
CHAIN = 6


ELSEWHERE = "renew."
"""Points that no ordinary life comes to: `tests/listener/test_renewing.py` dies at each."""


def named_in_source() -> set[str]:
    """Every crash point that an ordinary life comes to."""
    folders = ("alerts", "channels", "commands", "domain", "listener", "net", "reports", "responders", "storage", "web")
    files = (path for folder in folders for path in (PROJECT / folder).rglob("*.py"))
    found = {name for path in files for name in re.findall(r'crashpoint\("([a-z_.]+)"\)', path.read_text())}
    return {name for name in found if not name.startswith(ELSEWHERE)}


def test_every_stage_has_its_points() -> None:
    assert sorted(WANTED - named_in_source()) == []


def test_every_point_is_reached_by_an_ordinary_life(two_lanes: list[Lane]) -> None:
    assert sorted(named_in_source() - set(two_lanes[0].points)) == []


def test_dying_at_every_point_once_on_sqlite(two_lanes: list[Lane]) -> None:
    points = list(two_lanes[0].points)
    trials = [Trial(({"point": point, "nth": 1},), FAULTS, ("later",), threads=True) for point in points]
    results = play_all(two_lanes, trials)
    died = {death for result in results for death in result.deaths}
    assert (problems_of(trials, results), sorted(set(points) - died)) == ([], [])


@pytest.mark.postgres
def test_dying_at_every_point_once_on_postgres(postgres_lane: Lane) -> None:
    """Several deaths in a row per trial, because a life takes seconds there."""
    problems: list[str] = []
    left = list(postgres_lane.points)
    while left and not problems:
        trial = Trial(tuple({"point": point, "nth": 1} for point in left[:CHAIN]), FAULTS, ("later",))
        result = postgres_lane.play(trial)
        problems = [f"died at {result.deaths}: {problem}" for problem in result.problems]
        assert result.deaths or problems, f"never reached: {left[0]}"
        left = [point for point in left if point not in result.deaths]
    assert problems == []


@pytest.mark.long
def test_dying_at_every_pair_of_points(two_lanes: list[Lane]) -> None:
    """Die again while recovering, at every point, from a death at every point."""
    points = list(two_lanes[0].points)
    kills = [({"point": first, "nth": 1}, {"point": second, "nth": 1}) for first in points for second in points]
    trials = [Trial(pair, FAULTS) for pair in kills]
    assert problems_of(trials, play_all(two_lanes, trials)) == []


def problems_of(trials: list[Trial], results: list[Result]) -> list[str]:
    """Each problem with the trial it came from."""
    both = zip(trials, results, strict=True)
    return [f"{trial.kills}: {problem}" for trial, result in both for problem in result.problems]
