"""What the optional model was asked: rows that are due, what was answered before, and the budget of a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import ids
from storage.tables import Case, Reply, table
from storage.tables_model import ModelDay, Suggestion

TOO_LATE: Final = "it came too late"
"""Why an answer is dropped unread: meanwhile nobody waited for it."""
_D, _S = table(ModelDay).c, table(Suggestion).c


async def ask_for(session: AsyncSession, reply: Reply, now: datetime) -> int:
    """A question that is due now, about the case of this reply. Returns its id."""
    row_id = ids.next(now)
    row = Suggestion(
        id=row_id, brand_id=reply.brand_id, case_id=reply.case_id, reply_id=reply.id, created_at=now, due_at=now
    )
    await (await session.connection()).execute(insert(Suggestion), [row.model_dump()])
    return row_id


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Ids of questions that wait, those of the most urgent cases first."""
    query = select(Suggestion.id).join(Case, col(Case.id) == col(Suggestion.case_id))
    query = query.where(col(Suggestion.due_at) <= now)
    return list(await session.exec(query.order_by(col(Case.priority).desc(), col(Suggestion.id)).limit(limit)))


async def reply_of(session: AsyncSession, row_id: int) -> int | None:
    """The reply that this question is about: case and reply are locked before it."""
    return (await session.exec(select(Suggestion.reply_id).where(Suggestion.id == row_id))).first()


async def locked(session: AsyncSession, row_id: int) -> Suggestion:
    """The question, held until the transaction ends."""
    return await session.get_one(Suggestion, row_id, with_for_update=True, populate_existing=True)


async def answered(session: AsyncSession, case_id: int, prompt_hash: str) -> Suggestion | None:
    """What the model said to exactly this before, in this case; None where it was not asked or said nothing usable, or
    where nobody has judged what it said: it came too late for one reply and may be right for the next."""
    query = select(Suggestion).where(
        Suggestion.case_id == case_id,
        Suggestion.prompt_hash == prompt_hash,
        ((col(Suggestion.outcome) == "dropped") & (col(Suggestion.reason) != TOO_LATE)) | (col(Suggestion.text) != ""),
    )
    return (await session.exec(query.order_by(col(Suggestion.id).desc()).limit(1))).first()


async def last_ends(session: AsyncSession, count: int) -> list[tuple[datetime, bool]]:
    """(when, whether it failed) of the last questions that were asked and ended, the newest first."""
    query = select(Suggestion.ended_at, Suggestion.outcome).where(
        col(Suggestion.asked_at).is_not(None), col(Suggestion.ended_at).is_not(None)
    )
    rows = await session.exec(query.order_by(col(Suggestion.asked_at).desc(), col(Suggestion.id).desc()).limit(count))
    return [(at, outcome == "failed") for at, outcome in rows if at is not None]


async def offered(session: AsyncSession, reply_id: int) -> Suggestion | None:
    """The draft that a model proposed for this reply."""
    query = select(Suggestion).where(Suggestion.reply_id == reply_id, Suggestion.text != "")
    return (await session.exec(query.order_by(col(Suggestion.id).desc()).limit(1))).first()


async def change(session: AsyncSession, row_id: int, **values: Any) -> None:
    """Set columns of one question."""
    await (await session.connection()).execute(update(Suggestion).where(_S.id == row_id).values(**values))


async def forget(session: AsyncSession, case_ids: list[int]) -> None:
    """Proposed drafts of these cases go: they may quote what was said."""
    await (await session.connection()).execute(update(Suggestion).where(_S.case_id.in_(case_ids)).values(text=""))


# --- the budget of a day ---------------------------------------------------------------------------------------


async def reserve(session: AsyncSession, day: date, price: int, *, cap: int, calls: int) -> bool:
    """Take the worst price of one question from the day's budget; False, and nothing taken, where it does not fit."""
    connection = await session.connection()
    into = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    await connection.execute(into(ModelDay).values(day=day, calls=0, spent=0).on_conflict_do_nothing())
    fits = (col(ModelDay.day) == day, _D.spent + price <= cap, col(ModelDay.calls) < calls)
    taken = update(ModelDay).where(*fits).values(spent=_D.spent + price, calls=_D.calls + 1)
    return (await connection.execute(taken)).rowcount == 1


async def settle(session: AsyncSession, day: date, reserved: int, cost: int) -> None:
    """Give back what a question cost less than was reserved for it."""
    given_back = update(ModelDay).where(col(ModelDay.day) == day).values(spent=_D.spent - (reserved - cost))
    await (await session.connection()).execute(given_back)


async def spent(session: AsyncSession, day: date) -> tuple[int, int]:
    """(spent, calls) of a day, reservations included."""
    row = await session.get(ModelDay, day, populate_existing=True)
    return (row.spent, row.calls) if row else (0, 0)
