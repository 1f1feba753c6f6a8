"""`knowledge import` and `export`: all or nothing, bad lines named, what is exported reads back the same."""

from pathlib import Path

import pytest
from sqlmodel import select

from commands.knowledge import export_articles, import_articles
from config.settings import Settings
from domain.errors import BadInput
from storage import tables
from storage.database import Database
from tests.migrated import make_current
from tests.storage.conftest import START

REFUNDS = "---\ntitle: How long a refund takes\nlang: en\nowner: mara@desk.test\nstatus: live\n---\nWithin five days.\n"
BIKES = '{"title": "Bikes on board", "lang": "hr", "market": "HR", "text": "Bicikl ide u zadnji vagon."}\n'


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    given = Settings(data_dir=tmp_path / "data")
    given.data_dir.mkdir()
    await make_current(given.database)
    db = Database(given.database)
    async with db.write() as session:
        session.add(tables.Brand(id=1, name="Norda", slug="norda", created_at=START))
        session.add(tables.User(id=2, email="mara@desk.test", name="Mara Sample", created_at=START))
        await session.flush()
        session.add(tables.Membership(user_id=2, brand_id=1, role="agent"))
    await db.close()
    return given


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    box = tmp_path / "articles"
    box.mkdir()
    (box / "refunds.md").write_text(REFUNDS)
    (box / "more.jsonl").write_text(BIKES)
    return box


async def stored(settings: Settings) -> dict[str, tuple[str, str, int, int | None]]:
    db = Database(settings.database)
    async with db.read() as session:
        found = {a.name: (a.status, a.text, a.number, a.owner_id) for a in await session.exec(select(tables.Article))}
    await db.close()
    return found


async def test_a_folder_is_taken_in_and_a_second_time_changes_nothing(
    settings: Settings, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await import_articles(settings, folder, "")
    assert capsys.readouterr().out == "2 added, 0 changed, 0 as they were\n"
    assert await stored(settings) == {
        "refunds": ("live", "Within five days.", 1, 2),
        "bikes-on-board": ("draft", "Bicikl ide u zadnji vagon.", 1, None),
    }
    await import_articles(settings, folder, "norda")
    assert capsys.readouterr().out == "0 added, 0 changed, 2 as they were\n"
    (folder / "refunds.md").write_text(REFUNDS.replace("five", "ten"))
    await import_articles(settings, folder, "", dry=True)
    assert "0 added, 1 changed, 1 as they were (nothing was stored" in capsys.readouterr().out
    assert (await stored(settings))["refunds"][2] == 1
    await import_articles(settings, folder, "")
    assert (await stored(settings))["refunds"][:3] == ("live", "Within ten days.", 2)


async def test_what_a_file_does_not_tell_stays_as_it_was(
    settings: Settings, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Title, language and text are enough: they take nothing out of force, and nobody's work away."""
    (folder / "refunds.md").write_text(REFUNDS.replace("status", "review: 2026-06-01\nstatus"))
    await import_articles(settings, folder, "")
    short = "---\ntitle: How long a refund takes\nlang: en\n---\nWithin ten days.\n"
    (folder / "refunds.md").write_text(short)
    await import_articles(settings, folder, "")
    assert capsys.readouterr().out.endswith("0 added, 1 changed, 1 as they were\n")
    assert (await stored(settings))["refunds"] == ("live", "Within ten days.", 2, 2)
    (folder / "refunds.md").write_text(short.replace("lang", "owner:\nreview: 2026-07-01\nstatus: draft\nlang"))
    await import_articles(settings, folder, "")
    assert capsys.readouterr().out == "0 added, 1 changed, 1 as they were; 1 live no more\n"
    assert (await stored(settings))["refunds"] == ("draft", "Within ten days.", 2, None)
    db = Database(settings.database)
    async with db.read() as session:
        query = select(tables.Transition).where(tables.Transition.noun.in_(("article owner", "article review")))  # type: ignore[attr-defined]
        told = [(row.noun, row.old, row.new) for row in await session.exec(query)]
    await db.close()
    assert told == [("article owner", "2", ""), ("article review", "2026-06-01", "2026-07-01")]


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("z.md", "---\ntitle: Z\nlang: english\n---\nText", r"z\.md, line 3: lang"),
        ("z.md", "---\ntitle: Z\nlang: en\nowner: x@desk.test\n---\nText", r"z\.md, line 1: owner: x@desk\.test"),
        ("z.md", "---\nname: refunds\ntitle: Z\nlang: en\n---\nText", r"z\.md, line 2: the name refunds is taken"),
        ("z.jsonl", BIKES.replace("Bikes", "Dogs") + "{", r"z\.jsonl, line 2: this is not JSON"),
    ],
)
async def test_one_bad_file_changes_nothing(
    settings: Settings, folder: Path, file: str, content: str, said: str
) -> None:
    await import_articles(settings, folder, "")
    before = await stored(settings)
    (folder / "refunds.md").write_text(REFUNDS.replace("five", "ten"))
    (folder / file).write_text(content)
    with pytest.raises(BadInput, match=said):
        await import_articles(settings, folder, "")
    assert await stored(settings) == before


@pytest.mark.parametrize("target", ["out", "out.jsonl"])
async def test_what_is_exported_reads_back_the_same(
    settings: Settings, folder: Path, tmp_path: Path, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await import_articles(settings, folder, "")
    before = await stored(settings)
    await export_articles(settings, tmp_path / target, "")
    await import_articles(settings, tmp_path / target, "")
    assert capsys.readouterr().out.endswith("0 added, 0 changed, 2 as they were\n")
    assert await stored(settings) == before


async def test_what_is_not_there_is_named(settings: Settings, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file or folder"):
        await import_articles(settings, tmp_path / "nothing", "")
    with pytest.raises(BadInput, match="no article in this folder"):
        await import_articles(settings, settings.data_dir, "")
    with pytest.raises(BadInput, match="known are norda"):
        await import_articles(settings, folder, "other")
