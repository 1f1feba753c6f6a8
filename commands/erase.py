"""Erase what is held of one author, from the command line. Without a yes it only counts."""

from __future__ import annotations

from rich.console import Console

from channels.registry import manifests
from commands.brands import brands_for
from config.settings import Settings
from domain.clock import SystemClock
from domain.errors import BadInput
from storage import erasure
from storage.database import Database
from storage.migrate import migrate

say = Console(highlight=False).print
_ACTOR = "system:command"


async def erase_author(settings: Settings, name: str, channel: str, brand: str, *, yes: bool) -> None:
    """Count, and with `yes` erase, per brand. BadInput for a channel or brand that does not exist."""
    if channel not in manifests():
        raise BadInput(f"--channel {channel}: unknown; known are {', '.join(manifests())}")
    await migrate(settings.database)
    database, now = Database(settings.database), SystemClock().now()
    try:
        async with database.read() as session:
            brands = await brands_for(session, brand)
        for each in brands:
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
