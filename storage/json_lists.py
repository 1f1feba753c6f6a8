"""Conditions on columns that hold a list as JSON."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import text


def lists(column: str, value: int | str, dialect: str) -> Any:
    """The condition for rows whose list has this value. `column` ("mention.themes") is ours, never from outside."""
    name = column.replace(".", "_")
    if dialect == "postgresql":
        return text(f"{column} @> CAST(:{name} AS jsonb)").bindparams(**{name: json.dumps([value])})
    found = f"EXISTS (SELECT 1 FROM json_each({column}) WHERE json_each.value = :{name})"  # noqa: S608
    return text(found).bindparams(**{name: value})
