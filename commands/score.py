"""Scores JSON lines: the same function as in the product."""

from __future__ import annotations

from typing import BinaryIO

import msgspec

from commands.json_lines import Row, rows
from net.decode import text_at
from scoring.scorer import score_text
from scoring.sentiment import read_packs


def score_lines(source: BinaryIO, target: BinaryIO, lang: str | None) -> None:
    """One answer per line, in order; a line that cannot be read gives an `error` row."""
    read_packs()
    for _, row, wrong in rows(source):
        target.write(msgspec.json.encode(wrong or _answer(row, lang)) + b"\n")
    target.flush()


def _answer(row: Row, lang: str | None) -> Row:
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
