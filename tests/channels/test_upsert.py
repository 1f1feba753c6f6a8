"""What counts as the same words where networks change how they are written."""

import pytest

from channels.upsert import comparable, mark


@pytest.mark.parametrize(
    ("given_back", "typed"),
    [
        ("Sorry &amp; thanks", "Sorry & thanks"),
        ("Sorry\r\n\r\n  and thanks ", "Sorry\nand thanks"),
        ("cafe\u0301", "café"),
    ],
)
def test_the_same_words_as_a_network_gives_them_back(given_back: str, typed: str):
    assert comparable(given_back) == comparable(typed)
    assert mark(given_back) == mark(typed)


def test_other_words_have_another_mark_which_does_not_repeat_them():
    assert mark("We are sorry.") != mark("We are sorry!")
    assert "sorry" not in mark("We are sorry.")
    assert len(mark("\ud800")) == 16
