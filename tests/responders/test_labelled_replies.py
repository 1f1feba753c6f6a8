"""The labelled replies are complete and sound, so that rates measured on them mean something."""

import json
from pathlib import Path
from typing import Any

import pytest

from responders.rules import reader

REPLIES = Path(__file__).parents[1] / "data" / "replies"
LANGUAGES = ("en", "hr", "hu", "id", "lv", "tl")
FILES = [REPLIES / half / f"{lang}.jsonl" for half in ("held_out", "tuning") for lang in LANGUAGES]
LATER = sorted(
    [*(REPLIES / "tuning").glob("*_2.jsonl"), *REPLIES.glob("fresh*/*.jsonl"), *REPLIES.glob("subtle/*.jsonl")]
)
"""Written later, to widen both: fewer acceptable replies than others."""
HARD = sorted((REPLIES / "hard").glob("*.jsonl"))
"""Forty acceptable replies that are hard to bear out, twenty bad ones of six rules."""
PAIRS = sorted((REPLIES / "pairs").glob("*.jsonl"))
"""Two acceptable and three bad replies to each of many cases, of the rules that are read rather than looked up."""
VOICES = sorted(file for half in ("voices", "apart", "first_sight") for file in (REPLIES / half).glob("*.jsonl"))
"""By many hands: a case for each reply, or six replies of one manner to a case."""
FEWEST = 15
RULES = {
    "unsupported_fact",
    "over_promise",
    "placeholder",
    "canned",
    "wrong_language",
    "register",
    "jargon",
    "brush_off",
    "defensive",
    "asks_known",
    "personal_data",
    "selling",
    "legal_admission",
    "bad_link",
    "other_mention",
    "deceptive_chars",
    "too_long",
}


def rows_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def rows_in(half: str, lang: str) -> list[dict[str, Any]]:
    """All rows of this half in this language, whichever of its files they stand in."""
    return [row for file in sorted((REPLIES / half).glob(f"{lang}*.jsonl")) for row in rows_of(file)]


def name(file: Path) -> str:
    return f"{file.parent.name}-{file.stem}"


@pytest.mark.parametrize("file", FILES, ids=name)
def test_half_of_the_replies_are_acceptable(file: Path) -> None:
    acceptable = [not row["rules"] for row in rows_of(file)]
    assert (acceptable.count(True), acceptable.count(False)) == (25, 25)
    assert {row["lang"] for row in rows_of(file)} == {file.stem}


@pytest.mark.parametrize("file", LATER, ids=name)
def test_later_replies_hold_enough_of_both(file: Path) -> None:
    acceptable = [not row["rules"] for row in rows_of(file)]
    assert min(acceptable.count(True), acceptable.count(False)) >= FEWEST
    assert {row["lang"] for row in rows_of(file)} == {file.stem.partition("_")[0]}


@pytest.mark.parametrize("file", [*FILES, *LATER], ids=name)
def test_every_rule_is_broken_at_least_once(file: Path) -> None:
    assert {rule for row in rows_of(file) for rule in row["rules"]} == RULES


@pytest.mark.parametrize("file", [*FILES, *LATER, *HARD, *PAIRS, *VOICES], ids=name)
def test_the_quoted_words_stand_in_the_reply(file: Path) -> None:
    for row in rows_of(file):
        assert [words for words in row["words"] if words not in row["reply"]] == [], row["id"]
        assert row["rules"] or not row["words"], row["id"]


@pytest.mark.parametrize("file", PAIRS, ids=name)
def test_each_rule_that_is_read_is_broken_in_each_language(file: Path) -> None:
    rows = rows_of(file)
    assert {rule for row in rows for rule in row["rules"]} == set(reader.RULES)
    assert 0.35 < sum(not row["rules"] for row in rows) / len(rows) < 0.45
    assert {row["lang"] for row in rows} == {file.stem}


@pytest.mark.parametrize("file", VOICES, ids=name)
def test_half_of_what_many_hands_wrote_is_acceptable(file: Path) -> None:
    rows = rows_of(file)
    assert 0.45 < sum(not row["rules"] for row in rows) / len(rows) < 0.55
    assert {rule for row in rows for rule in row["rules"]} <= RULES
    assert {row["lang"] for row in rows} == {file.stem}


def test_no_two_rows_share_an_id_or_a_reply() -> None:
    rows = [row for file in [*FILES, *LATER, *HARD, *PAIRS, *VOICES] for row in rows_of(file)]
    assert len({row["id"] for row in rows}) == len(rows)
    assert len({row["reply"] for row in rows}) == len(rows)
