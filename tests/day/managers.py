"""Those who approve: at their pace, with breaks, sometimes heated, sometimes late with what they promised. Seeded."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.errors import BadInput, Moved
from domain.person import Person
from responders import actions, promise_actions
from responders.done import Done
from tests.crash.checker import moment
from tests.day.diary import Diary, Held
from tests.day.house import House
from tests.day.words import HEATED, PROMISES

_QUEUE = (
    "SELECT r.id, r.version, r.text, r.kind, r.lang, r.case_id, c.next_due_at FROM reply r "
    "JOIN case_file c ON c.id = r.case_id WHERE r.status = 'drafted' AND (c.status <> 'resolved' "
    "OR r.kind = 'follow_up') ORDER BY c.next_due_at IS NULL, c.next_due_at, r.id LIMIT 40"
)
_WITHOUT = (
    "SELECT c.id FROM case_file c WHERE c.status = 'open' AND NOT EXISTS (SELECT 1 FROM reply r WHERE "
    "r.case_id = c.id AND r.status NOT IN ('sent', 'rejected', 'stale', 'failed', 'replaced')) ORDER BY c.id LIMIT 1"
)
_WAITING = "SELECT id FROM case_file WHERE status = 'waiting' ORDER BY id"
_FOUND = "SELECT id, due_at FROM promise WHERE status = 'found' AND owner_id = {} ORDER BY id"
_IN_HAND = "SELECT id FROM reply WHERE status = 'handed_over' ORDER BY id"


@dataclass
class Desk:
    """What managers share: whose an answer is and from when on, which were held, which version of one who has signed
    off, which promises were looked at."""

    hands: dict[int, tuple[int, datetime]] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)
    signed: set[tuple[int, int, int]] = field(default_factory=set)
    looked_at: set[int] = field(default_factory=set)


@dataclass
class Manager:
    """One person. `asleep` (hours of the day) they look once an hour or two."""

    house: House
    who: Person
    dice: random.Random
    diary: Diary
    desk: Desk
    asleep: tuple[int, int]

    async def turn(self) -> None:
        """The next thing in front of them; then a while until the one after."""
        did = await self._answer() or await self._ask_again()
        await self._promises()
        if self.dice.random() < 0.3:
            await self._resolve()
        self.house.motor.at(self.house.now + self._pause(did), self.turn)

    def _pause(self, did: bool) -> timedelta:
        begin, end = self.asleep
        if begin <= self.house.now.hour < end:
            return timedelta(minutes=self.dice.uniform(5, 100))
        chance = self.dice.random()
        if chance < 0.01:
            return timedelta(minutes=self.dice.uniform(40, 70))  # at table, or in a meeting
        if chance < 0.05:
            return timedelta(minutes=15)
        return timedelta(seconds=self.dice.uniform(50, 140)) if did else timedelta(minutes=self.dice.uniform(5, 15))

    # --- answers ---

    async def _answer(self) -> bool:
        for row in self.house.rows(_QUEUE):
            whose, until = self.desk.hands.get(row["id"], (self.who.id, self.house.now))
            signed = (row["id"], row["version"], self.who.id) in self.desk.signed
            if whose == self.who.id and until <= self.house.now and not signed and not self._puts_off(row):
                await self._approve(row)
                return True
        return False

    def _puts_off(self, row: dict[str, Any]) -> bool:
        """Some answers are left until the last minutes, which is where a hold could make them late."""
        if row["next_due_at"] is None or row["id"] in self.desk.hands or self.dice.random() > 0.12:
            return False
        self._later(row["id"], moment(row["next_due_at"]) - timedelta(minutes=self.dice.uniform(1.5, 6)))
        return True

    def _later(self, reply_id: int, at: datetime) -> None:
        self.desk.hands[reply_id] = (self.who.id, at)
        self.house.motor.at(at, self._answer)

    async def _approve(self, row: dict[str, Any]) -> None:
        text, tried = row["text"], row["id"] in self.desk.held
        if row["kind"] == "answer" and not tried:
            text = self._worded(row)
        try:
            done = await self._do(actions.approve, row["id"], text=text, version=row["version"])
        except Moved:
            self.diary.too_late += 1
            return
        except BadInput as objection:
            self.diary.blocked.append(f"{row['lang']}: {objection}")
            await self._do(actions.redraft, row["case_id"])
            return
        now = self.house.now
        if done.held_until is not None:
            due_at = moment(row["next_due_at"]) if row["next_due_at"] else None
            self.diary.held.append(Held(row["id"], row["case_id"], now, done.held_until, due_at))
            self.desk.held.add(row["id"])
            self._later(row["id"], done.held_until)
            if self.dice.random() < 0.2:  # a colleague takes over
                self.desk.hands[row["id"]] = (self.dice.choice(self.house.managers).id, now)
            return
        if done.status == "drafted":  # theirs was the first of two people's yes
            self.desk.signed.add((row["id"], done.version, self.who.id))
            self.desk.hands.pop(row["id"], None)
            return
        self.diary.approved[row["id"]] = now
        if done.status == "handed_over":
            await self._do(actions.mark_sent, row["id"], url="")

    def _worded(self, row: dict[str, Any]) -> str:
        """As drafted; or with a promise before the sign-off; or what they are stopped from sending."""
        chance, text = self.dice.random(), str(row["text"])
        if chance < 0.15 and row["lang"] in PROMISES:
            body, _, end = text.rpartition("\n")
            return f"{body}\n{PROMISES[row['lang']]}\n{end}"
        return HEATED if chance > 0.98 and row["lang"] == "en" else text

    async def _ask_again(self) -> bool:
        """An open case whose draft is gone, after a holding reply say."""
        for row in self.house.rows(_WITHOUT):
            await self._do(actions.redraft, row["id"])
            return True
        return False

    async def _resolve(self) -> None:
        rows = self.house.rows(_WAITING)
        if not rows:
            return
        case_id = self.dice.choice(rows)["id"]
        if self.dice.random() < 0.04:
            await self._do(actions.leave_alone, case_id, why="they asked for it on the phone")
        await self._do(actions.resolve, case_id)

    # --- promises ---

    async def _promises(self) -> None:
        """What they sent and promised: confirmed, dismissed, or not looked at; then kept, kept late, or not."""
        for row in self.house.rows(_FOUND.format(self.who.id)):
            if row["id"] in self.desk.looked_at:
                continue
            self.desk.looked_at.add(row["id"])
            chance = self.dice.random()
            if row["due_at"] is None or 0.7 <= chance < 0.85 or moment(row["due_at"]) <= self.house.now:
                await self._do(promise_actions.dismiss, row["id"])
            elif chance < 0.7:
                await self._do(promise_actions.confirm, row["id"])
                self._will_keep(row["id"], moment(row["due_at"]))

    def _will_keep(self, promise_id: int, due_at: datetime) -> None:
        chance, left = self.dice.random(), due_at - self.house.now

        async def keep() -> None:
            await self._do(promise_actions.keep, promise_id)

        if chance < 0.6:
            self.house.motor.at(self.house.now + left * self.dice.uniform(0.2, 0.99), keep)
        elif chance < 0.8:
            self.house.motor.at(due_at + timedelta(hours=self.dice.uniform(1, 20)), keep)

    async def _do(self, action: Any, row_id: int, **values: Any) -> Done:
        async with self.house.database.write() as session:
            done: Done = await action(session, self.who, row_id, now=self.house.now, parts=self.house.parts, **values)
            return done
