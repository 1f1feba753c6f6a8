"""How a poll of a listing goes on and ends. Without I/O."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from channels.reddit.place import ANCHORS, KEPT, LISTED, RECENT, Place, Seen, after_page, place_of
from tests.emulators.reddit import comment_name

NOW = 1_800_000_000.0
DAY = 86_400.0
ONE = ("comments",)


def items(first: int, last: int, *, more: bool = False) -> Seen:
    """Comments first..last, the newest first; number n was posted n minutes after a fixed moment."""
    numbers = range(last, first - 1, -1)
    names = tuple(comment_name(n) for n in numbers)
    return Seen(names, tuple(NOW - 600_000 + n * 60 for n in numbers), names[-1] if more else "")


NOTHING = Seen((), ())


def step(place: Place, page: Seen, listings: tuple[str, ...] = ONE) -> tuple[Place, str | None]:
    return after_page(place, listings, page, NOW - DAY, NOW)


def known(page: Seen) -> Place:
    """A place after a poll that saw exactly this page."""
    return replace(step(Place(), page)[0], at=0)


def test_known_name_ends_the_poll_and_the_union_is_kept():
    before = known(items(8001, 8100))
    place, gap = step(before, items(8051, 8150, more=True))
    assert (place.at, place.anchors, gap) == (1, (), None)
    assert place.known["comments"][:2] == (comment_name(8150), comment_name(8149))
    assert len(place.known["comments"]) == 150


def test_page_of_unknown_names_goes_on_with_spare_anchors():
    place, gap = step(known(items(8001, 8100)), items(8201, 8300, more=True))
    assert (place.at, gap) == (0, None)
    assert place.anchors == (comment_name(8201), comment_name(8202), comment_name(8203))
    dropped, gap = step(place, NOTHING)
    assert (dropped.at, gap) == (0, None)
    assert dropped.anchors == place.anchors[1:]


def test_broken_off_listing_is_a_gap():
    place, _ = step(known(items(8001, 8100)), items(8201, 8300, more=True))
    for _ in range(ANCHORS - 1):
        place, gap = step(place, NOTHING)
        assert gap is None
    place, gap = step(place, NOTHING)
    assert gap is not None
    assert place.at == 1


def test_items_older_than_all_known_end_the_poll_though_none_is_left():
    before = known(items(8001, 8100))
    new, old = items(8200, 8250), items(7000, 7049, more=True)
    place, gap = step(before, Seen(new.names + old.names, new.moments + old.moments, old.after))
    assert (place.at, gap) == (1, None)


def test_stale_page_forgets_nothing():
    before = known(items(8001, 8100))
    place, _ = step(before, items(7951, 8050, more=True))
    assert set(before.known["comments"]) <= set(place.known["comments"])
    assert place.marks == before.marks


def test_end_of_the_listing_without_a_known_name_is_a_gap_unless_it_is_short():
    before = known(items(8001, 8100))
    full = replace(before, read=LISTED - 100)
    assert step(full, items(8901, 9000, more=True))[1] is not None
    assert step(before, items(8990, 9000))[1] is None
    assert step(Place(read=LISTED - 100), items(8901, 9000))[1] is None, "a first poll has missed nothing"


def test_moment_in_the_future_does_not_end_later_polls():
    before = known(Seen((comment_name(1),), (NOW + 10 * DAY,)))
    later = Seen((comment_name(200), comment_name(101)), (NOW + 9000, NOW + 8000), comment_name(101))
    place, _ = after_page(before, ONE, later, NOW, NOW + DAY)
    assert place.anchors


def test_page_whose_items_have_no_date_is_no_empty_page():
    undated = replace(items(8201, 8300, more=True), moments=())
    place, _ = step(known(items(8001, 8100)), undated)
    assert place.anchors


def test_newest_posts_get_the_second_look():
    place = Place()
    for first in (300, 200, 100):  # as the pages of one poll come
        place = place.heard(list(items(first, first + 99).names))
    assert place.recent == items(300, 399).names
    assert len(place.recent) == RECENT


def test_memory_is_shared_by_the_listings_of_a_source():
    many = tuple(f"phrase {n}" for n in range(60))
    place = Place()
    for _ in many:
        place, _ = step(place, items(8001, 8100), listings=many)
    assert place.at == len(many)
    assert {len(names) for names in place.known.values()} == {20}
    assert len(json.dumps(place.cursor())) < 64_000


@settings(max_examples=60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda v: (
            st.lists(v)
            | st.dictionaries(
                st.sampled_from(["at", "anchors", "read", "fresh", "newest", "known", "marks", "recent", "comments"]), v
            )
        ),
    )
)
def test_any_stored_cursor_is_read_and_written_the_same(cursor: object):
    place = place_of(cursor, ONE)  # type: ignore[arg-type]
    assert place_of(json.loads(json.dumps(place.cursor())), ONE) == place
    assert 0 <= place.at <= 1
    assert len(place.fresh) <= KEPT
