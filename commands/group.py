"""Groups JSON lines by what they tell of: the same clustering as in the product."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, BinaryIO

import msgspec

from domain.errors import BadInput, Undecodable
from net.decode import decode_json, text_at
from scoring.grouping import BrandGroups, without_single
from scoring.naming import read_names
from scoring.sentiment import read_packs

_LONGEST = 1_000_000


def group_lines(source: BinaryIO, target: BinaryIO) -> None:
    """One answer per line, in order, once all were read; a line that cannot be read gives an `error` row.

    `cluster` is a number from 1 on, in the order in which the problems were first told of; null stands alone.
    """
    read_packs()
    read_names()
    brands: dict[str, BrandGroups] = {}
    answers, problems = list[dict[str, Any]](), list[int | None]()
    for number, line in enumerate(source, 1):
        if line.strip():
            answer, problem = _placed(line, number, brands)
            answers.append(answer)
            problems.append(problem)
    numbers: dict[int, int] = {}
    for answer, problem in zip(answers, without_single(problems), strict=True):
        if "error" not in answer:
            answer["cluster"] = None if problem is None else numbers.setdefault(problem, len(numbers) + 1)
        target.write(msgspec.json.encode(answer) + b"\n")
    target.flush()


def _placed(line: bytes, number: int, brands: dict[str, BrandGroups]) -> tuple[dict[str, Any], int | None]:
    try:
        row = decode_json(line, max_bytes=_LONGEST)
    except Undecodable as error:
        return {"id": None, "error": f"line {number}: {error}"}, None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        return {"id": row.get("id") if isinstance(row, dict) else None, "error": f"line {number}: needs a text"}, None
    try:
        at = _moment(text_at(row, "created_at"), number)
    except BadInput as error:
        return {"id": row.get("id"), "error": str(error)}, None
    brand = text_at(row, "brand")
    if brand not in brands:
        brands[brand] = BrandGroups(brand or None)
    found = brands[brand].place(number, row["text"], text_at(row, "lang") or None, at, text_at(row, "author"))
    return {"id": row.get("id")}, found


def _moment(written: str, number: int) -> datetime | None:
    """The moment of an ISO 8601 text; one without a zone is UTC."""
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"line {number}: created_at must be a moment like 2026-03-02T09:00:00Z") from None
