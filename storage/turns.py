"""Whoever writes posts of one brand and channel takes turns, so that two writers meet each other's rows."""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession


async def take_turn(session: AsyncSession, brand_id: int, channel: str) -> None:
    """Until this transaction ends. SQLite has one writer anyway; a second turn in one transaction is no wait."""
    if session.get_bind().dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:brand, hashtext(:channel))")
        await (await session.connection()).execute(lock, {"brand": brand_id & 0x7FFFFFFF, "channel": channel})
