"""The sandbox network's own books: its posts, and every request to publish that ever reached it.

They stand in a SQLite file of their own, apart from Earshot's database, so that they can be held against it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS posts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, seq INTEGER NOT NULL UNIQUE, parent_id TEXT, thread_id TEXT NOT NULL,
    author TEXT NOT NULL, text TEXT NOT NULL, lang TEXT, created_at TEXT NOT NULL, edited_at TEXT,
    withdrawn INTEGER NOT NULL DEFAULT 0, key TEXT, visible_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS posts_parent ON posts (parent_id);
CREATE TABLE IF NOT EXISTS attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, account TEXT NOT NULL, key TEXT NOT NULL,
    parent_id TEXT NOT NULL, body_sha256 TEXT NOT NULL, outcome TEXT NOT NULL, post_id INTEGER);
"""
_SHOWN = "SELECT id, seq, parent_id, thread_id, author, text, lang, created_at, edited_at, withdrawn, key FROM posts "


@dataclass(frozen=True, slots=True)
class SandboxPost:
    """One row of the books. Moments are ISO 8601 in UTC; `parent_id` may name a post of another network."""

    id: int
    seq: int
    parent_id: str | None
    thread_id: str
    author: str
    text: str
    lang: str | None
    created_at: str
    edited_at: str | None
    withdrawn: int
    key: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request to publish, as it arrived. `outcome`: stored, repeated, faulted, or the reason of the refusal."""

    at: str
    account: str
    key: str
    parent_id: str
    body_sha256: str
    outcome: str
    post_id: int | None


class Ledger:
    """The books in one file. Each method is one short transaction."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def write(
        self, author: str, text: str, now: datetime, *, parent_id: str | None = None, lang: str | None = None,
        key: str | None = None, hidden_s: float = 0.0,
    ) -> SandboxPost:  # fmt: skip
        """Make a post public; with `hidden_s` it shows only that many seconds later."""
        visible = (now + timedelta(seconds=hidden_s)).isoformat()
        row = self._db.execute(
            "INSERT INTO posts (seq, parent_id, thread_id, author, text, lang, created_at, key, visible_at) "
            "VALUES ((SELECT COALESCE(MAX(seq), 0) + 1 FROM posts), ?, '', ?, ?, ?, ?, ?, ?) RETURNING id",
            (parent_id, author, text, lang, now.isoformat(), key, visible),
        ).fetchone()
        post_id = int(row[0])
        self._db.execute("UPDATE posts SET thread_id = ? WHERE id = ?", (self._thread(parent_id, post_id), post_id))
        return self._one("WHERE id = ?", post_id)

    def _thread(self, parent_id: str | None, post_id: int) -> str:
        if parent_id is None:
            return str(post_id)
        parent = self.post(parent_id)
        return parent.thread_id if parent else parent_id

    def edit(self, post_id: str, text: str, now: datetime) -> None:
        """Change the words; the post moves to the end of the changes."""
        self._change(post_id, "text = ?, edited_at = ?", text, now.isoformat())

    def withdraw(self, post_id: str) -> None:
        """The author removes the post: its words are forgotten."""
        self._change(post_id, "withdrawn = 1, text = ''")

    def _change(self, post_id: str, what: str, *values: str) -> None:
        self._db.execute(
            f"UPDATE posts SET seq = (SELECT MAX(seq) + 1 FROM posts), {what} WHERE id = ?",  # noqa: S608 - our words
            (*values, post_id),
        )

    def _one(self, where: str, *values: object) -> SandboxPost:
        return SandboxPost(*self._db.execute(_SHOWN + where, values).fetchone())

    def _many(self, where: str, *values: object) -> list[SandboxPost]:
        return [SandboxPost(*row) for row in self._db.execute(_SHOWN + where, values)]

    def post(self, post_id: str, now: datetime | None = None) -> SandboxPost | None:
        """A post by id, None when there is none (or, given `now`, when it does not show yet)."""
        shown = "9999" if now is None else now.isoformat()
        found = self._many("WHERE id = ? AND visible_at <= ?", post_id if post_id.isascii() else "", shown)
        return found[0] if found else None

    def changes(self, after: int, limit: int, now: datetime) -> list[SandboxPost]:
        """Posts written, edited or withdrawn after that change number, oldest change first."""
        return self._many("WHERE seq > ? AND visible_at <= ? ORDER BY seq LIMIT ?", after, now.isoformat(), limit)

    def newest(self, limit: int, now: datetime) -> list[SandboxPost]:
        """What the front page shows."""
        return self._many("WHERE withdrawn = 0 AND visible_at <= ? ORDER BY id DESC LIMIT ?", now.isoformat(), limit)

    def replies(self, parent_id: str, now: datetime) -> list[SandboxPost]:
        """Answers to a post that show now, oldest first."""
        return self._many("WHERE parent_id = ? AND visible_at <= ? ORDER BY id", parent_id, now.isoformat())

    def keyed(self, author: str, key: str) -> SandboxPost | None:
        """The post that was published with this key, for servers told to de-duplicate."""
        found = self._many("WHERE author = ? AND key = ? ORDER BY id LIMIT 1", author, key)
        return found[0] if found else None

    def note(self, attempt: Attempt) -> None:
        """Keep one attempt for good."""
        self._db.execute(
            "INSERT INTO attempts (at, account, key, parent_id, body_sha256, outcome, post_id) VALUES (?,?,?,?,?,?,?)",
            (attempt.at, attempt.account, attempt.key, attempt.parent_id, attempt.body_sha256, attempt.outcome,
             attempt.post_id),
        )  # fmt: skip

    def attempts(self) -> list[Attempt]:
        """Every attempt in order of arrival."""
        rows = self._db.execute(
            "SELECT at, account, key, parent_id, body_sha256, outcome, post_id FROM attempts ORDER BY id"
        )
        return [Attempt(*row) for row in rows]
