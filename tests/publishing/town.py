"""The whole way out for one class of publishing: real database, steps, door and publisher; emulator behind a line.

Only the clocks are ours: the product's is moved from one due moment to the next, and the loop's past each time-out.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from domain.clock import SetClock
from domain.ids import ids
from domain.person import Person
from responders import actions, sent_actions
from responders.parts import Parts
from responders.worker import steps
from storage.database import Database
from storage.tables import Case, MentionRow, Reply
from tests.channels.network import NOON
from tests.channels.network import Fault as Misbehaviour
from tests.channels.proofs import Publishing
from tests.publishing.diary import Diary, Request, Step, Yes
from tests.publishing.faults import REFUSED, Fault, Trial
from tests.publishing.line import Line
from tests.publishing.watched import Watched

START = NOON + timedelta(hours=1)
AT_ONCE = 6
"""So many replies are under way at a time: each must be told from the others."""
PATIENCE = 400
_STATES = "('approved', 'sending', 'unknown', 'sent')"
_NEXT = f"SELECT due_at, status FROM reply WHERE status IN {_STATES} AND due_at IS NOT NULL ORDER BY due_at LIMIT 1"
_ASKED = "SELECT id, version FROM reply WHERE status = 'unknown' AND due_at IS NULL"
_PREPARED = """SELECT 1 FROM attempt WHERE reply_id = ? AND evidence LIKE '%"prepared"%'"""
_APPROVED = (
    "SELECT r.status, r.way_reason, r.body, m.external_id FROM reply r JOIN mention m ON m.id = r.mention_id "
    "WHERE r.id = ?"
)
_HELD = {
    "503": Misbehaviour(status=503, body=b"{}"),
    "reset": Misbehaviour(reset=True),
    "garbage": Misbehaviour(status=200, body=b"<html>\xff"),
    "429": Misbehaviour(status=429, body=b'{"error": "slow down"}'),
}


@dataclass
class Ahead:
    """What still happens to one reply."""

    faults: list[Fault]
    first_steps: list[Fault]
    looks: list[str]
    insists: bool


@dataclass
class Town:
    """One database and one emulator. `play` takes trials; `diary` is what came of them, as seen from outside."""

    entry: Publishing
    network: Watched
    line: Line
    database: Database
    parts: Parts
    clock: SetClock
    person: Person
    account_id: int
    rows: sqlite3.Connection
    diary: Diary = field(default_factory=Diary)
    ahead: dict[int, Ahead] = field(default_factory=dict)
    asked: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def play(self, trials: Iterable[Trial]) -> None:
        """All of them, a few at a time, each until nothing is due any more."""
        left = iter(trials)
        while group := list(itertools.islice(left, AT_ONCE)):
            for trial in group:
                await self._begin(trial)
            for _ in range(PATIENCE):
                if not (await self._next_moment() or await self._a_person_insists()):
                    break
            else:
                self.diary.restless += [row[0] for row in self._ask("SELECT id FROM reply WHERE due_at IS NOT NULL")]

    def _ask(self, sql: str, *values: object) -> list[Any]:
        """By a connection of our own: what is not committed is not there."""
        return self.rows.execute(sql, values).fetchall()

    # --- a person asks, a person says yes ---

    async def _begin(self, trial: Trial) -> None:
        number = next(self.asked)
        text = self.entry.wording(trial.text, number)
        reply_id, now = await self._drafted(number, text), self.clock.now()
        body, parent = await self._approve(reply_id, text, 1)
        self.diary.said[reply_id] = Yes(trial, parent, body.encode(), now)
        self.diary.steps[reply_id] = []
        insists = trial.insists and self.entry.kind == "refuses duplicates"
        self.ahead[reply_id] = Ahead(list(trial.faults), list(trial.first_steps), list(trial.looks), insists)

    async def _approve(self, reply_id: int, text: str, version: int) -> tuple[str, str]:
        """The frozen bytes, and what they answer."""
        now = self.clock.now()
        async with self.database.write() as session:
            await actions.approve(session, self.person, reply_id, text=text, version=version, now=now, parts=self.parts)
        status, why, body, parent = self._ask(_APPROVED, reply_id)[0]
        assert status == "approved", f"{self.entry.name} cannot answer by API what it asks: {status}, {why}"
        return body, parent

    async def _a_person_insists(self) -> bool:
        """Where the network refuses duplicates: whoever is asked says that it is not there, true or not, and has the
        same sent again."""
        insisted = False
        for reply_id, version in self._ask(_ASKED):
            if not self.ahead[reply_id].insists:
                continue
            self.ahead[reply_id].insists = False
            self.clock.move(self.parts.limits.deadline_s + 2 * self.entry.subject.manifest.settle_s)
            now, insisted = self.clock.now(), True
            async with self.database.write() as session:
                await sent_actions.settle_absent(session, self.person, reply_id, now=now, parts=self.parts)
            self.diary.steps[reply_id].append(Step(reply_id, "person", now, "", "", (), 0, "drafted", None, False))
            text = self._ask("SELECT text FROM reply WHERE id = ?", reply_id)[0][0]
            await self._approve(reply_id, text, version + 1)
        return insisted

    async def _drafted(self, number: int, text: str) -> int:
        """Somebody wrote to us, and an answer is proposed: the rows as ingest and the drafter leave them."""
        now, parent = self.clock.now(), self.entry.ask(self.network, number)
        case_id, mention_id, reply_id = ids.many(3, now)
        given: dict[str, Any] = {"brand_id": self.person.id, "channel": self.entry.subject.manifest.name}
        case = Case(
            id=case_id, thread_id=parent.external_id, opened_at=now, posted_at=now, last_mention_at=now,
            last_mention_id=mention_id, **given,
        )  # fmt: skip
        mention = MentionRow(
            id=mention_id, source_id=self.person.id, case_id=case_id, external_id=parent.external_id,
            thread_id=parent.thread_id, text="norda, my seat is wet", url=parent.url, author_id=parent.author_id,
            author_handle=parent.author_handle, posted_at=now, received_at=now, text_hash=1, native=parent.native,
            addressed=True, **given,
        )  # fmt: skip
        reply = Reply(
            id=reply_id, case_id=case_id, mention_id=mention_id, account_id=self.account_id, status="drafted",
            way="api", text=text, lang="en", created_at=now, **given,
        )  # fmt: skip
        async with self.database.write() as session:
            connection = await session.connection()
            for row in (case, mention, reply):
                await connection.execute(insert(type(row)), [row.model_dump()])
        return reply_id

    # --- the product's motor, one moment after the other ---

    async def _next_moment(self) -> bool:
        """Go to the next due moment and do what is due then. False when there is none."""
        found = self._ask(_NEXT)
        if not found:
            return False
        ((due_at, status),) = found
        self.clock.move(max(0.0, (_moment(due_at) - self.clock.now()).total_seconds()))
        kind = "send" if status == "approved" else "settle"
        async with self.database.read() as session:
            due = await steps(self.parts)[kind].due(session, self.clock.now(), 100)
        for row_id in due:
            await self._step(kind, row_id)
        return True

    async def _step(self, kind: str, row_id: int) -> None:
        """One step under the next faults of its trial; what it did is noted from outside."""
        ahead, entry = self.ahead[row_id], self.entry
        is_first_step = bool(entry.first_step) and not self._ask(_PREPARED, row_id)
        faults = ahead.first_steps if is_first_step else ahead.faults
        fault = faults[0] if faults else Fault()
        reads_now = kind == "settle" or (entry.looks_first and not is_first_step)
        look = ahead.looks.pop(0) if ahead.looks and reads_now else ""
        requests: list[Request] = []
        self.line.seen = lambda address, body: requests.append(self._request(row_id, address, body))
        self.line.fault = fault
        entry.lag(self.network, self.diary.said[row_id].trial.lag_s)
        self._a_colleague_answers(row_id)
        reads, at = self.network.reads, self.clock.now()
        await self._handle(kind, row_id, fault, look)
        if faults and (requests or (fault.kind == REFUSED and kind == "send")):
            faults.pop(0)
        self._note(row_id, kind, at, fault.kind, look, tuple(requests), self.network.reads - reads)

    def _request(self, row_id: int, address: str, body: bytes) -> Request:
        return Request(body, address.startswith(self.entry.subject.publish_path), self._intended(row_id))

    def _a_colleague_answers(self, row_id: int) -> None:
        """By hand, if this is the step before which one does so."""
        yes = self.diary.said[row_id]
        if self.entry.by_hand and yes.trial.by_hand == len(self.diary.steps[row_id]):
            self.entry.by_hand.answer(self.network, yes.parent)
            self.diary.by_hand.add(yes.parent)

    async def _handle(self, kind: str, row_id: int, fault: Fault, look: str) -> None:
        self.network.look = _HELD.get(look)
        if fault.kind == REFUSED and kind == "send":
            await self.line.pause()
        try:
            await steps(self.parts)[kind].handle(row_id, self.clock.now())
        finally:
            self.network.look = None
            if fault.kind == REFUSED and kind == "send":
                await self.line.listen()

    def _intended(self, row_id: int) -> bool:
        """Whether a durable line says, at this moment, that this reply is being sent."""
        sql = "SELECT 1 FROM attempt a JOIN reply r ON r.id = a.reply_id WHERE r.id = ? AND r.status = 'sending' "
        return bool(self._ask(sql + "AND a.outcome = ''", row_id))

    def _note(self, row_id: int, kind: str, at: datetime, fault: str, look: str, requests: Any, reads: int) -> None:
        status, due = self._ask("SELECT status, due_at FROM reply WHERE id = ?", row_id)[0]
        parent = self.diary.said[row_id].parent
        public = status == "sent" and any(post.parent == parent for post in self.entry.books(self.network))
        due_at = _moment(due) if due else None
        self.diary.steps[row_id].append(Step(row_id, kind, at, fault, look, requests, reads, status, due_at, public))


def _moment(value: str) -> datetime:
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
