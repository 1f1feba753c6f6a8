"""What people put right, mention by mention: noted, replaced, taken back. What stands counts; all of it is history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, update
from sqlalchemy import select as pick
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.correction import Said, said
from domain.errors import Moved
from domain.ids import ids
from storage.replies import locked_case
from storage.tables import Correction, Learning, MentionRow, table
from storage.transitions import move


class Count(NamedTuple):
    """How many corrections of one kind and value stand, and the id of the newest."""

    kind: str
    value: str
    teaches: bool
    number: int
    newest: int


_C, _L = (table(model).c for model in (Correction, Learning))


async def held(session: AsyncSession, mention_id: int) -> MentionRow | None:
    """The mention, held, and before it its case: whoever acts on a case takes them in that order too. Moved when it
    came into another case meanwhile."""
    case_id = (await session.exec(select(MentionRow.case_id).where(col(MentionRow.id) == mention_id))).first()
    if case_id is not None:
        await locked_case(session, case_id)
    mention = await session.get(MentionRow, mention_id, with_for_update=True, populate_existing=True)
    if mention is not None and mention.case_id != case_id:
        raise Moved("this mention came into another case just now: reload and try again")
    return mention


async def note(
    session: AsyncSession, mention: MentionRow, kind: str, value: str, *, old: str, teaches: bool, actor: str,
    now: datetime,
) -> Correction | None:  # fmt: skip
    """From now on this value stands for the mention. None when it stands already. `old` is what was there before."""
    before = await standing(session, mention.id, kind)
    if before is not None and before.new == value:
        return None
    if before is not None:
        await _move(session, before.id, mention.brand_id, "standing", "replaced", actor, now)
    row = Correction(
        id=ids.next(now), brand_id=mention.brand_id, mention_id=mention.id, kind=kind, old=old, new=value, actor=actor,
        teaches=teaches, replaces=before.id if before else None, created_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row


async def note_irrelevant(
    session: AsyncSession, mention_ids: Sequence[int], *, teaches: bool, actor: str, now: datetime
) -> None:
    """A person said of these mentions that they are none of ours."""
    query = select(MentionRow).where(col(MentionRow.id).in_(mention_ids)).order_by(col(MentionRow.id))
    for mention in list(await session.exec(query)):
        await note(session, mention, "irrelevant", "yes", old="", teaches=teaches, actor=actor, now=now)


async def take_back_irrelevant(session: AsyncSession, mention_ids: Sequence[int], *, actor: str, now: datetime) -> None:
    """They are ours after all."""
    query = select(MentionRow).where(col(MentionRow.id).in_(mention_ids)).order_by(col(MentionRow.id))
    for mention in list(await session.exec(query)):
        await take_back(session, mention, "irrelevant", actor=actor, now=now)


async def take_back(session: AsyncSession, mention: MentionRow, kind: str, *, actor: str, now: datetime) -> bool:
    """What stands of this kind stands no longer; what it replaced does again. False when nothing stood."""
    row = await standing(session, mention.id, kind)
    if row is None:
        return False
    await _move(session, row.id, row.brand_id, "standing", "taken_back", actor, now)
    if row.replaces is not None:
        await _move(session, row.replaces, row.brand_id, "replaced", "standing", actor, now)
    return True


async def _move(
    session: AsyncSession, row_id: int, brand_id: int, old: str, new: str, actor: str, now: datetime
) -> None:
    """Live lessons change with it: a new version."""
    await move(session, "correction", row_id, old, new, brand_id=brand_id, actor=actor, now=now)
    live = _L.brand_id == brand_id, _L.live_up_to >= row_id, _L.forgotten_up_to < row_id
    await (await session.connection()).execute(update(Learning).where(*live).values(version=_L.version + 1))


async def standing(session: AsyncSession, mention_id: int, kind: str) -> Correction | None:
    """The correction that counts."""
    query = select(Correction).where(
        Correction.mention_id == mention_id, Correction.kind == kind, Correction.status == "standing"
    )
    return (await session.exec(query.execution_options(populate_existing=True))).first()


async def of_mentions(session: AsyncSession, mention_ids: Sequence[int]) -> list[Correction]:
    """All that was ever put right about these mentions, oldest first."""
    query = select(Correction).where(col(Correction.mention_id).in_(mention_ids)).order_by(col(Correction.id))
    return list(await session.exec(query.execution_options(populate_existing=True)))


async def said_of(session: AsyncSession, mention_ids: Sequence[int]) -> dict[int, Said]:
    """What stands for each of these mentions; those of which nothing does are left out."""
    return said_in(await of_mentions(session, mention_ids))


async def counts(session: AsyncSession, brand_id: int) -> list[Count]:
    """What stands, by kind, value and whether it may teach, with the newest id of each."""
    columns = _C.kind, _C.new, _C.teaches
    query = pick(*columns, func.count(), func.max(_C.id)).where(_C.brand_id == brand_id, _C.status == "standing")
    rows = await (await session.connection()).execute(query.group_by(*columns).order_by(*columns))
    return [Count(*row) for row in rows]


def said_in(rows: Iterable[Correction]) -> dict[int, Said]:
    """What stands among these, by mention."""
    values: dict[int, dict[str, str]] = defaultdict(dict)
    for row in rows:
        if row.status == "standing":
            values[row.mention_id][row.kind] = row.new
    return {mention_id: said(each) for mention_id, each in values.items()}


async def restate_edited(session: AsyncSession, mention_ids: Sequence[int], now: datetime) -> None:
    """Their authors changed these mentions, which were scored by the rules alone: what people said still counts."""
    theirs = _C.mention_id.in_(mention_ids), _C.status == "standing"
    await (await session.connection()).execute(update(Correction).where(*theirs).values(restate_due_at=now))


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Corrections whose mention must be scored again, the oldest first."""
    query = select(Correction.id).where(col(Correction.restate_due_at) <= now)
    return list(await session.exec(query.order_by(col(Correction.restate_due_at)).limit(limit)))


async def forget(session: AsyncSession, brand_id: int, mention_ids: Sequence[int], *, gone: bool) -> None:
    """The words of these mentions are removed: nothing is learned from them any more. `gone`: the mentions count
    nowhere any more, and neither does what was said of them."""
    connection = await session.connection()
    theirs = _C.mention_id.in_(mention_ids)
    change: Any = delete(Correction) if gone else update(Correction).values(teaches=False, restate_due_at=None)
    await connection.execute(change.where(theirs))
    live = _L.brand_id == brand_id, _L.live_up_to > _L.forgotten_up_to
    await connection.execute(update(Learning).where(*live).values(version=_L.version + 1))
