"""Groups JSON lines by what they tell of: the same clustering as in the product."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import BinaryIO

import msgspec

from commands.json_lines import Row, rows
from domain.errors import BadInput
from net.decode import text_at
from scoring.grouping import BrandGroups, without_single
from scoring.naming import read_names
from scoring.sentiment import read_packs


def group_lines(source: BinaryIO, target: BinaryIO) -> None:
    """One answer per line, in order, once all were read; a line that cannot be read gives an `error` row.

    `cluster` is a number from 1 on, in the order in which the problems were first told of; null stands alone.
    """
    read_packs()
    read_names()
    brands: dict[str, BrandGroups] = {}
    answers, problems = list[Row](), list[int | None]()
    for number, row, wrong in rows(source):
        answer, problem = (wrong, None) if wrong else _placed(row, number, brands)
        answers.append(answer)
        problems.append(problem)
    numbers: dict[int, int] = {}
    for answer, problem in zip(answers, without_single(problems), strict=True):
        if "error" not in answer:
            answer["cluster"] = None if problem is None else numbers.setdefault(problem, len(numbers) + 1)
        target.write(msgspec.json.encode(answer) + b"\n")
    target.flush()


def _placed(row: Row, number: int, brands: dict[str, BrandGroups]) -> tuple[Row, int | None]:
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
