"""The switch of a brand's feedback page: on with a short name of its own, off, or under a new one."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from channels.feedback.manifest import KEY_LENGTH, KEY_LETTERS, MANIFEST
from domain.errors import Moved
from listener.onboarding import add_source
from storage import coverage, feedback
from storage.tables import Brand, SourceRow
from storage.transitions import entry, move, record

NAME: Final = "What people tell us on our page"


async def switch_on(session: AsyncSession, brand_id: int, actor: str, now: datetime) -> SourceRow:
    """The page answers from now on, under the name it had. Moved when it does already."""
    await session.get_one(Brand, brand_id, with_for_update=True)  # two people at once: one page
    source = await feedback.of_brand(session, brand_id, lock=True)
    if source is None:
        source = add_source(session, brand_id, MANIFEST, NAME, {"key": _new_key()}, now)
        await session.flush()
        await _note(session, source, "off", "on", actor, now)
        return source
    if source.status == "listening":
        raise Moved("this page is switched on already")
    await _move(session, source, "listening", actor, now)
    await coverage.extend(session, source.id, "paused", now)
    return source


async def switch_off(session: AsyncSession, brand_id: int, actor: str, now: datetime) -> SourceRow:
    """Nothing is taken from now on; the name is kept for later. Moved when it is off already."""
    source = await _held(session, brand_id)
    if source.status == "paused":
        raise Moved("this page is switched off already")
    await _move(session, source, "paused", actor, now)
    await coverage.extend(session, source.id, "paused", now, "the feedback page is switched off")
    return source


async def new_link(session: AsyncSession, brand_id: int, actor: str, now: datetime) -> SourceRow:
    """Another name: under the old one there is nothing any more, whoever still has it."""
    source = await _held(session, brand_id)
    source.settings = {**source.settings, "key": _new_key()}
    session.add(source)
    await _note(session, source, "link", "new link", actor, now)
    return source


async def _held(session: AsyncSession, brand_id: int) -> SourceRow:
    source = await feedback.of_brand(session, brand_id, lock=True)
    if source is None:
        raise Moved("this brand has no feedback page yet: switch it on first")
    return source


async def _move(session: AsyncSession, source: SourceRow, new: str, actor: str, now: datetime) -> None:
    await move(
        session, "source", source.id, source.status, new,
        brand_id=source.brand_id, actor=actor, now=now, why="by hand", error="", failures=0,
    )  # fmt: skip


async def _note(session: AsyncSession, source: SourceRow, old: str, new: str, actor: str, now: datetime) -> None:
    line = entry(feedback.CHANGED, source.id, old, new, brand_id=source.brand_id, actor=actor, now=now)
    await record(session, [line])


def _new_key() -> str:
    """A short name that nobody can guess: 69 bits."""
    return "".join(secrets.choice(KEY_LETTERS) for _ in range(KEY_LENGTH))
