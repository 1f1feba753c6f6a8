"""Brings a database to the current schema with Alembic. Safe to run at each start; a newer schema is refused.

Alembic is imported only when there is something to do: at a warm start nothing is.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from domain.errors import BadInput
from storage.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).parent / "migrations"


def revisions() -> list[str]:
    """The revisions that this Earshot knows, oldest first: the numbers its files begin with."""
    return sorted(path.name.partition("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*.py"))


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _upgrade(connection: Connection) -> bool:
    now, known = _current(connection), revisions()
    if now == known[-1]:
        return False
    if now is not None and now not in known:
        raise BadInput(
            f"the database is at schema {now}, which this Earshot does not know: start a newer Earshot on it"
        )
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return True


async def migrate(url: str) -> bool:
    """Upgrade to head. Returns whether anything had to be done. Raises BadInput for a schema from the future."""
    database = Database(url)
    try:
        async with database.engine.begin() as connection:
            return await connection.run_sync(_upgrade)
    finally:
        await database.close()


def write_revision(url: str, number: str, message: str) -> None:
    """For developers: write a new revision from the difference between the tables and the database at `url`."""
    from alembic import command

    async def write() -> None:
        database = Database(url)
        async with database.engine.begin() as connection:
            config = _config()

            def autogenerate(sync: Connection) -> None:
                config.attributes["connection"] = sync
                command.revision(config, message, autogenerate=True, rev_id=number)

            await connection.run_sync(autogenerate)
        await database.close()

    asyncio.run(write())
