"""`run.py test`: what it runs, and that one failed step fails the whole."""

import pytest

from commands import suite
from commands.suite import SPREAD, Step, plan, run_suite


def test_by_default_the_checks_run_and_the_slow_proofs_do_not():
    steps = plan(["-q"], peers=False, long=False)
    assert [step.name for step in steps] == ["ruff check", "ruff format", "mypy", "pytest"]
    assert steps[-1].arguments == ("pytest", "-rs", *SPREAD, "-m", "not peer and not long", "-q")


@pytest.mark.parametrize(("peers", "long", "marks"), [(1, 0, "peer"), (0, 1, "long"), (1, 1, "peer or long")])
def test_the_slow_proofs_run_alone(peers, long, marks):
    (step,) = plan([], peers=bool(peers), long=bool(long))
    assert step.arguments[3] == marks


def test_every_step_runs_and_one_failure_fails_the_whole(monkeypatch, capfd):
    steps = [Step("first", ("no_such_module_here",)), Step("second", ("this", "-q"))]
    monkeypatch.setattr(suite, "plan", lambda arguments, *, peers, long: steps)
    assert run_suite([]) == 1
    summary = capfd.readouterr().out.partition("Summary")[2]
    assert "FAILED  first" in summary
    assert "passed  second" in summary


def test_the_slow_proofs_are_told_that_they_may_run(monkeypatch):
    seen: dict[str, str] = {}

    def run_nothing(step: Step, environment: dict[str, str]) -> tuple[int, float]:
        seen.update(environment)
        return 0, 0.0

    monkeypatch.delenv("EARSHOT_PEERS", raising=False)
    monkeypatch.setattr(suite, "run_step", run_nothing)
    assert run_suite([], peers=True) == 0
    assert seen["EARSHOT_PEERS"] == "1"
    assert "EARSHOT_LONG" not in seen
