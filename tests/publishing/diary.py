"""What the proof itself wrote down, beside the network's books. Plain values, nothing of the product."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tests.publishing.faults import Trial


@dataclass(frozen=True, slots=True)
class Yes:
    """A person's yes: to these bytes, under this post, at this moment."""

    trial: Trial
    parent: str
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the product on one reply.

    `bodies` are those of its requests to publish as the line saw them, each with whether its intent stood in the
    database at that moment; `fault` is what they met. `reads` counts requests to read, `look` is what those met.
    Afterwards the reply was `status`, due at `due_at`; of one that is called sent, `public` says whether it is."""

    reply: int
    kind: str
    at: datetime
    fault: str
    look: str
    bodies: tuple[tuple[bytes, bool], ...]
    reads: int
    status: str
    due_at: datetime | None
    public: bool


@dataclass
class Diary:
    """By reply."""

    said: dict[int, Yes] = field(default_factory=dict)
    steps: dict[int, list[Step]] = field(default_factory=dict)
    restless: list[int] = field(default_factory=list)
    """Replies that were still moving when the proof lost patience."""
