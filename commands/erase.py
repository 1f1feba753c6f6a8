"""Erase what is held of one author, from the command line. Without a yes it only counts."""

from __future__ import annotations

from rich.console import Console
from sqlmodel import col, select

from channels.registry import manifests
from config.settings import Settings
from domain.clock import SystemClock
from domain.errors import BadInput
from storage import erasure
from storage.database import Database
from storage.migrate import migrate
from storage.tables import Brand

say = Console(highlight=False).print
_ACTOR = "system:command"


async def erase_author(settings: Settings, name: str, channel: str, brand: str, *, yes: bool) -> None:
    """Count, and with `yes` erase, per brand. BadInput for a channel or brand that does not exist."""
    if channel not in manifests():
        raise BadInput(f"--channel {channel}: unknown; known are {', '.join(manifests())}")
    await migrate(settings.database)
    database, now = Database(settings.database), SystemClock().now()
    try:
        for each in await _brands(database, brand):
            who = erasure.author(each.id, channel, name)
            held = await erasure.count(database, who)
            say(f"{each.name}, {channel}: {held}")
            if yes and (held.posts or held.samples):
                await erasure.erase(database, who, actor=_ACTOR, now=now)
                say("  erased; sent replies stay without the name, notes are flagged for somebody to look at")
    finally:
        await database.close()
    if not yes:
        say("nothing was changed: the same with --yes erases it")


async def _brands(database: Database, slug: str) -> list[Brand]:
    async with database.read() as session:
        query = select(Brand).order_by(col(Brand.name))
        found = list(await session.exec(query.where(col(Brand.slug) == slug) if slug else query))
    if not found:
        raise BadInput(f"brand: {slug or 'none'} is not watched")
    return found
