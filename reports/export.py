"""Figures and posts as CSV (RFC 4180, UTF-8 with a mark so that spreadsheets read it rightly) and as plain objects.

Text that a spreadsheet would run as a formula gets a quote in front (T23). Definitions and coverage notes follow as
comment rows, each one cell starting with "# "; the last one says how many rows there are, so a cut file shows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from reports import words
from reports.blind_spots import gaps
from reports.definitions import COMPARISON, DEFINITIONS
from reports.figures import figures, source_names
from reports.report import Report
from reports.story import plain
from reports.targets import against
from reports.team import DEFINITION, rate
from storage.reporting import COUNTED
from storage.tables import MentionRow

MARK: Final = "\ufeff"
TRIGGERS: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
FIGURE_COLUMNS: Final = (
    "figure", "group", "title", "value", "unit", "n", "before", "at_least",
    "since_utc", "until_utc", "since_local", "until_local", "zone", "channel", "brands",
)  # fmt: skip
MENTION_COLUMNS: Final = (
    "id", "brand", "channel", "source", "counted", "status", "is_repost", "copy_of",
    "posted_at_utc", "posted_at_local", "received_at_utc", "received_at_local",
    "author_handle", "author_name", "author_followers", "lang", "label", "sentiment", "severity", "priority",
    "topics", "case_id", "external_id", "thread_id", "url", "title", "text",
    "feeling_corrected", "themes",
)  # fmt: skip
"""Stable: new columns are added at the end, before `title` and `text` never."""

TEAM_COLUMNS: Final = ("person", "cases", "solved", "solved_n", "hard", "hard_n", "heat", "heat_n")
"""Rates in percent, empty where there are too few cases to say one."""
PAGE: Final = 500
"""Posts read and written at once: small enough that a large export does not hold up other people's pages."""
Fetch = Callable[[tuple[datetime, int] | None], Awaitable[Sequence[tuple[MentionRow, str, bool]]]]
"""One page of posts with the names of their sources and whether a person put their feeling right, beyond a key."""


def guarded(value: object) -> object:
    """The cell, harmless in a spreadsheet. Numbers are ours and stay numbers; any text that starts like a formula,
    also after blanks or invisible characters, gets a quote in front."""
    if not isinstance(value, str) or not value:
        return value
    start = value.lstrip(" \u00a0\u200b\u200c\u200d\u2060\ufeff\u00ad\x00\x0b\x0c")[:1]
    return f"'{value}" if value[0] in TRIGGERS or start in TRIGGERS else value


def line(cells: Iterable[object]) -> str:
    """One row of CSV."""
    made = io.StringIO()
    csv.writer(made, lineterminator="\r\n").writerow([_cell(guarded(cell)) for cell in cells])
    return made.getvalue().replace("\x00", "")


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else value


def utc(moment: datetime) -> str:
    """2026-03-02T09:15:00Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local(moment: datetime, zone: str) -> str:
    """2026-03-02T10:15:00+01:00."""
    return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def comments(report: Report, names: Iterable[str], rows: int) -> Iterator[str]:
    """The notes that end an export."""
    period = report.period
    notes = [
        f"period: {local(period.since, period.zone)} until before {local(period.until, period.zone)} ({period.zone})",
        f"made: {utc(report.now)}",
        f"brands: {', '.join(report.brands.values())}; channel: {report.channel or 'all'}",
        plain(report),
        *coverage_notes(report),
        COMPARISON,
        *(f"{name}: {DEFINITIONS[name].title} ({DEFINITIONS[name].unit}). {DEFINITIONS[name].text}" for name in names),
        f"end: {rows} rows",
    ]
    return (line([f"# {' '.join(note.split())}"]) for note in notes)


def coverage_notes(report: Report) -> list[str]:
    """What was seen of each source, and every gap."""
    names = source_names(report)
    notes = [
        f"coverage of {names[each.source_id]}: seen {each.seen:.0f} of {each.due:.0f} minutes due"
        f" ({words.percent(each.share)})"
        for each in report.sights
    ]
    return notes + [
        f"gap: {names[each.source_id]} not seen {utc(gap.since)} to {utc(gap.until)} ({gap.reason or 'unknown reason'})"
        for each, gap in gaps(report.sights)
    ]


def figures_csv(report: Report) -> Iterator[str]:
    """All figures, one per row."""
    period, found = report.period, figures(report)
    yield MARK + line(FIGURE_COLUMNS)
    frame = (
        utc(period.since), utc(period.until), local(period.since, period.zone), local(period.until, period.zone),
        period.zone, report.channel, ", ".join(report.brands.values()),
    )  # fmt: skip
    for each in found:
        title = DEFINITIONS[each.name].title
        yield line([each.name, each.group, title, each.value, each.unit, each.n, each.before, each.at_least, *frame])
    aimed = against(report.goals, found)
    for target in aimed:
        title, unit = DEFINITIONS[target.name].title, DEFINITIONS[target.name].unit
        yield line([target.name, "target", title, target.goal, unit, target.n, None, False, *frame])
    yield from comments(report, dict.fromkeys(each.name for each in found), len(found) + len(aimed))


def team_csv(report: Report) -> Iterator[str]:
    """One person per row, by name; only where the reader may see the team."""
    yield MARK + line(TEAM_COLUMNS)
    for each in report.team:
        shares = (each.solved, each.hard, each.heat)
        yield line([each.name, each.cases, *(cell for share in shares for cell in (rate(share), share.n))])
    yield line([f"# {DEFINITION}"])
    yield from comments(report, (), len(report.team))


async def mentions_csv(report: Report, fetch: Fetch) -> AsyncIterator[str]:
    """Every item heard in the period, one per row, a page at a time: the whole never stands in memory."""
    yield MARK + line(MENTION_COLUMNS)
    after: tuple[datetime, int] | None = None
    rows = 0
    while page := await fetch(after):
        yield "".join(line(_mention(report, *item)) for item in page)
        rows += len(page)
        after = (page[-1][0].posted_at, page[-1][0].id)
    for comment in comments(report, ("volume", "raw", "corrected_share"), rows):
        yield comment


def _mention(report: Report, row: MentionRow, source: str, corrected: bool) -> list[object]:
    zone = report.period.zone
    return [
        row.id,
        report.brands.get(row.brand_id, ""),
        row.channel,
        source,
        row.status in COUNTED and not row.is_repost,
        row.status,
        row.is_repost,
        row.same_as,
        utc(row.posted_at),
        local(row.posted_at, zone),
        utc(row.received_at),
        local(row.received_at, zone),
        row.author_handle,
        row.author_name,
        row.author_followers,
        row.lang or "",
        row.label,
        row.sentiment,
        row.severity,
        row.priority,
        "; ".join(report.topics.get(int(topic_id), str(topic_id)) for topic_id in row.topic_ids),
        row.case_id,
        row.external_id,
        row.thread_id,
        row.url,
        row.title,
        row.text,
        corrected,
        "; ".join(row.themes),
    ]


def as_json(report: Report) -> dict[str, Any]:
    """The report for programs: every figure with its unit, n and the value before, gaps and definitions."""
    period, before = report.period, report.before.span
    names = source_names(report)
    return {
        "period": {"since": utc(period.since), "until": utc(period.until), "zone": period.zone,
                   "first": str(period.first), "last": str(period.last)},
        "before": {"since": utc(before.since), "until": utc(before.until)},
        "made_at": utc(report.now),
        "brands": {str(brand_id): name for brand_id, name in report.brands.items()},
        "channel": report.channel,
        "story": plain(report),
        "figures": [
            {"figure": each.name, "group": each.group, "value": each.value, "unit": each.unit, "n": each.n,
             "before": each.before, "at_least": each.at_least}
            for each in figures(report)
        ],
        "targets": [
            {"figure": each.name, "target": each.goal, "value": each.value, "n": each.n, "reached": each.reached}
            for each in against(report.goals, figures(report))
        ],
        "team": [
            {"person": each.name, "cases": each.cases, "solved": rate(each.solved), "hard": rate(each.hard),
             "heat": rate(each.heat)}
            for each in report.team
        ],
        "gaps": [
            {"source": names[each.source_id], "since": utc(gap.since), "until": utc(gap.until), "reason": gap.reason}
            for each, gap in gaps(report.sights)
        ],
        "definitions": {
            name: {"title": each.title, "unit": each.unit, "text": each.text} for name, each in DEFINITIONS.items()
        },
    }  # fmt: skip
