"""What alert rules look at, and what they want raised. Values only; the rules are in `alerts.rules`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Raise:
    """An alert that should stand now. `subject` is "brand", or a noun and an id: "case:17".

    `again` says that it stands already, was acknowledged, and that something new of the same kind came after that.
    `for_user_id` is told first, before whoever is on call.
    """

    rule: str
    subject: str
    urgent: bool
    title: str
    body: str
    again: bool = False
    for_user_id: int | None = None


@dataclass(frozen=True, slots=True)
class LiveAlert:
    """A stored alert that is not resolved."""

    id: int
    brand_id: int
    rule: str
    subject: str
    status: str
    title: str
    raised_at: datetime
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSeen:
    """A case that owes an answer. `text` is its newest post (hostile), `received_at` when that reached us; `version`
    rises with every change of the case. `problem_id` is what it is part of."""

    id: int
    channel: str
    author: str
    status: str
    severity: int
    priority: float
    posted_at: datetime
    received_at: datetime
    answer_due_at: datetime | None
    text: str = ""
    version: int = 0
    problem_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemSeen:
    """An open problem of which more people tell than usual: `people` in the last hour, `usual` at this hour of
    the week. `title` is made of our words or a person's; `waiting` cases of it owe an answer."""

    id: int
    title: str
    severity: int
    is_new: bool
    people: int
    usual: float
    mentions: int
    waiting: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSeen:
    """A source. `listening_since` is its last start; silence before that does not count. `verified_at`: what was stored
    before has been looked at since (when it was added, while no round is through)."""

    id: int
    channel: str
    name: str
    status: str
    error: str
    account_id: int | None
    listening_since: datetime
    last_ok_at: datetime | None
    last_mention_at: datetime | None
    verified_at: datetime
    verify_error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSeen:
    """An account that the network no longer lets in."""

    id: int
    channel: str
    handle: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownSeen:
    """A reply whose sending has an unknown outcome. `has_next_step`: a read-back or a repeat is still to come."""

    id: int
    case_id: int
    channel: str
    since: datetime
    has_next_step: bool
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedSeen:
    """A durable step that failed several times and is left alone until somebody looks."""

    kind: str
    row_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseSeen:
    """A promise that is close to its moment (found or open), or broken. Its words stay
    with the reply, where they are cleaned when they must be."""

    id: int
    case_id: int
    channel: str
    status: str
    owner_id: int | None
    owner: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectSeen:
    """A problem that service cannot fix, reported to its owner, who has not taken it up. `people` told of it."""

    problem_id: int
    title: str
    owner_id: int
    owner: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StormSeen:
    """A storm that owes a word: its statement, or (`is_out`) the next word, which the statement named for `due_at`.
    `since` is when that was promised. `title` is what it is over."""

    id: int
    title: str
    is_out: bool
    since: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything about one brand that alert rules may ask. Per channel: `silence_after_s`, how long is too quiet, and
    `verify_within_s`, within what time stored posts are looked at again (channels that cannot are left out)."""

    brand_id: int
    brand: str
    cases: tuple[CaseSeen, ...] = ()
    problems: tuple[ProblemSeen, ...] = ()
    sources: tuple[SourceSeen, ...] = ()
    dead_accounts: tuple[AccountSeen, ...] = ()
    unknowns: tuple[UnknownSeen, ...] = ()
    parked: tuple[ParkedSeen, ...] = ()
    promises: tuple[PromiseSeen, ...] = ()
    defects: tuple[DefectSeen, ...] = ()
    storms: tuple[StormSeen, ...] = ()
    live: tuple[LiveAlert, ...] = ()
    silence_after_s: dict[str, float] = field(default_factory=dict)
    verify_within_s: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of the weekly on-call list: local minutes of `zone`, weekday 0 is Monday, the end may pass 1440."""

    user_id: int
    weekday: int
    start_minute: int
    end_minute: int
    zone: str
