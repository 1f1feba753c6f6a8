"""Holds the product's database against what others wrote down: the network's books, the mails taken, the diary.

Shares no code with the product and none of its tables' names by import: plain SQL, plain JSON, its own rules
(RELIABILITY I1, I2, I4-I7). Each problem is one line that begins with its kind.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg.rows import dict_row

US = "norda"
Row = dict[str, Any]
STARTS = {
    "mention": {"received", "kept", "ignored"},
    "case": {"open"},
    "reply": {"requested", "drafted"},
    "alert": {"raised"},
    "delivery": {"due"},
    "source": {"listening"},
    "account": {"working"},
}
TABLES = {"case": "case_file"}


class Rows(Protocol):
    """Asks a database."""

    def __call__(self, sql: str) -> list[Row]: ...

    def close(self) -> None: ...


class SqliteRows:
    """A database file, read by a connection of our own."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        self._connection.row_factory = sqlite3.Row

    def __call__(self, sql: str) -> list[Row]:
        return [dict(row) for row in self._connection.execute(sql)]

    def close(self) -> None:
        self._connection.close()


class PostgresRows:
    """A database on a server, read by a connection of our own."""

    def __init__(self, address: str) -> None:
        self._connection = psycopg.connect(address, row_factory=dict_row, autocommit=True)

    def __call__(self, sql: str) -> list[Row]:
        return self._connection.execute(sql.encode()).fetchall()

    def close(self) -> None:
        self._connection.close()


class Books:
    """What others wrote down during a trial, and all product rows that matter."""

    def __init__(self, rows: Rows, folder: Path, base: Path) -> None:
        self.rows = rows
        with _opened(folder / "sandbox.db") as network:
            posts = [dict(row) for row in network.execute("SELECT * FROM posts ORDER BY id")]
            self.requests = [dict(row) for row in network.execute("SELECT * FROM attempts ORDER BY id")]
        self.served = [post for post in posts if post["author"] != US]
        self.ours = [post for post in posts if post["author"] == US]
        self.mails = _lines(folder / "mails.jsonl")
        self.diary = _lines(folder / "diary.jsonl")
        self.lines = (base / "posts.jsonl").read_bytes().splitlines(keepends=True)
        self.mentions = rows("SELECT id, channel, external_id, text, status FROM mention")
        self.replies = {row["id"]: row for row in rows("SELECT * FROM reply")}
        self.approvals = rows("SELECT * FROM approval ORDER BY id")
        self.attempts = rows("SELECT * FROM attempt ORDER BY id")
        self.parent = {row["id"]: _parent(row) for row in self.mentions}

    def stored(self) -> set[tuple[str, str]]:
        """Which posts the product holds."""
        return {(row["channel"], row["external_id"]) for row in self.mentions}


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    try:
        yield connection
    finally:
        connection.close()


def _lines(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _parent(row: Row) -> str:
    """How the network's books name the post that a mention is."""
    return f"replay:{row['external_id']}" if row["channel"] == "replay" else str(row["external_id"])


def moment(value: Any) -> datetime:
    """A moment as either database gives it."""
    given = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def halfway(rows: Rows, folder: Path, base: Path) -> list[str]:
    """What must hold at any moment, also right after a death."""
    try:
        books = Books(rows, folder, base)
        return [*cursors(books), *doubles(books), *unapproved(books), *history(books)]
    finally:
        rows.close()


def check(rows: Rows, folder: Path, base: Path, *, deaths: int) -> list[str]:
    """What must hold once all is quiet."""
    try:
        books = Books(rows, folder, base)
        held = [*cursors(books), *doubles(books), *unapproved(books), *history(books)]
        return [*held, *lost_posts(books), *dropped(books), *alerts(books, deaths)]
    finally:
        rows.close()


# --- the way in ------------------------------------------------------------------------------------------------


def cursors(books: Books) -> list[str]:
    """No cursor is ahead of what is stored (I2)."""
    problems, stored = [], books.stored()
    for source in books.rows("SELECT channel, name, cursor FROM source WHERE cursor IS NOT NULL"):
        cursor = json.loads(source["cursor"]) if isinstance(source["cursor"], str) else source["cursor"]
        if not cursor:
            continue
        if source["channel"] == "sandbox":
            passed = {("sandbox", str(post["id"])) for post in books.served if post["seq"] <= cursor["after"]}
        else:
            passed = {("replay", name) for name in _names(b"".join(books.lines)[: cursor["offset"]])}
        problems += [f"cursor ahead: {source['name']} has passed {name}" for _, name in sorted(passed - stored)]
    return problems


def _names(raw: bytes) -> list[str]:
    found = []
    for line in raw.splitlines():
        try:
            found.append(str(json.loads(line)["id"]))
        except ValueError:
            continue
    return found


def lost_posts(books: Books) -> list[str]:
    """Every post served is stored exactly once, as it reads now (I1); the spoiled line is in quarantine, once."""
    held = Counter((row["channel"], row["external_id"]) for row in books.mentions)
    served = [("sandbox", str(post["id"])) for post in books.served]
    served += [("replay", name) for name in _names(b"".join(books.lines))]
    problems = [f"lost post: {post} is stored {held[post]} times" for post in served if held[post] != 1]
    problems += [f"invented post: {post} was never served" for post in set(held) - set(served)]
    texts = {(row["channel"], row["external_id"]): row["text"] for row in books.mentions}
    problems += [
        f"lost post: the edit of {post['id']} was not heard"
        for post in books.served
        if texts.get(("sandbox", str(post["id"])), post["text"]) != post["text"]
    ]
    spoiled = len(books.rows("SELECT id FROM quarantine"))
    return problems if spoiled == 1 else [*problems, f"lost post: the spoiled line is in quarantine {spoiled} times"]


# --- the way out -----------------------------------------------------------------------------------------------


def doubles(books: Books) -> list[str]:
    """At most one public post per approval (I4)."""
    keys = Counter(post["key"] for post in books.ours)
    said = Counter((post["parent_id"], post["text"]) for post in books.ours)
    problems = [f"doubled post: key {key} was published {count} times" for key, count in keys.items() if count > 1]
    return problems + [f"doubled post: the same answer to {to[0]} twice" for to, count in said.items() if count > 1]


def unapproved(books: Books) -> list[str]:
    """Every request that reached the network had a live yes to exactly its bytes, and its intent was written (I5)."""
    problems = []
    intents = Counter(books.parent[books.replies[row["reply_id"]]["mention_id"]] for row in books.attempts)
    for parent, count in Counter(request["parent_id"] for request in books.requests).items():
        if count > intents[parent]:
            problems.append(f"unapproved: {count} requests for {parent}, but {intents[parent]} intents")
    for post in books.ours:
        problems += _without_yes(books, post)
    return problems


def _without_yes(books: Books, post: Row) -> list[str]:
    at = moment(post["created_at"])
    said = [entry for entry in books.diary if entry["did"] in ("approve", "recall") and moment(entry["at"]) <= at]
    last = {entry["reply"]: entry for entry in said}  # the last word of the person on each reply
    yes = [
        entry["reply"]
        for entry in last.values()
        if entry["did"] == "approve"
        and entry["text"] == post["text"]
        and books.parent.get(entry["mention"]) == post["parent_id"]
    ]
    if not yes:
        return [f"unapproved: nobody said yes to post {post['id']} under {post['parent_id']}"]
    live = [row for row in books.approvals if row["reply_id"] in yes and _live(row, at)]
    if not live:
        return [f"unapproved: post {post['id']} left without a live approval"]
    bodies = {request["body_sha256"] for request in books.requests if request["key"] == post["key"]}
    frozen = {_sha(books.replies[reply]["body"]) for reply in yes if books.replies[reply]["body"]}
    return [f"unapproved: other bytes left for {post['id']}"] if len(bodies) > 1 or (frozen and bodies - frozen) else []


def _live(approval: Row, at: datetime) -> bool:
    voided = approval["voided_at"]
    since, until = moment(approval["created_at"]), moment(approval["expires_at"])
    return since <= at < until and (voided is None or moment(voided) > at)


def _sha(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def dropped(books: Books) -> list[str]:
    """Every approved reply is public, refused, or in front of a person (I6); what is called sent is public."""
    problems = []
    public = {str(post["id"]): post for post in books.ours}
    for reply in books.replies.values():
        yes = [row for row in books.approvals if row["reply_id"] == reply["id"] and row["voided_at"] is None]
        if len(yes) > 1:
            problems.append(f"dropped: reply {reply['id']} has {len(yes)} live approvals")
        if reply["status"] == "sent" and not _is_public(reply, public, books):
            problems.append(f"dropped: reply {reply['id']} is called sent, but is not public")
        if yes and reply["status"] not in ("sent", "refused", "unknown"):
            problems.append(f"dropped: reply {reply['id']} is approved and rests as {reply['status']}")
        if reply["status"] == "unknown" and not _in_front(reply, books):
            problems.append(f"dropped: reply {reply['id']} is unknown and nobody was told")
        if reply["status"] in ("requested", "drafted", "approved", "sending"):
            problems.append(f"dropped: reply {reply['id']} rests as {reply['status']}")
    return problems + _unanswered(books)


def _is_public(reply: Row, public: dict[str, Row], books: Books) -> bool:
    keyed = [post for post in public.values() if post["key"] == reply["send_key"]]
    post = public.get(reply["external_id"]) or (keyed[0] if keyed else None)
    return post is not None and post["text"] == reply["text"] and post["parent_id"] == books.parent[reply["mention_id"]]


def _in_front(reply: Row, books: Books) -> bool:
    told = f"SELECT id FROM alert WHERE rule = 'publish_unknown' AND subject = 'reply:{reply['id']}'"
    return reply["due_at"] is None and bool(books.rows(told))


def _unanswered(books: Books) -> list[str]:
    """Every case that is open has its newest reply in front of a person; a case that waits was answered."""
    problems = []
    newest: dict[int, Row] = {}
    for reply in sorted(books.replies.values(), key=lambda row: row["id"]):
        newest[reply["case_id"]] = reply
    for case in books.rows("SELECT id, status FROM case_file"):
        status = newest[case["id"]]["status"] if case["id"] in newest else "nothing"
        if case["status"] in ("open", "escalated") and status not in ("refused", "unknown", "failed", "rejected"):
            problems.append(f"dropped: case {case['id']} is open and its newest reply is {status}")
        if case["status"] == "waiting" and not _was_sent(case["id"], books):
            problems.append(f"dropped: case {case['id']} waits without an answer")
    return problems


def _was_sent(case_id: int, books: Books) -> bool:
    return any(row["case_id"] == case_id and row["status"] == "sent" for row in books.replies.values())


# --- alerts ----------------------------------------------------------------------------------------------------


def alerts(books: Books, deaths: int) -> list[str]:
    """Every cause has its alert, every alert reached somebody, no message came more often than deaths explain (I7)."""
    rows = books.rows("SELECT id, rule, subject, status FROM alert")
    rules = Counter(row["rule"] for row in rows)
    stopped = books.rows("SELECT id FROM source WHERE status = 'stopped'")
    problems = [f"alert lost: {rule}" for rule in ("source_stopped", "severe_thread") if not rules[rule]]
    subjects = Counter((row["rule"], row["subject"]) for row in rows)
    problems += [
        f"alert doubled: source:{row['id']}"
        for row in stopped
        if subjects["source_stopped", f"source:{row['id']}"] != 1
    ]
    problems += [f"alert: an unforeseen error, {row['subject']}" for row in rows if row["rule"] == "step_parked"]
    mails = Counter(mail["key"] for mail in books.mails)
    told: dict[int, set[str]] = defaultdict(set)
    for row in books.rows("SELECT alert_id, dedup_key, status FROM delivery ORDER BY id"):
        told[row["alert_id"]].add(row["dedup_key"])
        if row["status"] == "delivered" and not mails[row["dedup_key"]]:
            problems.append(f"alert lost: {row['dedup_key']} is called delivered, but no mail came")
        if row["status"] in ("due", "delivering"):
            problems.append(f"alert lost: {row['dedup_key']} rests as {row['status']}")
    for row in rows:
        reached = any(mails[key] for key in told[row["id"]])
        if row["status"] == "raised" or (row["status"] == "acknowledged" and not reached):
            problems.append(f"alert lost: {row['rule']} {row['subject']} is {row['status']} and reached nobody")
    lost = Counter(mail["key"] for mail in books.mails if mail["lost"])
    return problems + [
        f"alert doubled: {key} came {count} times, {lost[key]} answers lost, {deaths} deaths"
        for key, count in mails.items()
        if count > 1 + lost[key] + deaths
    ]


# --- history ---------------------------------------------------------------------------------------------------


def history(books: Books) -> list[str]:
    """Each change of status has exactly one line, and the lines of a row make one chain."""
    chains: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for line in books.rows("SELECT noun, row_id, old, new FROM transition ORDER BY id"):
        chains[line["noun"], line["row_id"]].append(line)
    problems = []
    for noun, starts in STARTS.items():
        for row in books.rows(f"SELECT id, status FROM {TABLES.get(noun, noun)}"):
            problems += _chain(noun, row, chains[noun, row["id"]], starts)
    return problems


def _chain(noun: str, row: Row, chain: list[Row], starts: set[str]) -> list[str]:
    status = chain[0]["old"] if chain else row["status"]
    if status not in starts:
        return [f"history: {noun} {row['id']} begins as {status}"]
    for line in chain:
        if line["old"] != status:
            return [f"history: {noun} {row['id']} went to {status}, then from {line['old']}"]
        status = line["new"]
    return [] if status == row["status"] else [f"history: {noun} {row['id']} is {row['status']}, history says {status}"]
