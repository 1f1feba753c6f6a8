"""Brings a database to the current schema with Alembic. Safe to run at each start; a newer schema is refused.

Alembic is imported only when there is something to do: at a warm start nothing is.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, inspect, text
from sqlalchemy.exc import DBAPIError

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
    """Upgrade to head, in a new file where there is none. Returns whether anything had to be done. Raises BadInput for
    a schema from the future, and for a database that cannot be opened."""
    database = Database(url)
    try:
        if database.dialect == "sqlite":
            _make_folder(database.url)
        async with AsyncExitStack() as opened:
            try:
                connection = await opened.enter_async_context(database.engine.begin())
            except DBAPIError as error:
                raise _shut(database.url, str(error.orig)) from None
            return await connection.run_sync(_upgrade)
    finally:
        await database.close()


def _make_folder(url: URL) -> None:
    try:
        Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _shut(url, str(error.strerror)) from None


def _shut(url: URL, why: str) -> BadInput:
    if url.get_backend_name() == "sqlite":
        where = str(url.database)
        mend = "this user must be allowed to write there, and a file that is there must be Earshot's or a backup of it"
    else:
        where = url.render_as_string(hide_password=True)
        mend = "see that the server runs, and that address and name are right"
    return BadInput(f"the database {where} cannot be opened: {why.strip().splitlines()[0]}; {mend}")


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
