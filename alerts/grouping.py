"""Many cases with one trouble are one alert: a storm must not send 23 messages. Pure.

Up to `limit` cases of a brand have an alert each; further ones share one alert whose subject is "brand". The first
of a new incident is never swallowed: what came up after somebody acknowledged the shared alert counts as new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.alert import CaseSeen, LiveAlert, Raise

BRAND = "brand"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A case and the moment from which its trouble exists."""

    case: CaseSeen
    since: datetime

    @property
    def subject(self) -> str:
        """How the alert of this one case is called."""
        return f"case:{self.case.id}"


def grouped(
    troubles: Sequence[Trouble],
    live: Iterable[LiveAlert],
    limit: int,
    one: Callable[[Trouble], Raise],
    many: Callable[[int], Raise],
) -> list[Raise]:
    """The alerts that should stand for these troubles, given those of the same rule that stand already (`live`)."""
    standing = {alert.subject: alert for alert in live}
    group = standing.get(BRAND)
    held = [trouble for trouble in troubles if trouble.subject in standing]
    rest = [trouble for trouble in troubles if trouble.subject not in standing]
    fresh = _fresh(rest, group)
    if not _is_storm(held, fresh, group, limit):
        covered = len(rest) - len(fresh)
        shared = [many(len(troubles))] if group is not None and covered else []
        return [one(trouble) for trouble in [*held, *fresh]] + shared
    again = group is not None and bool(fresh)
    return [one(trouble) for trouble in held] + ([replace(many(len(troubles)), again=again)] if rest else [])


def _fresh(rest: list[Trouble], group: LiveAlert | None) -> list[Trouble]:
    """Those that nobody has been told of, neither alone nor as part of the shared alert."""
    if group is None:
        return rest
    if group.acknowledged_at is None:
        return []  # it is still being repeated: they are in its count
    seen = group.acknowledged_at
    return [trouble for trouble in rest if trouble.since > seen]


def _is_storm(held: list[Trouble], fresh: list[Trouble], group: LiveAlert | None, limit: int) -> bool:
    told = group.acknowledged_at if group is not None else None
    recent = [trouble for trouble in held if told is None or trouble.since > told]
    return bool(fresh) and len(recent) + len(fresh) > limit
