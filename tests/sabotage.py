"""Puts planted faults into the product by swapping its functions in this process, and takes them out again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import update

from storage import ingest
from storage.tables import SourceRow, table

Swaps = list[tuple[Any, str, Any]]
"""Where, under which name, and what stands there instead."""


def uses(real: Any, planted: Any) -> Swaps:
    """Another function in the place of this one, wherever the product has imported it."""
    return [
        (module, name, planted) for module in list(sys.modules.values()) for name, held in list(vars(module).items())
        if held is real and not module.__name__.startswith("tests.")
    ]  # fmt: skip


def cursor_before_page() -> Swaps:
    """The cursor is committed before the page is stored."""
    real = ingest.store_page

    async def store_page(session: Any, page: ingest.PageIn) -> ingest.Stored:
        connection, sources = await session.connection(), table(SourceRow)
        await connection.execute(update(sources).where(sources.c.id == page.source_id).values(cursor=page.cursor))
        await connection.exec_driver_sql("COMMIT")
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
        return await real(session, page)

    return uses(real, store_page)


@contextmanager
def planted(swaps: Swaps) -> Iterator[None]:
    """The product with these faults."""
    assert swaps, "there is nothing to swap"
    before = [(place, name, getattr(place, name)) for place, name, _ in swaps]
    for place, name, value in swaps:
        setattr(place, name, value)
    try:
        yield
    finally:
        for place, name, value in before:
            setattr(place, name, value)
