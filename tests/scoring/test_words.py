"""What one word of a text may mean: looked up once for its feeling and for what it tells of."""

import pytest

from scoring.index import MAX_LENGTH, MAX_REMEMBERED
from scoring.lexicon import feel_words
from scoring.pack import read_pack
from scoring.signals import find
from scoring.words import Table, table_for

PACK = "-2: awful, late\n1: nice*\nnot: not\nno answer: nobody answer*\nlate: late\nhours: hour, hours\n"


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Table:
    monkeypatch.setattr("scoring.words.pack", lambda name: read_pack(f"{name}.txt", PACK))
    return Table("xx", "xx")


def test_a_word_is_felt_and_tells_of_something_at_once(table: Table) -> None:
    read = table.read("always late again")
    assert (feel_words(read).total, find(read).concepts) == (-2.0, {"late": "late"})
    assert read.places == [1]


def test_a_word_that_means_nothing_is_none_and_remembered(table: Table) -> None:
    assert table["train"] is None
    assert "train" in table


@pytest.mark.parametrize("token", ["late.please", "please.late", "(late)", "laaate"])
def test_punctuation_and_drawn_out_letters_hide_no_feeling(table: Table, token: str) -> None:
    assert feel_words(table.read(token)).total == -2.0


def test_a_table_without_a_pack_of_feelings_only_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoring.words.pack", lambda name: read_pack(f"{name}.txt", PACK))
    read = Table(None, "xx").read("not nice, late for 2 hours")
    assert feel_words(read).known == 0
    assert (find(read).concepts, find(read).minutes) == ({"late": "late"}, 120.0)


def test_hostile_words_are_not_remembered_for_ever(table: Table) -> None:
    for number in range(MAX_REMEMBERED + 10):
        table[f"late{number}"]
    assert len(table) <= MAX_REMEMBERED
    assert table["late" * MAX_LENGTH] is None
    assert "late" * MAX_LENGTH not in table


def test_languages_without_a_pack_share_one_table() -> None:
    assert table_for("fi") is table_for("zz") is table_for(None)
    assert table_for("jv") is table_for("id")
    assert table_for("tl") is not table_for("en")
