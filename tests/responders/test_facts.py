"""What is known of a case, read from outside."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import BadInput
from responders.facts import Article, Facts, facts_of


def test_a_whole_case_is_read() -> None:
    case = {
        "mention": "Still no parcel", "author_name": "Ana", "brand": "Pakko", "channel": "x", "market": "HR",
        "known": {"order": 4711, "tried": ["restart", "reset"], "crm_email": "ana@mail.test", "device": {"os": "Ten"}},
        "knowledge": [{"id": "kb-1", "text": "Parcels wait for ten days."}],
    }  # fmt: skip
    facts = facts_of(case)
    assert facts.public == {"order": "4711", "tried": "restart; reset", "device.os": "Ten"}
    assert facts.private == {"crm_email": "ana@mail.test"}
    assert facts.knowledge == (Article("kb-1", "Parcels wait for ten days."),)
    assert [name for name, _ in facts.sources] == ["mention", "order", "tried", "device.os", "kb-1"]


def test_private_keys_are_private_at_any_depth() -> None:
    facts = facts_of({"mention": "Hi", "known": {"buyer": {"crm_id": "K-17", "town": "Brod"}, "crm": {"note": "x"}}})
    assert facts.private == {"buyer.crm_id": "K-17"}
    assert facts.public == {"buyer.town": "Brod", "crm.note": "x"}


def test_a_mention_alone_is_a_case() -> None:
    assert facts_of({"mention": "Hi"}) == Facts(mention="Hi")


@pytest.mark.parametrize(
    ("case", "names"),
    [
        ("words", "case: "),
        ({"mention": 4}, "case.mention"),
        ({"mention": "a", "known": [1]}, "case.known"),
        ({"mention": "a", "knowledge": {"id": 1}}, "case.knowledge"),
        ({"mention": "a", "knowledge": [{"text": "b"}, {"id": "k"}]}, "entry 2"),
    ],
)
def test_what_is_wrong_is_named(case: Any, names: str) -> None:
    with pytest.raises(BadInput, match=names):
        facts_of(case)
