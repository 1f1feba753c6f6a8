"""How an alert goes on until somebody acknowledges it: louder and wider, never silent. Pure."""

from __future__ import annotations

from datetime import timedelta

WIDEST = 4
_WIDTHS = (1, 1, 2, 3)
"""Circle of people (`rota.reach`) of the first rounds; from then on the last one."""
_SOON = timedelta(minutes=5)
_LATER = timedelta(minutes=15)
_CALM = timedelta(hours=1)
_SOON_ROUNDS = 3
_BACK_OFF_S = (30.0, 60.0, 120.0, 240.0)


def width(round_: int) -> int:
    """How wide round `round_` (from 1) reaches."""
    return _WIDTHS[min(round_, len(_WIDTHS)) - 1]


def wait(round_: int, urgent: bool) -> timedelta:
    """How long after round `round_` the next follows: 5 minutes three times, then every 15; hourly if not urgent."""
    if not urgent:
        return _CALM
    return _SOON if round_ <= _SOON_ROUNDS else _LATER


def retry_after(tries: int) -> timedelta | None:
    """How long a delivery waits after its `tries`-th temporary failure; None: it has failed, others take over."""
    return timedelta(seconds=_BACK_OFF_S[tries - 1]) if tries <= len(_BACK_OFF_S) else None


def brought_forward(round_: int) -> bool:
    """Whether the next round follows at once when no message of this one could be delivered.

    Only while that reaches more people; after that the ordinary waits hold, so that a dead mail server is not hammered.
    """
    return round_ < len(_WIDTHS)
