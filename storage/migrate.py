"""Brings a database to the current schema with Alembic. Safe to run at each start; a newer schema is refused."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from domain.errors import BadInput
from storage.database import Database

_FOLDER = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


def _upgrade(connection: Connection) -> bool:
    config = _config()
    now = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory.from_config(config)
    if now is not None and now not in {script.revision for script in scripts.walk_revisions()}:
        raise BadInput(
            f"the database is at schema {now}, which this Earshot does not know: start a newer Earshot on it"
        )
    if now == scripts.get_current_head():
        return False
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
