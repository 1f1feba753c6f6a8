"""The schema: brought to head once, told when it is from the future, and the same as the tables say."""

from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from domain.errors import BadInput
from storage.database import Database
from storage.migrate import migrate, revisions
from storage.tables import metadata


async def test_a_second_start_has_nothing_to_do(database_url: str) -> None:
    assert await migrate(database_url) is True
    assert await migrate(database_url) is False


async def test_a_schema_from_the_future_is_refused_and_left_alone(database_url: str) -> None:
    await migrate(database_url)
    database = Database(database_url)
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(BadInput, match="newer Earshot"):
        await migrate(database_url)
    await database.close()


async def test_the_first_command_on_a_new_machine_makes_its_own_folder(tmp_path: Path) -> None:
    assert await migrate(f"sqlite+aiosqlite:///{tmp_path}/not/there/earshot.db") is True


async def test_a_database_that_cannot_be_opened_is_told_with_its_mend(tmp_path: Path) -> None:
    text_file = tmp_path / "earshot.db"
    text_file.write_text("not a database at all, only words " * 50)
    with pytest.raises(BadInput, match=f"{text_file}.*not a database.*a backup of it"):
        await migrate(f"sqlite+aiosqlite:///{text_file}")
    assert text_file.read_text().startswith("not a database")
    with pytest.raises(BadInput, match="cannot be opened"):  # a file stands where the folder should
        await migrate(f"sqlite+aiosqlite:///{text_file}/below/earshot.db")
    with pytest.raises(BadInput, match="see that the server runs") as told:
        await migrate("postgresql+psycopg://desk:secret-word@127.0.0.1:1/earshot")
    assert "secret-word" not in str(told.value)


async def test_migrations_make_the_tables_that_the_code_declares(database_url: str) -> None:
    await migrate(database_url)
    database = Database(database_url)
    async with database.engine.connect() as connection:
        made = await connection.run_sync(
            lambda sync: {
                name: {column["name"] for column in inspect(sync).get_columns(name)}
                for name in inspect(sync).get_table_names()
            }
        )
        indexes = await connection.run_sync(
            lambda sync: {index["name"] for index in inspect(sync).get_indexes("mention")}
        )
    await database.close()
    made.pop("alembic_version")
    assert made == {name: set(table.columns.keys()) for name, table in metadata.tables.items()}
    assert {index.name for index in metadata.tables["mention"].indexes} <= indexes


def test_revisions_are_numbered_without_gaps() -> None:
    assert revisions() == [f"{number:04}" for number in range(1, len(revisions()) + 1)]
