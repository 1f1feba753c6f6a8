"""What is worth waking somebody for. Pure: what storage saw, and `now`; out come the alerts that should stand now.

An alert stands as long as its rule finds it, and is resolved by itself when the rule no longer does. Everything is
read from the database on each sweep, so a time during which Earshot was down makes late alerts, never none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.grouping import BRAND, Trouble, grouped
from alerts.message import one_line, quoted
from domain import sla
from domain.alert import CaseSeen, LiveAlert, ProblemSeen, PromiseSeen, Raise, Situation, SourceSeen, StormSeen

NAMES = {
    "problem": "Problem",
    "severe_thread": "Severe post",
    "sla_breached": "Answer overdue",
    "sla_at_risk": "Answer due soon",
    "source_silent": "Source silent",
    "source_stopped": "Source stopped",
    "token_dead": "Sign-in refused",
    "publish_unknown": "Unknown outcome",
    "step_parked": "Step failed",
    "promise_due": "Promise due",
    "promise_broken": "Promise broken",
    "verify_overdue": "Removals not looked for",
    "defect_reported": "Defect reported",
    "word_due": "Word due in a storm",
    "word_late": "Word late in a storm",
}
"""Rule -> how people read it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When something counts. Times in seconds.

    A case is severe from severity 3 or `severe_priority` points on. More than `group_above` cases of a brand share one
    alert. `unheard_s` without a good poll is silence; an unknown outcome that is still being looked into may take
    `unknown_s`.
    """

    severe_priority: float = 70.0
    group_above: int = 5
    unheard_s: float = 900.0
    unknown_s: float = 900.0


Rule = Callable[[Situation, datetime, Limits], list[Raise]]


def find(situation: Situation, now: datetime, limits: Limits) -> list[Raise]:
    """Every alert that should stand for this brand now, the gravest rules first."""
    return [wanted for rule in RULES for wanted in rule(situation, now, limits)]


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be written: new alerts, those whose cause is gone, acknowledged ones that are due again, counts."""

    new: list[Raise]
    gone: list[LiveAlert]
    again: list[tuple[LiveAlert, Raise]]
    reworded: list[tuple[LiveAlert, Raise]]


def changes(live: Iterable[LiveAlert], wanted: Iterable[Raise]) -> Changes:
    """Compare what stands with what should."""
    standing = {(alert.rule, alert.subject): alert for alert in live}
    found = {(want.rule, want.subject): want for want in wanted}
    both = [(standing[key], found[key]) for key in found if key in standing]
    return Changes(
        new=[replace(want, again=False) for key, want in found.items() if key not in standing],
        gone=[alert for key, alert in standing.items() if key not in found],
        again=[(alert, want) for alert, want in both if want.again and alert.status == "acknowledged"],
        reworded=[(alert, want) for alert, want in both if want.subject == BRAND and alert.title != want.title],
    )


# --- problems --------------------------------------------------------------------------------------------------


def problem(seen: Situation, now: datetime, limits: Limits) -> list[Raise]:
    """More people than usual tell of one thing: one alert for it, however many they are."""
    return [
        Raise(
            "problem",
            f"problem:{each.id}",
            _pages(each),
            f"{seen.brand}: {'new problem' if each.is_new else 'more people than usual'}: {one_line(each.title)}",
            _problem_lines(each),
        )
        for each in seen.problems
    ]


def _pages(problem: ProblemSeen) -> bool:
    return problem.severity >= 2


def _problem_lines(problem: ProblemSeen) -> str:
    usual = f"{problem.usual:.0f} would be usual at this hour" if problem.usual >= 1 else "hardly any would be usual"
    waiting = f" {problem.waiting} cases wait for an answer." if problem.waiting else ""
    told = f"{problem.people} people told of it within an hour; {usual}."
    return (
        f"{told} Severity {problem.severity}.{waiting}\nSince {_clock(problem.since)}; the page of the problem has all."
    )


# --- cases -----------------------------------------------------------------------------------------------------


def severe_thread(seen: Situation, now: datetime, limits: Limits) -> list[Raise]:
    """A thread that must be answered first, and that nobody has answered. One that is part of a problem for which
    somebody is called is part of that alert."""
    called = {each.id for each in seen.problems if _pages(each)}
    troubles = [
        Trouble(case, case.received_at)
        for case in seen.cases
        if _is_severe(case, limits) and case.problem_id not in called
    ]

    def one(trouble: Trouble) -> Raise:
        case = trouble.case
        title = f"{seen.brand}: severe post by {_author(case)} on {case.channel}"
        said = f"Severity {case.severity}, priority {case.priority:.0f}. Nobody has answered yet."
        return Raise("severe_thread", trouble.subject, True, title, f"{said}\n{_case_lines(case)}")

    def many(count: int) -> Raise:
        title = f"{seen.brand}: {count} severe threads without an answer"
        body = "So many at once usually have one cause. The queue shows the gravest first."
        return Raise("severe_thread", BRAND, True, title, body)

    return grouped(troubles, _of(seen, "severe_thread"), limits.group_above, one, many)


def _is_severe(case: CaseSeen, limits: Limits) -> bool:
    return case.severity >= 3 or case.priority >= limits.severe_priority


def sla_breached(seen: Situation, now: datetime, limits: Limits) -> list[Raise]:
    """The promised time for an answer has passed."""
    troubles = [
        Trouble(case, max(case.answer_due_at, case.received_at))
        for case in seen.cases
        if case.answer_due_at is not None and sla.state(case.posted_at, case.answer_due_at, now) == "breached"
    ]

    def one(trouble: Trouble) -> Raise:
        title = f"{seen.brand}: answer overdue to {_author(trouble.case)} on {trouble.case.channel}"
        return Raise("sla_breached", trouble.subject, True, title, _due_lines(trouble.case, "The answer was due"))

    def many(count: int) -> Raise:
        title = f"{seen.brand}: {count} cases past their answer time"
        return Raise("sla_breached", BRAND, True, title, "The queue, filtered by overdue, shows the longest waiting.")

    return grouped(troubles, _of(seen, "sla_breached"), limits.group_above, one, many)


def sla_at_risk(seen: Situation, now: datetime, limits: Limits) -> list[Raise]:
    """Less than a quarter of the promised time is left. Snoozed cases are left alone until they are late; for severe
    ones somebody is being called already."""
    troubles = [
        Trouble(case, max(_risk_from(case.posted_at, case.answer_due_at), case.received_at))
        for case in seen.cases
        if case.status != "snoozed"
        and not _is_severe(case, limits)
        and case.answer_due_at is not None
        and sla.state(case.posted_at, case.answer_due_at, now) == "at_risk"
    ]

    def one(trouble: Trouble) -> Raise:
        title = f"{seen.brand}: answer due soon to {_author(trouble.case)} on {trouble.case.channel}"
        return Raise("sla_at_risk", trouble.subject, False, title, _due_lines(trouble.case, "The answer is due"))

    def many(count: int) -> Raise:
        title = f"{seen.brand}: {count} cases close to their answer time"
        return Raise("sla_at_risk", BRAND, False, title, "The queue, filtered by due soon, shows them.")

    return grouped(troubles, _of(seen, "sla_at_risk"), limits.group_above, one, many)


def _risk_from(posted_at: datetime, due_at: datetime) -> datetime:
    return due_at - (due_at - posted_at) / 4  # sla.state: at risk is the last quarter


def _due_lines(case: CaseSeen, words: str) -> str:
    due = f" at {_clock(case.answer_due_at)}" if case.answer_due_at else ""
    return f"{words}{due}.\n{_case_lines(case)}"


def _case_lines(case: CaseSeen) -> str:
    said = f"\nThey wrote: “{quoted(case.text)}”" if case.text else ""
    return f"Posted {_clock(case.posted_at)}.{said}"


def _author(case: CaseSeen) -> str:
    return quoted(case.author, 60) or "somebody"


# --- ears and mouth --------------------------------------------------------------------------------------------


def token_dead(seen: Situation, now: datetime, limits: Limits) -> list[Raise]:
    """A network no longer lets one of our accounts in: nothing is heard or sent there until a person signs in again."""
    found = []
    for account in seen.dead_accounts:
        title = f"{seen.brand}: {account.channel} refuses the sign-in of {one_line(account.handle)}"
        silent = [_name(source) for source in seen.sources if source.account_id == account.id]
        body = f"{_why(account.error)}Connect the account again under Accounts."
        body += f"\nUntil then these hear nothing: {', '.join(silent[:10])}." if silent else ""
        found.append(Raise("token_dead", f"account:{account.id}", True, title, body))
    return found


def source_stopped(seen: Situation, now: datetime, limits: Limits) -> list[Raise]:
    """A source gave up. One whose account is dead is part of that alert."""
    dead = {account.id for account in seen.dead_accounts}
    return [
        Raise(
            "source_stopped",
            f"source:{source.id}",
            True,
            f"{seen.brand}: {source.channel} source {_name(source)} has stopped",
            f"{_why(source.error)}Nothing is heard there until somebody mends it and starts it again under Sources.",
        )
        for source in seen.sources
        if source.status == "stopped" and source.account_id not in dead
    ]


def source_silent(seen: Situation, now: datetime, limits: Limits) -> list[Raise]:
    """A source that should be heard is not: no good poll for a while, or no post for longer than is normal there."""
    found = []
    for source in seen.sources:
        if source.status in ("listening", "failing") and (why := _silence(source, seen, now, limits)):
            title = f"{seen.brand}: {source.channel} source {_name(source)} is silent"
            found.append(Raise("source_silent", f"source:{source.id}", source.status == "failing", title, why))
    return found


def _silence(source: SourceSeen, seen: Situation, now: datetime, limits: Limits) -> str:
    since = source.listening_since
    if source.status == "failing":
        last = max(source.last_ok_at or since, since)
        if now - last > timedelta(seconds=limits.unheard_s):
            return f"{_why(source.error)}No poll has gone well since {_clock(last)}. It is tried again by itself."
        return ""
    heard = max(source.last_mention_at or since, since)
    normal = seen.silence_after_s.get(source.channel, 86_400.0)
    if (now - heard).total_seconds() > normal:
        usual = f"Up to {normal / 3600:.0f} h of silence is normal there."
        return f"Its polls go well, but it has served nothing since {_clock(heard)}. {usual}"
    return ""


def verify_overdue(seen: Situation, now: datetime, limits: Limits) -> list[Raise]:
    """Stored posts were not looked at again in time: what their authors removed may still be here. One whose account is
    dead is part of that alert."""
    dead = {account.id for account in seen.dead_accounts}
    found = []
    for source in seen.sources:
        within = seen.verify_within_s.get(source.channel)
        if within is None or source.account_id in dead or (now - source.verified_at).total_seconds() <= within:
            continue
        title = f"{seen.brand}: stored posts of {source.channel} source {_name(source)} were not looked at in time"
        last = f"Not all were looked at since {_clock(source.verified_at)}; {within / 3600:.0f} h is the limit."
        body = f"{_why(source.verify_error)}{last} What their authors removed may still be here."
        found.append(Raise("verify_overdue", f"source:{source.id}", False, title, body))
    return found


def publish_unknown(seen: Situation, now: datetime, limits: Limits) -> list[Raise]:
    """A reply may be public or not, and no further step of ours will tell: a person looks."""
    return [
        Raise(
            "publish_unknown",
            f"reply:{reply.id}",
            True,
            f"{seen.brand}: is our reply on {reply.channel} public? Please look",
            f"{_why(reply.error)}It was sent at {_clock(reply.since)} and the outcome is unknown. "
            f"Open case {reply.case_id}, look at the network, then say whether it is there.",
        )
        for reply in seen.unknowns
        if not reply.has_next_step or now - reply.since > timedelta(seconds=limits.unknown_s)
    ]


def step_parked(seen: Situation, now: datetime, limits: Limits) -> list[Raise]:
    """A durable step failed again and again for a reason nobody foresaw."""
    return [
        Raise(
            "step_parked",
            f"{step.kind}:{step.row_id}",
            True,
            f"{seen.brand}: a {step.kind} step failed three times and is parked",
            f"Row {step.row_id}. The log has the reason. It is tried again after a restart.",
        )
        for step in seen.parked
    ]


# --- promises --------------------------------------------------------------------------------------------------


def promise_due(seen: Situation, now: datetime, limits: Limits) -> list[Raise]:
    """What we promised is close to its moment, confirmed or not: whoever owns it is told, once for each."""
    return [
        _promise(seen, each, "promise_due", f"promise due {_clock(each.due_at)}, to somebody on {each.channel}")
        for each in seen.promises
        if each.status != "broken"
    ]


def promise_broken(seen: Situation, now: datetime, limits: Limits) -> list[Raise]:
    """The moment of a promise has passed, and nobody said that it was kept."""
    return [
        _promise(seen, each, "promise_broken", f"a promise was not kept, to somebody on {each.channel}")
        for each in seen.promises
        if each.status == "broken"
    ]


def _promise(seen: Situation, promise: PromiseSeen, rule: str, title: str) -> Raise:
    owner = f" by {one_line(promise.owner)}" if promise.owner else ""
    unsure = " Nobody has confirmed it yet." if promise.status == "found" else ""
    body = f"Promised{owner}, due {_clock(promise.due_at)}.{unsure}\nSee case {promise.case_id}, or Duties."
    return Raise(rule, f"promise:{promise.id}", False, f"{seen.brand}: {title}", body, for_user_id=promise.owner_id)


def word_due(seen: Situation, now: datetime, limits: Limits) -> list[Raise]:
    """Less than a quarter of the time is left until the statement of a storm, or the next word it names, is due."""
    return [
        _word(seen, each, "word_due", f"{_what(each)} is due at {_clock(each.due_at)}")
        for each in seen.storms
        if _risk_from(each.since, each.due_at) <= now < each.due_at
    ]


def word_late(seen: Situation, now: datetime, limits: Limits) -> list[Raise]:
    """A word that was named in public, or the statement that everybody waits for, did not come: somebody is called."""
    return [
        _word(seen, each, "word_late", f"{_what(each)} is late, it was due at {_clock(each.due_at)}")
        for each in seen.storms
        if each.due_at <= now
    ]


def _word(seen: Situation, storm: StormSeen, rule: str, said: str) -> Raise:
    title = f"{seen.brand}: storm mode: {said}"
    body = f"It is over {one_line(storm.title)}. Write it, have it agreed to, post it, and say that it is posted."
    return Raise(rule, f"storm:{storm.id}", rule == "word_late", title, body)


def _what(storm: StormSeen) -> str:
    return "the next word" if storm.is_out else "the statement"


def defect_reported(seen: Situation, now: datetime, limits: Limits) -> list[Raise]:
    """Service cannot fix this problem: its owner is told, until they say what becomes of it."""
    return [
        Raise(
            "defect_reported",
            f"defect:{each.problem_id}",
            False,
            f"{seen.brand}: defect reported: {one_line(each.title)}",
            f"Owner: {one_line(each.owner)}. {each.people} people told of it.\n"
            "Say on the page of the problem whether it is being fixed.",
            for_user_id=each.owner_id,
        )
        for each in seen.defects
    ]


RULES: tuple[Rule, ...] = (
    problem,
    severe_thread,
    token_dead,
    source_stopped,
    publish_unknown,
    step_parked,
    sla_breached,
    source_silent,
    verify_overdue,
    promise_due,
    promise_broken,
    word_late,
    word_due,
    defect_reported,
    sla_at_risk,
)


def _of(seen: Situation, rule: str) -> list[LiveAlert]:
    return [alert for alert in seen.live if alert.rule == rule]


def _name(source: SourceSeen) -> str:
    return f"“{quoted(source.name, 60)}”"


def _why(error: str) -> str:
    said = quoted(error)
    return f"{said.rstrip('.')}. " if said else ""


def _clock(moment: datetime) -> str:
    return f"{moment:%d %b %H:%M} UTC"
