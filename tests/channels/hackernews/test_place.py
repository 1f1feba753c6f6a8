"""The rounds of Hacker News: pages, windows, and the walk while the index is stuck."""

from channels.hackernews.place import (
    OVERLAP_S,
    REACHABLE,
    TRIES,
    Place,
    after_check,
    after_search,
    after_walk,
    place_of,
)

NOW = 1_795_176_000
START = Place("search", since=NOW - 600, newest=NOW - 600)


def test_a_new_source_begins_in_the_past_and_a_stored_place_comes_back():
    place = place_of(None, NOW, 86_400)
    assert place.since - OVERLAP_S == NOW - 86_400 - OVERLAP_S  # our clock may be fast
    full = Place("walk", 5, 6, 1, 2, 7, 8, ((9, 1),), (10, 11))
    assert place_of(full.cursor(), NOW, 86_400) == full


def test_pages_terms_and_then_the_check():
    second, _ = after_search(START, [NOW], pages=2, total=5, terms=2)
    assert (second.step, second.page, second.term) == ("search", 1, 0)
    next_term, _ = after_search(second, [NOW - 1], pages=2, total=5, terms=2)
    assert (next_term.step, next_term.page, next_term.term) == ("search", 0, 1)
    done, _ = after_search(next_term, [], pages=0, total=0, terms=2)
    assert (done.step, done.newest, done.since) == ("check", NOW, NOW - 600)


def test_a_full_last_page_narrows_the_window_in_place_of_losing_the_rest():
    narrowed, gap = after_search(START, [NOW, NOW - 50], pages=1, total=REACHABLE + 400, terms=1)
    assert (narrowed.step, narrowed.until, narrowed.page, gap) == ("search", NOW - 49, 0, None)
    stuck, gap = after_search(narrowed, [NOW - 50], pages=1, total=REACHABLE + 400, terms=1)
    assert stuck.step == "check"
    assert gap is not None


def test_a_stuck_index_starts_the_walk_after_its_newest_item():
    done = Place("check", since=NOW - 9000, newest=NOW - 4000)
    walk = after_check(done, (500, NOW - 1900), NOW, 1800)
    assert (walk.step, walk.last, walk.since) == ("walk", 500, NOW - 9000)
    fresh = after_check(walk, (900, NOW - 60), NOW, 1800)
    assert (fresh.step, fresh.last, fresh.since) == ("search", 0, NOW - 4000)


def test_null_items_are_tried_again_a_limited_number_of_times():
    place, gap = after_walk(START, 12, [11, 12])
    assert (place.missing, gap) == (((11, 1), (12, 1)), None)
    for _ in range(TRIES):
        place, gap = after_walk(place, 12, [11])
    assert place.missing == ()
    assert gap == "1 items never appeared"
