"""What is worth waking somebody for, and what is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.rounds import brought_forward, retry_after, wait, width
from alerts.rules import NAMES, RULES, Limits, changes, find
from domain.alert import (
    AccountSeen,
    CaseSeen,
    DefectSeen,
    LiveAlert,
    ParkedSeen,
    PromiseSeen,
    Raise,
    Situation,
    SourceSeen,
    StormSeen,
    UnknownSeen,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EMPTY = Situation(brand_id=1, brand="Norda", silence_after_s={"rss": 86_400.0})


def case(number: int = 1, *, age: float = 0, left: float = 3600, **values) -> CaseSeen:
    """A case posted `age` minutes ago whose answer is due in `left` seconds."""
    fine = CaseSeen(
        id=number,
        channel="rss",
        author="mara",
        status="open",
        severity=1,
        priority=20,
        posted_at=NOW - timedelta(minutes=age),
        received_at=NOW - timedelta(minutes=age),
        answer_due_at=NOW + timedelta(seconds=left),
        text="Where is my bag?",
    )
    return replace(fine, **values)


def source(**values) -> SourceSeen:
    fine = SourceSeen(
        id=7,
        channel="rss",
        name="feed",
        status="listening",
        error="",
        account_id=None,
        listening_since=NOW - timedelta(days=9),
        last_ok_at=NOW,
        last_mention_at=NOW - timedelta(hours=3),
        verified_at=NOW - timedelta(hours=20),
    )
    return replace(fine, **values)


def found(seen: Situation) -> dict[tuple[str, str], Raise]:
    return {(want.rule, want.subject): want for want in find(seen, NOW, Limits())}


def stand(want: Raise, number: int = 1, acknowledged_at: datetime | None = None) -> LiveAlert:
    status = "acknowledged" if acknowledged_at else "raised"
    return LiveAlert(number, 1, want.rule, want.subject, status, want.title, NOW, acknowledged_at)


def test_a_quiet_morning_wakes_nobody():
    assert found(replace(EMPTY, cases=(case(),), sources=(source(),))) == {}


@pytest.mark.parametrize(
    ("severity", "priority", "woken"), [(3, 10, True), (2, 70, True), (2, 69.9, False), (0, 0, False)]
)
def test_a_severe_thread(severity, priority, woken):
    seen = replace(EMPTY, cases=(case(severity=severity, priority=priority),))
    assert (("severe_thread", "case:1") in found(seen)) is woken


def test_the_last_quarter_is_at_risk_then_it_is_overdue():
    def of(left: float) -> list[tuple[str, bool]]:
        seen = replace(EMPTY, cases=(case(age=60 - left / 60, left=left),))
        return [(rule, want.urgent) for (rule, _), want in found(seen).items()]

    assert of(901) == []
    assert of(900) == [("sla_at_risk", False)]
    assert of(1) == [("sla_at_risk", False)]
    assert of(0) == [("sla_breached", True)]


def test_a_snoozed_case_is_left_alone_until_it_is_late():
    assert found(replace(EMPTY, cases=(case(age=50, left=600, status="snoozed"),))) == {}
    late = replace(EMPTY, cases=(case(age=70, left=-600, status="snoozed"),))
    assert [rule for rule, _ in found(late)] == ["sla_breached"]


def test_five_late_cases_are_five_alerts_six_are_one():
    def late(count: int) -> Situation:
        return replace(EMPTY, cases=tuple(case(n, age=90, left=-1800) for n in range(count)))

    assert [subject for _, subject in found(late(5))] == [f"case:{n}" for n in range(5)]
    (want,) = found(late(6)).values()
    assert (want.subject, want.title) == ("brand", "Norda: 6 cases past their answer time")


def test_a_trickle_is_a_storm_too():
    cases = tuple(case(n, age=90, left=-1800) for n in range(23))
    live: tuple[LiveAlert, ...] = ()
    for count in range(1, 24):
        wanted = find(replace(EMPTY, cases=cases[:count], live=live), NOW, Limits())
        change = changes(live, wanted)
        assert change.gone == []
        live = (*live, *(stand(want, count) for want in change.new))
    assert [alert.subject for alert in live] == [*(f"case:{n}" for n in range(5)), "brand"]


def test_what_comes_after_the_acknowledgement_of_a_storm_is_new():
    old = tuple(case(n, age=90, left=-1800) for n in range(10))
    (group,) = find(replace(EMPTY, cases=old), NOW, Limits())
    live = (stand(group, acknowledged_at=NOW - timedelta(minutes=10)),)
    assert changes(live, find(replace(EMPTY, cases=old, live=live), NOW, Limits())).new == []
    one_more = (*old, case(50, age=65, left=-300))
    change = changes(live, find(replace(EMPTY, cases=one_more, live=live), NOW, Limits()))
    assert [want.subject for want in change.new] == ["case:50"]
    many_more = (*old, *(case(50 + n, age=65, left=-300) for n in range(6)))
    change = changes(live, find(replace(EMPTY, cases=many_more, live=live), NOW, Limits()))
    assert (change.new, [alert.subject for alert, _ in change.again]) == ([], ["brand"])


def test_a_storm_ends_when_all_are_answered():
    old = tuple(case(n, age=90, left=-1800) for n in range(10))
    (group,) = find(replace(EMPTY, cases=old), NOW, Limits())
    live = (stand(group),)
    fewer = changes(live, find(replace(EMPTY, cases=old[:3], live=live), NOW, Limits()))
    assert (fewer.new, fewer.gone) == ([], [])
    assert [want.title for _, want in fewer.reworded] == ["Norda: 3 cases past their answer time"]
    assert changes(live, find(replace(EMPTY, live=live), NOW, Limits())).gone == list(live)


@pytest.mark.parametrize(
    ("values", "rules"),
    [
        ({"status": "stopped", "error": "410 Gone"}, ["source_stopped"]),
        ({"status": "paused", "last_mention_at": None}, []),
        ({"last_mention_at": NOW - timedelta(hours=25)}, ["source_silent"]),
        ({"last_mention_at": None}, ["source_silent"]),
        ({"last_mention_at": None, "listening_since": NOW - timedelta(hours=23)}, []),
        ({"status": "failing", "last_ok_at": NOW - timedelta(minutes=14)}, []),
        ({"status": "failing", "last_ok_at": NOW - timedelta(minutes=16)}, ["source_silent"]),
        ({"status": "failing", "last_ok_at": None}, ["source_silent"]),
    ],
)
def test_sources(values, rules):
    assert [rule for rule, _ in found(replace(EMPTY, sources=(source(**values),)))] == rules


def test_a_dead_account_is_one_alert_with_its_sources():
    seen = replace(
        EMPTY,
        dead_accounts=(AccountSeen(id=3, channel="mastodon", handle="@norda", error="401 invalid token"),),
        sources=(source(status="stopped", account_id=3, name="mentions of us"),),
    )
    ((key, want),) = found(seen).items()
    assert key == ("token_dead", "account:3")
    assert "mentions of us" in want.body
    assert "401 invalid token" in want.body


@pytest.mark.parametrize(
    ("age", "has_next_step", "woken"), [(1, True, False), (1, False, True), (14, True, False), (16, True, True)]
)
def test_an_unknown_outcome(age, has_next_step, woken):
    unknown = UnknownSeen(
        id=4, case_id=2, channel="rss", since=NOW - timedelta(minutes=age), has_next_step=has_next_step
    )
    assert bool(found(replace(EMPTY, unknowns=(unknown,)))) is woken


def test_a_parked_step():
    assert list(found(replace(EMPTY, parked=(ParkedSeen(kind="send", row_id=9),)))) == [("step_parked", "send:9")]


def test_a_long_post_is_quoted_and_cut():
    (want,) = found(replace(EMPTY, cases=(case(severity=3, text="x" * 5000 + "\nsecond line"),))).values()
    assert len(want.body) < 500
    assert "second line" not in want.body


def test_every_rule_has_a_name_for_people():
    assert {rule.__name__ for rule in RULES} == set(NAMES)


def test_rounds_come_sooner_then_later_and_never_end():
    assert [wait(n, True).total_seconds() / 60 for n in (1, 2, 3, 4, 5, 10_000)] == [5, 5, 5, 15, 15, 15]
    assert wait(10_000, False) == timedelta(hours=1)
    assert [width(n) for n in (1, 2, 3, 4, 5, 10_000)] == [1, 1, 2, 3, 3, 3]
    assert [brought_forward(n) for n in (1, 3, 4, 10_000)] == [True, True, False, False]
    assert [retry_after(n) is None for n in (1, 4, 5)] == [False, False, True]


def test_posts_that_were_not_looked_at_again_in_time_are_told_once_per_source():
    duty = replace(EMPTY, verify_within_s={"rss": 86_400.0})
    late = source(verified_at=NOW - timedelta(hours=25), verify_error="HTTP 503", account_id=3)
    assert found(replace(duty, sources=(source(),))) == {}
    told = found(replace(duty, sources=(late,)))[("verify_overdue", "source:7")]
    assert "HTTP 503" in told.body
    assert "24 h is the limit" in told.body
    assert found(replace(EMPTY, sources=(late,))) == {}
    dead = AccountSeen(id=3, channel="rss", handle="norda", error="revoked")
    assert set(found(replace(duty, sources=(late,), dead_accounts=(dead,)))) == {("token_dead", "account:3")}


def promise_seen(**changes: Any) -> PromiseSeen:
    given: dict[str, Any] = {
        "id": 9, "case_id": 4, "channel": "mastodon", "status": "open", "owner_id": 77, "owner": "Agent Norda",
        "due_at": NOW,
    }  # fmt: skip
    return PromiseSeen(**given | changes)


@pytest.mark.parametrize(
    ("status", "rule"), [("found", "promise_due"), ("open", "promise_due"), ("broken", "promise_broken")]
)
def test_a_promise_is_told_to_its_owner_once_near_its_moment_and_once_when_it_broke(status: str, rule: str) -> None:
    found = find(Situation(brand_id=1, brand="Norda", promises=(promise_seen(status=status),)), NOW, Limits())
    assert [(each.rule, each.subject, each.for_user_id) for each in found] == [(rule, "promise:9", 77)]
    assert "Agent Norda" in found[0].body


def test_a_reported_defect_is_told_to_its_owner_first_and_wakes_nobody() -> None:
    seen = DefectSeen(problem_id=5, title="Card reader\nfails", owner_id=77, owner="Ida", people=12)
    [told] = find(Situation(brand_id=1, brand="Norda", defects=(seen,)), NOW, Limits())
    assert (told.rule, told.subject, told.for_user_id, told.urgent) == ("defect_reported", "defect:5", 77, False)
    assert "12 people" in told.body
    assert "\n" not in told.title


@pytest.mark.parametrize(
    ("minutes", "rule"), [(-61, None), (-16, None), (-14, "word_due"), (0, "word_late"), (90, "word_late")]
)
@pytest.mark.parametrize(("is_out", "what"), [(False, "the statement"), (True, "the next word")])
def test_a_word_that_a_storm_owes_is_told_near_its_moment_and_calls_somebody_once_it_is_late(
    minutes: int, rule: str | None, is_out: bool, what: str
) -> None:
    due = NOW - timedelta(minutes=minutes)
    storm = StormSeen(id=8, title="Cold\ncoaches", is_out=is_out, since=due - timedelta(hours=1), due_at=due)
    found = find(Situation(brand_id=1, brand="Norda", storms=(storm,)), NOW, Limits())
    assert [(each.rule, each.subject, each.urgent) for each in found] == (
        [(rule, "storm:8", rule == "word_late")] if rule else []
    )
    assert all(what in each.title and "Cold coaches" in each.body for each in found)
