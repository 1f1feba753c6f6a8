"""Lengths as X counts them: its own vectors where they are at hand, and ours."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from channels.x.weight import links, weight

SECTIONS = {
    "WeightedTweetsCounterTest": (20, False),
    "WeightedTweetsWithDiscountedEmojiCounterTest": (22, True),
    "UnicodeDirectionalMarkerCounterTest": (2, True),
}
"""Section -> how many vectors, and whether an emoji counts as one there. The first is of version 2 of the rules."""


def vectors(shared: Path, file: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = yaml.safe_load(
        (shared / "specs" / "twitter-text" / file).read_text(encoding="utf-8")
    )["tests"]
    return found


@pytest.mark.parametrize("section", SECTIONS)
def test_every_weighted_vector_of_x(shared: Path, section: str):
    count, as_one = SECTIONS[section]
    found = vectors(shared, "validate.yml")[section]
    assert len(found) == count
    for vector in found:
        assert weight(vector["text"], emoji_as_one=as_one) == vector["expected"]["weightedLength"], vector[
            "description"
        ]


def test_links_are_found_as_x_finds_them_but_for_known_oddities(shared: Path):
    found = vectors(shared, "extract.yml")["urls"]
    other = [vector["text"] for vector in found if links(vector["text"]) != vector["expected"]]
    assert len(found) == 91
    assert len(other) <= 11, other


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Köszönjük", 9),
        ("сожалеем", 8),
        ("申し訳", 6),
        ("see https://norda.example/a/very/long/path?with=words&and=more", 4 + 23),
        ("see norda.com today", 4 + 23 + 6),
        ("e.g. this", 9),
        ("mail mara@norda.com", 19),
        ("👨‍👩‍👧‍👦🏴‍☠️1️⃣🇭🇷", 8),
        ("© 2026 ®", 8),
        ("e\u0301", 1),
        ("", 0),
    ],
)
def test_our_own_vectors(text: str, expected: int):
    assert weight(text) == expected


def test_links_that_cost_thirteen_times_as_much_are_seen():
    assert links("write to us at norda.com or https://norda.example/help.") == [
        "norda.com",
        "https://norda.example/help",
    ]
    assert links("line 4.We are sorry, e.g. here") == []


@pytest.mark.parametrize("text", ["a_" * 20_000, "https://" + "a_-" * 10_000, "À" * 20_000, "https://a" + ".a" * 9_000])
def test_crafted_texts_take_no_time(text: str):
    began = time.perf_counter()
    weight(text)
    assert time.perf_counter() - began < 2
