"""Named points at which the crash tests let the process die. In the product they cost one comparison."""

from __future__ import annotations

from collections.abc import Callable

_die: Callable[[str], None] | None = None


def arm(die: Callable[[str], None] | None) -> None:
    """Set (or clear) what happens at each point. Only the crash tests call this."""
    global _die
    _die = die


def crashpoint(name: str) -> None:
    """A place where dying must lose nothing and double nothing (docs/decisions, crash tests)."""
    if _die is not None:
        _die(name)
