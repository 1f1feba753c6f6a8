"""The one door through which a row changes its status.

1. The move must be allowed by `domain.lifecycle`.
2. The row moves only if its status is still the expected one (no row changed: another was faster, `Moved`).
3. The transition - from, to, by whom, when, why - is written in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, insert, select, update
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import Moved
from domain.ids import ids
from domain.lifecycle import allows
from storage import tables, tables_identity, tables_many, tables_market, tables_storm

_TABLES: dict[str, type[SQLModel]] = {
    "mention": tables.MentionRow,
    "case": tables.Case,
    "problem": tables.Problem,
    "reply": tables.Reply,
    "alert": tables.Alert,
    "delivery": tables.Delivery,
    "source": tables.SourceRow,
    "account": tables.AccountRow,
    "opt_out": tables.OptOut,
    "correction": tables.Correction,
    "article": tables.Article,
    "fact": tables.KnownFact,
    "promise": tables.Promise,
    "gap": tables_market.Unneeded,
    "defect": tables_market.Defect,
    "resolution": tables_many.Resolution,
    "identity": tables_identity.Identity,
    "storm": tables_storm.Storm,
}


def table_of(noun: str) -> Table:
    """The table that holds the rows of this noun."""
    return _TABLES[noun].__table__  # type: ignore[attr-defined, no-any-return]


async def move(
    session: AsyncSession,
    noun: str,
    row_id: int,
    old: str,
    new: str,
    *,
    brand_id: int,
    actor: str,
    now: datetime,
    why: str = "",
    **values: Any,
) -> None:
    """Move one row and record it. `values` are further columns to set; `actor` is "user:ID" or "system:part".

    Raises Moved when the row is not in `old` any more, ValueError when the lifecycle has no such step.
    """
    if not allows(noun, old, new):
        raise ValueError(f"{noun}: {old} -> {new} is not in the lifecycle")
    table = table_of(noun)
    if "version" in table.c and "version" not in values:
        values["version"] = table.c.version + 1
    done = await session.exec(
        update(table).where(table.c.id == row_id, table.c.status == old).values(status=new, **values)
    )
    if done.rowcount != 1:
        raise Moved(f"this {noun} is no longer {old.replace('_', ' ')}: reload to see what happened")
    await record(session, [entry(noun, row_id, old, new, brand_id=brand_id, actor=actor, now=now, why=why)])


def entry(
    noun: str, row_id: int, old: str, new: str, *, brand_id: int, actor: str, now: datetime, why: str = ""
) -> dict[str, Any]:
    """One row of history, for `record`."""
    return {
        "id": ids.next(now),
        "brand_id": brand_id,
        "noun": noun,
        "row_id": row_id,
        "old": old,
        "new": new,
        "actor": actor,
        "at": now,
        "why": why,
        "seal_id": None,
    }


async def record(session: AsyncSession, entries: Sequence[dict[str, Any]]) -> None:
    """Write history rows in bulk."""
    if entries:
        connection = await session.connection()
        await connection.execute(insert(table_of_history()), list(entries))


def table_of_history() -> Table:
    """The table of transitions."""
    return tables.Transition.__table__  # type: ignore[attr-defined, no-any-return]


async def move_page(
    session: AsyncSession,
    noun: str,
    row_ids: Sequence[int],
    old: str,
    new: str,
    *,
    brand_id: int,
    actor: str,
    now: datetime,
    why: str = "",
    **values: Any,
) -> list[int]:
    """Move many rows that are in `old`; those that are not any more stay as they are. Returns the ids that moved."""
    if not row_ids:
        return []
    if not allows(noun, old, new):
        raise ValueError(f"{noun}: {old} -> {new} is not in the lifecycle")
    table = table_of(noun)
    lock = select(table.c.id).where(table.c.id.in_(list(row_ids)), table.c.status == old).with_for_update()
    found = list((await session.exec(lock)).scalars().all())  # type: ignore[call-overload]
    if not found:
        return []
    if "version" in table.c:
        values.setdefault("version", table.c.version + 1)
    connection = await session.connection()
    await connection.execute(
        update(table).where(table.c.id == bindparam("row_id")).values(status=new, **values),
        [{"row_id": row_id} for row_id in found],
    )
    await record(
        session,
        [entry(noun, row_id, old, new, brand_id=brand_id, actor=actor, now=now, why=why) for row_id in found],
    )
    return found


async def history(session: AsyncSession, noun: str, row_id: int) -> list[tables.Transition]:
    """All transitions of one row, oldest first."""
    table = table_of_history()
    query = select(tables.Transition).where(table.c.noun == noun, table.c.row_id == row_id).order_by(table.c.id)
    return list((await session.exec(query)).scalars().all())  # type: ignore[call-overload]
