"""The whole way, played by one process: hear, draft, approve, publish, confirm; alert, acknowledge. Until all is quiet.

The parts are wired by `commands.wiring` and a start is that of `commands.serve`; only the scheduler is missing, so that
time can jump to whatever is due next. What the person does is written down first, in a diary that the checker reads.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import text

from alerts import actions as alert_actions
from alerts.worker import steps as alert_steps
from alerts.worker import ticks as alert_ticks
from commands.recovery import rescue_ticks, take_up
from commands.wiring import House
from domain.errors import BadInput, Moved
from domain.person import Person
from responders import actions
from responders.worker import steps as reply_steps
from storage.people import by_email, person_of
from tests.crash.base import APPROVER, ON_CALL

DIARY = "diary.jsonl"
MOST_ROUNDS = 120
_NEXT = (
    "SELECT due_at FROM reply WHERE due_at IS NOT NULL"
    " AND status IN ('requested','approved','sending','unknown','sent')"
    " UNION ALL SELECT due_at FROM delivery WHERE due_at IS NOT NULL AND status IN ('due','delivering')"
    " UNION ALL SELECT notify_due_at FROM alert WHERE notify_due_at IS NOT NULL AND status = 'raised'"
    " UNION ALL SELECT claimed_until FROM source WHERE claimed_until IS NOT NULL"
)
_OVERDUE_S = 1.5
"""A little past what is due: on PostgreSQL the sweep leaves a second to those who carry it already."""
_CARRIED = (
    "SELECT COUNT(*) FROM procrastinate_jobs"
    " WHERE status IN ('todo', 'doing') AND COALESCE(scheduled_at, now()) <= now()"
)
_EDITED = "@norda could you tell me why there is no timetable for Brinja, and none for Velmar?"
_LATER = "Norda says the heating is back, good to know"


class Restless(Exception):
    """Nothing comes to an end."""


class Story:
    """One life of the process. A second one goes on where the first was cut off."""

    def __init__(self, house: House, folder: Path, address: str) -> None:
        self.house, self.folder, self.address = house, folder, address
        self.ana: Person
        self.ivo: Person

    @property
    def done(self) -> list[dict[str, Any]]:
        """What the diary says."""
        path = self.folder / DIARY
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def note(self, did: str, **what: Any) -> None:
        """Write into the diary."""
        with (self.folder / DIARY).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"did": did, "at": self.house.clock.now().isoformat(), **what}) + "\n")

    async def live(self) -> None:
        """From the start of the process until nothing is owed any more."""
        house = self.house
        house.jobs.use(reply_steps(house.responding) | alert_steps(house.alerting))
        await take_up(house)
        await house.jobs.start()
        self.ana, self.ivo = await self._person(APPROVER), await self._person(ON_CALL)
        for _ in range(MOST_ROUNDS):
            await house.listener.run_once()
            await self._ticks()
            await self._work()
            if not await self._act() and await self._rest() and not await self._ticks():
                return
        raise Restless(f"not at rest after {MOST_ROUNDS} rounds")

    async def _ticks(self) -> int:
        """What is swept as a whole. Returns how many alerts were raised."""
        now = self.house.clock.now()
        for tick in rescue_ticks(self.house):
            await tick.run(now)
        raised: int = await alert_ticks(self.house.alerting)[0].run(now)
        return raised

    async def _work(self) -> None:
        """One sweep, and all that follows from it."""
        jobs = self.house.jobs
        if self.house.database.dialect == "sqlite":
            await jobs.run_once()
            return
        await jobs.sweep()
        while (await self._rows(_CARRIED))[0][0]:  # noqa: ASYNC110 - the queue is in the database
            await asyncio.sleep(0.01)

    async def _person(self, email: str) -> Person:
        async with self.house.database.read() as session:
            user = await by_email(session, email)
            person = await person_of(session, user.id) if user else None
        assert person is not None
        return person

    async def _rest(self) -> bool:
        """Whether nothing is owed; else time jumps to what is due next."""
        now = self.house.clock.now()
        owed = [_moment(row[0]) for row in await self._rows(_NEXT)]
        later = min((at for at in owed if at > now), default=now)
        self.house.clock.move((later - now).total_seconds() + _OVERDUE_S)  # type: ignore[attr-defined]
        return not owed

    async def _rows(self, sql: str) -> list[Any]:
        async with self.house.database.read() as session:
            return list(await (await session.connection()).execute(text(sql)))

    # --- people ---

    async def _act(self) -> bool:
        acted = await self._outside()
        drafted = "SELECT id, text, version, mention_id, channel FROM reply WHERE status = 'drafted' ORDER BY id"
        for row in await self._rows(drafted):
            await self._decide(row)
            acted = True
        for row in await self._rows("SELECT id FROM reply WHERE status = 'unknown' AND due_at IS NULL"):
            acted |= await self._look(row.id)
        told = "SELECT DISTINCT alert_id FROM delivery JOIN alert ON alert.id = alert_id "
        for row in await self._rows(told + "WHERE alert.status = 'raised' AND delivery.status = 'delivered'"):
            async with self.house.database.write() as session:
                await alert_actions.acknowledge(session, self.ivo, row.alert_id, now=self.house.clock.now())
            acted = True
        return acted

    async def _decide(self, row: Any) -> None:
        """Read the draft, say yes to it (one of them with other words, twice; one is recalled once)."""
        done, said = self.done, row.text
        first = not any(entry["did"] == "approve" for entry in done)
        if first or any(e["did"] == "approve" and e["reply"] == row.id and e["words"] for e in done):
            said = f"{row.text} Ana" if not row.text.endswith(" Ana") else row.text
        self.note("approve", reply=row.id, text=said, mention=row.mention_id, channel=row.channel, words=first)
        try:
            for _ in range(2 if first else 1):
                await self._do("approve", row.id, text=said, version=row.version)
            recalled = sum(entry["did"] == "recall" for entry in done)
            if not first and not recalled:
                self.note("recall", reply=row.id)
                await self._do("recall", row.id)
        except BadInput:
            self.note("reject", reply=row.id)
            await self._do("reject", row.id, reason="wrong facts", version=row.version)
        except Moved:
            self.note("moved", reply=row.id)

    async def _look(self, reply_id: int) -> bool:
        """What a person does with an unknown outcome: look at the network."""
        row = (await self._rows(f"SELECT send_key, mention_id, channel FROM reply WHERE id = {reply_id}"))[0]
        parent = (await self._rows(f"SELECT external_id FROM mention WHERE id = {row.mention_id}"))[0].external_id
        parent = f"replay:{parent}" if row.channel == "replay" else parent
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.address}/api/posts/{parent}/replies") as answer,
        ):
            found = [post for post in (await answer.json())["posts"] if post["key"] == row.send_key]
        if found:
            await self._do("settle_sent", reply_id, url=found[0]["url"])
        return bool(found)

    async def _do(self, action: str, reply_id: int, **values: Any) -> None:
        house = self.house
        async with house.database.write() as session:
            await getattr(actions, action)(
                session, self.ana, reply_id, now=house.clock.now(), parts=house.responding, **values
            )

    async def _outside(self) -> bool:
        """Once there are approvals, one author edits a post, another writes again."""
        done = self.done
        if any(entry["did"] == "edited" for entry in done) or not any(entry["did"] == "approve" for entry in done):
            return False
        async with aiohttp.ClientSession() as session:
            await session.put(f"{self.address}/api/posts/2", json={"author": "jonas_test", "text": _EDITED})
            await session.post(f"{self.address}/api/posts", json={"author": "mara_test", "text": _LATER, "lang": "en"})
        self.note("edited")
        self.house.clock.move(3.0)  # type: ignore[attr-defined]
        return True


def _moment(value: Any) -> datetime:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
