"""What `watch` and `replay` want listened to before the house starts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from rich.console import Console
from sqlmodel import col, select

from commands.first_run import add_playground_account
from commands.wiring import House
from listener.onboarding import add_brand, add_source, slug_of, watch_brand
from storage.tables import Brand, SourceRow

say = Console(highlight=False).print
Prepare = Callable[[House], Awaitable[None]]


def watch_for(name: str) -> Prepare:
    """Watch a brand on every source that needs no account; a brand that is watched already goes on."""

    async def prepare(house: House) -> None:
        now = house.clock.now()
        async with house.database.write() as session:
            known = (await session.exec(select(Brand).where(col(Brand.slug) == slug_of(name)))).first()
            if known is not None:
                say(f"{known.name} is watched already")
                return
            brand, sources = await watch_brand(session, name, house.channels, now, languages=["en"])
        say(f"listening for [bold]{brand.name}[/bold] on: " + ", ".join(source.name for source in sources))

    return prepare


def replay_of(file: Path, speed: float, name: str) -> Prepare:
    """Replay a file for a brand of its own; replies go to the sandbox network."""

    async def prepare(house: House) -> None:
        now = house.clock.now()
        async with house.database.write() as session:
            brand = (await session.exec(select(Brand).where(col(Brand.slug) == slug_of(name)))).first()
            if brand is None:
                brand = await add_brand(session, name, now, languages=["en"])
                account = await add_playground_account(house, session, brand.id, "replay", handle="")
                settings = {"path": str(file), "speed": speed, "started_at": now.isoformat()}
                add_source(session, brand.id, house.channels["replay"], file.name, settings, now, account.id)
            else:
                sources = await session.exec(select(SourceRow).where(col(SourceRow.brand_id) == brand.id))
                say(f"going on with {', '.join(source.name for source in sources)}")
        say(f"replaying [bold]{file.name}[/bold] as the brand {brand.name}")

    return prepare
