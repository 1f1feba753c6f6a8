"""The real listener over real storage on one living network, from its first poll until all is quiet again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.account import Account
from domain.crashpoint import arm
from listener.worker import Listener
from net.door import Door
from storage import sources
from storage.database import Database
from storage.tables import AccountRow, SourceRow
from storage.transitions import move
from tests.channels.doors import test_door
from tests.channels.network import NOON
from tests.channels.proofs import Hearing
from tests.crash.checker import Rows
from tests.loss.books import Books, Poll
from tests.loss.life import HOUR, Trouble
from tests.loss.network import Living
from tests.loss.pushes import Sender
from tests.loss.stand_ins import Died, Flat, SkewedClock, dying_at
from tests.loss.streams import follow

PATIENCE = 3000
LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass
class Ears:
    """`rows` reads the same database as the listener. `restarts` counts how often the
    listener began anew, `deaths` how often because it died at a crash point, `sign_ins` how often a person connected
    again after the network took our sign-in no more."""

    hearing: Hearing
    network: Living
    url: str
    rows: Rows
    folder: Path
    clock: SkewedClock
    brand_id: int = 0
    source_id: int = 0
    database: Database = field(init=False)
    door: Door = field(init=False)
    listener: Listener = field(init=False)
    sender: Sender | None = field(init=False)
    poll: asyncio.Task[Any] | None = None
    asleep_until: datetime = NOON
    restarts: int = 0
    deaths: int = 0
    sign_ins: int = 0
    polls: list[Poll] = field(default_factory=list)
    line: dict[int, tuple[str, Any]] = field(default_factory=dict)

    def start(self) -> None:
        """A new process, as far as the listener can tell."""
        manifest = self.hearing.subject.manifest
        self.database, self.door = Database(self.url), test_door(self.clock)
        self.listener = Listener(
            database=self.database,
            clock=self.clock,
            door=self.door,
            manifests={manifest.name: manifest},
            scorer_for=lambda brand: Flat(),
            open_account=self._account,
            prolong_s=600.0,
        )

    async def stop(self) -> None:
        """Its connections are gone."""
        await self.door.close()
        await self.database.close()

    async def restart(self) -> None:
        """It ends and begins anew. On SQLite whoever starts is alone, so nothing is held by another."""
        await self.stop()
        self.start()
        self.restarts += 1
        if self.database.dialect == "sqlite":
            async with self.database.write() as session:
                await sources.free_all(session)

    def _account(self, row: AccountRow) -> Account:
        found = self.hearing.subject.account(self.network)
        assert found is not None
        return replace(found, id=row.id)

    def books(self) -> Books:
        """What is compared at the end."""
        return Books(self.network, self.hearing, self.polls, self.rows)

    # --- the way through its life ---

    async def live(self) -> None:
        """From poll to poll until the life is over, then until everything that is promised must have been heard: by
        some more polls, and a sweep."""
        self.network.tell, self.network.stored = self._told, self._stored
        self.sender = Sender(self, self.hearing.pushed) if self.hearing.pushed else None
        over = self.network.begins + timedelta(seconds=self.network.life.ends)
        await self._until(over)
        self._heal()
        sweep_s = self.hearing.subject.manifest.sweep_interval_s or 0.0
        await self._until(self.network.clock.now() + timedelta(seconds=HOUR))
        self.asleep_until = self.network.clock.now() + timedelta(seconds=1.2 * sweep_s)
        await self._until(self.asleep_until + timedelta(seconds=HOUR))

    def _heal(self) -> None:
        self.network.until.clear()
        self.network.spoilt.clear()
        self.clock.skew = timedelta(0)
        arm(None)

    async def _until(self, moment: datetime) -> None:
        for _ in range(PATIENCE):
            due = await self._due()
            push = self.sender.due if self.sender else LATEST
            self._go_on(min(due, push, moment))
            if min(due, push) > moment:
                return
            await (self.sender.send() if self.sender and push < due else self._poll(moment))
        raise AssertionError("it never came to the end of its life")

    def _go_on(self, until: datetime) -> None:
        self.network.clock.move(max(0.0, (until - self.network.clock.now()).total_seconds()))
        self.network.go_on()

    async def _due(self) -> datetime:
        """When the next poll is due, on the network's clock; a person mends what stopped as soon as it can work."""
        source = await self.source()
        if source.status == "stopped":
            if self.network.signed_in_from > self.network.clock.now():
                return self.network.signed_in_from
            await self._mended(source)
            source = await self.source()
        if not self.hearing.subject.manifest.is_asked:
            return LATEST
        due = max(source.next_poll_at or NOON, source.claimed_until or NOON)
        return max(due - self.clock.skew, self.asleep_until)

    async def source(self) -> SourceRow:
        async with self.database.read() as session:
            return await session.get_one(SourceRow, self.source_id)

    async def _mended(self, source: SourceRow) -> None:
        """The account is connected again and the source resumed, as the desk does it."""
        now, brand_id = self.clock.now(), self.brand_id
        given: dict[str, Any] = {"brand_id": brand_id, "actor": "user:1", "now": now, "error": ""}
        self.sign_ins += self.network.until.pop("signed out", None) is not None
        async with self.database.write() as session:
            if source.account_id is not None:
                await move(session, "account", source.account_id, "dead", "working", why="connected again", **given)
            await move(
                session,
                "source",
                source.id,
                "stopped",
                "listening",
                why="by hand",
                failures=0,
                next_poll_at=now,
                **given,
            )

    async def _poll(self, over: datetime) -> None:
        """One poll, or one life of a stream, and what it did."""
        if self.hearing.streamed is not None:
            await follow(self, self.hearing.streamed, over)
            return
        began, sweep_at = self.network.clock.now(), (await self.source()).next_sweep_at
        well = await self._polled()
        swept = well and sweep_at is not None and (await self.source()).next_sweep_at != sweep_at
        self.note(began, well, swept)

    def note(self, began: datetime, well: bool, swept: bool = False) -> None:
        """What was heard since then, and what the coverage tells of it."""
        self.polls.append(Poll(began, self.network.clock.now(), well, swept, self._gaps()))

    async def _polled(self) -> bool:
        """Whether it went well and to its end. It may be cut off in the middle; then the listener begins anew."""
        cuts = self.network.cuts
        self.hearing.subject.prepare(self.network, self.folder)
        heard = await self.through(asyncio.create_task(self.listener.poll(self.source_id, due=True)))
        return heard is not None and not heard.cut and self.network.cuts == cuts

    async def through(self, work: asyncio.Task[Any]) -> Any:
        """What comes of it; None when the listener ended in the middle, and began anew."""
        self.poll = work
        try:
            return await work
        except (asyncio.CancelledError, Died) as end:
            arm(None)
            self.deaths += isinstance(end, Died)
            await self.restart()
        finally:
            self.poll = None

    def _gaps(self) -> frozenset[int]:
        """Stretches that are a gap by now, and were none or a shorter one before."""
        before, rows = self.line, self.rows("SELECT id, state, ended_at FROM coverage")
        self.line = {row["id"]: (row["state"], row["ended_at"]) for row in rows}
        return frozenset(i for i, found in self.line.items() if found[0] == "gap" and before.get(i) != found)

    def _stored(self, number: int) -> bool:
        name = self.hearing.subject.native_id(number)
        return bool(self.rows(f"SELECT 1 FROM mention WHERE external_id = '{name}'"))

    def _told(self, trouble: Trouble) -> None:
        """What befalls us and not the network."""
        if trouble.kind == "jump":
            self.clock.skew = timedelta(0) if self.clock.skew else timedelta(seconds=trouble.lasts)
        elif trouble.kind == "asleep":
            self.asleep_until = self.network.clock.now() + timedelta(seconds=trouble.lasts)
        elif trouble.kind == "death":
            arm(dying_at(trouble.place, int(trouble.lasts)))
        elif self.poll is not None:
            self.poll.cancel()
