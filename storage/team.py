"""Who approved which answers that were sent: the rows of the view of a team."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import and_, exists, func
from sqlalchemy import select as pick
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.reporting import Cut
from storage.tables import Case, Reply, Transition, User

_ACTOR = "user:"


class Approved(NamedTuple):
    """An answer that was sent in the period: who approved it last, its case and how grave that is (0 to 3), and
    whether it was held to cool down."""

    user_id: int
    case_id: int
    severity: int
    cooled: bool


async def approved(session: AsyncSession, brands: Sequence[int], cut: Cut) -> list[Approved]:
    """Every answer of these brands that was sent in the period and that a person approved; no holding replies."""
    yes, last = aliased(Transition), aliased(Transition)
    newest = (
        pick(func.max(last.id))
        .where(col(last.noun) == "reply", col(last.row_id) == col(Reply.id), col(last.new) == "approved")
        .correlate(Reply)
        .scalar_subquery()
    )
    cooled = exists().where(col(last.noun) == "hold", col(last.row_id) == col(Reply.id))
    query = (
        pick(col(yes.actor), col(Reply.case_id), col(Case.severity), cooled)
        .select_from(Reply)
        .join(Transition, and_(col(Transition.noun) == "reply", col(Transition.row_id) == col(Reply.id)))
        .join(yes, col(yes.id) == newest)
        .join(Case, col(Case.id) == col(Reply.case_id))
        .where(
            col(Reply.brand_id).in_(brands), col(Reply.kind) != "holding", col(Transition.new) == "sent",
            col(Transition.at) >= cut.since, col(Transition.at) < cut.until, col(yes.actor).startswith(_ACTOR),
        )
    )  # fmt: skip
    if cut.channel:
        query = query.where(col(Reply.channel) == cut.channel)
    rows = (await (await session.connection()).execute(query)).all()
    return [Approved(int(row[0].removeprefix(_ACTOR)), *row[1:]) for row in rows]


async def names(session: AsyncSession, user_ids: Sequence[int]) -> dict[int, str]:
    """How these people are called."""
    return {row.id: row.name for row in await session.exec(select(User).where(col(User.id).in_(user_ids)))}
