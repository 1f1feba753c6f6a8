"""Many values to look up as one bound value: an `IN` of hundreds of parameters costs more than the look-up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Text, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY


def one_of(column: Any, values: Iterable[Any], dialect: str) -> ColumnElement[bool]:
    """`column` is one of these texts or whole numbers; by its index where it has one."""
    found: ColumnElement[bool]
    if dialect == "sqlite":
        listed = bindparam(None, msgspec.json.encode(list(values)).decode(), type_=Text)
        found = column.in_(select(func.json_each(listed).table_valued("value").c.value))
    else:
        found = column == any_(bindparam(None, list(values), type_=ARRAY(column.type)))
    return found
