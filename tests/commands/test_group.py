"""`run.py group`: one answer per line, in order; a bad line costs only itself."""

from __future__ import annotations

import io
import json
from typing import Any

from commands.group import group_lines


def answers(*lines: bytes) -> list[dict[str, Any]]:
    target = io.BytesIO()
    group_lines(io.BytesIO(b"\n".join(lines) + b"\n"), target)
    return [json.loads(line) for line in target.getvalue().splitlines()]


def line(row_id: object, text: str, **more: object) -> bytes:
    return json.dumps({"id": row_id, "text": text, "brand": "Norda", **more}).encode()


def test_what_tells_of_one_thing_has_one_number_and_the_rest_none() -> None:
    found = answers(
        line("a", "Norda charged me twice since the update", lang="en", created_at="2026-03-02T09:00:00Z"),
        line("b", "Lovely trip with Norda, thank you!", lang="en"),
        line(3, "Norda mi je dvaput naplatila kartu nakon ažuriranja", lang="hr", created_at="2026-03-02T10:00:00"),
        line("d", "Norda lost my suitcase", lang="en", author="x"),
    )
    assert found == [
        {"id": "a", "cluster": 1},
        {"id": "b", "cluster": None},
        {"id": 3, "cluster": 1},
        {"id": "d", "cluster": None},
    ]


def test_brands_do_not_share_problems() -> None:
    told = "charged me twice since the update, where is my refund"
    found = answers(line(1, told), line(2, told), line(3, told, brand="Vela"), line(4, told, brand="Vela"))
    assert [row["cluster"] for row in found] == [1, 1, 2, 2]


def test_a_line_that_cannot_be_read_gives_an_error_row() -> None:
    told = "charged me twice since the update, where is my refund"
    found = answers(b"{", b'{"id": 2}', b"[]", line(4, told, created_at="noon"), line(5, told), b"", line(6, told))
    assert [row["id"] for row in found] == [None, 2, None, 4, 5, 6]
    assert ["error" in row for row in found] == [True, True, True, True, False, False]
    assert "created_at" in found[3]["error"]
    assert found[4]["cluster"] == found[5]["cluster"] == 1
