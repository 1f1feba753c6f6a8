"""The walk through a forum's posts, as a rule: nothing is missed, whatever arrives while it goes on."""

from __future__ import annotations

import json
import random

from channels.discourse.walk import OVERLAP, Walk

PAGE = 50


def served(ids: set[int], before: int) -> list[int]:
    """What the forum gives: the newest 50 below `before`."""
    return sorted((each for each in ids if not before or each < before), reverse=True)[:PAGE]


def walked(walk: Walk, ids: set[int], seen: set[int]) -> Walk:
    more = True
    while more:
        page = served(ids, walk.before)
        seen |= set(page)
        walk, more, gap = walk.after(page, reaches_window=not page)
        assert gap is None
        walk = Walk.read(json.loads(json.dumps(walk.cursor())))
    return walk


def test_every_post_is_read_whatever_comes_and_goes_between_and_during_walks():
    for seed in range(200):
        rng, seen = random.Random(seed), set[int]()
        ids = set(range(1, 2 + seed * 7 % 180))
        walk = walked(Walk(), ids, seen)
        for _ in range(5):
            top = max(ids, default=0)
            ids |= set(rng.sample(range(top + 1, top + 300), rng.randrange(1, 200)))
            ids -= set(rng.sample(sorted(ids), len(ids) // 20))
            page = served(ids, walk.before)
            seen |= set(page)
            walk, more, _ = walk.after(page, reaches_window=False)
            ids |= {max(ids) + 1, max(ids) + 2}  # while the walk goes on
            if more:
                walk = walked(walk, ids, seen)
        walk = walked(walk, ids, seen)
        assert ids <= seen
        assert walk.last >= max(ids)


def test_the_overlap_hears_posts_that_became_visible_late():
    walk, _, _ = Walk(last=1000).after(list(range(1010, 960, -1)), reaches_window=False)
    assert walk.before == 961, "the page does not reach far enough below what was known"
    walk, more, _ = walk.after(list(range(960, 1000 - OVERLAP - 1, -1)), reaches_window=False)
    assert (walk.last, walk.before, more) == (1010, 0, False)


def test_a_new_source_ends_at_the_edge_of_its_window_and_a_known_one_does_not():
    page = list(range(500, 450, -1))
    assert Walk().after(page, reaches_window=True)[1] is False
    assert Walk(last=300).after(page, reaches_window=True)[1] is True


def test_a_forum_that_does_not_page_back_ends_the_walk_with_a_gap():
    page = list(range(500, 450, -1))
    walk, more, gap = Walk(last=300, before=451, fresh=tuple(page)).after(page, reaches_window=False)
    assert (walk.before, more) == (0, False)
    assert gap is not None
    assert walk.last == 500


def test_missing_are_only_posts_that_this_page_should_hold():
    walk = Walk(last=100, recent=(100, 97, 95, 40))
    assert walk.missing([101, 99, 98, 95]) == [100, 97]
    assert Walk(last=100, before=97, recent=(100, 97, 95, 40)).missing([96, 40]) == [95]
    assert walk.missing([]) == [100, 97, 95, 40]


def test_what_could_not_be_looked_at_is_looked_at_again():
    walk, _, _ = Walk(last=100, recent=(100, 97)).after([101, 99, 40], reaches_window=False, doubtful=[97])
    assert 97 in walk.missing([102, 101, 99, 40])


def test_a_broken_cursor_starts_anew():
    assert Walk.read({"last": "x", "before": None, "fresh": 4, "recent": [None, "a", 3]}) == Walk(recent=(3,))
    assert Walk.read(None) == Walk()
