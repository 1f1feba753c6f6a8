"""A harness that cannot fail proves nothing: each planted fault must be found, and named for what it is."""

import re

import pytest

from tests.crash.harness import Lane, Trial
from tests.crash.sabotage import FAULTS

UNCLEAR = ({"kind": "reset", "applied": True},)
TRIALS: dict[str, Trial] = {
    "mark before send": Trial(({"point": "publish.before_connect", "nth": 1},)),
    "send before mark": Trial(({"point": "publish.after_answer", "nth": 1},)),
    "cursor before page": Trial(({"point": "ingest.before_insert", "nth": 1},)),
    "resend without proof": Trial(faults=UNCLEAR),
    "alert marked before sent": Trial(({"point": "alert.before_send", "nth": 1},)),
    "other bytes": Trial(),
    "recall without effect": Trial(),
    "change without history": Trial(),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(two_lanes: list[Lane], name: str) -> None:
    trial = TRIALS[name]
    result = two_lanes[0].play(Trial(trial.kills, trial.faults, sabotage=name))
    expected = FAULTS[name][1]
    assert any(re.match(expected, problem) for problem in result.problems), result


def test_without_a_planted_fault_the_checker_is_content(two_lanes: list[Lane]) -> None:
    assert two_lanes[0].play(Trial(faults=UNCLEAR)).problems == []
