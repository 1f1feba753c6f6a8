"""What an answer means, for reading and for publishing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import ChannelError, Gone, OutcomeUnknown, RateLimited, Refused, SignInFailed, Unreachable
from net.answer import Answer, problem, publish_problem, raise_for, retry_at

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SAID = b'{"error":"Text limit exceeded"}'
PAGE = b"<html><h1>Bad gateway</h1></html>"
HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind"),
    [
        (200, {}, b"{}", None),
        (204, {}, b"", None),
        (304, {}, b"", None),
        (400, {}, SAID, Refused),
        (401, {}, SAID, SignInFailed),
        (402, {}, SAID, Refused),
        (403, {}, SAID, Refused),
        (403, {"X-RateLimit-Remaining": "0"}, SAID, RateLimited),
        (403, HTML, PAGE, Unreachable),
        (404, {}, SAID, Gone),
        (404, HTML, PAGE, Gone),
        (410, {}, b"", Gone),
        (422, {}, SAID, Refused),
        (420, {}, b"", RateLimited),
        (429, {}, b"", RateLimited),
        (429, HTML, PAGE, RateLimited),
        (301, {"Location": "https://b.example/"}, b"", Unreachable),
        (408, {}, b"", Unreachable),
        (500, {}, SAID, Unreachable),
        (502, HTML, PAGE, Unreachable),
        (503, {}, b"\xff\x00", Unreachable),
        (200, HTML, PAGE, Unreachable),
        (999, {}, b"", Unreachable),
    ],
)
def test_reading(status: int, headers: dict[str, str], body: bytes, kind: type[ChannelError] | None):
    found = problem(status, headers, body, NOW)
    assert type(found) is (kind or type(None))
    assert PAGE.decode() not in str(found)


@pytest.mark.parametrize("status", [400, 403, 422])
def test_a_refusal_that_was_cut_on_its_way_is_tried_again(status: int):
    json = {"Content-Type": "application/problem+json"}
    assert type(problem(status, json, b'{"title": "Invalid Requ', NOW)) is Unreachable
    assert type(problem(status, json, b'{"title": "Invalid Request"}', NOW)) is Refused
    assert type(problem(status, json, b"", NOW)) is Refused
    assert type(problem(status, {"Content-Type": "text/plain"}, b"no such field", NOW)) is Refused


def test_a_feed_may_be_a_web_page():
    assert problem(200, HTML, PAGE, NOW, expects_json=False) is None


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind"),
    [
        (200, {}, b'{"id":"1"}', None),
        (201, {}, b'{"id":"1"}', None),
        (200, {}, b'{"id":"1"', OutcomeUnknown),
        (200, {}, b"", OutcomeUnknown),
        (200, HTML, PAGE, OutcomeUnknown),
        (400, {}, SAID, Refused),
        (401, {}, SAID, SignInFailed),
        (401, {"WWW-Authenticate": "Bearer"}, b"", SignInFailed),
        (403, {}, SAID, Refused),
        (404, {}, SAID, Gone),
        (422, {}, SAID, Refused),
        (429, {"Retry-After": "9"}, b"", RateLimited),
        (429, {}, SAID, RateLimited),
        (429, HTML, PAGE, OutcomeUnknown),
        (400, HTML, PAGE, OutcomeUnknown),
        (403, HTML, PAGE, OutcomeUnknown),
        (302, {"Location": "/"}, b"", OutcomeUnknown),
        (304, {}, b"", OutcomeUnknown),
        (408, {}, SAID, OutcomeUnknown),
        (409, {}, SAID, OutcomeUnknown),
        (500, {}, SAID, OutcomeUnknown),
        (502, HTML, PAGE, OutcomeUnknown),
        (504, {}, b"", OutcomeUnknown),
    ],
)
def test_publishing(status: int, headers: dict[str, str], body: bytes, kind: type[ChannelError] | None):
    found = publish_problem(status, headers, body, NOW)
    assert type(found) is (kind or type(None))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429])
def test_after_an_unknown_attempt_a_refusal_proves_nothing(status: int):
    found = publish_problem(status, {"retry-after": "1"}, SAID, NOW, first_attempt=False)
    assert isinstance(found, OutcomeUnknown)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "30"}, 30),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "Fri, 20 Nov 2026 12:01:00 GMT"}, 60),
        ({"retry-after": "Fri, 20 Nov 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "9" * 19}, 86400),
        ({"retry-after": "9" * 500}, None),
        ({"x-ratelimit-reset": "2026-11-20T12:05:00.000Z"}, 300),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"x-ratelimit-reset": str((int(NOW.timestamp()) + 90) * 1000)}, 90),
        ({"x-rate-limit-reset": str(int(NOW.timestamp()) + 900)}, 900),
        ({"ratelimit-reset": "45"}, 45),
        ({"ratelimit-reset": str(int(NOW.timestamp()) + 45)}, 45),
        ({"x-ratelimit-reset": "587.0"}, 587),
        ({"x-ratelimit-reset": "2030-01-01T00:00:00Z"}, 86400),
        ({"retry-after": "7", "x-ratelimit-reset": "999"}, 7),
        ({"x-ratelimit-reset": "nan"}, None),
        ({"x-ratelimit-reset": "\ud800"}, None),
    ],
)
def test_when_to_come_back(headers: dict[str, str], seconds: float | None):
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert retry_at(headers, NOW) == expected


def test_the_networks_own_message_is_told_on_one_line():
    found = problem(422, {}, b'{"error":"Text\\r\\nlimit \\u0000 ' + b"x" * 900 + b'"}', NOW)
    assert found is not None
    assert found.detail.startswith("HTTP 422: Text limit \ufffd x")
    assert "\n" not in found.detail
    assert len(found.detail) < 250


def test_raise_for_gives_the_answer_or_raises():
    good = Answer(200, {}, b"[1]", "https://a.example/")
    assert raise_for(good, NOW).json() == [1]
    with pytest.raises(Gone):
        raise_for(Answer(410, {}, b"", "https://a.example/"), NOW)
