"""The bounds of answers by API, as pure rules: each one alone, and what is missed when it is taken away."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels.policies import Bound, Policies
from responders import policy
from responders.policy import Facts, objection
from storage.bounds import DAY

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STRICT = Policies(
    reply_window_s=Bound(7 * 86_400, "their terms"),
    holding_counts=True,
    per_post=Bound(1, "their guidelines"),
    per_day=Bound(3, "their limits"),
    bot_label="their rules for automation",
)
FINE = Facts(
    policies=STRICT, now=NOW, posted_at=NOW - timedelta(hours=1), kind="answer", said=None, kinds=(), labelled=True,
    sendings=(), per_day=200,
)  # fmt: skip


def ago(*hours: float) -> tuple[datetime, ...]:
    return tuple(NOW - timedelta(hours=each) for each in hours)


BREAKS: dict[str, tuple[dict[str, Any], str]] = {
    "opt_out": ({"said": "stop"}, "the author's wish"),
    "bot_label": ({"labelled": None}, "their rules for automation"),
    "reply_window": ({"posted_at": NOW - timedelta(days=7, seconds=1)}, "their terms"),
    "per_post": ({"kinds": ("holding",)}, "their guidelines"),
    "per_day": ({"sendings": ago(23, 5, 1)}, "their limits"),
}
"""One situation for each rule, in which it and no other objects."""


def test_what_breaks_no_rule_may_leave() -> None:
    assert objection(FINE) is None


def test_each_rule_has_its_situation() -> None:
    assert [rule.__name__ for rule in policy.RULES] == list(BREAKS)


@pytest.mark.parametrize("name", BREAKS)
def test_each_rule_objects_with_a_reason_and_whose_rule_it_is(name: str) -> None:
    changes, source = BREAKS[name]
    found = objection(replace(FINE, **changes))
    assert found is not None
    assert (found.rule, found.source) == (name, source)
    assert found.reason
    assert (found.until is not None) == (name == "per_day")


@pytest.mark.parametrize("name", BREAKS)
def test_without_its_rule_each_situation_would_pass(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: a rule that is lost is noticed by nothing else."""
    monkeypatch.setattr(policy, "RULES", tuple(rule for rule in policy.RULES if rule.__name__ != name))
    assert objection(replace(FINE, **BREAKS[name][0])) is None


def test_a_network_without_rules_has_one_answer_to_a_post_and_the_bound_of_the_installation() -> None:
    free = replace(FINE, policies=Policies(), labelled=None, posted_at=NOW - timedelta(days=900))
    assert objection(free) is None
    assert objection(replace(free, kinds=("holding",))) is None
    assert objection(replace(free, kinds=("holding", "answer"))) is not None
    assert objection(replace(free, kind="holding", kinds=("answer",))) is None
    capped = objection(replace(free, per_day=2, sendings=ago(3, 1)))
    assert capped is not None
    assert capped.source == "the settings of this installation"


@pytest.mark.parametrize(("hours", "left"), [((23, 5, 1), 1), ((23, 22, 5, 1), 2), ((24, 23, 22, 21), 1)])
def test_the_next_may_leave_when_fewer_than_the_bound_are_younger_than_a_day(
    hours: tuple[float, ...], left: float
) -> None:
    sendings = tuple(moment for moment in ago(*hours) if moment > NOW - DAY)
    found = objection(replace(FINE, sendings=sendings))
    assert found is not None
    assert found.until == NOW + timedelta(hours=left)
    later = tuple(moment for moment in sendings if moment > found.until - DAY)
    assert objection(replace(FINE, now=found.until, sendings=later)) is None


def test_a_wish_of_the_author_comes_before_everything() -> None:
    found = objection(
        replace(FINE, **{name: value for changes, _ in BREAKS.values() for name, value in changes.items()})
    )
    assert found is not None
    assert found.rule == "opt_out"
