"""`erase`: counts, and erases only with a yes."""

from pathlib import Path

import pytest

from commands.erase import erase_author
from config.settings import Settings
from domain.errors import BadInput
from storage import tables
from storage.database import Database
from tests.byte_search import found
from tests.migrated import make_current
from tests.storage.conftest import START, House
from tests.storage.test_ingest import page
from tests.storage.test_removal import TELLTALE, post, store

HANDLE = "@marakind@social.example"


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    given = Settings(data_dir=tmp_path)
    await make_current(given.database)
    db = Database(given.database)
    brand = tables.Brand(id=1, name="Norda", slug="norda", created_at=START)
    source = tables.SourceRow(id=2, brand_id=1, channel="rss", name="feed", created_at=START)
    async with db.write() as session:
        session.add(brand)
        await session.flush()
        session.add(source)
    await store(House(db, 1, 2), page(House(db, 1, 2), post()))
    await db.close()
    return given


async def left(settings: Settings) -> dict[str, list[str]]:
    db = Database(settings.database)
    try:
        return await found(db, TELLTALE)
    finally:
        await db.close()


async def test_without_a_yes_it_only_counts(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    await erase_author(settings, HANDLE, "rss", "", yes=False)
    said = capsys.readouterr().out
    assert "Norda, rss: 1 posts, 1 cases, 1 drafts, 0 sent, 0 notes, 0 samples" in said
    assert "nothing was changed" in said
    assert "marakind" not in said
    assert set(await left(settings)) == set(TELLTALE)


async def test_with_a_yes_nothing_is_left(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    await erase_author(settings, HANDLE, "rss", "norda", yes=True)
    assert "erased" in capsys.readouterr().out
    assert await left(settings) == {}


@pytest.mark.parametrize(
    ("name", "channel", "brand"), [("x" * 9, "myspace", ""), ("@", "rss", ""), ("mara", "rss", "no")]
)
async def test_what_does_not_exist_is_named(settings: Settings, name: str, channel: str, brand: str) -> None:
    with pytest.raises(BadInput):
        await erase_author(settings, name, channel, brand, yes=True)
