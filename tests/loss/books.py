"""The network's books and what was promised of it: what must have been heard, and what a told gap excuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.channels.proofs import Hearing
from tests.crash.checker import Rows
from tests.loss.network import Living

LONG = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll, on the network's clock. `well`: it came to its end; `swept`: it read its window again as well; `gaps`
    are the stretches of the coverage (ids) that became a gap, or a longer one, by it."""

    began: datetime
    ended: datetime
    well: bool
    swept: bool
    gaps: frozenset[int]


@dataclass
class Books:
    """The network at its end, what is promised of it, the polls, and the product's rows. `missed` counts posts that are
    not there and that a told gap excuses."""

    network: Living
    hearing: Hearing
    all_polls: list[Poll]
    ask: Rows
    polls: list[Poll] = field(init=False)
    gaps: set[int] = field(init=False)
    order: dict[int, int] = field(init=False)
    arrivals: list[datetime] = field(init=False)
    missed: int = 0

    def __post_init__(self) -> None:
        self.polls = [poll for poll in self.all_polls if poll.well]
        self.gaps = {row["id"] for row in self.ask("SELECT id FROM coverage WHERE state = 'gap'")}
        listed = sorted(self.network.order) if self.hearing.in_place else self.network.order
        self.order = {number: place for place, number in enumerate(listed)}
        self.arrivals = [self.network.came[number] for number in listed]

    @property
    def stored(self) -> int:
        """How many posts are held."""
        return int(self.ask("SELECT count(*) AS held FROM mention")[0]["held"])

    def newer(self, number: int, until: datetime) -> int:
        """How many posts stood before this one in the network's list at that moment."""
        return sum(1 for at in self.arrivals[self.order[number] + 1 :] if at <= until)

    def excused(self, since: datetime) -> bool:
        """Whether a gap was told, and stays, by the polls that should have heard what came then: from its coming to the
        next good one."""
        for poll in (poll for poll in self.all_polls if poll.ended > since):
            if poll.gaps & self.gaps:
                return True
            if poll.well and poll.began > since:
                return False
        return False

    def hears_change(self, number: int, since: datetime) -> bool:
        """Whether the words that a post has from that moment on must have been heard."""
        if self.network.thanked.get(number, since - LONG) >= since:
            return True
        if self.hearing.edits_come:
            return any(poll.began > since for poll in self.polls) and not self.excused(since)
        return self.read_again(number, since)

    def read_again(self, number: int, since: datetime) -> bool:
        """Whether a poll that began after that moment must have read this post again."""
        it, date, polls = self.hearing, self.network.held[number].posted_at, self.polls
        after = [poll for poll in polls if poll.began > since]
        for poll in after[:1]:
            if poll.ended - date < timedelta(seconds=it.overlap_s) or self.newer(number, poll.ended) < it.overlap_posts:
                return True
        swept = [poll for poll in after if poll.swept and poll.ended - date < timedelta(seconds=it.sweep_s)]
        return any(self.newer(number, poll.ended) < it.sweep_posts for poll in swept[:1])
