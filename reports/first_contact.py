"""First-contact resolution: whether a first answer was the last that its author needed. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from domain.identity import NO_MATTER
from reports.metrics import Share, is_owed
from storage.first_contacts import Author, Contacts, Written
from storage.reporting import CaseTimes

WITHIN: Final = timedelta(days=7)
"""Who is back later than this after the first answer comes with something new."""
_WITHIN_MS: Final = round(WITHIN.total_seconds() * 1000)

State = Literal["met", "missed", "running", "unknown"]


@dataclass(frozen=True, slots=True)
class FirstContact:
    """The ids of answered cases by how it ended: `met` needed one answer, `missed` came back or was escalated,
    `running` still may, of `unknown` nobody can tell."""

    met: tuple[int, ...] = ()
    missed: tuple[int, ...] = ()
    running: tuple[int, ...] = ()
    unknown: tuple[int, ...] = ()

    def __getitem__(self, state: State) -> tuple[int, ...]:
        return {"met": self.met, "missed": self.missed, "running": self.running, "unknown": self.unknown}[state]

    @property
    def share(self) -> Share:
        """met of (met + missed)."""
        return Share(len(self.met), len(self.met) + len(self.missed))


def first_contact(cases: Iterable[CaseTimes], contacts: Contacts, now_ms: int) -> FirstContact:
    """Each case of the period that got an answer; times are milliseconds since 1970."""
    person = _persons(contacts.same, contacts.different)
    written = {each.id: each for each in contacts.cases}
    by_person: dict[Author, list[Written]] = defaultdict(list)
    for each in contacts.cases:
        if each.author is not None:
            by_person[person.get(each.author, each.author)].append(each)
    found: dict[State, list[int]] = {"met": [], "missed": [], "running": [], "unknown": []}
    for case in cases:
        if case.is_posted and is_owed(case) and case.answer_ms is not None and case.id in written:
            author = written[case.id].author
            theirs = by_person[person.get(author, author)] if author is not None else None
            found[_state(case.id, case.answer_ms, theirs, contacts, now_ms)].append(case.id)
    return FirstContact(*(tuple(found[state]) for state in ("met", "missed", "running", "unknown")))


def _state(case_id: int, answer_ms: int, theirs: list[Written] | None, contacts: Contacts, now_ms: int) -> State:
    end_ms = answer_ms + _WITHIN_MS
    if any(answer_ms < at <= end_ms for at in contacts.back_ms.get(case_id, ())):
        return "missed"
    if contacts.escalated_ms.get(case_id, end_ms + 1) <= end_ms:
        return "missed"
    if theirs is None:
        return "unknown"
    later = [each for each in theirs if each.id != case_id and answer_ms < each.posted_ms <= end_ms]
    about = _matter(contacts, case_id)
    if any(about & _matter(contacts, each.id) for each in later):
        return "missed"
    if now_ms < end_ms:
        return "running"
    return "unknown" if any(not (about and _matter(contacts, each.id)) for each in later) else "met"


def _matter(contacts: Contacts, case_id: int) -> frozenset[str]:
    return contacts.themes.get(case_id, frozenset()) - NO_MATTER


def _persons(
    same: Iterable[tuple[Author, Author]], different: Collection[tuple[Author, Author]]
) -> dict[Author, Author]:  # fmt: skip
    """Each author -> one name for all that are the same person. What would make one person of two stays out."""
    person: dict[Author, Author] = {}
    for one, other in same:
        kept, gone = person.get(one, one), person.get(other, other)
        if not any({person.get(a, a), person.get(b, b)} == {kept, gone} for a, b in different):
            person |= {each: kept for each, now in person.items() if now == gone}
            person |= {one: kept, other: kept}
    return person
