"""How a cursor moves along lists that come newest first."""

from __future__ import annotations

import json

import pytest

from channels.threads.place import KEPT, OVERLAP_S, Place

BEGIN = 1_000_000.0


def read(place: Place, *pages: list[int]) -> tuple[Place, int]:
    """Feed pages of moments (a post is called by its moment); where it stands then, and how many pages it took."""
    taken = 0
    for number, page in enumerate(pages, 1):
        token = str(number) if number < len(pages) else ""
        place = Place.read(
            json.loads(json.dumps(place.step([str(n) for n in page], page, token, BEGIN).cursor())), place.lists
        )
        taken += 1
        if not place.more:
            break
    return place, taken


def at(*moments: int) -> list[int]:
    return [int(BEGIN) + moment for moment in moments]


def test_a_new_list_is_read_back_to_the_beginning():
    place, taken = read(Place(("a",)), at(50, 40), at(30, -10), at(-20))
    assert taken == 2
    assert place.known["a"] == tuple(str(moment) for moment in at(50, 40, 30, -10))


def test_then_only_to_what_is_known():
    place, _ = read(Place(("a",)), at(50, 40))
    assert read(place, at(70, 60), at(50, 40), at(30))[1] == 2


def test_deleted_posts_do_not_lead_back_to_the_first_one():
    place, _ = read(Place(("a",)), at(9000, 8000))
    assert read(place, at(9500, 9200), at(7000), at(9000 - OVERLAP_S - 1), at(1))[1] == 3


def test_a_long_silence_of_ours_loses_nothing():
    """The beginning is only for lists that were never read."""
    place, _ = read(Place(("a",)), at(50))
    days = 5 * 86_400
    assert read(place, at(days), at(days - 80_000), at(60), at(50))[1] == 4


def test_a_long_silence_of_ours_after_an_empty_list_loses_nothing():
    place, _ = read(Place(("a",)), [])
    days = 5 * 86_400
    place = place.step(["new"], at(days), "next", BEGIN + days - 86_400)
    assert place.more


def test_an_empty_poll_forgets_nothing():
    place, _ = read(Place(("a",)), at(50, 40))
    again, _ = read(place, [])
    assert again == place


def test_lists_take_turns():
    place, _ = read(Place(("a", "b")), at(50))
    assert (place.name, place.more) == ("b", True)
    place, _ = read(place, at(60))
    assert (place.name, place.more) == ("a", False)
    assert (place.known["a"], place.known["b"]) == ((str(at(50)[0]),), (str(at(60)[0]),))


def test_a_cursor_stays_small():
    place, _ = read(Place(("a",)), at(*range(500, 0, -1)))
    assert len(place.known["a"]) == KEPT


@pytest.mark.parametrize("cursor", [None, {}, {"at": 9}, {"at": "x", "known": 7}, {"at": -1}, {"reached": {"a": []}}])
def test_odd_cursors_start_anew(cursor: dict[str, object] | None):
    place = Place.read(cursor, ("a",))
    assert (place.at, place.token) == (0, "")
    assert not any(place.known.values())
