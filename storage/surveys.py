"""Surveys, as the responders and the desk ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import exists, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.survey import KINDS
from storage.replies import FOLLOW_UP, locked_case
from storage.reporting import Cut
from storage.tables import Case, Reply
from storage.tables_survey import Survey

_NEVER_SENT: Final = ("rejected", "stale", "replaced", "failed")
"""Statuses of a draft that left with nobody; one that is brought back carries its link again."""


def _asked() -> Any:
    """The author was asked, or is going to be: not where the draft with the link ended unsent and nobody answered."""
    ended = exists().where(col(Reply.id) == col(Survey.reply_id), col(Reply.status).in_(_NEVER_SENT))
    return col(Survey.value).is_not(None) | ~ended


async def of_case(session: AsyncSession, case_id: int) -> Survey | None:
    """The survey of this case, if its author was asked."""
    query = select(Survey).where(Survey.case_id == case_id, _asked())
    return (await session.exec(query.execution_options(populate_existing=True))).first()


async def unsent(session: AsyncSession, case_id: int) -> Survey | None:
    """The survey of this case that its author was never asked with: a case has one row, so it is asked with again."""
    return (await session.exec(select(Survey).where(Survey.case_id == case_id, ~_asked()))).first()


async def unanswered(session: AsyncSession, case_id: int) -> Survey | None:
    """The critical answer of its author that no reply asked for since has answered; a holding reply and the question
    whether all is well are no answer to it."""
    survey = await of_case(session, case_id)
    if survey is None or survey.changed_at is None or not KINDS[survey.kind].is_critical(survey.value):
        return None
    since = select(Reply.id).where(
        Reply.case_id == case_id, Reply.status == "sent", Reply.created_at >= survey.changed_at,
        col(Reply.kind).not_in(("holding", FOLLOW_UP)),
    )  # fmt: skip
    return None if (await session.exec(since.limit(1))).first() is not None else survey


async def locked(session: AsyncSession, survey_id: int) -> tuple[Case, Survey] | None:
    """The survey and its case, both held until the transaction ends. Case first: everybody locks in this order."""
    case_id = (await session.exec(select(Survey.case_id).where(Survey.id == survey_id))).first()
    case = await locked_case(session, case_id) if case_id is not None else None
    if case is None:
        return None
    return case, await session.get_one(Survey, survey_id, with_for_update=True, populate_existing=True)


async def asked_since(session: AsyncSession, case: Case, since: datetime) -> bool:
    """Whether the author of this case was asked about any case since then. Of nobody nothing is known."""
    if not (case.author_id or case.author_handle):
        return False
    same = col(Case.author_id) == case.author_id if case.author_id else col(Case.author_handle) == case.author_handle
    query = select(Survey.id).join(Case, col(Case.id) == col(Survey.case_id))
    query = query.where(Case.brand_id == case.brand_id, Case.channel == case.channel, same, Survey.created_at > since)
    query = query.where(_asked())
    return (await session.exec(query.limit(1))).first() is not None


async def forget(session: AsyncSession, cases: Sequence[int], gone: Sequence[int], now: datetime) -> None:
    """Posts of these cases lost their words, so the author's words here go too; in those that are `gone` (nobody is
    left in them, or somebody else) no answer is taken any more. The number stays, and counts."""
    connection = await session.connection()
    await connection.execute(update(Survey).where(col(Survey.case_id).in_(list(cases))).values(words=""))
    ends = update(Survey).where(col(Survey.case_id).in_(list(gone)), col(Survey.expires_at) > now)
    await connection.execute(ends.values(words="", expires_at=now))


# --- what reports count ----------------------------------------------------------------------------------------


async def answers(session: AsyncSession, brands: Sequence[int], cut: Cut) -> list[tuple[str, int]]:
    """(kind, value) of each answer that was first given in the period, as it stands now."""
    query = select(Survey.kind, Survey.value).where(*_here(brands, cut, Survey.answered_at))
    return [(kind, value) for kind, value in await session.exec(query) if value is not None]


async def asked(session: AsyncSession, brands: Sequence[int], cut: Cut) -> tuple[int, int]:
    """How many were asked in the period, and how many of those have answered since."""
    query = select(func.count(col(Survey.id)), func.count(col(Survey.value)))
    everybody, answered = (await session.exec(query.where(*_here(brands, cut, Survey.created_at), _asked()))).one()
    return everybody, answered


def _here(brands: Sequence[int], cut: Cut, moment: Any) -> list[Any]:
    found = [col(Survey.brand_id).in_(brands), moment >= cut.since, moment < cut.until]
    if cut.channel:
        found.append(col(Survey.case_id).in_(select(Case.id).where(Case.channel == cut.channel)))
    return found


async def carried_by(session: AsyncSession, old: int, new: int) -> None:
    """Another draft carries the link."""
    moved = update(Survey).where(col(Survey.reply_id) == old).values(reply_id=new)
    await (await session.connection()).execute(moved)
