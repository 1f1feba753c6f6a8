"""The timeline of a source: what was seen, what was missed, and what was read late."""

from datetime import datetime, timedelta

import pytest

from storage import coverage, tables
from tests.storage.conftest import START, House
from tests.storage.test_ingest import page, rows, store

Line = list[tuple[str, int, int]]


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


async def poll(house: House, minutes: float, *, resumed: bool = True, gap: str | None = None) -> None:
    """A complete poll at this minute; up to ten minutes without one are normal here."""
    await store(house, page(house, now=at(minutes), resumed=resumed, gap=gap, patience_s=600.0))


async def fail(house: House, minutes: float, why: str = "503") -> None:
    async with house.db.write() as session:
        await coverage.extend(session, house.source_id, "gap", at(minutes), why)


async def line(house: House) -> Line:
    """State, start and end in minutes; what lasted no time is left out."""
    found = [
        (s.state, int((s.started_at - START).total_seconds() // 60), int((s.ended_at - START).total_seconds() // 60))
        for s in await rows(house, tables.Coverage)
    ]
    return [stretch for stretch in found if stretch[1] != stretch[2]]


async def test_good_polls_are_one_stretch(house: House) -> None:
    for minutes in (0, 2, 9):
        await poll(house, minutes)
    assert await line(house) == [("seen", 0, 9)]
    assert len(await rows(house, tables.Coverage)) == 1


async def test_a_break_is_a_gap_and_late_once_a_poll_went_on_from_its_place(house: House) -> None:
    await poll(house, 0)
    await poll(house, 5)
    await fail(house, 6)
    await fail(house, 20)
    assert await line(house) == [("seen", 0, 5), ("gap", 5, 20)]
    await poll(house, 30)
    await poll(house, 35)
    assert await line(house) == [("seen", 0, 5), ("late", 5, 30), ("seen", 30, 35)]


async def test_a_break_with_several_causes_is_one_break(house: House) -> None:
    await poll(house, 0)
    await fail(house, 6, "503")
    await fail(house, 9, "timeout")
    await poll(house, 12)
    assert await line(house) == [("late", 0, 6), ("late", 6, 12)]


@pytest.mark.parametrize(("resumed", "state"), [(True, "late"), (False, "gap")])
async def test_our_own_downtime_shows_though_nobody_was_there_to_note_it(
    house: House, resumed: bool, state: str
) -> None:
    await poll(house, 0)
    await poll(house, 5)
    await poll(house, 600, resumed=resumed)
    await poll(house, 605)
    assert await line(house) == [("seen", 0, 5), (state, 5, 600), ("seen", 600, 605)]
    (down,) = [s for s in await rows(house, tables.Coverage) if s.state == state]
    assert "stopped" in down.reason


async def test_a_gap_the_network_tells_of_is_never_closed(house: House) -> None:
    await poll(house, 0)
    await poll(house, 5, gap="the feed rolled over")
    await poll(house, 9)
    await fail(house, 12)
    await poll(house, 15)
    assert await line(house) == [("gap", 0, 5), ("seen", 5, 9), ("late", 9, 15)]


async def test_a_break_that_ends_with_posts_out_of_reach_stays_a_gap(house: House) -> None:
    await poll(house, 0)
    await fail(house, 20)
    await poll(house, 30, gap="cursor too old")
    await poll(house, 35)
    assert {state for state, *_ in await line(house)} == {"gap", "seen"}


async def test_a_page_that_is_not_the_last_says_nothing_yet(house: House) -> None:
    await poll(house, 0)
    await fail(house, 5)
    await store(house, page(house, now=at(8), complete=False))
    assert await line(house) == [("gap", 0, 5)]
    await poll(house, 9)
    assert await line(house) == [("late", 0, 9)]


async def test_what_a_person_paused_is_neither_seen_nor_a_gap(house: House) -> None:
    await poll(house, 0)
    await poll(house, 5)
    async with house.db.write() as session:
        await coverage.extend(session, house.source_id, "paused", at(5), "paused by Mara")
        await coverage.extend(session, house.source_id, "paused", at(60))
    await poll(house, 61)
    await poll(house, 62)
    assert await line(house) == [("seen", 0, 5), ("paused", 5, 60), ("seen", 60, 62)]


async def test_a_clock_set_back_makes_no_stretch_of_negative_length(house: House) -> None:
    await poll(house, 10)
    await poll(house, 5)
    await fail(house, 3)
    await poll(house, 12)
    assert all(s.ended_at >= s.started_at for s in await rows(house, tables.Coverage))


async def test_the_timeline_gives_what_touches_the_period_in_order(house: House) -> None:
    for minutes in (0, 5, 100, 105):
        await poll(house, minutes)
    async with house.db.read() as session:
        found = await coverage.timeline(session, [house.source_id], at(3), at(50))
    assert [stretch.state for stretch in found] == ["seen", "late"]


async def test_recent_gaps_are_told_by_source_with_how_long(house: House) -> None:
    async with house.db.write() as session:
        await coverage.seen(session, house.source_id, START, patience_s=900, resumed=False)
        await coverage.extend(session, house.source_id, "gap", START + timedelta(hours=3), "HTTP 503")
        await coverage.seen(session, house.source_id, START + timedelta(hours=3), patience_s=900, resumed=False)
    async with house.db.read() as session:
        both = [house.brand_id, 7]
        assert await coverage.recent_gaps(session, both, START - timedelta(hours=1)) == [("feed", 3 * 3600.0)]
        assert await coverage.recent_gaps(session, both, START + timedelta(hours=2)) == [("feed", 3600.0)]
        assert await coverage.recent_gaps(session, both, START + timedelta(hours=3)) == []
        assert await coverage.recent_gaps(session, [7], START) == []
