"""Texts as JSON lines, for the commands that answer each line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from domain.errors import Undecodable
from net.decode import decode_json

_LONGEST = 1_000_000

Row = dict[str, Any]


def rows(source: BinaryIO, needs: str = "text") -> Iterator[tuple[int, Row, Row | None]]:
    """Of each line that is not blank: its number, its object, and the `error` row that answers it if it has no text
    under the field that it `needs` ("" for any object)."""
    for number, line in enumerate(source, 1):
        if line.strip():
            yield number, *_read(line, number, needs)


def _read(line: bytes, number: int, needs: str) -> tuple[Row, Row | None]:
    lacking = "a text" if needs == "text" else f"a text as {needs}" if needs else "an object"
    try:
        row = decode_json(line, max_bytes=_LONGEST)
    except Undecodable as error:
        return {}, {"id": None, "error": f"line {number}: {error}"}
    if not isinstance(row, dict):
        return {}, {"id": None, "error": f"line {number}: needs {lacking}"}
    has_text = not needs or isinstance(row.get(needs), str)
    return row, None if has_text else {"id": row.get("id"), "error": f"line {number}: needs {lacking}"}
