"""A house with ears only, and a small network of our own for what real channels do too rarely."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlmodel import select

from channels.manifest import Answering, Listening, Manifest, SourceSettings, otherwise
from channels.registry import manifests
from domain.account import Account
from domain.clock import SetClock
from domain.ids import ids
from domain.mention import Mention
from domain.ports import Cursor, Page, Source
from listener.onboarding import add_source
from listener.worker import Listener
from scoring.scorer import BrandProfile, Scorer
from storage import tables
from storage.database import Database
from storage.tables import AccountRow, Brand, SourceRow, Topic
from tests.channels.doors import test_door

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BAD = "norda is terrible, the train was late again and nobody answers me"


def post(name: str, text: str = BAD, **more: Any) -> Mention:
    """A post on the tape network."""
    given: dict[str, Any] = {"channel": "tape", "thread_id": name, "posted_at": NOON, "author_handle": f"by_{name}"}
    return Mention(external_id=name, text=text, **(given | more))


class TapeSettings(SourceSettings, frozen=True, kw_only=True):
    """`tape` names the list of posts that this source serves; `terms` asks the network for our words."""

    tape: str = "a"
    terms: bool = False
    kind: str = "poll"


@dataclass
class Tape:
    """The network: posts by tape, what goes wrong next, and what it was asked. Pages of two posts."""

    posts: dict[str, list[Mention]] = field(default_factory=lambda: {"a": []})
    troubles: deque[BaseException] = field(default_factory=deque)
    asked: list[tuple[str, Cursor | None, tuple[str, ...]]] = field(default_factory=list)
    before: Callable[[], Any] | None = None
    gap: str | None = None
    endless: bool = False
    live: asyncio.Queue[Page | BaseException] = field(default_factory=asyncio.Queue)
    closed: int = 0
    unreadable: tuple[Any, ...] = ()
    withdrawn: tuple[str, ...] = ()

    def manifest(self, **more: Any) -> Manifest:
        """The network as a channel."""
        given: dict[str, Any] = {
            "name": "tape", "title": "Tape", "settings": TapeSettings, "min_interval_s": 10.0, "interval_s": 60.0,
            "sweep_interval_s": None, "answers": (Answering("always", otherwise, "manual", "by hand", "ours"),),
            "source": lambda listening: TapeSource(self, listening),
            "stream": lambda listening: TapeStream(self, listening),
            "asks_for_terms": lambda settings: settings.terms,
        }  # fmt: skip
        return Manifest(**(given | more))


@dataclass
class TapeSource(Source):
    """Serves two posts per page, in order."""

    tape: Tape
    listening: Listening

    async def fetch(self, cursor: Cursor | None) -> Page:
        tape, at = self.tape, (cursor or {"at": 0})["at"]
        name = self.listening.settings.tape
        tape.asked.append((name, cursor, self.listening.terms))
        if tape.before is not None:
            await tape.before()
        if tape.troubles:
            raise tape.troubles.popleft()
        found = tape.posts[name][at : at + 2]
        moved = {"at": at + len(found)}
        more = tape.endless or at + 2 < len(tape.posts[name])
        return Page(tuple(found), moved, more, len(found), tape.withdrawn, tape.unreadable, tape.gap)


@dataclass
class TapeStream:
    """Gives what is put on `Tape.live`, until an error is."""

    tape: Tape
    listening: Listening

    async def pages(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        self.tape.asked.append(("stream", cursor, self.listening.terms))
        try:
            while True:
                page = await self.tape.live.get()
                if isinstance(page, BaseException):
                    raise page
                yield page
        finally:
            self.tape.closed += 1


@dataclass
class House:
    """What the listener tests start from: one brand that listens for "norda"."""

    db: Database
    clock: SetClock
    listener: Listener
    brand_id: int
    tape: Tape

    async def topic(self, query: str, brand_id: int | None = None) -> int:
        """Listen for one more query."""
        row = Topic(id=ids.next(NOON), brand_id=brand_id or self.brand_id, name=query, query=query, created_at=NOON)
        async with self.db.write() as session:
            session.add(row)
        return row.id

    async def brand(self, name: str, **more: Any) -> int:
        """One more brand, with its name as its topic."""
        row = Brand(id=ids.next(NOON), name=name, slug=name, languages=["en"], created_at=NOON, **more)
        async with self.db.write() as session:
            session.add(row)
        await self.topic(name, row.id)
        return row.id

    async def source(
        self,
        name: str = "a",
        channel: str = "tape",
        brand_id: int | None = None,
        account: int | None = None,
        **more: Any,
    ) -> int:
        """Listen somewhere. Further values are the channel's settings."""
        manifest = self.listener.manifests[channel]
        async with self.db.write() as session:
            row = add_source(session, brand_id or self.brand_id, manifest, name, more, self.clock.now(), account)
        return row.id

    async def account(self, channel: str = "tape") -> int:
        """An account of ours."""
        row = AccountRow(
            id=ids.next(NOON), brand_id=self.brand_id, channel=channel, handle="norda_help", external_id="norda-1",
            created_at=NOON,
        )  # fmt: skip
        async with self.db.write() as session:
            session.add(row)
        return row.id

    async def get(self, source_id: int) -> SourceRow:
        """The source as stored."""
        async with self.db.read() as session:
            return await session.get_one(SourceRow, source_id)

    async def rows(self, model: Any) -> list[Any]:
        """All rows, oldest first."""
        async with self.db.read() as session:
            return list(await session.exec(select(model).order_by(model.id)))

    async def texts(self) -> list[str]:
        """What is stored, in order."""
        return [row.text for row in await self.rows(tables.MentionRow)]

    async def line(self, source_id: int) -> list[str]:
        """The states of the timeline, without what lasted no time."""
        found = await self.rows(tables.Coverage)
        return [s.state for s in found if s.source_id == source_id and s.started_at != s.ended_at]

    async def due(self) -> None:
        """Wait until the regular poll, and poll what is due."""
        self.clock.move(70)
        await self.listener.run_once()


@cache
def _scorer(name: str) -> Scorer:
    return Scorer(BrandProfile(names=(name,), default_language="en"))


def listener_on(db: Database, clock: SetClock, tape: Tape, **more: Any) -> Listener:
    """A listener that knows the real channels and the tape; it takes every account's secrets as none."""
    return Listener(
        database=db,
        clock=clock,
        door=test_door(clock),
        manifests={**manifests(), "tape": tape.manifest(**more)},
        scorer_for=lambda brand: _scorer(brand.name),
        open_account=lambda row: Account(row.id, row.channel, row.handle, row.external_id, row.base_url, {}),
    )
