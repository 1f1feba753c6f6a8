"""The stop switch from the command line."""

from __future__ import annotations

from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings
from domain.clock import SystemClock
from storage.database import Database
from storage.settings import stop_publishing

say = Console(highlight=False).print


async def stop(settings: Settings, why: str) -> None:
    """Stop by the file first, which needs nothing else, then in the database."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    (settings.data_dir / "STOP").write_text(f"{why}\n", encoding="utf-8")
    say(f"publishing is stopped: {settings.data_dir / 'STOP'}")
    database = Database(settings.database)
    try:
        async with database.write() as session:
            await stop_publishing(session, why, actor="system:command", now=SystemClock().now())
    except SQLAlchemyError as error:
        say(f"the database could not be told ({type(error).__name__}); the file alone holds until it is removed")
    finally:
        await database.close()
    say("to go on: remove the file, then turn publishing on in the desk's settings")
