"""The rules behind the figures: who counts as waiting, what a percentile may claim, what was not seen."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reports.blind_spots import sight
from reports.metrics import kept, milliseconds, quantiles, response, volume
from storage.reporting import CaseTimes, MentionCount, SourceTimeline
from storage.tables import Coverage, SourceRow

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def case(
    row_id: int, age_h: float, answered_h: float | None = None, closed_h: float | None = None, **more
) -> CaseTimes:
    """A case posted `age_h` hours ago, answered or closed so many hours after its post."""

    def after(hours: float | None) -> int | None:
        return None if hours is None else milliseconds(NOW + (hours - age_h) * HOUR)

    values = {
        "is_posted": True, "is_due": True, "is_limit": True, "relevant": True, "id": row_id, "posted_ms": after(0),
        "opened_ms": after(0), "due_ms": after(1), "limit_ms": after(24), "answer_ms": after(answered_h),
        "closed_ms": after(closed_h),
    }  # fmt: skip
    return CaseTimes(**(values | more))


def one_hour(cases: list[CaseTimes]):
    return kept(cases, lambda each: each.posted_ms + 3_600_000, milliseconds(NOW))


def test_a_case_that_waits_longer_than_the_limit_is_missed_not_left_out():
    found = one_hour([case(1, 5), case(2, 5, 0.5)])
    assert (found.met, found.missed) == ((2,), (1,))
    assert found.share.value == 50


def test_a_case_still_inside_its_window_is_shown_apart():
    found = one_hour([case(1, 0.5), case(2, 5, 0.5)])
    assert found.running == (1,)
    assert found.share.value == 100


def test_answered_late_is_missed_and_exactly_in_time_is_met():
    found = one_hour([case(1, 5, 1.0), case(2, 5, 1.001), case(3, 1.0)])
    assert (found.met, found.missed) == ((1,), (2, 3))


def test_closing_in_time_leaves_the_clock_but_closing_late_does_not_hide_a_miss():
    found = one_hour([case(1, 5, None, 0.5), case(2, 5, None, 2)])
    assert (found.closed, found.missed) == ((1,), (2,))


def test_an_irrelevant_case_is_left_out_unless_it_was_answered():
    cases = [case(1, 5, relevant=False), case(2, 5, 0.1, relevant=False), case(3, 5)]
    found = response(cases, NOW)
    assert found.cases == (2, 3)
    assert found.irrelevant_cases == (1,)


def test_a_holding_reply_is_a_first_word_and_no_answer():
    held = case(1, 5, word_ms=milliseconds(NOW - 4 * HOUR))
    found = response([held], NOW)
    assert found.first_word[50].seconds == 3600
    assert not found.first_word[50].at_least
    assert found.first_answer[50].at_least
    assert found.waiting == (1,)


def test_a_network_whose_clock_runs_ahead_makes_no_negative_time():
    found = response([case(1, 1, -0.2)], NOW)
    assert found.first_answer[50].seconds == 0


def test_a_percentile_claims_no_more_than_is_known():
    done = [(n * 60.0, True, n) for n in range(1, 8)]
    waiting = [(5.0, False, n) for n in range(8, 11)]
    found = quantiles(done + waiting)
    assert found.n == 10
    # three young cases wait: they may yet take longer than anything, so the fifth of ten is at least the second answer
    assert (found[50].seconds, found[50].at_least) == (120.0, True)
    assert not quantiles(done)[50].at_least
    assert quantiles(done)[50].seconds == 240.0
    old = [(1e6, False, n) for n in range(8, 11)]
    assert (quantiles(done + old)[50].seconds, quantiles(done + old)[50].at_least) == (300.0, False)
    assert quantiles(done + old)[90].at_least
    assert quantiles([])[50].seconds is None


def test_reposts_irrelevant_and_removed_posts_are_heard_but_no_mentions():
    rows = [
        MentionCount("2026-03-02", "rss", "negative", "en", "kept", False, 3),
        MentionCount("2026-03-02", "rss", "unsure", None, "received", False, 1),
        MentionCount("2026-03-02", "rss", "negative", "en", "kept", True, 5),
        MentionCount("2026-03-02", "rss", "negative", "en", "ignored", True, 7),
        MentionCount("2026-03-02", "rss", "unsure", "en", "withdrawn", False, 2),
    ]
    found = volume(rows, [])
    assert (found.mentions, found.raw, found.reposts, found.ignored, found.withdrawn) == (4, 18, 5, 7, 2)
    assert found.share("negative").value == 100
    assert found.share("unsure").value == 25
    assert found.net == -100
    assert found.by_language == {"en": 3, "unknown": 1}


def test_nothing_divides_by_nothing():
    found = volume([], [])
    assert found.net is None
    assert found.share("negative").value is None
    assert response([], NOW).within["within_1h"].share.value is None


# --- what was not seen -----------------------------------------------------------------------------------------


def line(*stretches: tuple[str, float, float], **values) -> SourceTimeline:
    given: dict[str, Any] = {
        "id": 1, "brand_id": 1, "channel": "rss", "name": "feed", "created_at": NOW - 48 * HOUR,
        "next_poll_at": NOW + HOUR,
    }  # fmt: skip
    source = SourceRow(**(given | values))
    rows = [
        Coverage(id=n, source_id=1, started_at=NOW - begin * HOUR, ended_at=NOW - end * HOUR, state=state)
        for n, (state, begin, end) in enumerate(stretches)
    ]
    return SourceTimeline(source, rows)


def seen(timeline: SourceTimeline):
    return sight(timeline, NOW - 24 * HOUR, NOW + 12 * HOUR, NOW)


def test_a_gap_is_minutes_due_and_not_seen():
    found = seen(line(("seen", 48, 6), ("gap", 6, 4), ("seen", 4, 0)))
    assert (found.due, found.seen) == (24 * 60, 22 * 60)
    assert [gap.minutes for gap in found.gaps] == [120]


def test_what_was_caught_up_counts_as_seen_and_a_pause_is_not_due():
    found = seen(line(("seen", 48, 20), ("late", 20, 16), ("paused", 16, 10), ("seen", 10, 0)))
    assert found.share == 100
    assert found.due == 18 * 60
    assert found.minutes("late") == 240


def test_time_before_a_source_was_added_is_not_due():
    assert seen(line(("seen", 3, 0), created_at=NOW - 3 * HOUR)).due == 180


def test_a_poll_that_is_planned_is_no_gap_but_an_overdue_one_is():
    assert seen(line(("seen", 48, 2))).gaps == ()
    overdue = seen(line(("seen", 48, 2), next_poll_at=NOW - 2 * HOUR))
    assert [gap.minutes for gap in overdue.gaps] == [120]


def past(timeline: SourceTimeline):
    return sight(timeline, NOW - 24 * HOUR, NOW - 4 * HOUR, NOW)


def test_silence_that_is_normal_is_no_gap_of_a_time_that_is_over():
    """A feedback page to which nobody writes, a sender that has nothing to tell."""
    last = NOW - 20 * HOUR
    assert past(line(("seen", 48, 20), last_ok_at=last)).gaps == ()
    assert past(line(last_ok_at=None)).gaps == ()
    for missing in ({"next_poll_at": NOW - HOUR}, {"status": "failing"}, {"last_ok_at": NOW - HOUR}):
        found = past(line(("seen", 48, 20), **({"last_ok_at": last} | missing)))
        assert [gap.minutes for gap in found.gaps] == [16 * 60], missing


@pytest.mark.parametrize(("status", "state"), [("stopped", "gap"), ("paused", "paused")])
def test_a_source_that_stands_still_says_so_up_to_now(status: str, state: str):
    assert seen(line(("seen", 48, 2), status=status)).stretches[-1].state == state


def test_a_source_that_was_never_polled_saw_nothing():
    found = seen(line(next_poll_at=NOW - 30 * HOUR))
    assert found.share == 0
    assert found.gaps[0].reason == "never polled"


def test_a_hole_between_stretches_is_a_gap():
    assert [gap.minutes for gap in seen(line(("seen", 48, 6), ("seen", 5, 0))).gaps] == [60]
