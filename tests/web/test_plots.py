"""Where the marks of a plot stand."""

from web.plots import FULLEST, cell


def test_a_cell_is_as_dark_as_its_share_and_never_unseen_while_it_holds_anything():
    levels = [cell(number, 1_000, "Mon 9–10").level for number in (0, 1, 200, 201, 999, 1_000)]
    assert levels == [0, 1, 1, 2, FULLEST, FULLEST]


def test_an_empty_map_has_empty_cells():
    assert cell(0, 0, "Mon 9–10").level == 0
