"""What a source of GitHub remembers of what it heard, to notice removals."""

from __future__ import annotations

import json

from channels.github.place import HEARD, Place, place_of, remember


def test_the_newest_posts_are_remembered_however_many_pages_they_come_in():
    changes = [(f"node-{number}", f"post-{number}") for number in range(HEARD + 30)]  # oldest change first
    place = remember(remember(Place(), changes[:HEARD]), changes[HEARD:])
    assert place.heard == tuple(reversed(changes[30:]))


def test_what_is_remembered_keeps_its_order_in_a_database_that_sorts_the_keys_of_objects():
    place = remember(Place(), [(f"node-{number}", f"post-{number}") for number in (3, 1, 2)])
    stored = json.loads(json.dumps(place.cursor(), sort_keys=True))
    assert place_of(stored) == place
