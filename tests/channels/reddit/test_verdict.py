"""What Reddit's answer to a comment means. Without I/O."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels.reddit.verdict import REFUSALS, refusal, retry_at
from domain.errors import OutcomeUnknown, RateLimited, Refused

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def said(*error: Any, **more: Any) -> dict[str, Any]:
    return {"json": {"errors": [list(error)], **more}}


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Looks like you've been doing that a lot. Take a break for 9 minutes before trying again.", 541),
        ("Take a break for 1 minute before trying again.", 61),
        ("you are doing that too much. try again in 46 seconds.", 47),
        ("Take a break for 500 milliseconds before trying again.", 1.5),
        ("try again in 2 hours", 7201),
        ("try again in 99999 hours", 86_400),
    ],
)
def test_break_is_told_in_words(words: str, seconds: float):
    assert retry_at(words, NOW) == NOW + timedelta(seconds=seconds)
    limited = refusal(said("RATELIMIT", words, "ratelimit"), NOW)
    assert isinstance(limited, RateLimited)
    assert limited.retry_at == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("words", ["", None, "later", 7, "¹² minutes"])
def test_break_without_a_time_is_still_a_break(words: object):
    limited = refusal(said("RATELIMIT", words, "ratelimit"), NOW)
    assert isinstance(limited, RateLimited)
    assert limited.retry_at is None


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_known_refusals_are_certain_and_say_why_in_plain_words(code: str):
    error = refusal(said(code, "Reddit's own words", "parent"), NOW)
    assert isinstance(error, Refused)
    assert error.reason == REFUSALS[code]
    assert error.detail == f"{code}: Reddit's own words"


@pytest.mark.parametrize(
    "answer",
    [
        said("SOMETHING_NEW", "who knows", "text"),
        said(None),
        said({"odd": 1}),
        said("RATELIMIT", "Take a break for 9 minutes", "ratelimit", data={"things": [{"kind": "t1"}]}),
        {"json": {"errors": ["RATELIMIT"]}},
    ],
)
def test_everything_else_may_have_been_stored(answer: dict[str, Any]):
    assert isinstance(refusal(answer, NOW), OutcomeUnknown)


@pytest.mark.parametrize("answer", [{"json": {"errors": []}}, {"json": {"errors": None}}, {}, [], None])
def test_no_error_is_no_refusal(answer: object):
    assert refusal(answer, NOW) is None
