"""CSAT, NPS and CES: whom they count, how sure they are, and that few answers say nothing."""

import pytest

from reports.satisfaction import FEWEST, satisfaction, wilson


def test_nine_answers_say_nothing_and_ten_do() -> None:
    nine = satisfaction([("csat", 5)] * 9, 9, 9).csat
    assert (nine.n, nine.value, nine.part, nine.interval, nine.mean) == (9, None, None, None, None)
    assert satisfaction([("csat", 5)] * FEWEST, FEWEST, FEWEST).csat.value == 100


def test_who_counts_as_good() -> None:
    told = satisfaction(
        [("csat", value) for value in (1, 2, 3, 4, 5) * 2]
        + [("nps", value) for value in range(11)]
        + [("ces", value) for value in range(1, 8)] * 2,
        40,
        35,
    )
    assert (told.csat.value, told.csat.part, told.csat.n) == (40, 4, 10)
    assert told.nps.value == pytest.approx(100 * (2 - 7) / 11)
    assert told.ces.value == pytest.approx(100 * 6 / 14)
    assert told.ces.mean == 4


def test_the_interval_is_wilsons_and_stays_within_bounds() -> None:
    assert list(wilson(8, 10)) == pytest.approx([49.02, 94.33], abs=0.01)
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == 100


def test_the_interval_of_nps() -> None:
    told = satisfaction([("nps", 10)] * 60 + [("nps", 8)] * 20 + [("nps", 0)] * 20, 0, 0).nps
    assert told.value == 40
    assert list(told.interval or ()) == pytest.approx([24.32, 55.68], abs=0.01)
    assert satisfaction([("nps", 10)] * 10, 0, 0).nps.interval == (100, 100)
