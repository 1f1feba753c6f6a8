"""How a cursor moves: edges, overlap, pages, tokens that die, quiet weeks."""

from __future__ import annotations

import json
from datetime import timedelta

from channels.x.place import Place, Walk
from channels.x.prices import Meter
from channels.x.reading import Included, Reading
from channels.x.snowflake import OVERLAP_MS, first_id_at, moment_of, overlapped
from tests.channels.network import NOON

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def page(newest: int = 0, oldest: int = 0, token: str = "", count: int = 1) -> Reading:
    return Reading(({},) * count if newest else (), Included({}, {}), token, newest, oldest)


def place(*marks: int) -> Place:
    return Place(marks, Meter("2026-11-20"))


def test_ids_carry_their_moment():
    assert moment_of(1_578_516_068_309_794_817).isoformat(timespec="seconds") == "2022-10-07T22:42:12+00:00"
    assert moment_of(first_id_at(NOON)) == NOON
    assert moment_of(overlapped(first_id_at(NOON))) == NOON - timedelta(milliseconds=OVERLAP_MS)
    assert overlapped(5) == 0


def test_the_first_page_makes_the_mark_but_only_after_the_last():
    newest = first_id_at(NOON)
    here = place(0)
    walk = Walk.start(0, NOON, DAY).step(page(newest, newest - 9, "t1"))
    here = here.moved(walk, here.meter)
    assert (here.marks, here.more) == ((0,), True)
    walk = here.walking(NOON, DAY).step(page(newest - 10, newest - 19))
    here = here.moved(walk, here.meter)
    assert (here.marks, here.more, here.walk) == ((newest,), False, None)


def test_a_new_source_asks_by_time_and_a_known_one_by_an_id_a_little_below():
    assert Walk.start(0, NOON, HOUR).params() == {"start_time": "2026-11-20T11:00:00Z"}
    known = first_id_at(NOON)
    assert Walk.start(known, NOON, HOUR).params() == {"since_id": str(overlapped(known))}
    assert Walk.start(0, NOON, timedelta(days=30)).params() == {"start_time": "2026-11-13T12:15:00Z"}


def test_a_walk_survives_its_storage():
    walk = Walk.start(0, NOON, DAY).step(page(900, 100, "t1", 7))
    here = place(0, 5).moved(walk, Meter("2026-11-20", 5, ("p1",)))
    assert Place.read(json.loads(json.dumps(here.cursor())), 2, NOON) == here


def test_other_queries_or_a_damaged_cursor_start_anew_and_keep_the_meter():
    here = Place((5, 6), Meter("2026-11-20", 77))
    assert Place.read(here.cursor(), 3, NOON) == Place((0, 0, 0), here.meter)
    for cursor in (None, {}, {"marks": "x"}, {"marks": [None], "at": "9", "walk": {"edge": []}}):
        assert Place.read(cursor, 1, NOON).marks == (0,)


def test_a_dead_token_goes_on_below_what_was_read_and_never_by_time():
    walk = Walk.start(0, NOON, DAY).step(page(900, 100, "t1")).without_token()
    assert walk.params() == {"since_id": str(first_id_at(NOON - DAY)), "until_id": "100"}
    walk = walk.step(page(99, 50, "t2"))
    assert walk.params()["token"] == "t2"
    assert (walk.top, walk.low) == (900, 50)


def test_queries_take_turns():
    here = place(0, 0)
    here = here.moved(here.walking(NOON, DAY).step(page(900, 800)), here.meter)
    assert (here.at, here.more) == (1, True)
    here = here.moved(here.walking(NOON, DAY).step(page(700, 600)), here.meter)
    assert (here.at, here.more) == (0, False)


def test_a_quiet_week_is_no_gap():
    """The mark follows the clock an hour behind, so that it does not grow older than search can reach."""
    here, now = place(first_id_at(NOON)), NOON
    for _ in range(24 * 14):
        now += HOUR
        walk = here.walking(now, DAY)
        assert walk.within_reach(now) == walk
        here = here.moved(walk.step(page()), here.meter)
    assert moment_of(here.marks[0]) == now - HOUR


def test_a_fortnight_away_is_one_and_asks_by_time():
    walk = Walk.start(first_id_at(NOON), NOON + 14 * DAY, DAY).within_reach(NOON + 14 * DAY)
    assert walk.params() == {"start_time": "2026-11-27T12:15:00Z"}


def test_an_id_of_the_future_does_not_make_a_source_deaf():
    here, far = place(0), first_id_at(NOON + timedelta(days=9000))
    here = here.moved(here.walking(NOON, DAY).step(page(far, far)), here.meter)
    assert moment_of(here.marks[0]) == NOON + HOUR


def test_posts_of_the_stream_raise_all_marks_and_lower_none():
    assert place(5, 900).raised(100, Meter()).marks == (100, 900)
