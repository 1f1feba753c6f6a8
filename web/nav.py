"""The pages that stand in the navigation, in order. A new page adds its line here and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from domain.person import Person
from web.access import may_anywhere


@dataclass(frozen=True, slots=True)
class Place:
    """One entry: `key` goes there after `g`; `needs` is the action a role must permit in some brand; `count` names the
    field of the strip that is shown beside it."""

    path: str
    label: str
    key: str
    icon: str
    needs: str = "see"
    count: str = ""
    loud: bool = False


PLACES = (
    Place("/queue", "Queue", "q", "queue", count="todo"),
    Place("/mentions", "Mentions", "m", "mentions"),
    Place("/problems", "Problems", "b", "problems"),
    Place("/duties", "Duties", "d", "check"),
    Place("/alerts", "Alerts", "a", "alerts", count="alerts", loud=True),
    Place("/on-call", "On call", "o", "clock"),
    Place("/reports", "Reports", "r", "reports", needs="report"),
    Place("/advocates", "Advocates", "v", "people", needs="report"),
    Place("/topics", "Topics", "t", "topics"),
    Place("/knowledge", "Knowledge", "k", "knowledge"),
    Place("/playbooks", "Playbooks", "y", "playbooks"),
    Place("/gaps", "Gaps", "n", "gaps"),
    Place("/learning", "Learning", "l", "learning", needs="teach"),
    Place("/sources", "Sources", "s", "sources", count="trouble", loud=True),
    Place("/accounts", "Accounts", "c", "accounts"),
    Place("/people", "People", "p", "people", needs="people"),
    Place("/settings", "Settings", "e", "settings"),
)


def places_for(person: Person, known: frozenset[str]) -> list[Place]:
    """The entries this person sees: those whose page exists and whose action their role permits somewhere."""
    return [place for place in PLACES if place.path in known and may_anywhere(person, place.needs)]
