"""`run.py report` prints the figures of the page and writes the same CSV."""

import csv
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sqlmodel import select

from commands.report import Asked, print_report
from config.settings import load
from domain.errors import BadInput
from domain.ids import ids
from storage.database import Database
from storage.migrate import migrate
from storage.tables import Reply, Transition, User
from tests.reports.conftest import NOW
from tests.reports.seed import add_brand, fill


@pytest.fixture
async def settings(tmp_path: Path):
    data = tmp_path / "data"
    data.mkdir()
    url = f"sqlite+aiosqlite:///{data / 'earshot.db'}"
    await migrate(url)
    db = Database(url)
    await fill(db, await add_brand(db, "Norda", NOW), NOW, days=20, mentions=80)
    await db.close()
    return load(data_dir=data)


def recording() -> Console:
    return Console(record=True, width=140, file=Path("/dev/null").open("w"), highlight=False)


async def test_the_report_reads_well_and_the_csv_holds_all_of_it(settings, tmp_path: Path):
    console, path = recording(), tmp_path / "figures.csv"
    await print_report(settings, Asked("norda", "2026-04-01", "2026-04-20", 7, "Asia/Kolkata", path), console)
    told = console.export_text()
    console.file.close()
    for words in ("Norda, 2026-04-01 to 2026-04-20 (Asia/Kolkata)", "mentions", "Negative", "Answered within 1 h",
                  "p90", "Rail talk (rss)", "the feed answered 503"):  # fmt: skip
        assert words in told, words
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][0] == "figure"
    volume = next(row for row in rows if row[0] == "volume")
    assert f"{volume[3]} mentions" in told
    assert rows[-1][0].startswith("# end: ")


async def test_who_runs_it_sees_the_team_by_name(settings):
    console, zora = recording(), ids.next(NOW)
    db = Database(settings.database)
    async with db.write() as session:
        session.add(User(id=zora, email="zora@norda.example", name="Zora [bold]", created_at=NOW))
        for reply in list(await session.exec(select(Reply).where(Reply.status == "sent", Reply.kind == "answer"))):
            line: dict[str, Any] = {
                "noun": "reply",
                "row_id": reply.id,
                "old": "drafted",
                "new": "approved",
                "actor": f"user:{zora}",
            }
            session.add(Transition(**line, id=ids.next(NOW), brand_id=reply.brand_id, at=NOW))
    await db.close()
    await print_report(settings, Asked("norda", "2026-04-01", "2026-04-20"), console)
    told = console.export_text()
    console.file.close()
    (row,) = [line for line in told.partition("Team, by name")[2].splitlines() if "Zora [bold]" in line]
    assert sum(cell.strip().endswith("%") for cell in row.split("│")) == 3


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        (Asked("nobody"), "known are norda"),
        (Asked(zone="Mars"), "Europe/Zagreb"),
        (Asked(days=0), "1 to 800"),
        (Asked(since="soon"), "2026-03-02"),
        (Asked(csv=Path("/nowhere/at/all.csv")), "cannot be written"),
    ],
)
async def test_what_cannot_be_reported_says_how_to_mend_it(settings, asked: Asked, hint: str):
    console = recording()
    with pytest.raises(BadInput, match=hint):
        await print_report(settings, asked, console)
    console.file.close()


async def test_an_empty_installation_says_what_to_do_first(tmp_path: Path):
    with pytest.raises(BadInput, match="watch NAME"):
        await print_report(load(data_dir=tmp_path / "data"), Asked())
