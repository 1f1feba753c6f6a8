"""The pure parts: what error codes mean, how long a text is, what an approval fixes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from channels.threads.freeze import freeze, length
from channels.threads.problems import publishing_problem, read_problem
from domain.account import Account
from domain.errors import (
    BadInput,
    ChannelError,
    Gone,
    OutcomeUnknown,
    RateLimited,
    Refused,
    SignInFailed,
    Unreachable,
)
from domain.reply import Outgoing, Parent
from net.answer import Answer

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def answer(status: int, code: int, subcode: int = 0, headers: dict[str, str] | None = None, **more: Any) -> Answer:
    said = {"code": code, "error_subcode": subcode, "message": "said so"} | more
    return Answer(status, headers or {}, json.dumps({"error": said}).encode(), "")


@pytest.mark.parametrize(
    ("given", "read", "publish"),
    [
        (answer(400, 190, 463), SignInFailed, SignInFailed),
        (answer(401, 102), SignInFailed, SignInFailed),
        (answer(400, 4), RateLimited, RateLimited),
        (answer(403, 80002), RateLimited, RateLimited),
        (answer(400, 613), RateLimited, RateLimited),
        (answer(400, 10), Refused, Refused),
        (answer(400, 100), Refused, Refused),
        (answer(400, 100, 33), Gone, Gone),
        (answer(400, 24, 4279009), Gone, RateLimited),
        (answer(400, 2), Unreachable, OutcomeUnknown),
        (answer(400, 77, is_transient=True), Unreachable, OutcomeUnknown),
        (answer(500, 1), Unreachable, OutcomeUnknown),
        (answer(500, 190), SignInFailed, OutcomeUnknown),
        (answer(200, 1), Unreachable, OutcomeUnknown),
        (answer(200, 100), Refused, OutcomeUnknown),
    ],
)
def test_the_code_decides(given: Answer, read: type[ChannelError], publish: type[ChannelError]):
    assert type(read_problem(given, NOW)) is read
    assert type(publishing_problem(given, NOW)) is publish


def test_good_answers_are_no_problem():
    good = Answer(200, {}, b'{"id": "1"}', "")
    assert read_problem(good, NOW) is None
    assert publishing_problem(good, NOW) is None


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({"x-business-use-case-usage": '{"1": [{"estimated_time_to_regain_access": 28}, {}]}'}, 28),
        ({"retry-after": "120", "x-business-use-case-usage": "{}"}, 2),
        ({"x-business-use-case-usage": "{damaged"}, None),
        ({"x-business-use-case-usage": '{"1": [{"estimated_time_to_regain_access": 99999999}]}'}, 24 * 60),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_told(headers: dict[str, str], minutes: int | None):
    found = read_problem(answer(400, 4, headers=headers), NOW)
    assert isinstance(found, RateLimited)
    assert found.retry_at == (None if minutes is None else NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("text", "count"),
    [("hello", 5), ("grüße", 5), ("7 #1 ©", 7), ("👍", 4), ("👨‍👩‍👧", 18), ("🇩🇪", 8), ("ok 👍🏽", 3 + 8), ("台北", 2)],
)
def test_emoji_count_their_bytes(text: str, count: int):
    assert length(text) == count


ACCOUNT = Account(1, "threads", "norda.rail", "178414", "https://graph.threads.net", {"secret_token": "x"})
PARENT = Parent("18001", "18001", "", "mara", "mara", {"id": "18001"})


def outgoing(text: str, parent: Parent = PARENT, account: Account = ACCOUNT) -> Outgoing:
    return Outgoing(text, "en", parent, account, NOW, 7)


def test_an_approval_fixes_the_whole_form():
    frozen = freeze(outgoing("Grüße & 100 % = 👍\nNorda"))
    assert frozen == freeze(outgoing("Grüße & 100 % = 👍\nNorda"))
    assert parse_qs(frozen.body.decode(), strict_parsing=True) == {
        "media_type": ["TEXT"], "text": ["Grüße & 100 % = 👍\nNorda"], "reply_to_id": ["18001"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (outgoing("x" * 501), "1 characters longer"),
        (outgoing("👍" * 126), "4 characters longer"),
        (outgoing(" ".join(f"https://norda.example/{n}" for n in range(6))), "at most 5 links"),
        (outgoing("x", Parent("1", "1", "", "", "", {})), "answer it by hand"),
        (outgoing("x", Parent("1", "1", "", "", "", {"id": "1&text=y"})), "answer it by hand"),
        (outgoing("x", account=Account(1, "threads", "n", "", "https://graph.threads.net")), "never tried"),
    ],
)
def test_what_cannot_be_sent_is_told_before_approval(given: Outgoing, told: str):
    with pytest.raises(BadInput, match=told):
        freeze(given)


def test_five_links_are_taken():
    assert freeze(outgoing(" ".join(f"https://norda.example/{n % 5}" for n in range(9)))).key
