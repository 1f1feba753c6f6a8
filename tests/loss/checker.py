"""Holds what is stored against what was served. Shares no code with the product: plain SQL and the network's books.

Each problem is one line that begins with its kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.channels.network import Post
from tests.loss.books import Books

SKEWED = timedelta(hours=2.2)
"""So much our clock may be wrong, once in either direction."""


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
    """Whether we must have been told that this post was taken back. A stream tells it once: in a told gap
    nobody hears it."""
    it = books.hearing
    if it.streamed is not None and books.excused(since):
        return False
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
