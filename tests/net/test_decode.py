"""The boundary decoder: refuses with a reason, mends strings, and is quick."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import time
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Undecodable
from net.decode import (
    bool_at,
    clean_text,
    decode_json,
    decode_lines,
    dict_at,
    int_at,
    list_at,
    parse_time,
    text_at,
    time_at,
)
from tests.conftest import require

NASTY = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\x1b[31mred\x1b[0m",
    "\ud800",
    "\udfff tail",
    "\ud83d",
    "\r\nSet-Cookie: a=b",
    "\u202eevil\u202c",
    "\ufeffbom",
    "\uffff\ufffe",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
    "👨‍👩‍👧‍👦🏳️‍🌈",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "=cmd|' /C calc'!A0",
    "../../etc/passwd",
    "%s%n%x",
    "ｆｕｌｌ－ｗｉｄｔｈ",
    "\x7f\x80\x9f",
    "e\u0301",
    "\u2028\u2029",
    "ﷺ" * 100,
    '"\\\b\f',
]


def refusal(body: bytes, **limits: int) -> str:
    with pytest.raises(Undecodable) as caught:
        decode_json(body, **limits)
    return caught.value.detail


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"<html>503</html>", "not JSON"),
        (b'{"a":1', "not JSON"),
        (b"{} x", "not JSON"),
        (b'"\xff"', "not UTF-8"),
        (b'"\xed\xa0\x80"', "not UTF-8"),
        (b'{"\xc0\xaf":1}', "not UTF-8"),
        (b"NaN", "NaN"),
        (b'{"a":[Infinity]}', "Infinity"),
        (b"[-Infinity]", "-Infinity"),
        (b"1e999", "range"),
        (b"[-1e999]", "range"),
        (b"9" * 41, "40 digits"),
        (b"[-" + b"9" * 5000 + b"]", "40 digits"),
        *[(b"[" + b" " * pad + b"1" * 41 + b"]", "40 digits") for pad in range(9)],
        (b"[" * 65 + b"]" * 65, "64 levels"),
        (b"[" * 900 + b"]" * 900, "64 levels"),
        (b"[" * 1_000_000, "64 levels"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "64 levels"),
        (b'["]",["[",' * 70 + b"1" + b"]" * 140, "64 levels"),
        (b'{"a":"\\x"}', "not JSON"),
        (b"\x00\x00", "not JSON"),
    ],
)
def test_refuses_with_a_plain_reason(body: bytes, reason: str):
    assert reason in refusal(body)


def test_refuses_what_is_too_large():
    assert "limit is 10" in refusal(b'"0123456789"', max_bytes=10)


def test_depth_at_the_limit_is_fine():
    assert decode_json(b"[" * 64 + b"]" * 64)
    assert decode_json(b"[" + b"[]," * 5000 + b"[]]")
    assert "2 levels" in refusal(b"[[[]]]", max_depth=2)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (rb'"a\u0000b"', "a\ufffdb"),
        (rb'"\ud800"', "\ufffd"),
        (rb'"x\uDFFFy"', "x\ufffdy"),
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"\ud83d \ude00"', "\ufffd \ufffd"),
        (rb'"a\r\nb\rc"', "a\nb\nc"),
        (rb'"tab\tline\n"', "tab\tline\n"),
        (rb'"\b\f\u001b[31m"', "\ufffd\ufffd\ufffd[31m"),
        (b'"raw\x00nul"', "raw\ufffdnul"),
        (b'"raw\nline"', "raw\nline"),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (rb'{"k\u0000":["\u0007"]}', {"k\ufffd": ["\ufffd"]}),
        (rb'"\\u0000"', r"\u0000"),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b"9007199254740993", 9007199254740993),
        (b"9" * 40, int("9" * 40)),
        (b'"' + b"9" * 60 + b'"', "9" * 60),
        (rb'{"html":"\u003cp\u003e"}', {"html": "<p>"}),
    ],
)
def test_mends_strings_and_keeps_the_rest(body: bytes, value: object):
    assert decode_json(body) == value


def check_storable(value: object) -> None:
    """What every database and encoder accepts."""
    if isinstance(value, str):
        value.encode("utf-8")
        assert not any(c in value for c in map(chr, [*range(9), *range(11, 32)]))
    for inner in value if isinstance(value, list) else value.items() if isinstance(value, dict) else ():
        check_storable(list(inner) if isinstance(inner, tuple) else inner)


@pytest.mark.parametrize("text", NASTY)
def test_nasty_strings_come_out_storable(text: str):
    for ascii_only in (True, False):
        body = json.dumps({text: [text]}, ensure_ascii=ascii_only).encode("utf-8", "replace")
        check_storable(decode_json(body))
    check_storable(clean_text(text))
    assert unicodedata.is_normalized("NFC", clean_text(text))


def test_blns_comes_out_storable(shared: Path):
    file = shared / "hostile" / "blns.json"
    require("shared", file.is_file(), "hostile/blns.json is missing")
    strings = decode_json(file.read_bytes())
    assert isinstance(strings, list)
    assert len(strings) > 400
    check_storable(strings)
    for text in strings:
        check_storable(clean_text(str(text)))


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_undecodable(body: bytes):
    with contextlib.suppress(Undecodable):
        check_storable(decode_json(body))


_SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
_TEXTS = st.text(alphabet=st.characters(exclude_categories=()), max_size=20)


@settings(max_examples=200)
@given(
    st.recursive(_SCALARS | _TEXTS, lambda x: st.lists(x, max_size=4) | st.dictionaries(_TEXTS, x, max_size=4)),
    st.booleans(),
)
def test_honest_json_survives(value: object, ascii_only: bool):
    body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    with contextlib.suppress(Undecodable):
        check_storable(decode_json(body))


def test_lines_go_on_after_a_bad_one():
    body = b'{"a":1}\n\nnot json\n{"a":2}\r\n"' + b"x" * 300 + b'"\n[3]'
    lines = list(decode_lines(body, max_bytes=100))
    assert [(line.number, line.value) for line in lines if line.problem is None] == [
        (1, {"a": 1}),
        (4, {"a": 2}),
        (6, [3]),
    ]
    bad = [(line.number, str(line.problem), line.sample[:8]) for line in lines if line.problem]
    assert [number for number, _, _ in bad] == [3, 5]
    assert bad[0][2] == b"not json"
    assert "longer than 100" in bad[1][1]
    assert [line.number for line in decode_lines(io.BytesIO(body), max_bytes=100)] == [1, 3, 4, 5, 6]


def test_lines_of_exactly_the_limit_do_not_swallow_the_next():
    line = b'"' + b"x" * 98 + b'"'
    assert [found.value for found in decode_lines(line + b"\n[1]\n", max_bytes=101)] == ["x" * 98, [1]]
    assert [found.value for found in decode_lines(line + b"\n[1]\n", max_bytes=100)] == [None, [1]]


def test_pickers_never_raise_on_wrong_types():
    shapes: list[object] = [None, 1, "x", [], {}, {"a": None}, {"a": [1]}, {"a": {"b": "t"}}, [[["x"]]], True, 1.5]
    paths: list[tuple[str | int, ...]] = [
        (),
        ("a",),
        ("a", "b"),
        (0,),
        (0, 0, 0),
        ("a", 0),
        (-1,),
        (99,),
        ("a", "b", "c"),
    ]
    for shape in shapes:
        for path in paths:
            assert isinstance(text_at(shape, *path), str)
            assert isinstance(int_at(shape, *path), int | None)
            assert isinstance(list_at(shape, *path), list)
            assert isinstance(dict_at(shape, *path), dict)
            assert isinstance(bool_at(shape, *path), bool)
            assert isinstance(time_at(shape, *path), datetime | None)


def test_pickers_find_what_is_there():
    status = {"account": {"acct": "mara@social.example"}, "id": 2**60, "n": "17", "big": 2**64, "flag": True}
    assert text_at(status, "account", "acct") == "mara@social.example"
    assert text_at(status, "id") == str(2**60)
    assert text_at(status, "flag", default="none") == "none"
    assert int_at(status, "n") == 17
    assert int_at(status, "big") is None
    assert int_at(status, "flag") is None
    assert bool_at(status, "flag") is True


NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-20T12:00:00Z",
        "2026-11-20T12:00:00.000Z",
        "2026-11-20T14:00:00+02:00",
        "2026-11-20T12:00:00",
        " 2026-11-20 12:00:00 ",
        "Fri, 20 Nov 2026 12:00:00 GMT",
        "Fri, 20 Nov 2026 13:00:00 +0100",
        1795176000,
        1795176000.0,
        1795176000_000,
        1795176000_000_000,
        "1795176000",
    ],
)
def test_times_are_aware_and_utc(value: object):
    moment = parse_time(value)
    assert moment == NOON
    assert moment.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "x",
        True,
        [],
        {},
        float("nan"),
        float("inf"),
        10**30,
        -(10**30),
        "9" * 500,
        "0001-01-01T00:00:00+23:59",
    ],
)
def test_times_that_are_none(value: object):
    assert parse_time(value) is None


def status_of_a_kilobyte() -> bytes:
    return json.dumps(
        {
            "id": "115500000000000001",
            "created_at": "2026-11-20T12:00:00.000Z",
            "in_reply_to_id": None,
            "sensitive": False,
            "visibility": "public",
            "language": "en",
            "uri": "https://social.example/users/mara/statuses/115500000000000001",
            "url": "https://social.example/@mara/115500000000000001",
            "replies_count": 2,
            "reblogs_count": 1,
            "favourites_count": 5,
            "content": "<p>My parcel from Acme Testware is late, <br />three days now. é " + "Hello? " * 20 + "</p>",
            "account": {
                "id": "109", "username": "mara", "acct": "mara", "display_name": "Mara Testfield", "bot": False,
                "created_at": "2022-11-20T00:00:00.000Z", "note": "<p>I test things</p>", "followers_count": 120,
                "avatar": "https://social.example/avatars/original/missing.png", "fields": [], "emojis": [],
            },
            "media_attachments": [], "mentions": [], "tags": [{"name": "late", "url": "https://social.example/tags/late"}],
        }
    ).encode()  # fmt: skip


def best_us(what: Callable[[], object], rounds: int = 1000) -> float:
    """The best of five series, in microseconds per call, without the garbage collector's share."""
    times = []
    gc.disable()
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(rounds):
            what()
        times.append((time.perf_counter() - began) / rounds)
    gc.enable()
    return min(times) * 1e6


def test_costs_little_more_than_the_bare_parser():
    body = status_of_a_kilobyte()
    page = b"[" + b",".join([body] * 40) + b"]"
    bare = best_us(lambda: msgspec.json.decode(body))
    ours = best_us(lambda: decode_json(body))
    paged = best_us(lambda: decode_json(page), 50) / 40
    print(f"\n{len(body)} bytes: bare {bare:.2f} us, decode_json {ours:.2f} us, in a page of 40 {paged:.2f} us")
    assert ours < 4 * bare + 5
    assert paged < 5 * bare + 10
