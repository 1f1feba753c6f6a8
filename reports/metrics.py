"""From plain rows to figures. Pure: `now` comes in. What each figure means: reports/definitions.py."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal

from storage.reporting import COUNTED, CaseTimes, MentionCount, Rejection, SentCase

FEELINGS: Final = ("positive", "neutral", "negative")
PERCENTILES: Final = (50, 75, 90, 95)
WINDOWS: Final = {"within_1h": 3600, "within_4h": 4 * 3600, "within_24h": 24 * 3600}
BUCKETS: Final = (("up to 15 min", 900), ("15 min to 1 h", 3600), ("1 to 4 h", 14_400), ("4 to 24 h", 86_400))
LATER: Final = "later than 24 h"

State = Literal["met", "missed", "running", "closed"]


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, in percent. `value` is None when there is nothing to divide by."""

    part: int
    n: int

    @property
    def value(self) -> float | None:
        return 100.0 * self.part / self.n if self.n else None


@dataclass(slots=True)
class Volume:
    """Posts of a period. `feelings`, `by_...` are about those that count."""

    mentions: int = 0
    raw: int = 0
    reposts: int = 0
    ignored: int = 0
    withdrawn: int = 0
    feelings: Counter[str] = field(default_factory=Counter)
    by_day: dict[date, Counter[str]] = field(default_factory=dict)
    by_channel: dict[str, Counter[str]] = field(default_factory=dict)
    by_language: Counter[str] = field(default_factory=Counter)

    @property
    def told(self) -> int:
        """Mentions whose feeling could be told."""
        return sum(self.feelings[name] for name in FEELINGS)

    def share(self, feeling: str) -> Share:
        """Of those whose feeling could be told; "unsure" is a share of all mentions."""
        return Share(self.feelings[feeling], self.mentions if feeling == "unsure" else self.told)

    @property
    def net(self) -> float | None:
        """Net sentiment, -100 to 100."""
        return 100.0 * (self.feelings["positive"] - self.feelings["negative"]) / self.told if self.told else None


def volume(rows: Iterable[MentionCount], days: Sequence[date]) -> Volume:
    """All counts about posts; `days` without a post are there with nothing."""
    found = Volume(by_day={day: Counter() for day in days})
    for row in rows:
        found.raw += row.posts
        if row.status in COUNTED and not row.is_repost:
            _add(found, row)
        elif row.status in COUNTED:
            found.reposts += row.posts
        elif row.status == "ignored":
            found.ignored += row.posts
        else:
            found.withdrawn += row.posts
    return found


def _add(found: Volume, row: MentionCount) -> None:
    label = row.label if row.label in FEELINGS else "unsure"
    found.mentions += row.posts
    found.feelings[label] += row.posts
    found.by_day.setdefault(date.fromisoformat(row.day), Counter())[label] += row.posts
    found.by_channel.setdefault(row.channel, Counter())[label] += row.posts
    found.by_language[row.lang or "unknown"] += row.posts


# --- how long people waited ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds of one case: until it was over, or, where `is_over` is false, so far."""

    case_id: int
    seconds: float
    is_over: bool


@dataclass(frozen=True, slots=True)
class Quantile:
    """So many percent of the cases waited at most `seconds`. `at_least`: some of them still wait, so it will be more.
    None when there is no case."""

    percent: int
    seconds: float | None
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Waits:
    """One of the clocks, over all cases that count for it."""

    quantiles: tuple[Quantile, ...]
    cases: tuple[int, ...]

    @property
    def n(self) -> int:
        """How many cases."""
        return len(self.cases)

    def __getitem__(self, percent: int) -> Quantile:
        return next(quantile for quantile in self.quantiles if quantile.percent == percent)


def quantiles(waits: Iterable[Wait]) -> Waits:
    """Nearest rank over finished and unfinished waits alike.

    An unfinished wait is known only from below. The value of that rank is certain when enough finished waits are not
    longer than it; else it is a lower bound and says so.
    """
    known = sorted(waits, key=lambda wait: wait.seconds)
    done = sorted(wait.seconds for wait in known if wait.is_over)
    found = []
    for percent in PERCENTILES:
        if not known:
            found.append(Quantile(percent, None))
            continue
        rank = max(1, math.ceil(len(known) * percent / 100))
        value = known[rank - 1].seconds
        certain = len(done) >= rank and done[rank - 1] <= value
        found.append(Quantile(percent, value, not certain))
    return Waits(tuple(found), tuple(wait.case_id for wait in known))


@dataclass(frozen=True, slots=True)
class Kept:
    """How a time limit was kept: the ids of the cases in each state."""

    met: tuple[int, ...] = ()
    missed: tuple[int, ...] = ()
    running: tuple[int, ...] = ()
    closed: tuple[int, ...] = ()

    def __getitem__(self, state: State) -> tuple[int, ...]:
        return {"met": self.met, "missed": self.missed, "running": self.running, "closed": self.closed}[state]

    @property
    def share(self) -> Share:
        """met of (met + missed)."""
        return Share(len(self.met), len(self.met) + len(self.missed))


def state(case: CaseTimes, limit: datetime, now: datetime) -> State:
    """How one case stands against one limit for its first answer."""
    if case.answer_at is not None and case.answer_at <= limit:
        return "met"
    if case.answer_at is None and case.closed_at is not None and case.closed_at <= limit:
        return "closed"
    return "missed" if limit <= now else "running"


def kept(cases: Iterable[CaseTimes], limit_of: Callable[[CaseTimes], datetime | None], now: datetime) -> Kept:
    """All cases against their limits; those without one are left out."""
    found: dict[State, list[int]] = {"met": [], "missed": [], "running": [], "closed": []}
    for case in cases:
        limit = limit_of(case)
        if limit is not None:
            found[state(case, limit, now)].append(case.id)
    return Kept(*(tuple(found[name]) for name in ("met", "missed", "running", "closed")))


@dataclass(frozen=True, slots=True)
class Response:
    """How cases were answered. The names of tuples of case ids are those of the definitions."""

    cases: tuple[int, ...]
    irrelevant_cases: tuple[int, ...]
    answered: tuple[int, ...]
    waiting: tuple[int, ...]
    closed: tuple[int, ...]
    first_word: Waits
    first_answer: Waits
    team_answer: Waits
    buckets: dict[str, tuple[int, ...]]
    within: dict[str, Kept]
    sla_target: Kept
    sla_limit: Kept


def is_owed(case: CaseTimes) -> bool:
    """Whether the case needs an answer, or got one."""
    return case.relevant or case.answer_at is not None


def response(cases: Sequence[CaseTimes], since: datetime, until: datetime, now: datetime) -> Response:
    """All figures about answers. Times are about cases posted in the period, promises about those due in it."""
    owed = [case for case in cases if is_owed(case)]
    posted = [case for case in owed if since <= case.posted_at < until]
    left_out = [case for case in cases if not is_owed(case) and since <= case.posted_at < until]
    answered, waiting, closed = _by_end(posted)
    return Response(
        cases=_ids(posted),
        irrelevant_cases=_ids(left_out),
        answered=_ids(answered),
        waiting=_ids(waiting),
        closed=_ids(closed),
        first_word=quantiles(_waits(posted, lambda c: c.posted_at, lambda c: c.word_at, now)),
        first_answer=quantiles(_waits(posted, lambda c: c.posted_at, lambda c: c.answer_at, now)),
        team_answer=quantiles(_waits(posted, lambda c: c.opened_at, lambda c: c.answer_at, now)),
        buckets=_buckets(answered),
        within={name: kept(posted, _after(seconds), now) for name, seconds in WINDOWS.items()},
        sla_target=kept([c for c in owed if _in(c.due_at, since, until)], lambda c: c.due_at, now),
        sla_limit=kept([c for c in owed if _in(c.limit_at, since, until)], lambda c: c.limit_at, now),
    )


def _ids(cases: Iterable[CaseTimes]) -> tuple[int, ...]:
    return tuple(case.id for case in cases)


def _in(moment: datetime | None, since: datetime, until: datetime) -> bool:
    return moment is not None and since <= moment < until


def _after(seconds: float) -> Callable[[CaseTimes], datetime]:
    return lambda case: case.posted_at + timedelta(seconds=seconds)


def _by_end(cases: Iterable[CaseTimes]) -> tuple[list[CaseTimes], list[CaseTimes], list[CaseTimes]]:
    answered: list[CaseTimes] = []
    waiting: list[CaseTimes] = []
    closed: list[CaseTimes] = []
    for case in cases:
        if case.answer_at is not None:
            answered.append(case)
        else:
            (waiting if case.closed_at is None else closed).append(case)
    return answered, waiting, closed


def _waits(
    cases: Iterable[CaseTimes],
    start: Callable[[CaseTimes], datetime],
    end: Callable[[CaseTimes], datetime | None],
    now: datetime,
) -> list[Wait]:
    """Negative lengths (a network whose clock runs ahead) count as none."""
    found = []
    for case in cases:
        over_at = end(case)
        if over_at is None and case.closed_at is not None:
            continue
        seconds = ((over_at or now) - start(case)).total_seconds()
        found.append(Wait(case.id, max(0.0, seconds), over_at is not None))
    return found


def _buckets(answered: Iterable[CaseTimes]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {name: [] for name in (*(name for name, _ in BUCKETS), LATER)}
    for case in answered:
        assert case.answer_at is not None
        seconds = (case.answer_at - case.posted_at).total_seconds()
        name = next((name for name, limit in BUCKETS if seconds <= limit), LATER)
        found[name].append(case.id)
    return {name: tuple(ids) for name, ids in found.items()}


# --- drafts ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drafts:
    """What became of drafts in the period, in cases."""

    sent: tuple[int, ...]
    as_drafted: tuple[int, ...]
    rejected: dict[str, tuple[int, ...]]

    @property
    def unedited(self) -> Share:
        """Cases in which all that was sent left as drafted."""
        return Share(len(self.as_drafted), len(self.sent))


def drafts(sent: Sequence[SentCase], rejected: Sequence[Rejection]) -> Drafts:
    """Sent and rejected drafts; reasons by how often they were given."""
    reasons: dict[str, list[int]] = {}
    for each in rejected:
        reasons.setdefault(each.reason, []).append(each.case_id)
    ordered = sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0]))
    return Drafts(
        sent=tuple(each.case_id for each in sent),
        as_drafted=tuple(each.case_id for each in sent if each.as_drafted),
        rejected={reason: tuple(ids) for reason, ids in ordered},
    )
