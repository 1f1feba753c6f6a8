"""Usage headers and errors of the Graph API in every odd shape."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from channels.graph_errors import PAUSE, back_at, trouble_of, usage
from net.door import Answer

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ODD = ("", "{", "[]", "7", '{"a": 7}', '{"a": [7, null, {}]}', '{"a": [{"call_count": "many"}]}', "é", '"\\ud800"')


def _business(**values: object) -> str:
    return json.dumps({"1": [{"type": "pages", "call_count": 1, **values}], "2": [{"call_count": 7}]})


def test_the_highest_use_counts():
    assert usage({}) == 0
    assert usage({"x-app-usage": '{"call_count": 28, "total_time": 25, "total_cputime": 31}'}) == 31
    assert usage({"x-business-use-case-usage": _business(total_time=97)}) == 97
    assert usage({"x-page-usage": '{"call_count": 100}', "x-app-usage": '{"call_count": 3}'}) == 100


@pytest.mark.parametrize("text", ODD)
def test_odd_headers_say_nothing(text: str):
    headers = {"x-app-usage": text, "x-page-usage": text, "x-business-use-case-usage": text}
    assert usage(headers) == 0
    assert back_at(headers, NOW) == NOW + PAUSE


def test_the_end_of_a_limit_is_taken_from_what_is_told():
    told = {"x-business-use-case-usage": _business(estimated_time_to_regain_access=19)}
    assert back_at(told, NOW) == NOW + timedelta(minutes=19)
    assert back_at({"retry-after": "60"}, NOW) == NOW + timedelta(seconds=60)
    far = {"x-business-use-case-usage": _business(estimated_time_to_regain_access=10**9)}
    assert back_at(far, NOW) == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"error": 7}', b'{"error": {"code": "x"}}', b"<html>", b'{"error": {}}']
)
def test_an_answer_without_a_code_holds_no_error_of_meta(body: bytes):
    assert trouble_of(Answer(400, {}, body, "")) is None
