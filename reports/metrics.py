"""From plain rows to figures. Pure: `now` comes in. What each figure means: reports/definitions.py."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal

from storage.reporting import COUNTED, CaseTimes, HourCount, MentionCount, PromiseEnd, Rejection, SentCase

FEELINGS: Final = ("positive", "neutral", "negative")
PERCENTILES: Final = (50, 75, 90, 95)
WINDOWS: Final = {"within_1h": 3600, "within_4h": 4 * 3600, "within_24h": 24 * 3600}
BUCKETS: Final = (("up to 15 min", 900), ("15 min to 1 h", 3600), ("1 to 4 h", 14_400), ("4 to 24 h", 86_400))
LATER: Final = "later than 24 h"

Hour = tuple[int, int]
"""An hour of the week: the weekday (0 is Monday) and the hour of the day it begins with, local time."""
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
    corrected: int = 0
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
    def corrected_share(self) -> Share:
        """Of all mentions: those whose feeling a person put right."""
        return Share(self.corrected, self.mentions)

    @property
    def net(self) -> float | None:
        """Net sentiment, -100 to 100."""
        return 100.0 * (self.feelings["positive"] - self.feelings["negative"]) / self.told if self.told else None


def volume(rows: Iterable[MentionCount], days: Sequence[date], corrected: int = 0) -> Volume:
    """All counts about posts; `days` without a post are there with nothing. `corrected` were put right by people."""
    found = Volume(corrected=corrected, by_day={day: Counter() for day in days})
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


def by_hour(rows: Iterable[HourCount]) -> Counter[Hour]:
    """Mentions per hour of the week."""
    found: Counter[Hour] = Counter()
    for row in rows:
        day, _, hour = row.hour.partition(" ")
        found[date.fromisoformat(day).weekday(), int(hour)] += row.posts
    return found


def _add(found: Volume, row: MentionCount) -> None:
    label = row.label if row.label in FEELINGS else "unsure"
    found.mentions += row.posts
    found.feelings[label] += row.posts
    found.by_day.setdefault(date.fromisoformat(row.day), Counter())[label] += row.posts
    found.by_channel.setdefault(row.channel, Counter())[label] += row.posts
    found.by_language[row.lang or "unknown"] += row.posts


# --- how long people waited ------------------------------------------------------------------------------------


Wait = tuple[float, bool, int]
"""How many seconds a case waited, whether that is over (else it is the time so far), and the case's id."""


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
    known = sorted(waits)
    done = [seconds for seconds, is_over, _ in known if is_over]
    found = []
    for percent in PERCENTILES:
        if not known:
            found.append(Quantile(percent, None))
            continue
        rank = max(1, math.ceil(len(known) * percent / 100))
        value = known[rank - 1][0]
        certain = len(done) >= rank and done[rank - 1] <= value
        found.append(Quantile(percent, value, not certain))
    return Waits(tuple(found), tuple([case_id for _, _, case_id in known]))


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


def state(case: CaseTimes, limit_ms: int, now_ms: int) -> State:
    """How one case stands against one limit for its first answer."""
    if case.answer_ms is not None and case.answer_ms <= limit_ms:
        return "met"
    if case.answer_ms is None and case.closed_ms is not None and case.closed_ms <= limit_ms:
        return "closed"
    return "missed" if limit_ms <= now_ms else "running"


def kept(cases: Iterable[CaseTimes], limit_of: Callable[[CaseTimes], int | None], now_ms: int) -> Kept:
    """All cases against their limits (milliseconds since 1970); those without one are left out."""
    found: dict[State, list[int]] = {"met": [], "missed": [], "running": [], "closed": []}
    for case in cases:
        limit = limit_of(case)
        if limit is not None:
            found[state(case, limit, now_ms)].append(case.id)
    return Kept(tuple(found["met"]), tuple(found["missed"]), tuple(found["running"]), tuple(found["closed"]))


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
    return case.relevant or case.answer_ms is not None


def response(cases: Sequence[CaseTimes], now: datetime) -> Response:
    """All figures about answers. Times are about cases posted in the period, promises about those due in it."""
    now_ms = milliseconds(now)
    owed = [case for case in cases if is_owed(case)]
    posted = [case for case in owed if case.is_posted]
    answered, waiting, closed = _by_end(posted)
    return Response(
        cases=_ids(posted),
        irrelevant_cases=_ids(case for case in cases if case.is_posted and not is_owed(case)),
        answered=_ids(answered),
        waiting=_ids(waiting),
        closed=_ids(closed),
        first_word=quantiles(_waits(((c, c.posted_ms, c.word_ms) for c in posted), now_ms)),
        first_answer=quantiles(_waits(((c, c.posted_ms, c.answer_ms) for c in posted), now_ms)),
        team_answer=quantiles(_waits(((c, c.opened_ms, c.answer_ms) for c in posted), now_ms)),
        buckets=_buckets(answered),
        within={name: kept(posted, _after(seconds), now_ms) for name, seconds in WINDOWS.items()},
        sla_target=kept([case for case in owed if case.is_due], lambda case: case.due_ms, now_ms),
        sla_limit=kept([case for case in owed if case.is_limit], lambda case: case.limit_ms, now_ms),
    )


def milliseconds(moment: datetime) -> int:
    """Since 1970, as the rows of cases have it."""
    return round(moment.timestamp() * 1000)


def _ids(cases: Iterable[CaseTimes]) -> tuple[int, ...]:
    return tuple([case.id for case in cases])


def _after(seconds: int) -> Callable[[CaseTimes], int]:
    return lambda case: case.posted_ms + seconds * 1000


def _by_end(cases: Iterable[CaseTimes]) -> tuple[list[CaseTimes], list[CaseTimes], list[CaseTimes]]:
    answered: list[CaseTimes] = []
    waiting: list[CaseTimes] = []
    closed: list[CaseTimes] = []
    for case in cases:
        if case.answer_ms is not None:
            answered.append(case)
        else:
            (waiting if case.closed_ms is None else closed).append(case)
    return answered, waiting, closed


def _waits(clocks: Iterable[tuple[CaseTimes, int, int | None]], now_ms: int) -> list[Wait]:
    """(case, start, end if over): those closed without an end are left out. Negative lengths (a network whose clock
    runs ahead) count as none."""
    return [
        (max(0, (now_ms if end is None else end) - start) / 1000, end is not None, case.id)
        for case, start, end in clocks
        if end is not None or case.closed_ms is None
    ]


def _buckets(answered: Iterable[CaseTimes]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {name: [] for name in (*(name for name, _ in BUCKETS), LATER)}
    for case in answered:
        assert case.answer_ms is not None
        took = case.answer_ms - case.posted_ms
        found[next((name for name, limit in BUCKETS if took <= limit * 1000), LATER)].append(case.id)
    return {name: tuple(ids) for name, ids in found.items()}


# --- drafts ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drafts:
    """What became of drafts in the period, in cases."""

    sent: tuple[int, ...]
    as_drafted: tuple[int, ...]
    rejected: dict[str, tuple[int, ...]]
    overruled: dict[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])

    @property
    def unedited(self) -> Share:
        """Cases in which all that was sent left as drafted."""
        return Share(len(self.as_drafted), len(self.sent))


def drafts(sent: Sequence[SentCase], rejected: Sequence[Rejection], overruled: Sequence[Rejection] = ()) -> Drafts:
    """Sent and rejected drafts, reasons by how often they were given; and overruled findings, by rule."""
    return Drafts(
        sent=tuple(each.case_id for each in sent),
        as_drafted=tuple(each.case_id for each in sent if each.as_drafted),
        rejected=_by_frequency((each.reason, each.case_id) for each in rejected),
        overruled=_by_frequency((each.reason.partition(":")[0], each.case_id) for each in overruled),
    )


def _by_frequency(pairs: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for name, case_id in dict.fromkeys(pairs):
        found.setdefault(name, []).append(case_id)
    return {name: tuple(ids) for name, ids in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))}


# --- promises --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Promised:
    """Promises that were due in the period, as the ids of their cases: one for each promise."""

    kept: tuple[int, ...] = ()
    broken: tuple[int, ...] = ()

    @property
    def share(self) -> Share:
        """kept of (kept + broken)."""
        return Share(len(self.kept), len(self.kept) + len(self.broken))


def promised(rows: Iterable[PromiseEnd]) -> Promised:
    """How promises were kept. Late is broken; one that is still open counts as neither."""
    ends = list(rows)
    return Promised(
        kept=tuple(row.case_id for row in ends if row.status == "kept" and not row.was_broken),
        broken=tuple(row.case_id for row in ends if row.was_broken),
    )
