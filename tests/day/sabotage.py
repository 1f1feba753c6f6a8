"""Planted faults: what a day would be like without a part of the product. The checker must find each of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from alerts import rules
from responders import duties, heat
from storage import case_duties, holding
from storage import promises as ledger
from storage.case_writing import Opening
from tests.sabotage import Swaps, uses


async def _none(*_: Any, **__: Any) -> list[int]:
    return []


def no_holding_step() -> Swaps:
    """Nobody asks for a word that is no answer yet."""
    return [(holding, "holdings_due", _none)]


def no_breaking_step() -> Swaps:
    """A promise stays open for ever."""
    return [*uses(ledger.due, _none), (duties.Duties, "end", _none)]


def no_warning() -> Swaps:
    """Alerts leave out what will be due."""
    return [(rules, "RULES", tuple(rule for rule in rules.RULES if rule is not rules.promise_due))]


def hold_ignores_the_window() -> Swaps:
    """Five minutes are five minutes."""
    real = heat.hold_until

    def hold_until(began_at: datetime, due_at: datetime | None, others: int) -> datetime | None:
        return real(began_at, None, others)

    return [(heat, "hold_until", hold_until)]


def follow_up_asked_twice() -> Swaps:
    """Whether they were asked before does not count."""

    async def kinds_written(session: Any, case_id: int) -> list[tuple[str, str]]:
        return [each for each in await real(session, case_id) if each[0] != "follow_up"]

    real = case_duties.kinds_written
    return [(case_duties, "kinds_written", kinds_written)]


def thanks_are_followed_up() -> Swaps:
    """A thanks is a post like any other."""
    return [(duties, "only_thanks", lambda text: False)]


def no_joining() -> Swaps:
    """A thread is a case, whoever writes."""
    return [(Opening, "_of_its_author", lambda *_: None)]


FAULTS: dict[str, tuple[Callable[[], Swaps], str, float]] = {
    "no holding step": (no_holding_step, "no holding draft", 1.0),
    "no breaking step": (no_breaking_step, "unseen", 2.5),
    "no warning": (no_warning, "nobody was warned", 2.5),
    "a hold ignores the window": (hold_ignores_the_window, "held: ", 1.0),
    "a follow-up is asked twice": (follow_up_asked_twice, "was asked 2 times", 6.5),
    "thanks are followed up": (thanks_are_followed_up, "though they said thanks", 4.5),
    "no joining": (no_joining, "apart: ", 1.0),
}
"""Name -> how it is planted, the words in which the checker must report it, and how many days that takes."""
