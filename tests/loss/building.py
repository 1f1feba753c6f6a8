"""Builds everything up around one life: network, database, and the product's rows in it."""

from __future__ import annotations

import random
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from sqlalchemy import make_url

from domain.clock import SetClock
from domain.crashpoint import arm
from domain.ids import ids
from listener.onboarding import add_source
from storage.tables import AccountRow, Brand, Topic
from tests.channels.network import NOON
from tests.channels.proofs import Hearing
from tests.crash.checker import PostgresRows, Rows, SqliteRows
from tests.loss.ears import Ears
from tests.loss.life import Life
from tests.loss.network import Living
from tests.loss.stand_ins import SkewedClock
from tests.quick import MEMORY

INTERVAL_S = 900.0


@asynccontextmanager
async def ears(hearing: Hearing, life: Life, url: str, seed: int) -> AsyncIterator[Ears]:
    """Everything built up around one life. `url` is an empty database with the current tables."""
    random.seed(seed)  # the listener spreads its polls by chance
    true, subject = SetClock(NOON), hearing.subject
    endless = hearing.streamed.path if hearing.streamed else ""
    network = Living(
        life=life, begins=NOON, clock=true, dice=random.Random(seed), in_place=hearing.in_place, endless=endless
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="earshot-loss-", dir=MEMORY) as folder, closing(rows_of(url)) as rows:
        made = Ears(hearing, network, url, rows, Path(folder), SkewedClock(true))
        async with subject.serving(network, made.folder):
            hearing.prepare(network, true)
            made.start()
            try:
                await _furnish(made)
                yield made
            finally:
                arm(None)
                await made.stop()


def rows_of(url: str) -> Rows:
    """A connection of our own."""
    if url.startswith("sqlite"):
        return SqliteRows(Path(make_url(url).database or ""))
    return PostgresRows(url.replace("+psycopg", "", 1))


async def _furnish(made: Ears) -> None:
    now, subject = NOON, made.hearing.subject
    made.brand_id, account_id = ids.many(2, now)
    account = subject.account(made.network)
    settings = {**subject.settings(made.network, made.folder), **made.hearing.settings, "interval_s": INTERVAL_S}
    async with made.database.write() as session:
        session.add(Brand(id=made.brand_id, name="norda", slug="norda", created_at=now))
        await session.flush()
        session.add(Topic(id=ids.next(now), brand_id=made.brand_id, name="norda", query="norda", created_at=now))
        if account is not None:
            session.add(
                AccountRow(
                    id=account_id, brand_id=made.brand_id, channel=account.channel, handle=account.handle,
                    external_id=account.external_id, base_url=account.base_url, created_at=now,
                )
            )  # fmt: skip
            await session.flush()
        source = add_source(
            session, made.brand_id, subject.manifest, "the source", settings, now, account_id if account else None
        )
    made.source_id = source.id
