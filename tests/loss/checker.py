"""Holds what is stored against what was served. Shares no code with the product: plain SQL and the network's books.

Each problem is one line that begins with its kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.channels.network import Post
from tests.channels.proofs import Hearing
from tests.crash.checker import Rows
from tests.loss.network import Living

LONG = timedelta(days=365)
SKEWED = timedelta(hours=2.2)
"""So much our clock may be wrong, once in either direction."""


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


def moment(value: Any) -> datetime:
    """A moment as either database gives it."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def check(books: Books) -> list[str]:
    """Everything that is wrong."""
    return [*stored_and_served(books), *unread(books), *noticed(books)]


def stored_and_served(books: Books) -> Iterator[str]:
    """What was served about us is stored once, as it reads now, and nothing else is."""
    rows = books.ask("SELECT external_id, text, status FROM mention")
    counts = Counter(row["external_id"] for row in rows)
    stored = {row["external_id"]: row for row in rows}
    yield from (f"doubled: {name} is stored {count} times" for name, count in counts.items() if count > 1)
    subject = books.hearing.subject
    about_us = {
        subject.native_id(number): number
        for number, post in books.network.held.items()
        if not post.broken and (books.hearing.all_ours or "norda" in post.text.casefold())
    }
    for name, number in about_us.items():
        if name not in stored:
            yield from lost(books, name, number)
        else:
            yield from outdated(books, stored[name], number)
    yield from (f"invented: {name} was never said about us" for name in stored.keys() - about_us.keys())


def lost(books: Books, name: str, number: int) -> Iterator[str]:
    """A post that is not stored, though it had to be."""
    post, at = books.network.held[number], books.network.came[number]
    promised = not (books.hearing.in_place and _is_late(books, post, at)) or books.read_again(number, at)
    promised = promised or number in books.network.thanked
    if not promised or number in books.network.unsure:
        return
    if books.excused(at):
        books.missed += 1
    else:
        yield f"lost: {name}, dated {post.posted_at}, came {at}"


def _is_late(books: Books, post: Post, at: datetime) -> bool:
    return at - post.posted_at > timedelta(seconds=books.hearing.late_s + 1)


def outdated(books: Books, row: dict[str, Any], number: int) -> Iterator[str]:
    """A stored post that does not read as the last version that we had to see, or a later one."""
    versions = books.network.versions[number]
    allowed = [text for _, text in versions]
    for place, (at, text) in enumerate(versions):
        if place and (_told(books, number, at) if not text else books.hears_change(number, at)):
            allowed = [text for _, text in versions[place:]]
    now = "" if row["status"] == "withdrawn" else row["text"]
    if now not in allowed:
        kind = "kept" if allowed == [""] else "stale"
        yield f"{kind}: {row['external_id']} ({row['status']}) reads {row['text']!r}, not {allowed}"


def _told(books: Books, number: int, since: datetime) -> bool:
    """Whether we must have been told that this post was taken back."""
    it = books.hearing
    after = [poll for poll in books.polls if poll.began > since][: it.removal_polls]
    newest = all(books.newer(number, poll.ended) < it.removal_posts for poll in after)
    return newest and len(after) == it.removal_polls and number not in books.network.unsure


def unread(books: Books) -> Iterator[str]:
    """What cannot be read is kept in quarantine, each once as it came (a push and a poll show it in different words),
    and perhaps the item at which an answer was cut off."""
    broken = [number for number, post in books.network.held.items() if post.broken]
    sure = sum(1 for number in broken if list(lost(books, "", number)))
    held = books.ask("SELECT count(*) AS held FROM quarantine")[0]["held"]
    ways = 2 if books.hearing.pushed and books.hearing.subject.manifest.is_asked else 1
    if not sure <= held <= ways * len(broken) + books.network.cuts:
        yield f"unread: {len(broken)} broken posts were served, {sure} of them surely, {held} are in quarantine"


def noticed(books: Books) -> Iterator[str]:
    """At the end the source listens, its line has no hole, and it was swept as often as promised."""
    source = books.ask("SELECT status, error FROM source")[0]
    if source["status"] != "listening":
        yield f"source: it is {source['status']} ({source['error']})"
    every = timedelta(seconds=books.hearing.sweep_every_s)
    swept = books.polls[0].ended
    for poll in books.polls if every else ():
        swept = poll.ended if poll.swept else swept
        if poll.ended - swept > every + SKEWED:
            yield f"sweep: none from {swept} to {poll.ended}"
            break
    before: datetime | None = None
    for row in books.ask("SELECT started_at, ended_at, state FROM coverage ORDER BY started_at, id"):
        start, end = moment(row["started_at"]), moment(row["ended_at"])
        if before is not None and start > before:
            yield f"coverage: nothing is told between {before} and {start}"
        if end < start:
            yield f"coverage: a stretch of {row['state']} ends before it begins, at {start}"
        before = end if before is None else max(before, end)
