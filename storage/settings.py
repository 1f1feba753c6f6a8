"""What a person set in the desk for the whole installation. Above all: whether publishing is on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Setting

_PUBLISHING = "publishing"
_OFF_UNTIL_TURNED_ON = "publishing has not been turned on: an admin turns it on in the settings"


async def get(session: AsyncSession, name: str) -> str | None:
    """The stored value, None when nobody ever set it."""
    row = await session.get(Setting, name, populate_existing=True)
    return row.value if row else None


async def put(session: AsyncSession, name: str, value: str, *, actor: str, now: datetime) -> None:
    """Store a value with who set it and when."""
    await session.merge(Setting(name=name, value=value, actor=actor, at=now))
    await session.flush()


async def publishing_on(session: AsyncSession, stop_file: Path | None = None) -> tuple[bool, str]:
    """Whether replies may leave now, and why not (fit to be shown). Off until a person turns it on; the stop file
    in the data folder wins over everything, so that stopping needs neither the desk nor the database."""
    if stop_file is not None and stop_file.exists():  # noqa: ASYNC240  (one stat, before each sending)
        return False, f"publishing is stopped by the file {stop_file.name} in the data folder: remove it to go on"
    value = await get(session, _PUBLISHING)
    if value is None:
        return False, _OFF_UNTIL_TURNED_ON
    state, _, why = value.partition(": ")
    return (True, "") if state == "on" else (False, why or "publishing is off")


async def start_publishing(session: AsyncSession, *, actor: str, now: datetime) -> None:
    """Turn publishing on. Approved replies that waited leave at the next sweep."""
    await put(session, _PUBLISHING, "on", actor=actor, now=now)


async def stop_publishing(session: AsyncSession, why: str, *, actor: str, now: datetime) -> None:
    """Turn publishing off, with the reason everybody will read. Holds from the next step on."""
    await put(session, _PUBLISHING, f"off: {why}", actor=actor, now=now)
