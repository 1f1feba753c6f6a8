"""Words that a person typed for a storm or a delay, and that quote a post which was removed: they go, and so do the
drafts that say them to others.

A storm is held before cases, as everywhere, and each in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import replies, storms
from storage.database import Database
from storage.needles import Removed, quotes
from storage.tables import KnownFact, table
from storage.tables_delay import Delay
from storage.tables_storm import LetGo, Storm
from storage.transitions import entry, move, record
from storage.unquoting import CLEANER, WHY, Said, ask_again, clean

_F, _D = table(KnownFact).c, table(Delay).c


async def unquote(database: Database, brand_id: int, posts: Sequence[Removed], now: datetime) -> None:
    """Take out what quotes one of these posts or names who wrote it: a statement language by language, a reason and
    the sentence of a delay as a whole."""
    said = [(post, text) for post in posts for text in post.ids]
    async with database.read() as session:
        query = select(Storm).where(Storm.brand_id == brand_id).order_by(col(Storm.id))
        quoting = [row.id for row in await session.exec(query) if _changed(row, said)]
    for row_id in quoting:
        async with database.write() as session:
            row = await storms.locked(session, row_id)
            if row is not None and _changed(row, said):
                await _of_storm(session, row, posts, said, now)
    async with database.write() as session:
        told = select(Delay).where(Delay.brand_id == brand_id, Delay.why != "").order_by(col(Delay.id))
        if late := [row for row in await session.exec(told) if quotes(row.why, said)]:
            await _of_delays(session, late, posts, now)


def _changed(row: Storm, said: Said) -> dict[str, Any]:
    """The columns that change, with what is left of them. A language stays with both of its sentences or not at all."""
    gone = {
        lang for words in (row.known, row.unclear) for lang, text in words.items() if quotes(text, said)
    }  # fmt: skip
    left = {name: {lang: text for lang, text in getattr(row, name).items() if lang not in gone}
            for name in ("known", "unclear")} if gone else {}  # fmt: skip
    return left | ({"why": ""} if quotes(row.why, said) else {})


async def _of_storm(session: AsyncSession, row: Storm, posts: Sequence[Removed], said: Said, now: datetime) -> None:
    values: dict[str, Any] = _changed(row, said) | {"version": row.version + 1}
    if "known" in values:
        gone = await session.exec(select(LetGo.case_id).where(LetGo.storm_id == row.id).order_by(col(LetGo.case_id)))
        await _forget_drafts(session, list(gone), row.created_at, posts, now)
    by: dict[str, Any] = {"brand_id": row.brand_id, "actor": CLEANER, "now": now, "why": WHY}
    if values.get("known") == {} and row.status in ("stated", "releasing"):
        await move(
            session,
            "storm",
            row.id,
            row.status,
            "frozen",
            agreed_by="",
            due_at=None,
            **storms.NOT_POSTED,
            **by,
            **values,
        )
        await storms.hold_again(session, row.id)
        return
    await replies.change(session, Storm, row.id, **values)
    await record(session, [entry("statement", row.id, "", "changed", **by)])


async def _of_delays(session: AsyncSession, rows: Sequence[Delay], posts: Sequence[Removed], now: datetime) -> None:
    cases = sorted({row.case_id for row in rows})
    await _forget_drafts(session, cases, min(row.created_at for row in rows), posts, now)
    connection = await session.connection()
    here = _F.case_id.in_(cases), _F.key == "takes_longer", _F.value.in_({row.why for row in rows})
    await connection.execute(update(KnownFact).where(*here).values(value=""))
    await connection.execute(update(Delay).where(_D.id.in_([row.id for row in rows])).values(why=""))


async def _forget_drafts(
    session: AsyncSession, cases: Sequence[int], since: datetime, posts: Sequence[Removed], now: datetime
) -> None:
    """What was written since and says these words: what did not leave is taken back, and who waits gets another one."""
    moved = await replies.stale_replies(session, cases, now, WHY, CLEANER)
    for case_id in cases:
        await clean(session, case_id, since, posts)
    await ask_again(session, moved, now)
