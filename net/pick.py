"""Typed picking from decoded JSON of unknown shape: a wrong type reads as absent and never raises."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from msgspec import Struct

Key = str | int
_DIGITS = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)


def value_at(obj: object, *path: Key) -> object:
    """What lies at `path` (names for objects, positions for lists), or None."""
    for key in path:
        if isinstance(obj, dict):
            obj = obj.get(key)
        elif isinstance(obj, Struct):  # a typed item reads as the object it came from
            obj = getattr(obj, str(key), None)
        elif isinstance(obj, list) and type(key) is int and -len(obj) <= key < len(obj):
            obj = obj[key]
        else:
            return None
    return obj


def text_at(obj: object, *path: Key, default: str = "") -> str:
    """The string at `path`. A number is given as its digits (some networks send ids as numbers)."""
    value = value_at(obj, *path)
    if isinstance(value, str):
        return value
    return str(value) if type(value) is int else default


def int_at(obj: object, *path: Key) -> int | None:
    """The whole number at `path`, also when written as a string of digits. Fits in 64 bits, else None."""
    value = value_at(obj, *path)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and -(2**63) <= value < 2**63 else None


def bool_at(obj: object, *path: Key, default: bool = False) -> bool:
    """True or false at `path`; anything else is `default`."""
    value = value_at(obj, *path)
    return value if isinstance(value, bool) else default


def list_at(obj: object, *path: Key) -> list[object]:
    """The list at `path`, or an empty one."""
    value = value_at(obj, *path)
    return value if isinstance(value, list) else []


def dict_at(obj: object, *path: Key) -> dict[str, object]:
    """The object at `path`, or an empty one."""
    value = value_at(obj, *path)
    return value if isinstance(value, dict) else {}


def time_at(obj: object, *path: Key) -> datetime | None:
    """The moment at `path`, aware and in UTC: see `parse_time`."""
    return parse_time(value_at(obj, *path))


def parse_time(value: object) -> datetime | None:
    """ISO 8601, RFC 2822 (feeds, HTTP) or an epoch in s, ms or us, by magnitude. Without a zone it is UTC."""
    if isinstance(value, str):
        text = value.strip()
        if len(text) > 64:
            return None
        # the fifth character of an ISO date is its first dash: spares most moments the second look
        return _from_epoch(int(text)) if text[4:5] != "-" and _is_epoch(text) else _from_words(text)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_epoch(value)
    return None


def _is_epoch(text: str) -> bool:
    return len(text.lstrip("-")) > 8 and _DIGITS.fullmatch(text) is not None


def _from_epoch(value: float) -> datetime | None:
    if not isinstance(value, int) and not math.isfinite(value):
        return None
    size = abs(value)
    scale = 1 if size < 1e11 else 1_000 if size < 1e14 else 1_000_000
    try:
        return datetime.fromtimestamp(value / scale, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _from_words(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    if moment.tzinfo is UTC:
        return moment
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
