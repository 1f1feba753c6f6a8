"""What became of one message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Outcome:
    """delivered: the service took it; later: it may work if tried again; never: it will not work as it is.

    `said` is the reason in plain words, fit to be shown; it never holds a secret.
    """

    result: Literal["delivered", "later", "never"]
    said: str = ""


DELIVERED = Outcome("delivered")
