"""A walk through a list, as a rule: nothing new on a page ends it, whatever the order."""

from __future__ import annotations

import json
import random

from channels.lemmy.lists import Item
from channels.lemmy.place import PAGES, Place

LISTS = ("comments", "posts")


def items(*keys: int) -> list[Item]:
    return [Item(key, {}, f"https://a/{key}") for key in keys]


def stored(place: Place) -> Place:
    return Place.read(json.loads(json.dumps(place.cursor())), LISTS)


def test_a_walk_ends_at_the_first_page_without_anything_new():
    place = Place(("comments",), {"comments": 100}, {})
    place, _, _ = place.after(items(103, 102, 99), "2", old=False)
    assert (place.token, place.goes_on) == ("2", True)
    place, _, _ = place.after(items(98, 101, 60), "3", old=False)
    assert place.token == "3", "101 arrived late and is new"
    place, _, _ = place.after(items(97, 96), "4", old=False)
    assert (place.goes_on, place.last) == (False, {"comments": 103})


def test_a_new_source_ends_at_the_edge_of_its_window_or_of_the_list():
    new = Place.read(None, LISTS)
    place, _, _ = new.after(items(9, 8), "2", old=False)
    assert place.token == "2"
    assert new.after(items(9, 8), "2", old=True)[0].at == 1
    assert new.after(items(9, 8), "", old=False)[0].at == 1


def test_lists_come_one_after_the_other_and_a_poll_ends_with_the_last():
    place, _, _ = Place.read(None, LISTS).after(items(9), "", old=False)
    place = stored(place)
    assert (place.name, place.goes_on) == ("posts", True)
    place, _, _ = place.after(items(4), "", old=False)
    assert (stored(place).last, place.goes_on) == ({"comments": 9, "posts": 4}, False)


def test_what_the_first_page_held_and_the_next_walk_does_not_is_missing():
    place, _, _ = Place.read(None, ("comments",)).after(items(*range(50, 0, -1)), "", old=False)
    place = Place.read(json.loads(json.dumps(place.cursor())), ("comments",))
    place, missing, _ = place.after(items(*range(80, 30, -1)), "2", old=False)
    assert missing == ()
    place, missing, _ = place.after(items(*(key for key in range(30, 0, -1) if key != 17)), "3", old=False)
    assert missing == ((17, "https://a/17"),)
    assert place.keeping(missing, "comments").recent["comments"][-1] == (17, "https://a/17")


def test_a_list_without_end_is_a_gap_and_no_loop():
    place = Place(
        ("comments",), {"comments": 1}, {"comments": ((1, "x"),)}, token="9", pages=PAGES - 1, unseen=((1, "x"),)
    )
    place, missing, gap = place.after(items(7), "10", old=False)
    assert (place.goes_on, missing) == (False, ())
    assert gap is not None


def test_a_walk_that_had_to_begin_anew_knows_it():
    place, _, _ = Place(LISTS, {"comments": 5}, {}, at=0).after(items(9), "2", old=False)
    again = stored(place.restarted())
    assert (again.token, again.again, again.goes_on, again.last) == ("", True, True, {"comments": 5})
    then, _, _ = again.after(items(9), "2", old=False)
    assert stored(then).again
    done, _, _ = then.after(items(3), "3", old=False)
    assert not stored(done).again


def test_after_an_interrupted_walk_the_newest_are_walked_once_more():
    """What came meanwhile would be known to nobody, and its removal noticed by nobody."""
    place, _, _ = Place(LISTS, {"comments": 5}, {}, at=0).after(items(9, 8), "2", old=False, now=1000)
    ended, _, _ = stored(place).after(items(3, 2), "3", old=False, now=1300)
    again = stored(ended)
    assert (again.name, again.token, again.goes_on) == ("comments", "", True)
    assert (again.last, again.recent["comments"]) == ({"comments": 9}, ((9, "https://a/9"), (8, "https://a/8")))
    done, missing, _ = again.after(items(10, 9, 8), "2", old=False, now=1300)
    done, missing, _ = stored(done).after(items(7), "3", old=False, now=1301)
    assert missing == ()
    assert done.name == "posts"
    assert (10, "https://a/10") in done.recent["comments"]


def test_every_item_is_seen_whatever_the_order_of_arrival():
    """Items arrive with rising numbers and dates that are up to a page off."""
    for seed in range(100):
        rng = random.Random(seed)
        dated: list[tuple[float, int]] = []
        seen: set[int] = set()
        place = Place.read(None, ("comments",))
        for _ in range(4):
            start = len(dated)
            dated += [(key + rng.uniform(-20, 20), key) for key in range(start + 1, start + rng.randrange(2, 180))]
            ordered = [key for _, key in sorted(dated, reverse=True)]
            while True:
                at = int(place.token or "0")
                page = ordered[at : at + 50]
                seen |= set(page)
                then = str(at + 50) if at + 50 < len(ordered) else ""
                place, _, _ = place.after(items(*page), then, old=False)
                if not place.goes_on:
                    break
        assert seen == {key for _, key in dated}


def test_a_broken_cursor_starts_anew():
    odd = {"last": {"comments": "x"}, "recent": {"comments": [["a", 1], 5]}, "at": 7, "token": 5, "top": None}
    place = Place.read(odd, LISTS)
    assert (place.last, place.recent, place.at) == ({}, {"comments": (), "posts": ()}, 0)
