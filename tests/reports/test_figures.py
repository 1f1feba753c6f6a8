"""Each figure equals its recomputation in plain SQL, on both databases."""

import pytest

from reports.figures import figures
from reports.period import Period, between, last_days
from reports.report import Report, build
from tests.reports.conftest import NOW, History
from tests.reports.recomputed import Recomputed

PERIODS = {
    "a week that runs": last_days(7, "UTC", NOW),
    "four weeks over a clock change": last_days(28, "Europe/Zagreb", NOW),
    "half an hour beside, over a clock change": between("2026-03-30", "2026-04-08", "Australia/Adelaide", NOW),
    "one day of 23 hours": between("2026-03-29", "2026-03-29", "Europe/Zagreb", NOW),
    "before anything was heard": between("2025-01-01", "2025-01-31", "Asia/Kolkata", NOW),
}


async def report_of(history: History, period: Period, channel: str = "") -> Report:
    async with history.db.read() as session:
        return await build(session, [history.brand], period, channel, NOW)


def same(value: float | None, expected: float | None) -> bool:
    if value is None or expected is None:
        return value is expected
    return value == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("channel", ["", "rss"])
@pytest.mark.parametrize("name", PERIODS)
async def test_each_figure_equals_an_independent_recomputation(history: History, name: str, channel: str):
    period = PERIODS[name]
    found = figures(await report_of(history, period, channel))
    again = Recomputed(history.sql, history.brand, period.since, period.until, NOW, channel)
    expected = await again.all(period.zone, period.days)
    zero = {key for key, value in expected.items() if value is not None}
    wrong = [
        (each.name, each.group, each.value, expected.get((each.name, each.group)))
        for each in found
        if not same(each.value, expected.get((each.name, each.group), 0 if each.value == 0 else None))
    ]
    assert wrong == []
    told = {(each.name, each.group) for each in found}
    assert zero <= told, sorted(zero - told)


async def test_the_period_before_is_told_beside_and_adds_up_too(history: History):
    period = PERIODS["four weeks over a clock change"]
    before = period.before(NOW)
    again = Recomputed(history.sql, history.brand, before.since, before.until, NOW)
    expected = await again.all(period.zone, [])
    without = {"by_day", "by_hour", "coverage", "gaps", "late_minutes", "paused_minutes"}
    for each in figures(await report_of(history, period)):
        if each.name not in without:
            wanted = expected.get((each.name, each.group), 0 if each.before == 0 else None)
            assert same(each.before, wanted), (each.name, each.group)


async def test_parts_add_up_to_the_whole(history: History):
    report = await report_of(history, PERIODS["four weeks over a clock change"])
    volume, response = report.here.volume, report.here.response
    assert volume.mentions > 100
    assert volume.raw == volume.mentions + volume.reposts + volume.ignored + volume.withdrawn
    assert sum(each.total() for each in volume.by_day.values()) == volume.mentions
    assert sum(each.total() for each in volume.by_channel.values()) == volume.mentions
    assert report.by_hour.total() == volume.mentions
    assert len(report.by_hour) > 20
    assert volume.by_language.total() == volume.feelings.total() == volume.mentions
    assert len(response.cases) == len(response.answered) + len(response.waiting) + len(response.closed)
    assert sum(len(ids) for ids in response.buckets.values()) == len(response.answered)
    for kept in response.within.values():
        assert sum(map(len, (kept.met, kept.missed, kept.running, kept.closed))) == len(response.cases)


async def test_each_answered_case_is_solved_at_first_contact_or_not_or_running_or_unknown(history: History):
    report = await report_of(history, PERIODS["four weeks over a clock change"])
    found = report.here.first_contact
    assert all((found.met, found.missed, found.running, found.unknown))
    assert sorted(found.met + found.missed + found.running + found.unknown) == sorted(report.here.response.answered)


async def test_a_report_knows_nothing_of_other_brands(history: History):
    period = PERIODS["four weeks over a clock change"]
    async with history.db.read() as session:
        both = await build(session, [history.brand, history.other.brand_id], period, "", NOW)
        none = await build(session, [], period, "", NOW)
    one = await report_of(history, period)
    assert both.here.volume.mentions > one.here.volume.mentions
    assert set(one.brands) == {history.brand}
    assert none.is_empty
    assert none.brands == {}
    assert not set(one.here.response.cases) & set(history.other.cases)


async def test_the_longest_report_needs_no_more_queries_than_the_shortest(sqlite_history: History):
    async def queries(days: int) -> int:
        seen: list[str] = []
        from sqlalchemy import event

        engine = sqlite_history.db._reader.sync_engine

        def note(conn, cursor, statement, *rest):
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        await report_of(sqlite_history, last_days(days, "UTC", NOW))
        event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    assert await queries(1) == await queries(90)
