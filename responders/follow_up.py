"""Whether to ask, some days after a case was resolved, if all is well since: once, and only where it helps. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a resolved case stands. `answered`: we wrote to them; `asked`: we asked already; `praised`: all that they
    wrote praises us (a friendly word about an answer ends no complaint); `way` and `table_way` are how a reply can
    leave now, with and without the policies of the channel."""

    answered: bool
    asked: bool
    praised: bool
    thanked: bool
    left_alone: bool
    way: str
    table_way: str


def reason_not_to(ending: Ending) -> str:
    """Why nobody is asked, in plain words; empty when a follow-up is due."""
    reasons = (
        (ending.asked, "asked already"),
        (not ending.answered, "we never wrote to them"),
        (ending.thanked, "they said thanks"),
        (ending.praised, "they praised us"),
        (ending.left_alone, "they want to be left alone"),
        (ending.way == "none", "no answer is possible there"),
        (ending.table_way == "api" and ending.way != "api", "the channel's rules allow no further reply"),
    )
    return next((why for holds, why in reasons if holds), "")
