"""What somebody knows of a case: one value stands per key; each step is in history, without the value."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import ids
from storage import problems
from storage.tables import Case, KnownFact, MentionRow, Problem, Told
from storage.transitions import move


async def of_case(session: AsyncSession, case_id: int, key: str | None = None) -> list[KnownFact]:
    """What stands for this case, by key; where given, of this key alone."""
    query = select(KnownFact).where(KnownFact.case_id == case_id, KnownFact.status == "standing")
    if key is not None:
        query = query.where(KnownFact.key == key)
    return list(await session.exec(query.order_by(col(KnownFact.key))))


async def of_cases(session: AsyncSession, case_ids: Collection[int], key: str) -> dict[int, str]:
    """Case -> what stands there under this key."""
    query = select(KnownFact.case_id, KnownFact.value).where(KnownFact.key == key, KnownFact.status == "standing")
    return dict((await session.exec(query.where(col(KnownFact.case_id).in_(case_ids)))).all())


async def ever_noted(session: AsyncSession, case_id: int, key: str) -> set[str]:
    """Every value under this key that stands for the case or that another one replaced."""
    query = select(KnownFact.value).where(KnownFact.case_id == case_id, KnownFact.key == key)
    return set(await session.exec(query.where(col(KnownFact.status).in_(("standing", "replaced")))))


async def note(
    session: AsyncSession, case: Case, key: str, value: str, *, owner_id: int | None, due_on: date | None, actor: str,
    now: datetime,
) -> KnownFact | None:  # fmt: skip
    """From now on this value stands. None when it stands already."""
    before = next(iter(await of_case(session, case.id, key)), None)
    if before is not None and (before.value, before.owner_id, before.due_on) == (value, owner_id, due_on):
        return None
    if before is not None:
        await _move(session, before, "replaced", actor, now)
    row = KnownFact(
        id=ids.next(now), brand_id=case.brand_id, case_id=case.id, key=key, value=value, owner_id=owner_id,
        due_on=due_on, replaces=before.id if before else None, actor=actor, created_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row


async def take_back(session: AsyncSession, row: KnownFact, *, actor: str, now: datetime) -> None:
    """It stands no longer; what it replaced does again."""
    await _move(session, row, "taken_back", actor, now)
    before = await session.get(KnownFact, row.replaces) if row.replaces is not None else None
    if before is not None and before.status == "replaced":  # not what was taken back meanwhile
        await _move(session, before, "standing", actor, now)


async def put_back(session: AsyncSession, row: KnownFact, *, actor: str, now: datetime) -> None:
    """What was taken back stands again; what stands of its key instead is replaced by it."""
    for other in await of_case(session, row.case_id, row.key):
        await _move(session, other, "replaced", actor, now)
    await _move(session, row, "standing", actor, now)


async def _move(session: AsyncSession, row: KnownFact, new: str, actor: str, now: datetime) -> None:
    await move(session, "fact", row.id, row.status, new, brand_id=row.brand_id, actor=actor, now=now)
    await session.refresh(row)


async def told_of_problem(session: AsyncSession, case_id: int, key: str) -> str:
    """What a person noted under this key in another case of the same problem, the newest; "" for nothing."""
    root = (await problems.of_cases(session, [case_id])).get(case_id)
    if root is None:
        return ""
    query = select(KnownFact.value).join(MentionRow, col(MentionRow.case_id) == col(KnownFact.case_id))
    query = query.join(Told, col(Told.mention_id) == col(MentionRow.id))
    query = query.join(Problem, col(Problem.id) == col(Told.problem_id))
    query = query.where(KnownFact.key == key, KnownFact.status == "standing", Problem.root_id == root)
    return (await session.exec(query.order_by(col(KnownFact.id).desc()).limit(1))).first() or ""


async def earlier_cases(session: AsyncSession, case: Case) -> tuple[int, datetime | None]:
    """How many cases of the same author on the same channel were opened before, and when the last of them was."""
    if not case.author_id:
        return 0, None
    query = select(func.count(), func.max(Case.opened_at)).where(
        Case.brand_id == case.brand_id, Case.channel == case.channel, Case.author_id == case.author_id,
        Case.opened_at < case.opened_at, Case.id != case.id,
    )  # fmt: skip
    many, last = (await session.exec(query)).one()
    return many, last
