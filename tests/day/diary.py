"""What the people of a day did, written down as they did it: the witness beside the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A post of an author on the network. `matter` is what it is about, `why` why it was written: first, again (the
    same matter, in another thread), other (another matter), still (it is not mended), thanks."""

    post: str
    at: datetime
    author: str
    matter: str
    why: str


@dataclass(frozen=True, slots=True)
class Held:
    """A manager was held by the Rule of 5. `due_at` is by when a word was owed as they tried."""

    reply_id: int
    case_id: int
    at: datetime
    until: datetime
    due_at: datetime | None


@dataclass
class Diary:
    """`approved` are the moments of a yes, by reply; `blocked` what the contract said to a draft of ours."""

    said: list[Said] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    approved: dict[int, datetime] = field(default_factory=dict)
    blocked: list[str] = field(default_factory=list)
    too_late: int = 0
