"""The boundary decoder: every JSON body from outside comes in here, or is refused with a plain reason.

Refused (`Undecodable`, for the quarantine): too large, nested too deeply, not UTF-8, not JSON, NaN and Infinity,
numbers beyond a float's range or with more than 40 digits. Mended: lone surrogates and control characters in strings
and keys become U+FFFD, CR and CRLF a newline. Duplicate keys: the last one wins, as in browsers and in the
networks' own parsers, so that we see what everybody else sees.
"""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NoReturn, TypeVar

import msgspec

from domain.errors import Undecodable
from net.pick import bool_at, dict_at, int_at, list_at, parse_time, text_at, time_at, value_at
from net.text import clean_string, clean_text, html_to_text

__all__ = [
    "MAX_BYTES",
    "Line",
    "bool_at",
    "clean_string",
    "clean_text",
    "decode_as",
    "decode_json",
    "decode_lines",
    "dict_at",
    "html_to_text",
    "int_at",
    "list_at",
    "parse_time",
    "text_at",
    "time_at",
    "value_at",
]

T = TypeVar("T")

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 64
MAX_DIGITS = 40
MAX_LINE_BYTES = 1024 * 1024

_FAST = msgspec.json.Decoder()
_CONTAINERS = (dict, list)
# Quick looks at the raw bytes, so that honest bodies need no walk over their values.
# The only ways in which valid JSON can hold what `clean_string` mends are \u000X, \u001X, \r, \b and \f. "\u00" alone
# would be too broad, Mastodon writes every "<" as \u003c. Lone surrogates are refused by msgspec and mended on the
# careful way.
_UNCLEAN = re.compile(rb"\\(?:[rbf]|u00[01])").search
# More than 40 digits in a row show as at least five among every eighth byte. Strings may do so too: then we walk.
_FOLD_DIGITS = bytes.maketrans(b"012345678", b"9" * 9)
_STRIDE = 8
_MANY_DIGITS = b"9" * ((MAX_DIGITS + 1) // _STRIDE)


def decode_json(body: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> object:
    """The JSON value in `body`, safe to store and to show as text. Raises Undecodable with a plain reason."""
    if len(body) > max_bytes:
        raise Undecodable(f"body of {len(body)} bytes, the limit is {max_bytes}")
    try:
        value = _FAST.decode(body)
    except RecursionError:
        raise Undecodable(f"nested deeper than {max_depth} levels") from None
    except ValueError:  # not JSON, or JSON with faults that can be mended
        value = _decode_carefully(body, max_depth)
    else:
        if body.count(b"[") + body.count(b"{") > max_depth:
            _check_depth(value, max_depth)
        if _MANY_DIGITS in body[::_STRIDE].translate(_FOLD_DIGITS):
            _check_digits(value)
    return _cleaned(value) if _UNCLEAN(body) else value


def decode_as(decoder: msgspec.json.Decoder[T], body: bytes) -> T | None:
    """The typed value in `body`, or None where only `decode_json` can read, mend or refuse it.

    Several times faster than decoding everything: what the type does not name is passed over and never built,
    which is also why its depth and its numbers need no check.
    """
    if len(body) > MAX_BYTES or _UNCLEAN(body):
        return None
    try:
        return decoder.decode(body)
    except (ValueError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a JSON-lines source: its value, or the reason why it cannot be read and its first bytes."""

    number: int
    value: object = None
    problem: Undecodable | None = None
    sample: bytes = b""


def decode_lines(
    source: bytes | BinaryIO, *, max_bytes: int = MAX_LINE_BYTES, max_depth: int = MAX_DEPTH
) -> Iterator[Line]:
    """The lines of a JSON-lines body or open file, one by one; empty lines are passed over.

    A line that cannot be read comes with its problem and never ends the reading. Memory stays within
    `max_bytes`, however long a line is.
    """
    stream: BinaryIO = io.BytesIO(source) if isinstance(source, (bytes, bytearray)) else source
    number = 0
    while raw := stream.readline(max_bytes + 1):
        number += 1
        too_long = len(raw) > max_bytes
        if too_long and not raw.endswith(b"\n"):
            _skip_line(stream, max_bytes)
        if raw.strip():
            yield _line(number, raw, too_long, max_bytes, max_depth)


def _line(number: int, raw: bytes, too_long: bool, max_bytes: int, max_depth: int) -> Line:
    if too_long:
        return Line(number, problem=Undecodable(f"line longer than {max_bytes} bytes"), sample=raw[:2000])
    try:
        return Line(number, decode_json(raw, max_bytes=max_bytes, max_depth=max_depth))
    except Undecodable as problem:
        return Line(number, problem=problem, sample=raw[:2000])


def _skip_line(stream: BinaryIO, chunk: int) -> None:
    while (rest := stream.readline(chunk)) and not rest.endswith(b"\n"):
        pass


def _check_depth(value: object, max_depth: int) -> None:
    level = [value] if isinstance(value, _CONTAINERS) else []
    depth = 0
    while level:
        depth += 1
        if depth > max_depth:
            raise Undecodable(f"nested deeper than {max_depth} levels")
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]


def _check_digits(value: object) -> None:
    """Looks at every number, because a run of digits may also stand in a string."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif type(item) is int and abs(item) >= 10**MAX_DIGITS:
            raise Undecodable(f"a number with more than {MAX_DIGITS} digits")


def _decode_carefully(body: bytes, max_depth: int) -> object:
    """The slow way for what the fast parser refused: mends what can be mended, names what cannot."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Undecodable(f"not UTF-8 (byte {error.start})") from None
    try:
        value = json.loads(text, strict=False, parse_constant=_no_constant, parse_int=_int, parse_float=_float)
    except RecursionError:
        raise Undecodable(f"nested deeper than {max_depth} levels") from None
    except json.JSONDecodeError as error:
        raise Undecodable(f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from None
    _check_depth(value, max_depth)
    return _cleaned(value)


def _no_constant(name: str) -> NoReturn:
    raise Undecodable(f"{name} is not a number")


def _int(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        raise Undecodable(f"a number with more than {MAX_DIGITS} digits")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Undecodable("a number beyond the range of a float")
    return number


def _cleaned(value: object) -> object:
    """The same value with clean strings and keys. Depth is already bounded, so recursion is safe."""
    if isinstance(value, str):
        return clean_string(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {clean_string(key): _cleaned(item) for key, item in value.items()}
    return value
