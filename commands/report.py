"""The report on the command line: the same figures as the page, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands.brands import brands_for
from config.settings import Settings
from domain.clock import SystemClock
from domain.errors import BadInput
from reports import export, words
from reports.blind_spots import gaps
from reports.definitions import DEFINITIONS
from reports.figures import Figure, figures, source_names
from reports.period import Period, between, last_days
from reports.report import Report, build
from reports.story import plain
from reports.team import rate
from storage.database import Database
from storage.migrate import migrate

_LEFT_OUT: Final = ("by_day",)
_LONGEST_ROWS: Final = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says; empty is not given."""

    brand: str = ""
    since: str = ""
    until: str = ""
    days: int = 7
    zone: str = ""
    csv: Path | None = None


async def print_report(settings: Settings, asked: Asked, console: Console | None = None) -> None:
    """Print the report, and write its figures to a file where one is named. BadInput for what cannot be."""
    await migrate(settings.database)
    database, now = Database(settings.database), SystemClock().now()
    try:
        async with database.read() as session:
            brands = await brands_for(session, asked.brand)
            zone = asked.zone or (brands[0].zone if len({brand.zone for brand in brands}) == 1 else "UTC")
            chosen = asked.since or asked.until
            period = between(asked.since, asked.until, zone, now) if chosen else last_days(asked.days, zone, now)
            every = [brand.id for brand in brands]
            report = await build(session, every, period, "", now, team_of=every)
    finally:
        await database.close()
    show(report, console or Console(highlight=False))
    if asked.csv is not None:
        _write(asked.csv, report)


def _write(path: Path, report: Report) -> None:
    try:
        with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
            file.writelines(export.figures_csv(report))
    except OSError as error:
        raise BadInput(
            f"--csv {path}: cannot be written ({error.strerror}); name a file in a folder of yours"
        ) from None


def show(report: Report, console: Console) -> None:
    """Print one report: the story, the figures, the team, the gaps."""
    period: Period = report.period
    console.print(
        f"[bold]{escape(', '.join(report.brands.values()))}[/bold], {period.first} to {period.last} ({period.zone})"
    )
    console.print(escape(plain(report)))
    console.print(_table(report))
    if report.team:
        console.print(_team(report))
    if found := gaps(report.sights):
        table = Table("Not seen", "When", "Minutes", "Why", title="Gaps", title_justify="left")
        names = source_names(report)
        for sight, gap in found:
            when = words.clock_range(gap.since, gap.until, period.zone)
            table.add_row(escape(names[sight.source_id]), when, words.count(gap.minutes), escape(gap.reason))
        console.print(table)


def _table(report: Report) -> Table:
    table = Table("Figure", "", title="Figures", title_justify="left")
    for name in ("Value", "n", "Before"):
        table.add_column(name, justify="right")
    last = ""
    for each in _shown(figures(report)):
        title = DEFINITIONS[each.name].title if each.name != last else ""
        if title and last:
            table.add_section()
        table.add_row(title, escape(each.group), value(each), words.count(each.n), value(each, before=True))
        last = each.name
    return table


def _team(report: Report) -> Table:
    """By name, as on the page: no rate under a few cases, no ranking. Whoever runs this may read all of it."""
    table = Table("Person", title="Team, by name", title_justify="left")
    for name in ("Cases", "Solved at first contact", "Hard", "Cooled down"):
        table.add_column(name, justify="right")
    for each in report.team:
        shares = (words.percent(rate(share)) for share in (each.solved, each.hard, each.heat))
        table.add_row(escape(each.name), words.count(each.cases), *shares)
    return table


def _shown(found: Sequence[Figure]) -> Iterator[Figure]:
    """Without the days, and of long lists only the beginning; the CSV has all of it."""
    rows: dict[str, int] = {}
    for each in found:
        rows[each.name] = rows.get(each.name, 0) + 1
        if each.name not in _LEFT_OUT and rows[each.name] <= _LONGEST_ROWS:
            yield each


def value(figure: Figure, *, before: bool = False) -> str:
    """A figure's value as people read it."""
    number = figure.before if before else figure.value
    if number is None:
        return "" if before else words.NONE
    match figure.unit:
        case "percent":
            return words.percent(number)
        case "points":
            return words.points(number)
        case "mean":
            return words.mean(number)
        case "seconds":
            return words.waited(number, figure.at_least and not before)
    return words.count(number)
