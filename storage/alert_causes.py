"""What alert rules look at, read in a few queries per brand. Bounded: a storm of cases is read up to `_CASES` rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, or_
from sqlalchemy import case as when
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.alert import AccountSeen, CaseSeen, LiveAlert, ParkedSeen, ProblemSeen, Situation, SourceSeen, UnknownSeen
from storage import defects, problems, promises, storms
from storage.alerts import live_alerts
from storage.tables import (
    AccountRow,
    Alert,
    Brand,
    Case,
    Delivery,
    MentionRow,
    Problem,
    Promise,
    Reply,
    SourceRow,
    Transition,
)

_CASES = 300
_PROBLEMS = 20
_HORIZON = timedelta(hours=12)
"""Cases due later than this are not looked at; a quarter of the longest usual window lies well within."""

_WAITING: Final[dict[str, tuple[Any, tuple[str, ...]]]] = {
    "draft": (Reply, ("requested",)),
    "send": (Reply, ("approved", "sending")),
    "settle": (Reply, ("unknown", "sending")),
    "wake": (Case, ("snoozed",)),
    "alert": (Alert, ("raised",)),
    "promises": (Reply, ("sent",)),
    "break": (Promise, ("found", "open")),
    "follow_up": (Case, ("resolved",)),
}
"""Kind of step -> the table of its rows and the statuses in which the step is still owed."""


async def situations(
    session: AsyncSession,
    now: datetime,
    *,
    severe_priority: float,
    silence_after_s: dict[str, float],
    verify_within_s: dict[str, float],
    title_of: Callable[[Problem], str],
    new_since: datetime,
    parked: Iterable[tuple[str, int]] = (),
) -> list[Situation]:
    """What there is to know about each brand. `parked` are steps (kind, row) that were parked since the last look;
    a problem first told of after `new_since` is new."""
    live = await live_alerts(session)
    steps = await _parked(session, {*parked, *_parked_before(live)})
    since = await _last(session, "source", "listening")
    found = []
    for brand in await session.exec(select(Brand).order_by(col(Brand.id))):
        own = tuple(alert for alert in live if alert.brand_id == brand.id)
        found.append(
            Situation(
                brand_id=brand.id,
                brand=brand.name,
                cases=await _cases(session, brand.id, now, severe_priority, own),
                problems=await _problems(session, brand.id, title_of, new_since),
                sources=await _sources(session, brand.id, since),
                dead_accounts=await _dead_accounts(session, brand.id),
                unknowns=await _unknowns(session, brand.id),
                parked=tuple(step for step, brand_id in steps if brand_id == brand.id),
                promises=await promises.seen(session, brand.id, now),
                defects=await defects.seen(session, brand.id, title_of),
                storms=await storms.seen(session, brand.id, brand.name, title_of),
                live=own,
                silence_after_s=silence_after_s,
                verify_within_s=verify_within_s,
            )
        )
    return found


async def _last(session: AsyncSession, noun: str, new: str) -> dict[int, datetime]:
    query = select(Transition.row_id, func.max(col(Transition.at))).where(
        Transition.noun == noun, Transition.new == new
    )
    return dict((await session.exec(query.group_by(col(Transition.row_id)))).all())


async def _cases(
    session: AsyncSession, brand_id: int, now: datetime, severe_priority: float, live: Sequence[LiveAlert]
) -> tuple[CaseSeen, ...]:
    """Cases that owe an answer and are severe, late or soon due; and those that have an alert already."""
    owed = [
        col(Case.brand_id) == brand_id,
        col(Case.status).in_(("open", "escalated", "snoozed")),
        col(Case.next_due_at).is_not(None),
    ]
    near, kept = col(Case.next_due_at), col(Case.answer_due_at)
    due = when((near > kept, near), else_=kept)  # as in `_case`: of an answered case the new answer's time
    severe = or_(col(Case.severity) >= 3, col(Case.priority) >= severe_priority)
    known = [int(alert.subject.partition(":")[2]) for alert in live if alert.subject.startswith("case:")]
    found: dict[int, CaseSeen] = {}
    for condition, order in (
        (severe, col(Case.last_mention_id).desc()),
        (and_(near <= now, due <= now), due.desc()),
        (and_(near <= now + _HORIZON, due > now, due <= now + _HORIZON), due.asc()),
        (col(Case.id).in_(known), due.asc()),
    ):
        query = select(Case, MentionRow.text, MentionRow.received_at)
        query = query.join(MentionRow, col(MentionRow.id) == col(Case.last_mention_id), isouter=True)
        for case, text, received_at in await session.exec(query.where(*owed, condition).order_by(order).limit(_CASES)):
            found[case.id] = _case(case, text, received_at)
    part_of = await problems.of_cases(session, list(found))
    return tuple(replace(case, problem_id=part_of.get(case.id)) for case in found.values())


async def _problems(
    session: AsyncSession, brand_id: int, title_of: Callable[[Problem], str], new_since: datetime
) -> tuple[ProblemSeen, ...]:
    query = select(Problem).where(
        Problem.brand_id == brand_id, Problem.status == "open", col(Problem.spike_since).is_not(None)
    )
    rows = list(await session.exec(query.order_by(col(Problem.severity).desc(), col(Problem.id)).limit(_PROBLEMS)))
    waiting = await problems.waiting(session, [row.id for row in rows])
    return tuple(
        ProblemSeen(
            id=row.id,
            title=title_of(row),
            severity=row.severity,
            is_new=row.first_at >= new_since,
            people=row.spike_people,
            usual=row.spike_usual,
            mentions=row.mentions,
            waiting=waiting.get(row.id, 0),
            since=row.first_at,
        )
        for row in rows
    )


def _case(case: Case, text: str | None, received_at: datetime | None) -> CaseSeen:
    # answered once, and the author wrote again: what counts is the new answer's time, not the one that was kept
    again = case.next_due_at is not None and case.answer_due_at is not None and case.next_due_at > case.answer_due_at
    return CaseSeen(
        id=case.id,
        channel=case.channel,
        author=case.author_handle or case.author_name,
        status=case.status,
        severity=case.severity,
        priority=case.priority,
        posted_at=case.last_mention_at if again else case.posted_at,
        received_at=received_at or case.opened_at,
        answer_due_at=case.next_due_at if again else case.answer_due_at,
        text=text or "",
        version=case.version,
    )


async def changed(session: AsyncSession, seen: Iterable[CaseSeen]) -> set[int]:
    """Cases that are not as they were seen; the others stay so until this transaction ends."""
    versions = {case.id: case.version for case in seen}
    here = select(Case.id, Case.version).where(col(Case.id).in_(versions)).order_by(col(Case.id))
    now = dict((await session.exec(here.with_for_update())).all())
    return {case_id for case_id, version in versions.items() if now.get(case_id) != version}


async def _sources(session: AsyncSession, brand_id: int, since: dict[int, datetime]) -> tuple[SourceSeen, ...]:
    rows = await session.exec(select(SourceRow).where(SourceRow.brand_id == brand_id).order_by(col(SourceRow.id)))
    return tuple(
        SourceSeen(
            id=row.id,
            channel=row.channel,
            name=row.name,
            status=row.status,
            error=row.error,
            account_id=row.account_id,
            listening_since=max(row.created_at, since.get(row.id, row.created_at)),
            last_ok_at=row.last_ok_at,
            last_mention_at=row.last_mention_at,
            verified_at=row.verified_at or row.created_at,
            verify_error=row.verify_error,
        )
        for row in rows
    )


async def _dead_accounts(session: AsyncSession, brand_id: int) -> tuple[AccountSeen, ...]:
    query = select(AccountRow).where(AccountRow.brand_id == brand_id, AccountRow.status == "dead")
    return tuple(
        AccountSeen(id=row.id, channel=row.channel, handle=row.handle, error=row.error)
        for row in await session.exec(query.order_by(col(AccountRow.id)))
    )


async def _unknowns(session: AsyncSession, brand_id: int) -> tuple[UnknownSeen, ...]:
    rows = list(await session.exec(select(Reply).where(Reply.brand_id == brand_id, Reply.status == "unknown")))
    if not rows:
        return ()
    query = select(Transition.row_id, func.max(col(Transition.at))).where(
        Transition.noun == "reply", Transition.new == "unknown", col(Transition.row_id).in_([row.id for row in rows])
    )
    since = dict((await session.exec(query.group_by(col(Transition.row_id)))).all())
    return tuple(
        UnknownSeen(
            id=row.id,
            case_id=row.case_id,
            channel=row.channel,
            since=since.get(row.id, row.created_at),
            has_next_step=row.due_at is not None,
            error=row.error,
        )
        for row in rows
    )


def _parked_before(live: Iterable[LiveAlert]) -> set[tuple[str, int]]:
    subjects = (alert.subject.partition(":") for alert in live if alert.rule == "step_parked")
    return {(kind, int(row_id)) for kind, _, row_id in subjects}


async def _parked(session: AsyncSession, steps: set[tuple[str, int]]) -> list[tuple[ParkedSeen, int]]:
    """The steps that are still owed, each with its brand."""
    found = []
    for kind, row_id in sorted(steps):
        brand_id = await _brand_still_waiting(session, kind, row_id)
        if brand_id is not None:
            found.append((ParkedSeen(kind=kind, row_id=row_id), brand_id))
    return found


async def _brand_still_waiting(session: AsyncSession, kind: str, row_id: int) -> int | None:
    if kind == "deliver":
        query = select(Alert.brand_id).join(Delivery, col(Delivery.alert_id) == col(Alert.id))
        query = query.where(Delivery.id == row_id, col(Delivery.status).in_(("due", "delivering")))
        return (await session.exec(query)).first()
    if kind not in _WAITING:
        return None
    model, statuses = _WAITING[kind]
    waiting = select(model.brand_id).where(model.id == row_id, col(model.status).in_(statuses))
    return (await session.exec(waiting)).first()
