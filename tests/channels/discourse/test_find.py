"""Lists that name posts, as a rule: what is read, in which order, and where a list ends."""

from __future__ import annotations

import json
from datetime import timedelta

from channels.discourse.find import PAGES, READS, Entry, Place, from_hit, from_note
from tests.channels.network import NOON

EDGE = NOON - timedelta(days=1)


def entries(*keys: int, age_h: float = 1.0) -> list[Entry]:
    return [Entry(str(key), key, f"Topic {key}", NOON - timedelta(hours=age_h)) for key in keys]


def begun(*lists: str) -> Place:
    return Place.read(None, lists)


def test_posts_of_a_page_are_read_before_the_next_page():
    place, gap = begun("norda").after(entries(*range(30)), more=True, edge=EDGE)
    assert (place.page, len(place.pending), gap) == (2, 30, None)
    place = Place.read(json.loads(json.dumps(place.cursor())), ("norda",))
    assert place.pending[0] == (0, "Topic 0")
    assert len(place.without_read().pending) == 30 - READS


def test_a_list_ends_at_what_is_known_and_the_next_one_begins():
    first, _ = begun("norda", "late coach").after(entries(9, 8), more=False, edge=EDGE)
    assert (first.at, first.page, first.goes_on) == (1, 1, True)
    second, _ = first.after(entries(7, 8), more=False, edge=EDGE)
    assert [post_id for post_id, _ in second.pending] == [9, 8, 7], "a post that both lists name is read once"
    again = Place(second.lists, second.known)
    later, _ = again.after(entries(10, 9), more=True, edge=EDGE)
    assert (later.at, later.pending) == (1, ((10, "Topic 10"),))


def test_a_new_source_reads_back_to_the_edge_of_its_window_only():
    page = entries(5, 4) + entries(3, 2, age_h=48)
    place, gap = begun("norda").after(page, more=True, edge=EDGE)
    assert [post_id for post_id, _ in place.pending] == [5, 4]
    assert (place.page, gap) == (1, None)


def test_after_a_long_silence_older_posts_are_read_too():
    place, _ = begun("norda").after(entries(1), more=False, edge=EDGE)
    resumed = Place(place.lists, place.known)
    later, _ = resumed.after(entries(9, 8, 7, age_h=80), more=True, edge=EDGE)
    assert [post_id for post_id, _ in later.pending] == [9, 8, 7]
    assert later.page == 2


def test_a_list_that_was_empty_is_no_new_one():
    place, _ = begun("norda").after([], more=False, edge=EDGE)
    place = Place.read(json.loads(json.dumps(place.cursor())), ("norda",))
    later, _ = place.after(entries(9, age_h=80), more=False, edge=EDGE)
    assert [post_id for post_id, _ in later.pending] == [9]


def test_a_list_longer_than_can_be_paged_through_tells_of_the_gap():
    place = Place(("norda",), {"norda": ("1",)}, page=PAGES)
    place, gap = place.after(entries(90), more=True, edge=EDGE)
    assert place.page == 1
    assert gap is not None
    assert begun("norda").after(entries(90), more=False, edge=EDGE)[1] is None


def test_entries_that_name_no_post_are_none():
    assert from_note({"id": 4, "data": {"badge_id": 9}}) is None
    assert from_note({"id": 4, "data": "x"}) is None
    assert from_hit({"topic_id": 4}, {}) is None
    assert from_hit({"id": 7, "topic_id": 4}, {4: "Trains"}) == Entry("7", 7, "Trains", None)


def test_a_broken_cursor_starts_anew():
    odd = {"at": 9, "page": -3, "pending": [[None, 1], "x", [5]], "known": {"norda": [1, "a"]}, "fresh": 8}
    assert Place.read(odd, ("norda",)) == Place(("norda",), {"norda": ("a",)}, pending=((5, ""),))
