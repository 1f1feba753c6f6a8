"""A fair view of a team: how well each person's answers helped, beside how hard their cases were. Pure.

People stand in the order of their names, never of a number: who takes the hard cases answers fewer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from reports.first_contact import FirstContact
from reports.metrics import Share
from reports.satisfaction import FEWEST
from storage.team import Approved

GRAVE: Final = 2
"""The severity from which a case is hard."""
DEFINITION: Final = (
    "Per person who approved answers that were sent in the period. Solved: of the cases they answered, those solved at"
    " first contact, as the figure of that name. Hard: cases that name a serious problem (severity 2 or 3). Heat: cases"
    f" in which an answer was held to cool down. Under {FEWEST} cases no rate is said: it would tell of chance. In the"
    " order of names, never of a number: who takes the hard cases answers fewer."
)


@dataclass(frozen=True, slots=True)
class Member:
    """One person: how many cases they answered, and of how many of those what is true."""

    user_id: int
    name: str
    cases: int
    solved: Share
    hard: Share
    heat: Share


def rate(share: Share) -> float | None:
    """In percent; None where there are too few to say it."""
    return share.value if share.n >= FEWEST else None


def team(rows: Iterable[Approved], found: FirstContact, names: Mapping[int, str]) -> list[Member]:
    """Everybody who approved something, by name."""
    answers: dict[int, list[Approved]] = {}
    for row in rows:
        answers.setdefault(row.user_id, []).append(row)
    members = [_member(user_id, names.get(user_id, ""), theirs, found) for user_id, theirs in answers.items()]
    return sorted(members, key=lambda each: (each.name.casefold(), each.user_id))


def _member(user_id: int, name: str, theirs: Iterable[Approved], found: FirstContact) -> Member:
    rows = list(theirs)
    cases = {row.case_id for row in rows}
    hard, heat = ({row.case_id for row in rows if row.severity >= GRAVE}, {row.case_id for row in rows if row.cooled})
    solved, back = cases & set(found.met), cases & set(found.missed)
    return Member(
        user_id, name, len(cases), Share(len(solved), len(solved) + len(back)), Share(len(hard), len(cases)),
        Share(len(heat), len(cases)),
    )  # fmt: skip
