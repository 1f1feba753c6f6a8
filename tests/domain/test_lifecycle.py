"""The lifecycles: what may follow what, and that the words are explained."""

import re
from pathlib import Path

import pytest

from domain.lifecycle import LIFECYCLES, STARTS, allows, check

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"


def test_every_status_is_explained_and_no_other() -> None:
    rows = re.findall(r"^\| (\w+) \| (\w+) \| .+ \|$", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    explained = {row for row in rows if row[0] in LIFECYCLES}
    assert explained == {(noun, status) for noun, graph in LIFECYCLES.items() for status in graph}


def test_a_status_that_cannot_be_reached_is_found_at_import() -> None:
    with pytest.raises(ValueError, match="lost"):
        check("toy", {"new": {"done"}, "done": set(), "lost": set()}, {"new"})
    with pytest.raises(ValueError, match="typo"):
        check("toy", {"new": {"typo"}}, {"new"})


def test_nothing_sent_ever_moves_and_unknown_is_left_only_by_looking() -> None:
    assert LIFECYCLES["reply"]["sent"] == set()
    assert LIFECYCLES["reply"]["unknown"] == {"sent", "drafted", "sending"}
    assert not allows("reply", "drafted", "sending")


def test_rows_start_where_the_table_says() -> None:
    assert STARTS["reply"] <= set(LIFECYCLES["reply"])
