"""Seals history: a chain of SHA-256 hashes over batches of transitions, per brand.

Chaining inside each transaction would serialise PostgreSQL's writers; the sealer runs every few seconds instead. A
changed, removed or swapped row breaks its batch's hash, a removed batch breaks the chain. A tail that was cut off with
all its rows shows only against a copy of the newest hash kept elsewhere.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from itertools import groupby

import msgspec
from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from domain.ids import ids
from storage.database import Database
from storage.tables import Brand, Seal, Transition

_BATCH = 5000
_START = "0" * 64


def _row(t: Transition) -> bytes:
    moment = t.at.isoformat()
    return msgspec.json.encode([t.id, t.brand_id, t.noun, t.row_id, t.old, t.new, t.actor, moment, t.why])


def chain(previous: str, batch: list[Transition]) -> str:
    """The hash of a batch after `previous`. Rows in id order, each as one canonical line."""
    digest = hashlib.sha256(previous.encode())
    for transition in batch:
        digest.update(_row(transition) + b"\n")
    return digest.hexdigest()


async def seal_brand(session: AsyncSession, brand_id: int, now: datetime) -> int:
    """Seal what is not sealed yet. Returns how many transitions were sealed."""
    brand = await session.get(Brand, brand_id, with_for_update=True)  # one sealer at a time
    fresh = select(Transition).where(col(Transition.brand_id) == brand_id, col(Transition.seal_id).is_(None))
    batch = list(await session.exec(fresh.order_by(col(Transition.id)).limit(_BATCH)))
    if brand is None or not batch:
        return 0
    last = (await session.exec(_seals(brand_id).order_by(col(Seal.number).desc()).limit(1))).first()
    seal = Seal(
        id=ids.next(now),
        brand_id=brand_id,
        number=last.number + 1 if last else 1,
        count=len(batch),
        hash=chain(last.hash if last else _START, batch),
        sealed_at=now,
    )
    session.add(seal)
    await session.flush()
    names = [transition.id for transition in batch]
    await session.exec(update(Transition).where(col(Transition.id).in_(names)).values(seal_id=seal.id))
    return len(batch)


def _seals(brand_id: int) -> SelectOfScalar[Seal]:
    return select(Seal).where(col(Seal.brand_id) == brand_id)


async def broken_seals(session: AsyncSession, brand_id: int) -> list[int]:
    """Numbers of the seals that do not hold; empty when history is as it was sealed."""
    seals = list(await session.exec(_seals(brand_id).order_by(col(Seal.number))))
    rows = select(Transition).where(col(Transition.brand_id) == brand_id, col(Transition.seal_id).is_not(None))
    sealed = await session.exec(rows.order_by(col(Transition.seal_id), col(Transition.id)))
    batches = {seal_id: list(batch) for seal_id, batch in groupby(sealed, key=lambda t: t.seal_id)}
    broken, previous, number = [], _START, 0
    for seal in seals:
        batch = batches.get(seal.id, [])
        holds = seal.number == number + 1 and len(batch) == seal.count and chain(previous, batch) == seal.hash
        broken += [] if holds else [seal.number]
        previous, number = seal.hash, seal.number
    # rows that name a seal which is not there: it was cut off
    return broken if set(batches) <= {seal.id for seal in seals} else [*broken, number + 1]


async def seal_all(database: Database, now: datetime) -> int:
    """Seal every brand's new history, one transaction each. Returns how many transitions were sealed."""
    async with database.read() as session:
        brands = list(await session.exec(select(Brand.id)))
    sealed = 0
    for brand_id in brands:
        async with database.read() as session:
            fresh = select(Transition.id).where(col(Transition.brand_id) == brand_id, col(Transition.seal_id).is_(None))
            if (await session.exec(fresh.limit(1))).first() is None:
                continue
        async with database.write() as session:
            sealed += await seal_brand(session, brand_id, now)
    return sealed
