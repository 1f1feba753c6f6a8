"""Builds a town for the proof: database, emulator, the line between, and the product's parts over them."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from channels.manifest import Manifest
from domain.account import Account
from domain.clock import SetClock, SystemClock
from domain.ids import ids
from domain.person import Person
from domain.ports import Publisher
from responders.parts import Composed, Limits, Parts
from storage import settings
from storage.database import Database
from storage.replies import Gathered
from storage.tables import AccountRow, Brand, Membership, SourceRow, User
from tests.channels.doors import test_door
from tests.channels.network import Network, serving
from tests.channels.proofs import Publishing
from tests.fakes import NotedJobs
from tests.migrated import make_current
from tests.publishing.line import line_to
from tests.publishing.patience import patience_ends
from tests.publishing.town import START, Town
from tests.publishing.watched import Watched
from tests.quick import MEMORY


async def _nothing(gathered: Gathered) -> Composed:
    """No draft is asked for here."""
    return Composed("", None, "nothing to say")


async def _furnish(database: Database, entry: Publishing, network: Network) -> tuple[Person, int]:
    """A brand with a manager, a source and our account; brand, manager and source share a number."""
    row_id, account_id = ids.many(2, START)
    found, channel = entry.subject.account(network), entry.subject.manifest.name
    assert found is not None
    async with database.write() as session:
        session.add(Brand(id=row_id, name="Norda", slug="norda", created_at=START))
        session.add(User(id=row_id, email="ada@norda.example", name="Ada", created_at=START))
        await session.flush()
        session.add(Membership(user_id=row_id, brand_id=row_id, role="manager"))
        session.add(SourceRow(id=row_id, name="talk", channel=channel, brand_id=row_id, created_at=START))
        session.add(
            AccountRow(
                id=account_id,
                brand_id=row_id,
                channel=channel,
                handle=found.handle,
                external_id=found.external_id,
                base_url=found.base_url,
                labelled=True,
                created_at=START,
            )
        )
        await settings.start_publishing(session, actor=f"user:{row_id}", now=START)
    return Person(row_id, "Ada", "ada@norda.example", "UTC", {row_id: "manager"}), account_id


@asynccontextmanager
async def town(entry: Publishing, publisher: Any = None) -> AsyncIterator[Town]:
    """A town in memory. `publisher` (account, door) stands in for the channel's own."""
    with tempfile.TemporaryDirectory(prefix="earshot-publishing-", dir=MEMORY) as folder:
        async with _town(entry, Path(folder), publisher) as built:
            yield built


@asynccontextmanager
async def _town(entry: Publishing, folder: Path, publisher: Any) -> AsyncIterator[Town]:
    clock, network, path, subject = SetClock(START), Watched(entry=entry), folder / "earshot.db", entry.subject
    url = f"sqlite+aiosqlite:///{path}"
    await make_current(url)
    database = Database(url)
    async with serving(network, subject.routes(network, folder)), test_door(clock) as door:
        entry.begin(network, clock)
        paths = (subject.publish_path, *([entry.first_step] if entry.first_step else []))
        async with line_to(urlsplit(network.base).port or 0, *paths, sends=entry.sends) as line:
            network.base = line.base
            person, account_id = await _furnish(database, entry, network)

            def account(row: AccountRow) -> Account:
                found = subject.account(network)
                assert found is not None
                return replace(found, id=row.id)

            def make(manifest: Manifest, account: Account) -> Publisher:
                maker = publisher or manifest.publisher
                assert maker is not None
                made: Publisher = maker(account, door)
                return made

            parts = Parts(
                database=database,
                clock=clock,
                jobs=NotedJobs(),
                channels={subject.manifest.name: subject.manifest},
                account=account,
                publisher=make,
                secret=b"a secret of thirty-two bytes or more",
                compose=_nothing,
                check=lambda gathered, text: (),
                limits=Limits(per_day=100_000, ceiling=1_000_000),
            )
            with (
                closing(sqlite3.connect(path, isolation_level=None)) as rows,
                patience_ends() as move,
                patch.object(SystemClock, "now", lambda _: clock.now()),  # which publishers take for themselves
            ):
                line.out_of_time = lambda: move(parts.limits.deadline_s / 2)
                yield Town(entry, network, line, database, parts, clock, person, account_id, rows)
    await database.close()
