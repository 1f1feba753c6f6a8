"""What X's refusals mean."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from channels.x.problems import CAP, CREDITS, empty_problem, post_problem, read_problem
from domain.errors import (
    ChannelError,
    Gone,
    OutcomeUnknown,
    RateLimited,
    Refused,
    SignInFailed,
    Undecodable,
    Unreachable,
)
from net.door import Answer
from tests.channels.network import NOON
from tests.emulators.x import NOT_SUMMONED

TYPE = "https://api.twitter.com/2/problems/"
EPOCH = int(NOON.timestamp())


def answer(status: int, body: Any = None, kind: str = "application/json", **headers: str) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"content-type": kind} | named, raw, "https://api.x.com/")


def problem(title: str = "", detail: str = "", kind: str = "about:blank", **more: Any) -> dict[str, Any]:
    return {"title": title, "detail": detail, "type": kind} | more


@pytest.mark.parametrize("status", [200, 400, 401, 402, 403, 404, 500, 503])
def test_a_web_page_is_no_answer_of_x_whatever_its_status(status: int):
    page = answer(status, b"<html><h1>Attention required</h1>", "text/html; charset=utf-8")
    assert isinstance(read_problem(page, NOON), Unreachable)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (answer(402, problem("CreditsDepleted", "You have no credits.", TYPE + "credits")), CREDITS),
        (answer(402), CREDITS),
        (answer(403, problem("SpendCapReached", "Your spend cap is reached.", TYPE + "credits")), CAP),
        (answer(429, problem("UsageCapExceeded", "Usage cap exceeded", TYPE + "usage-capped", period="Monthly")), CAP),
    ],
)
def test_money_is_a_state_of_its_own_that_says_what_to_do(found: Answer, text: str):
    for error in (read_problem(found, NOON), post_problem(found, NOON, first_attempt=True)):
        assert isinstance(error, Refused)
        assert (error.reason, str(error)) == ("payment", text)
    assert "console.x.com" in text
    assert "resume this source" in text


def test_words_of_our_own_query_are_not_taken_for_money():
    quoted = problem(
        "Invalid Request", "x", TYPE + "invalid-request", errors=[{"message": "query [spend cap credits]"}]
    )
    error = read_problem(answer(400, quoted), NOON)
    assert isinstance(error, Refused)
    assert error.reason == "invalid"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"errors": [{"message": "'since_id' must be after", "parameters": {"since_id": ["5"]}}]}, "since_id"),
        (problem("Invalid Request", "bad", TYPE + "invalid-request", parameter="since_id"), "since_id"),
        ({"errors": [{"code": 88, "message": "odd"}]}, "invalid"),
        ({}, "invalid"),
    ],
)
def test_a_bad_request_names_its_parameter(body: dict[str, Any], reason: str):
    error = read_problem(answer(400, body), NOON)
    assert isinstance(error, Refused)
    assert error.reason == reason


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x_rate_limit_reset": str(EPOCH + 60)}, 60),
        ({"x_rate_limit_remaining": "0", "x_rate_limit_reset": str(EPOCH + 60)}, 60),
        (
            {
                "x_rate_limit_remaining": "88", "x_rate_limit_reset": str(EPOCH + 60),
                "x_user_limit_24hour_remaining": "0", "x_user_limit_24hour_reset": str(EPOCH + 7200),
            },
            7200,
        ),
        ({}, None),
    ],
)  # fmt: skip
def test_the_limit_that_is_used_up_says_how_long(headers: dict[str, str], seconds: int | None):
    limited = answer(429, problem("Too Many Requests", "Too Many Requests"), **headers)
    expected = None if seconds is None else NOON + timedelta(seconds=seconds)
    for error in (read_problem(limited, NOON), post_problem(limited, NOON, first_attempt=True)):
        assert isinstance(error, RateLimited)
        assert error.retry_at == expected


DUPLICATE = answer(
    403, problem("Forbidden", "You are not allowed to create a Tweet with duplicate content.", status=403)
)


def test_duplicate_content_is_a_refusal_at_first_and_only_evidence_after_a_doubt():
    first = post_problem(DUPLICATE, NOON, first_attempt=True)
    assert isinstance(first, Refused)
    assert (first.reason, "change the words" in str(first)) == ("duplicate", True)
    later = post_problem(DUPLICATE, NOON, first_attempt=False)
    assert isinstance(later, OutcomeUnknown)
    assert "duplicate content" in str(later)


@pytest.mark.parametrize(
    ("found", "kind", "reason"),
    [
        (answer(403, problem("Forbidden", NOT_SUMMONED)), Refused, "not_summoned"),
        (answer(403, problem("Forbidden", "Your account is locked.")), Refused, "forbidden"),
        (answer(400, problem("Invalid Request", "text is too long")), Refused, "invalid"),
        (answer(401, problem("Unauthorized", "Unauthorized")), SignInFailed, None),
        (answer(404, problem("Not Found Error", "gone")), Gone, None),
        (answer(403, b"<html>", "text/html"), OutcomeUnknown, None),
        (answer(401, b"<html>", "text/html"), OutcomeUnknown, None),
        (answer(503, {}), OutcomeUnknown, None),
        (answer(201, b"<html>"), OutcomeUnknown, None),
        (answer(201, {"data": {"id": "1"}}), type(None), None),
    ],
)
def test_answers_to_posting(found: Answer, kind: type[ChannelError], reason: str | None):
    error = post_problem(found, NOON, first_attempt=True)
    assert isinstance(error, kind)
    assert getattr(error, "reason", None) == reason


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"errors": [problem("Not Found Error", "Could not find user", TYPE + "resource-not-found")]}, Gone),
        ({"errors": [problem("Authorization Error", "Sorry", TYPE + "not-authorized-for-resource")]}, Refused),
        ({"errors": [problem("UsageCapExceeded", "cap", TYPE + "usage-capped")]}, Refused),
        ({"errors": "x"}, Undecodable),
        ([], Undecodable),
    ],
)
def test_a_success_that_says_nothing_but_errors_is_an_error(body: Any, kind: type[ChannelError]):
    assert isinstance(empty_problem(body), kind)
