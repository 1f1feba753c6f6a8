"""What GitHub's errors mean. Pure.

Source: docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api and best-practices-for-using-the-rest-api.
A used-up limit, primary or secondary, is 403 or 429. When to come back: `retry-after`; else, with nothing remaining,
`x-ratelimit-reset`; else after at least a minute. The reset header alone says nothing: it comes with every answer.
"""

from __future__ import annotations

from datetime import datetime, timedelta

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
from net.answer import retry_at
from net.decode import list_at, text_at, value_at
from net.door import Answer, problem, publish_problem

SECONDARY = timedelta(minutes=1)
_CERTAIN = ("FORBIDDEN", "NOT_FOUND", "UNPROCESSABLE", "INSUFFICIENT_SCOPES", "SAML", "STALE_DATA")
"""Types of GraphQL errors that are given before anything is done."""


def _message(answer: Answer) -> str:
    try:
        return text_at(answer.json(), "message")
    except Undecodable:
        return ""


def _limit(answer: Answer, now: datetime) -> RateLimited | None:
    """The error of a used-up limit. Without a header the message tells it from other refusals."""
    if answer.status not in (403, 429):
        return None
    told = "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
    if answer.status == 403 and not told and "rate limit" not in _message(answer).casefold():
        return None
    return limited(answer, now)


def limited(answer: Answer, now: datetime) -> RateLimited:
    """When GitHub wants to be asked again."""
    if "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0":
        return RateLimited(retry_at(answer.headers, now) or now + SECONDARY, "GitHub's limit is used up")
    return RateLimited(now + SECONDARY, "GitHub asks for a pause (secondary limit)")


def read_problem(answer: Answer, now: datetime) -> ChannelError | None:
    """What stands between us and the answer of a read."""
    return _limit(answer, now) or problem(answer.status, answer.headers, answer.body, now)


def comment_problem(answer: Answer, now: datetime) -> ChannelError | None:
    """What the answer to our one publishing request means; None for a 2xx that can be read.

    An issue that is gone, or never was for us, is a certain refusal.
    """
    readable = bool(_message(answer))
    limit = _limit(answer, now) if readable or "retry-after" in answer.headers else None
    found = limit or publish_problem(answer.status, answer.headers, answer.body, now)
    return Refused("gone", f"the conversation is no longer there ({found})") if isinstance(found, Gone) else found


def graph_problem(answer: Answer, body: object, now: datetime) -> ChannelError | None:
    """What the errors inside a GraphQL answer mean for a read: 200 with an error inside is an error, unless data came
    all the same (single nodes may be out of reach)."""
    errors = list_at(body, "errors")
    if any(text_at(error, "type") == "RATE_LIMITED" for error in errors):
        return limited(answer, now)
    if value_at(body, "data") is not None:
        return None
    if not errors:
        return Undecodable("GitHub's answer holds no data")
    said = text_at(errors[0], "message")[:200]
    if text_at(errors[0], "type") == "INSUFFICIENT_SCOPES":
        return SignInFailed(f"the token may not read this: {said}")
    # Without a type it is a fault of theirs ("Something went wrong"), or of the query, which tests hold to the schema.
    return Refused("refused", said) if text_at(errors[0], "type") else Unreachable(f"GitHub could not answer: {said}")


def mutation_problem(answer: Answer, body: object, now: datetime) -> ChannelError | None:
    """The same for the one mutation that publishes: only errors known to come before any effect are certain."""
    errors = list_at(body, "errors")
    if not errors:
        return None
    kind, said = text_at(errors[0], "type"), text_at(errors[0], "message")[:200]
    if kind == "RATE_LIMITED":
        return limited(answer, now)
    return (
        Refused("refused", said) if kind in _CERTAIN else OutcomeUnknown(f"GitHub did not say what came of it: {said}")
    )
