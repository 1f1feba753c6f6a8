"""What a source of GitHub remembers of what it heard, to notice removals."""

from __future__ import annotations

from channels.github.place import HEARD, Place, remember


def test_the_newest_posts_are_remembered_however_many_pages_they_come_in():
    changes = [(f"node-{number}", f"post-{number}") for number in range(HEARD + 30)]  # oldest change first
    place = remember(remember(Place(), changes[:HEARD]), changes[HEARD:])
    assert place.heard == dict(changes[30:])
