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
class Request:
    """One request to publish. `publishes` False: a first step, which shows nothing to anybody. `intended`: whether its
    intent stood in the database when its first byte came."""

    body: bytes
    publishes: bool
    intended: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the product on one reply, or (`kind` "person") what a person did who was asked.

    `requests` are those to publish as the line saw them, `fault` is what they met. `reads` counts requests to read,
    `look` is what those met. Afterwards the reply was `status`, due at `due_at`; of one that is called sent, `public`
    says whether it is."""

    reply: int
    kind: str
    at: datetime
    fault: str
    look: str
    requests: tuple[Request, ...]
    reads: int
    status: str
    due_at: datetime | None
    public: bool

    @property
    def publishes(self) -> list[Request]:
        """Its requests that make something public."""
        return [request for request in self.requests if request.publishes]


@dataclass
class Diary:
    """By reply."""

    said: dict[int, Yes] = field(default_factory=dict)
    steps: dict[int, list[Step]] = field(default_factory=dict)
    by_hand: set[str] = field(default_factory=set)
    """Posts that a colleague has answered."""
    restless: list[int] = field(default_factory=list)
    """Replies that were still moving when the proof lost patience."""

    def asked(self, reply: int) -> list[list[Step]]:
        """The steps of a reply, apart for each time that a person said it should leave."""
        found: list[list[Step]] = [[]]
        for step in self.steps[reply]:
            if step.kind == "person":
                found.append([])
            else:
                found[-1].append(step)
        return found
