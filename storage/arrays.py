"""Many values to look up as one bound value: an `IN` of hundreds of parameters costs more than the look-up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Text, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY


def one_of(column: Any, name: str, dialect: str) -> ColumnElement[bool]:
    """`column` is one of the texts or whole numbers bound as `name`; by its index where it has one."""
    found: ColumnElement[bool]
    if dialect == "sqlite":
        listed = func.json_each(bindparam(name, type_=Text)).table_valued("value")
        found = column.in_(select(listed.c.value))
    else:
        found = column == any_(bindparam(name, type_=ARRAY(column.type)))
    return found


def listed(values: Iterable[Any], dialect: str) -> Any:
    """The values as `one_of` takes them."""
    return msgspec.json.encode(list(values)).decode() if dialect == "sqlite" else list(values)
