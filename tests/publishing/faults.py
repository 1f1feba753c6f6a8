"""What goes wrong in a trial: how each request to publish fares, how each look fares, how late a post shows. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

REFUSED, TIME_OUT, LIMITED = "refused", "time-out", "429"
WELL = "well"
NOT_APPLIED = ("going: first byte", "going: in the head", "going: in the body", "5xx, not applied")
APPLIED = (
    "coming: nothing",
    "coming: in the head",
    "coming: in the body",
    "half-close",
    TIME_OUT,
    "5xx, applied",
    "garbage, applied",
)
AMBIGUOUS = (*NOT_APPLIED, *APPLIED)
CERTAIN = (REFUSED, LIMITED)
KINDS = (*AMBIGUOUS, *CERTAIN)
LOOKS = ("503", "reset", "garbage", "429")
LAGS = ("none", "below", "above")
TEXTS = (
    "Hello Mara, we are sorry about the cold coach on line 4 & have told the depot. <b>Norda</b> team",
    "Grüße aus Köln: der Zug fährt wieder. Danke für die Geduld! 🚆",
    "First line.\n\nSecond line, with a link: https://norda.example/help?a=1&b=2 (and more).",
    'It was "late" again * _very_ late * and we\'re sorry: 5 < 6 > 4 \\ ok',
)


@dataclass(frozen=True, slots=True)
class Fault:
    """How one request to publish fares. `place` (0 to 1) says where exactly: at which byte, with which status."""

    kind: str = WELL
    place: float = 0.0


@dataclass(frozen=True, slots=True)
class Trial:
    """One reply: the faults of its requests and of its looks one after the other (then all goes well), how many
    seconds later than it is public it shows, and its words.

    What only some classes know: `first_steps` are the faults of requests that make nothing public yet; a colleague
    answers by hand before step number `by_hand` (0, 1, ...), or never; `insists`: a person who is asked says that it is
    not there, and has it sent again, whether it is there or not."""

    faults: tuple[Fault, ...]
    looks: tuple[str, ...]
    lag_s: float
    text: str
    first_steps: tuple[Fault, ...] = ()
    by_hand: int | None = None
    insists: bool = False


def trials(seed: int, settle_s: float, rounds: int) -> Iterator[Trial]:
    """Each kind of fault with each kind of lag, so many times over, in a shuffled order."""
    dice, more = random.Random(seed), random.Random(-seed - 1)
    for _ in range(rounds):
        pairs = [(kind, lag) for kind in KINDS for lag in LAGS]
        dice.shuffle(pairs)
        for kind, lag in pairs:
            yield replace(_trial(dice, kind, _seconds(dice, lag, settle_s)), **_rare(more))


def _rare(dice: random.Random) -> dict[str, Any]:
    """What only some classes know, in a few of their trials."""
    first_steps = [
        Fault(dice.choice((*AMBIGUOUS, LIMITED)), dice.random()) for _ in range(dice.choice((0, 0, 0, 1, 2)))
    ]
    by_hand = dice.choice((*[None] * 12, 0, 1, 2, 3))
    return {"first_steps": tuple(first_steps), "by_hand": by_hand, "insists": dice.random() < 0.5}


def _trial(dice: random.Random, kind: str, lag_s: float) -> Trial:
    faults = [Fault(kind, dice.random())]
    while dice.random() < 0.3:
        faults.append(Fault(dice.choice(AMBIGUOUS), dice.random()))
    looks = tuple(dice.choice((*LOOKS, "", "")) for _ in range(dice.choice((*[0] * 8, 1, 2, 6))))
    return Trial(tuple(faults), looks, lag_s, dice.choice(TEXTS))


def _seconds(dice: random.Random, lag: str, settle_s: float) -> float:
    if lag == "none":
        return 0.0
    if lag == "below":
        return settle_s * dice.uniform(0.05, 0.95)
    return settle_s * dice.choice((dice.uniform(1.05, 1.95), dice.uniform(2.0, 150.0)))
