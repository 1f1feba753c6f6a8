"""One report: every figure of a period beside the period before, read in one go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from reports import metrics
from reports.blind_spots import Sight, sight
from reports.first_contact import FirstContact, first_contact
from reports.goals import common
from reports.metrics import Drafts, Hour, Promised, Response, Volume
from reports.period import Period, Span
from reports.satisfaction import Satisfaction, satisfaction
from reports.team import Member, team
from storage import reporting, surveys
from storage.first_contacts import contacts
from storage.reporting import Cut
from storage.team import approved, names


@dataclass(frozen=True, slots=True)
class Side:
    """The figures of one stretch of time."""

    span: Span
    volume: Volume
    topics: dict[int, int]
    response: Response
    drafts: Drafts
    promised: Promised
    satisfaction: Satisfaction
    first_contact: FirstContact


@dataclass(frozen=True, slots=True)
class Report:
    """A period and the one before. `brands` and `topics` are names by id; `now` is when it was made, `goals` are the
    targets that all its brands share, `by_hour` its mentions by hour of the week, `team` its people, where they may be
    seen."""

    period: Period
    now: datetime
    brands: dict[int, str]
    channel: str
    topics: dict[int, str]
    channels: list[str]
    here: Side
    before: Side
    sights: tuple[Sight, ...]
    goals: dict[str, float]
    by_hour: Counter[Hour]
    team: tuple[Member, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing was heard, and nothing was owed."""
        return not (self.here.volume.raw or self.here.response.cases or self.here.drafts.sent)

    @property
    def coverage(self) -> float | None:
        """Percent of the minutes due that were seen, over all sources."""
        due = sum(each.due for each in self.sights)
        return 100.0 * sum(each.seen for each in self.sights) / due if due else None


async def build(
    session: AsyncSession, brands: Sequence[int], period: Period, channel: str, now: datetime,
    team_of: Sequence[int] = (),
) -> Report:  # fmt: skip
    """Read everything about these brands. `channel` narrows it; empty is all. `team_of`: brands whose team is told."""
    cut = Cut(period.since, period.until, channel)
    lines = await reporting.source_timelines(session, brands, cut)
    here = await _side(session, brands, period.span(), channel, now)
    return Report(
        period=period,
        now=now,
        brands=await reporting.brand_names(session, brands),
        channel=channel,
        topics=await reporting.topic_names(session, brands),
        channels=await reporting.channels(session, brands),
        here=here,
        before=await _side(session, brands, period.before(now), channel, now),
        sights=tuple(sight(line, period.since, period.until, now) for line in lines),
        team=await _team(session, team_of, cut, here.first_contact),
        by_hour=metrics.by_hour(await reporting.hour_counts(session, brands, cut, period.span().offsets())),
        goals=common(await reporting.voices(session, brands)),
    )


async def _side(session: AsyncSession, brands: Sequence[int], span: Span, channel: str, now: datetime) -> Side:
    cut = Cut(span.since, span.until, channel)
    counts = await reporting.mention_counts(session, brands, cut, span.offsets())
    return Side(
        span=span,
        volume=metrics.volume(counts, span.days(), await reporting.corrected(session, brands, cut)),
        topics=await reporting.topic_counts(session, brands, cut),
        response=await response(session, brands, cut, now),
        drafts=await drafts(session, brands, cut),
        promised=await promised(session, brands, cut),
        satisfaction=await satisfied(session, brands, cut),
        first_contact=await first_contacts(session, brands, cut, now),
    )


async def _team(session: AsyncSession, brands: Sequence[int], cut: Cut, found: FirstContact) -> tuple[Member, ...]:
    rows = await approved(session, brands, cut) if brands else []
    return tuple(team(rows, found, await names(session, sorted({row.user_id for row in rows}))))


async def response(session: AsyncSession, brands: Sequence[int], cut: Cut, now: datetime) -> Response:
    """How the cases of this stretch were answered."""
    cases = await reporting.case_times(session, brands, cut)
    return metrics.response(cases, now)


async def first_contacts(session: AsyncSession, brands: Sequence[int], cut: Cut, now: datetime) -> FirstContact:
    """Whether the first answers of the cases of this stretch were the last that was needed."""
    cases = await reporting.case_times(session, brands, cut)
    found = await contacts(session, brands, cut.since)
    return first_contact(cases, found, metrics.milliseconds(now))


async def drafts(session: AsyncSession, brands: Sequence[int], cut: Cut) -> Drafts:
    """What became of drafts in this stretch."""
    sent = await reporting.sent_cases(session, brands, cut)
    overruled = await reporting.overruled(session, brands, cut)
    return metrics.drafts(sent, await reporting.rejections(session, brands, cut), overruled)


async def promised(session: AsyncSession, brands: Sequence[int], cut: Cut) -> Promised:
    """How promises of this stretch were kept."""
    return metrics.promised(await reporting.promises_due(session, brands, cut))


async def satisfied(session: AsyncSession, brands: Sequence[int], cut: Cut) -> Satisfaction:
    """What authors answered in this stretch."""
    asked, answered = await surveys.asked(session, brands, cut)
    return satisfaction(await surveys.answers(session, brands, cut), asked, answered)
