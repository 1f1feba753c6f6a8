"""The rounds of a source, as a rule: steps, narrowing windows, and what the network says about waiting."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from channels.stackexchange.place import BATCH, MARGIN_S, PAGES, Place, Ref
from tests.channels.network import NOON

LISTS = ("norda", "late coach")
NOW = int(NOON.timestamp())


def refs(*numbers: int) -> list[Ref]:
    return [Ref(number, number, "T") for number in numbers]


def new() -> Place:
    return Place.read(None, LISTS, NOW - 86_400)


def stored(place: Place) -> Place:
    return Place.read(json.loads(json.dumps(place.cursor())), LISTS, 0)


def test_a_round_goes_through_all_lists_and_then_rests():
    place, _ = new().after_list(refs(5), [], [NOW], has_more=False)
    assert (stored(place).name, place.goes_on) == ("late coach", True)
    assert stored(place).pending == (Ref(5, 5, "T"),)
    place = place.after_read(refs(5))
    place, _ = stored(place).after_list([], [], [NOW - 50], has_more=False)
    assert (place.at, place.goes_on, place.since) == (0, False, NOW)
    assert stored(place).begun().at == 0, "what was heard is looked at again"
    assert stored(place).after_look([5]).recent == ()
    assert Place(LISTS, NOW, NOW).begun().at == 1


def test_a_full_last_page_narrows_the_window_and_forgets_nothing():
    place = Place(LISTS, 0, 0, at=1, page=PAGES)
    place, gap = place.after_list([], [], [900, 800], has_more=True)
    assert (place.at, place.page, place.until, gap) == (1, 1, 800, None)
    place, gap = stored(place).after_list([], [], [800, 700], has_more=False)
    assert (place.at, place.page, place.until, place.since) == (2, 1, 0, 0)
    place = Place(LISTS, 0, 0, at=1, page=PAGES, until=800)
    place, gap = place.after_list([], [], [800, 800], has_more=True)
    assert place.at == 2
    assert gap is not None


def test_the_newest_numbers_are_remembered():
    place = new().remembering(refs(*range(300)))
    assert [ref.number for ref in place.recent] == list(range(300 - BATCH, 300))


def test_a_method_rests_as_long_as_it_asked_and_others_do_not():
    place = stored(new().told("/questions", 10, 200, NOON))
    assert place.rests_until("/questions", NOW) == NOW + 10 + MARGIN_S
    assert place.rests_until("/comments", NOW) == 0
    assert place.rests_until("/questions", NOW + 12) == 0
    later = place.told("/comments", 0, 100, NOON + timedelta(seconds=60))
    assert later.waits == (), "what is over is forgotten"


def test_a_spent_quota_rests_everything_to_the_next_day():
    place = stored(new().told("/questions", 0, 0, NOON))
    midnight = int(datetime(2026, 11, 21, tzinfo=UTC).timestamp())
    assert place.rests_until("/comments", NOW) == midnight
    assert place.rests_until("/comments", midnight) == 0
    assert place.told("/comments", 0, 299, NOON).spent_until == 0
    assert new().told("/comments", 0, None, NOON).spent_until == 0


def test_a_broken_cursor_starts_anew():
    odd = {"since": NOW, "at": 9, "page": -4, "pending": [[1], "x", [2, 3]], "waits": {"/q": "soon"}, "recent": 7}
    assert Place.read(odd, LISTS, 0) == Place(LISTS, NOW, NOW, pending=(Ref(2, 3),))
    assert Place.read({"since": "x"}, LISTS, 5) == Place(LISTS, 5, 5, at=1)
