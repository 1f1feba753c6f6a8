"""Scores JSON lines: the same function as in the product."""

from __future__ import annotations

from typing import Any, BinaryIO

import msgspec

from domain.errors import Undecodable
from net.decode import decode_json, text_at
from scoring.scorer import score_text
from scoring.sentiment import read_packs

_LONGEST = 1_000_000


def score_lines(source: BinaryIO, target: BinaryIO, lang: str | None) -> None:
    """One answer per line, in order; a line that cannot be read gives an `error` row."""
    read_packs()
    for number, line in enumerate(source, 1):
        if line.strip():
            target.write(msgspec.json.encode(_answer(line, number, lang)) + b"\n")
    target.flush()


def _answer(line: bytes, number: int, lang: str | None) -> dict[str, Any]:
    try:
        row = decode_json(line, max_bytes=_LONGEST)
    except Undecodable as error:
        return {"id": None, "error": f"line {number}: {error}"}
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        return {"id": row.get("id") if isinstance(row, dict) else None, "error": f"line {number}: needs a text"}
    score = score_text(row["text"], text_at(row, "lang") or lang, text_at(row, "brand") or None)
    return {
        "id": row.get("id"),
        "lang": score.lang,
        "label": score.label,
        "compound": score.sentiment,
        "severity": score.severity,
        "priority": round(score.priority, 3),
        "topics": list(score.themes),
        "parts": [list(part) for part in score.parts],
    }
