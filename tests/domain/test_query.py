"""The query language: what matches, what does not, and what is told to a person who mistypes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput
from domain.mention import Mention
from domain.query import parse
from listener.matching import Matcher, topic


def post(text: str, **more: Any) -> Mention:
    given: dict[str, Any] = {"channel": "rss", "external_id": "1", "thread_id": "1", "url": "https://news.example/1"}
    return Mention(text=text, posted_at=datetime(2026, 3, 2, tzinfo=UTC), **(given | more))


def matches(query: str, text: str, **more: Any) -> bool:
    return Matcher([topic(1, query)]).match(post(text, **more)) == [1]


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("norda", "Norda is late", True),
        ("norda", "NORDA!", True),
        ("norda", "#norda and @norda", True),
        ("norda", "nordaland is far", False),
        ("norda", "my_norda", False),
        ('"norda rail"', "the Norda\n  Rail desk", True),
        ('"norda rail"', "norda and rail", False),
        ("norda delay", "a delay with norda", True),
        ("norda delay", "norda is fine", False),
        ("norda OR sunda", "sunda", True),
        ("norda -football", "norda football club", False),
        ('norda NOT "norda hall"', "norda hall concert", False),
        ('norda NOT "norda hall"', "norda train", True),
        ("norda (late OR delay)", "norda late", True),
        ("norda (late OR delay)", "norda", False),
        ("straße", "Die STRASSE", True),
        ("žičara", "ŽIČARA radi", True),
        ("ノルダ", "今日のノルダは遅い", True),
        ("café", "cafe\u0301 norda", True),
    ],
)
def test_words(query: str, text: str, expected: bool) -> None:
    assert matches(query, text) is expected


def test_fields_narrow() -> None:
    assert matches("norda site:example", "norda", url="https://news.example/1")
    assert not matches("norda site:example", "norda", url="https://notexample/1")
    assert matches("norda author:@mara", "norda", author_handle="Mara")
    assert matches("norda lang:hr", "norda", lang_tag="hr-HR")
    assert not matches("norda -channel:rss", "norda")


def test_overlapping_phrases_are_both_found() -> None:
    matcher = Matcher([topic(1, "norda"), topic(2, '"norda rail"'), topic(3, '"rail desk"')])
    assert matcher.match(post("at the Norda rail desk")) == [1, 2, 3]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ('"norda', "quote"),
        ("(norda", "not closed"),
        ("norda)", "unexpected"),
        ("-football", "needs a word"),
        ("norda OR -football", "needs a word"),
        ("lang:hr", "needs a word"),
        ("norda OR", "missing"),
        ("norda site:", "needs a value"),
        ("NOT", "needs a word"),
        ("", "missing"),
        ('""', "empty"),
        ("a" * 3000, "longer"),
        ("(" * 60 + "a" + ")" * 60, "brackets"),
    ],
)
def test_a_mistyped_query_says_what_to_do(query: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        parse(query)


@given(st.text(max_size=300))
def test_any_text_is_a_query_or_a_clear_error(query: str) -> None:
    said = "query:"
    try:
        Matcher([topic(1, query)]).match(post("norda late again"))
    except BadInput as error:
        said = str(error)
    assert said.startswith("query:")
