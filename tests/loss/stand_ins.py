"""What stands in for parts of the product that loss does not depend on, for its clock and for its deaths."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain.clock import SetClock
from domain.mention import Mention, Score


class Died(BaseException):
    """The process ends here."""


class SkewedClock(SetClock):
    """Our clock, which may differ from the network's."""

    def __init__(self, true: SetClock) -> None:
        self._true = true
        self.skew = timedelta(0)

    def now(self) -> datetime:
        return self._true.now() + self.skew

    def monotonic(self) -> float:
        return self._true.monotonic()

    def move(self, seconds: float) -> None:
        self._true.move(seconds)


class Flat:
    """Scores nothing: loss does not depend on it. What is terrible needs an answer, so that cases come about."""

    def score_batch(self, mentions: Any, now: datetime, earlier: Any = None) -> list[Score]:
        return [self._score(mention) for mention in mentions]

    def _score(self, mention: Mention) -> Score:
        return Score(
            lang="en", sentiment=0.0, label="neutral", priority=1.0, severity=0, parts=(),
            needs_answer="terrible" in mention.text, why="",
        )  # fmt: skip


def dying_at(place: str, nth: int) -> Any:
    """Ends the process the nth time that it comes to this crash point."""
    left = [nth]

    def die(name: str) -> None:
        if name == place:
            left[0] -= 1
            if left[0] == 0:
                raise Died(place)

    return die
