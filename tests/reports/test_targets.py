"""What was aimed at beside what was reached."""

from reports.figures import Figure
from reports.goals import common
from reports.targets import Target, against


def test_a_target_is_reached_not_reached_or_cannot_be_said():
    found = [Figure("fcr", "", 80.0, 10), Figure("fcr", "met", 8, 8), Figure("csat", "", None, 3)]
    told = against({"csat": 90.0, "fcr": 80.0}, found)
    assert told == [Target("fcr", 80.0, 80.0, 10), Target("csat", 90.0, None, 3)]
    assert [(each.reached, each.state) for each in told] == [(True, "reached"), (None, "cannot be said yet")]
    assert Target("fcr", 80.0, 79.99, 10).state == "not reached"


def test_brands_share_a_target_only_where_all_have_the_same():
    one, other = {"targets": {"fcr": 80.0, "csat": 90.0}}, {"targets": {"fcr": 80.0, "csat": 85.0}}
    assert common([one]) == {"fcr": 80.0, "csat": 90.0}
    assert common([one, other]) == {"fcr": 80.0}
    assert common([one, {}]) == common([]) == {}
