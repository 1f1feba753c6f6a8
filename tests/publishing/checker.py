"""Holds the product's rows against the network's books and the proof's diary. Shares no code with the product.

Each problem is one line that begins with its kind.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.channels.network import Network
from tests.channels.proofs import Posted, Publishing
from tests.publishing.diary import Diary, Step, Yes
from tests.publishing.faults import REFUSED

Row = dict[str, Any]
SLACK = timedelta(minutes=15)
"""How much longer than the looks need it may take until a doubtful reply stands before a person."""
LONGEST_WAIT_S = 3600.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 30.0, 1800.0
"""After what certainly sent nothing, each time twice as long."""
LOOKS = 2


@dataclass(frozen=True, slots=True)
class Books:
    """All that is compared: the network's posts, the diary, and the product's rows, read by plain SQL. `by_hand` are
    the posts under which a colleague's answer stands."""

    entry: Publishing
    network: Network
    posts: list[Posted]
    by_hand: list[str]
    diary: Diary
    replies: dict[int, Row]
    approvals: dict[int, list[Row]]
    attempts: dict[int, list[Row]]

    @property
    def settle(self) -> timedelta:
        """The settling time of the class."""
        return timedelta(seconds=self.entry.subject.manifest.settle_s)


def read(rows: sqlite3.Connection, entry: Publishing, network: Network, diary: Diary) -> Books:
    """Take everything in."""
    by_hand = entry.by_hand.standing(network) if entry.by_hand else []
    replies = {row["id"]: row for row in _all(rows, "SELECT * FROM reply")}
    approvals, attempts = (
        _by_reply(_all(rows, f"SELECT * FROM {name} ORDER BY id")) for name in ("approval", "attempt")
    )
    return Books(entry, network, entry.books(network), by_hand, diary, replies, approvals, attempts)


def _all(rows: sqlite3.Connection, sql: str) -> list[Row]:
    found = rows.execute(sql)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found]


def _by_reply(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["reply_id"]].append(row)
    return found


def moment(value: str) -> datetime:
    """A moment as the database gives it."""
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def check(books: Books) -> list[str]:
    """Everything that is wrong."""
    return [
        *doubles(books),
        *replaced(books),
        *unapproved(books),
        *requests(books),
        *sent(books),
        *dropped(books),
        *unproven(books),
        *late(books),
    ]


def doubles(books: Books) -> list[str]:
    """At most one public post under each post that was answered once."""
    counts = Counter(post.parent for post in books.posts)
    return [f"doubled: {count} posts under {parent}" for parent, count in counts.items() if count > 1]


def replaced(books: Books) -> list[str]:
    """Where a post has one answer, that of a colleague is never replaced by ours."""
    return [f"replaced: a colleague's words under {post}" for post in books.diary.by_hand - set(books.by_hand)]


def unapproved(books: Books) -> Iterator[str]:
    """Every body on the line is the approved one, under a live yes, its intent written; every post has its yes."""
    for reply, step in _steps(books):
        yes = books.diary.said[reply]
        for request in step.requests:
            carried = books.entry.carries(books.network, request.body) if request.publishes else request.body
            if carried != yes.body:
                yield f"unapproved: other bytes left for {reply}"
            if not any(_live(row, step.at) for row in books.approvals[reply]):
                yield f"unapproved: no live yes when {reply} left"
            if not request.intended:
                yield f"no intent: {reply} left before that was written down"
    asked = {yes.parent for yes in books.diary.said.values()}
    yield from (f"unapproved: {post.id} stands under {post.parent}" for post in books.posts if post.parent not in asked)


def _steps(books: Books) -> Iterator[tuple[int, Step]]:
    return ((reply, step) for reply, steps in books.diary.steps.items() for step in steps)


def _live(approval: Row, at: datetime) -> bool:
    voided = approval["voided_at"]
    alive = moment(approval["created_at"]) <= at < moment(approval["expires_at"])
    return alive and (voided is None or moment(voided) >= at)


def requests(books: Books) -> Iterator[str]:
    """One request to publish per attempt, a first step counted as one. None where the connection was refused, and
    where a look right before it showed that there is nothing to send."""
    looks_first = books.entry.looks_first
    for reply, steps in books.diary.steps.items():
        attempts = len(books.attempts[reply])
        made = sum(len(step.requests) for step in steps)
        few = sum(
            1 for step in steps if not step.requests and (step.fault == REFUSED or (looks_first and step.reads > 0))
        )
        if any(len(step.requests) > 1 for step in steps) or not attempts - few <= made <= attempts:
            yield f"requests: {made} for {attempts} attempts of {reply}"


def sent(books: Books) -> Iterator[str]:
    """What is called sent is public from that moment on, and under the id that the network gave it."""
    ids = {post.id: post.parent for post in books.posts}
    for reply, step in _steps(books):
        if step.status == "sent" and not step.public:
            yield f"not public: {reply} is called sent at {step.at}"
    for reply, row in books.replies.items():
        if row["status"] == "sent" and ids.get(row["external_id"]) != books.diary.said[reply].parent:
            yield f"not public: {reply} is called sent as {row['external_id']}"


def dropped(books: Books) -> Iterator[str]:
    """At rest each reply is sent, refused with a reason, or in front of a person with what is known of it."""
    public = {post.parent for post in books.posts}
    for reply, row in books.replies.items():
        status, last = row["status"], (books.attempts[reply] or [{}])[-1]
        if row["due_at"] is not None or reply in books.diary.restless:
            yield f"dropped: {reply} never comes to rest ({status})"
        elif status in ("refused", "drafted"):
            if not row["error"]:
                yield f"dropped: {reply} is {status} without a reason"
            if books.diary.said[reply].parent in public:
                yield f"dropped: {reply} is {status}, but public"
        elif status == "unknown":
            if not row["error"] or not json.loads(last.get("evidence") or "{}"):
                yield f"dropped: {reply} is before a person without evidence"
        elif status != "sent":
            yield f"dropped: {reply} rests as {status}"


def unproven(books: Books) -> Iterator[str]:
    """A person is called, and a doubtful sending repeated, only after two looks that told, each after settling; and
    repeated only while the network tells repeats apart."""
    yield from _repeats(books)
    if books.entry.kind == "none":
        return
    for reply, steps in _asked(books):
        doubtful_at, looks = None, 0
        for step in steps:
            told = step.kind == "settle" and not step.look and step.reads > 0
            settled = doubtful_at is not None and step.at >= doubtful_at + books.settle
            looks += int(told and settled)
            over = step.status == "unknown" and step.due_at is None
            if doubtful_at is not None and looks < LOOKS and (step.requests or over):
                yield f"unproven: {reply} was {'given up' if over else 'sent again'} after {looks} looks"
            if step.requests:
                doubtful_at, looks = (step.at, 0) if step.status == "unknown" else (None, 0)


def _asked(books: Books) -> Iterator[tuple[int, list[Step]]]:
    return ((reply, steps) for reply in books.diary.steps for steps in books.diary.asked(reply))


def _repeats(books: Books) -> Iterator[str]:
    """In two phases what was prepared is published again, as it never was, and nothing else in its place."""
    manifest = books.entry.subject.manifest
    always = dict.fromkeys(("record", "upsert", "two_phase"), math.inf)
    kept_s = {**always, "key": manifest.key_valid_s}.get(manifest.proof, 0.0)
    for reply, steps in _asked(books):
        first: tuple[datetime, bytes] | None = None
        for step in steps:
            for request in step.publishes:
                if first and (step.at - first[0]).total_seconds() >= kept_s:
                    yield f"unproven: {reply} was sent again, and the network does not know it from a new one"
                if first and request.body != first[1]:
                    yield f"unproven: {reply} was sent again in other words, or by another name"
                if step.status == "unknown":
                    first = first or (step.at, request.body)


def late(books: Books) -> Iterator[str]:
    """Nobody waits for certainty longer than the looks need, the failed ones included."""
    for reply, steps in _asked(books):
        took = time_to_rest(steps)
        if took is not None and took > _bound(books, books.diary.said[reply]):
            yield f"late: {reply} took {took}"


def _bound(books: Books, yes: Yes) -> timedelta:
    """Each sending has two looks; each failed look waits twice as long as the one before, up to an hour. One that fails
    right before a sending holds that up."""
    trial, settle_s = yes.trial, max(1.0, books.entry.subject.manifest.settle_s)
    failed = sum(1 for look in trial.looks if look)
    wait_s = sum(min(LONGEST_WAIT_S, settle_s * 2.0**n) for n in range(1, 1 + failed))
    if books.entry.looks_first:
        early = 1 + failed + len(trial.first_steps) + len(trial.faults)
        wait_s += sum(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0**n) for n in range(early))
    if books.entry.kind == "two phases":
        # While the network says that it is published, nobody has to decide anything; only its name is waited for.
        wait_s += min(trial.lag_s * 2, trial.lag_s + LONGEST_WAIT_S)
    sendings = 1 + len(trial.faults)
    return SLACK + sendings * (LOOKS + 1) * books.settle + timedelta(seconds=wait_s)


def time_to_rest(steps: list[Step]) -> timedelta | None:
    """From the first request to the moment when nothing more happens by itself."""
    began = next((step.at for step in steps if step.kind == "send"), None)
    return None if began is None else steps[-1].at - began
