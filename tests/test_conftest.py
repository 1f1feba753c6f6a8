"""The optional parts of the suite: skipped with a reason, failed when this machine promised them."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.conftest import LONGEST, PROJECT, require


def test_require_skips_with_the_reason(monkeypatch):
    monkeypatch.delenv("EARSHOT_REQUIRE", raising=False)
    with pytest.raises(pytest.skip.Exception, match="chromium: not installed"):
        require("chromium", None, "not installed")


@pytest.mark.parametrize("promised", ["chromium", "postgres,chromium", "node chromium", " chromium , node"])
def test_require_fails_when_the_machine_promised_it(monkeypatch, promised):
    monkeypatch.setenv("EARSHOT_REQUIRE", promised)
    with pytest.raises(pytest.fail.Exception, match="names chromium, but: not installed"):
        require("chromium", "", "not installed")


def test_require_passes_what_is_there(monkeypatch):
    monkeypatch.setenv("EARSHOT_REQUIRE", "chromium")
    require("chromium", "/usr/bin/chromium", "not installed")


def test_the_files_that_come_first_are_there():
    assert [name for name in LONGEST if not (PROJECT / name).is_file()] == []


async def test_each_test_gets_an_empty_database_of_its_own(database_url):
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE only_mine (id INTEGER)"))
        assert (await connection.execute(text("SELECT count(*) FROM only_mine"))).scalar_one() == 0
    await engine.dispose()


async def test_the_next_test_sees_nothing_of_it(database_url):
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE only_mine (id INTEGER)"))
    await engine.dispose()
