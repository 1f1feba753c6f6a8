"""How many people say yes, by what could go wrong."""

from typing import Any

import pytest

from responders.depth import GRAVE, Depth, Situation, depth


def of(two_from: str = "high", approvers: int = 3, **more: Any) -> Depth:
    given: dict[str, Any] = {"themes": frozenset({"delivery"}), "severity": 1} | more
    return depth(Situation(**given), two_from=two_from, approvers=approvers)


def test_an_ordinary_matter_takes_one_person() -> None:
    found = of()
    assert (found.level, found.reasons, found.people) == ("low", (), 1)
    assert of("medium").people == 1


@pytest.mark.parametrize("theme", GRAVE)
def test_a_grave_theme_takes_two_and_says_which(theme: str) -> None:
    found = of(themes=frozenset({"delivery", theme}))
    assert (found.level, found.reasons, found.people) == ("high", (theme,), 2)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"themes": frozenset({"billing"}), "severity": 3}, "money in a grave complaint"),
        ({"overruled": ("bad_link",)}, "overruled: bad link"),
        ({"over_limit": "30 EUR is more than the 20 EUR of goodwill"}, "30 EUR is more than the 20 EUR of goodwill"),
    ],
)
def test_what_else_is_high(more: dict[str, Any], reason: str) -> None:
    found = of(**more)
    assert (found.level, found.reasons, found.people) == ("high", (reason,), 2)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"findings": ("jargon",)}, "finding: jargon"),
        ({"severity": 2}, "a real complaint"),
        ({"themes": frozenset({"other"})}, "an unknown topic"),
        ({"themes": frozenset()}, "an unknown topic"),
    ],
)
def test_some_risk_takes_one_unless_the_brand_wants_two(more: dict[str, Any], reason: str) -> None:
    found = of(**more)
    assert (found.level, found.reasons, found.people) == ("medium", (reason,), 1)
    assert of("medium", **more).people == 2


def test_money_alone_and_a_grave_complaint_alone_are_not_high() -> None:
    assert of(themes=frozenset({"billing"}), severity=2).level == "medium"
    assert of(themes=frozenset({"delivery"}), severity=3).level == "medium"


@pytest.mark.parametrize("two_from", ["high", "medium"])
def test_a_team_of_one_can_still_work_and_is_told(two_from: str) -> None:
    found = of(two_from, 1, themes=frozenset({"safety"}))
    assert (found.level, found.people, found.alone) == ("high", 1, True)


def test_what_is_earned_lowers_some_risk_and_never_a_high_one() -> None:
    lowered = of("medium", severity=2, earned="earned: 40 of 40")
    assert (lowered.level, lowered.people) == ("low", 1)
    assert lowered.reasons == ("a real complaint", "earned: 40 of 40")
    assert of("medium", themes=frozenset({"legal"}), earned="earned: 40 of 40").people == 2
