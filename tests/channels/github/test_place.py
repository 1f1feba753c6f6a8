"""What a source of GitHub remembers of what it heard, to notice removals."""

from __future__ import annotations

import json

from channels.github.place import HEARD, Heard, Place, place_of, remember


def heard(*numbers: int, changed_s: int | None = None) -> list[Heard]:
    return [Heard(f"node-{each}", f"post-{each}", each if changed_s is None else changed_s) for each in numbers]


def test_the_newest_posts_are_remembered_however_many_pages_they_come_in():
    changes = heard(*range(HEARD + 30))  # oldest change first
    place = remember(remember(Place(), changes[:HEARD]), changes[HEARD:])
    assert place.heard == tuple(reversed(changes[30:]))


def test_what_is_read_again_does_not_push_out_what_was_removed_meanwhile():
    burst = heard(*range(HEARD + 30), changed_s=1_000)
    place = remember(Place(), burst)
    removed = place.heard[HEARD // 2]
    again = remember(place, [each for each in burst if each != removed])
    assert again.heard == place.heard


def test_what_is_remembered_keeps_its_order_in_a_database_that_sorts_the_keys_of_objects():
    place = remember(Place(), heard(3, 1, 2))
    stored = json.loads(json.dumps(place.cursor(), sort_keys=True))
    assert place_of(stored) == place
