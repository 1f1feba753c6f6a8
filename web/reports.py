"""The report: what was said and felt, how fast it was answered, what was missed. Every number opens its items."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from domain.errors import BadInput, Missing, NotAllowed
from domain.person import Person
from reports import export, words
from reports.behind import NAMES, Behind
from reports.blind_spots import Stretch, gaps
from reports.definitions import COMPARISON, DEFINITIONS
from reports.figures import KEPT, STATES, WEEKDAYS, figures, kept_of, source_names
from reports.metrics import FEELINGS
from reports.period import CHOICES, Period, between, last_days
from reports.report import Report, build
from reports.story import period_words, story
from reports.targets import against
from reports.team import DEFINITION, rate
from storage import defects, reporting
from storage.defects import DefectRow
from storage.desk_lists import MentionFilter
from storage.reporting import Cut
from storage.tables import MentionRow
from web import mentions, plots
from web.access import PartsDep, PersonDep, brands_for, require_anywhere
from web.forms import row_id, wants_json
from web.pages import page
from web.parts import Parts
from web.problems import title
from web.wording import REJECT, language

router = APIRouter()

ZONES = (
    "UTC", "Europe/London", "Europe/Zagreb", "Europe/Budapest", "Europe/Riga", "Europe/Istanbul", "Asia/Kolkata",
    "Asia/Jakarta", "Asia/Manila", "Asia/Tokyo", "Australia/Adelaide", "Australia/Sydney", "America/New_York",
    "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo",
)  # fmt: skip
"""Offered; any other IANA name may be typed."""

SHOWN = ("reported", "being_fixed", "fixed", "will_not_fix")
"""Defects that a report tells of, whatever its period: they last until somebody mends them."""
DEFECT_COLUMNS = ("problem_id", "brand", "title", "status", "owner", "people", "since_utc", "days", "note")

STACK = (*FEELINGS, "unsure")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address of a report says. `days` is 0 where the period was chosen by hand."""

    period: Period
    days: int
    brand: int | None
    channel: str
    brands: list[int]

    def address(self, path: str = "/reports", **changes: Any) -> str:
        """The address of this report, or of another one like it."""
        fields: dict[str, Any] = {"zone": self.period.zone, "brand": self.brand or "", "channel": self.channel}
        if self.days:
            fields["days"] = self.days
        else:
            fields |= {"since": self.period.first, "until": self.period.last}
        if "days" in changes:
            fields.pop("since", None)
            fields.pop("until", None)
        fields |= changes
        return f"{path}?{urlencode({name: value for name, value in fields.items() if value})}"


def wanted_from(params: Any, person: Person, now: datetime) -> Wanted:
    """The report an address names; seven days in the person's zone when it says nothing."""
    require_anywhere(person, "report")
    brands = brands_for(person, "report")
    zone = params.get("zone", "") or person.zone
    since, until = params.get("since", ""), params.get("until", "")
    days = 0 if since or until else _count(params.get("days", "") or "7")
    period = last_days(days, zone, now) if days else between(since, until, zone, now)
    brand = params.get("brand", "")
    if brand and (row_id(brand) not in brands):
        raise Missing("there is no such brand")
    channel = params.get("channel", "")[:40]
    return Wanted(period, days, row_id(brand) or None, channel, [row_id(brand)] if brand else brands)


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 4 or not int(text):
        raise BadInput(f"days: {text[:20]!r} is no number of days; write e.g. 7")
    return int(text)


@router.get("/reports")
async def reports_page(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """The report of a period, as a page or (asked for) as JSON."""
    now = parts.clock.now()
    wanted = wanted_from(request.query_params, person, now)
    async with parts.db.read() as session:
        report = await build(session, wanted.brands, wanted.period, wanted.channel, now, _led(person, wanted))
        if wants_json(request):
            return JSONResponse(export.as_json(report))
        found = await defects.listed(session, wanted.brands, statuses=SHOWN)
        view = View(report, wanted, person)
        brands = await reporting.brand_names(session, brands_for(person, "report"))
        return await page(
            request,
            session,
            person,
            "reports.html",
            report=report,
            wanted=wanted,
            view=view,
            own_brands=brands,
            choices=CHOICES,
            zones=sorted({*ZONES, person.zone}),
            definitions=DEFINITIONS,
            comparison=COMPARISON,
            words=words,
            rate=rate,
            team_meaning=DEFINITION,
            leads=bool(_led(person, wanted)),
            targets=against(report.goals, figures(report)),
            states=STATES,
            feelings=FEELINGS,
            kept=KEPT,
            reasons=REJECT,
            defects=found,
            title=title,
        )


@router.get("/reports/figures.json")
async def figures_json(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Every figure, to keep as a file."""
    report = await _built(request, person, parts)
    return JSONResponse(export.as_json(report), headers=_as_file(report, "figures", "json"))


@router.get("/reports/figures.csv")
async def figures_csv(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Every figure, one per row."""
    report = await _built(request, person, parts)
    return _csv(report, "figures", _encoded(export.figures_csv(report)))


@router.get("/reports/team.csv")
async def team_csv(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """The people of the teams that this person leads, by name."""
    wanted = wanted_from(request.query_params, person, parts.clock.now())
    if not _led(person, wanted):
        raise NotAllowed("only who plans the rota of a brand sees its team")
    report = await _built(request, person, parts)
    return _csv(report, "team", _encoded(export.team_csv(report)))


@router.get("/reports/mentions.csv")
async def mentions_csv(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Every item heard in the period, one per row; sent page by page while it is read."""
    wanted = wanted_from(request.query_params, person, parts.clock.now())
    report = await _built(request, person, parts)
    cut = Cut(report.period.since, report.period.until, wanted.channel)

    async def fetch(after: tuple[datetime, int] | None) -> Sequence[tuple[MentionRow, str, bool]]:
        # a transaction per page: a slow reader must not hold a connection
        async with parts.db.read() as session:
            return await reporting.posts_after(session, wanted.brands, cut, after, export.PAGE)

    async def chunks() -> AsyncIterator[bytes]:
        async for chunk in export.mentions_csv(report, fetch):
            yield chunk.encode("utf-8", "replace")

    return _csv(report, "mentions", chunks())


@router.get("/reports/defects.csv")
async def defects_csv(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Every defect that service cannot fix, one per row, whatever the period."""
    wanted = wanted_from(request.query_params, person, parts.clock.now())
    report = await _built(request, person, parts)
    async with parts.db.read() as session:
        found = await defects.listed(session, wanted.brands, statuses=SHOWN)
    return _csv(report, "defects", _encoded(_defect_lines(report, found)))


def _defect_lines(report: Report, found: list[DefectRow]) -> Iterable[str]:
    yield export.MARK + export.line(DEFECT_COLUMNS)
    for row in found:
        defect = row.defect
        days = (report.now - defect.since).days
        yield export.line([
            str(defect.problem_id), report.brands.get(defect.brand_id, ""), title(row.problem), defect.status,
            row.owner, row.people, export.utc(defect.since), days, defect.note,
        ])  # fmt: skip


def _led(person: Person, wanted: Wanted) -> list[int]:
    """The brands whose team this person may see: who plans the rota there."""
    return [brand for brand in wanted.brands if person.may("rota", brand)]


async def _built(request: Request, person: Person, parts: Parts) -> Report:
    now = parts.clock.now()
    wanted = wanted_from(request.query_params, person, now)
    async with parts.db.read() as session:
        return await build(session, wanted.brands, wanted.period, wanted.channel, now, _led(person, wanted))


def _encoded(lines: Iterable[str]) -> Iterable[bytes]:
    return (line.encode("utf-8", "replace") for line in lines)


def _csv(report: Report, name: str, content: Any) -> Response:
    return StreamingResponse(content, media_type="text/csv; charset=utf-8", headers=_as_file(report, name, "csv"))


def _as_file(report: Report, name: str, kind: str) -> dict[str, str]:
    period = report.period
    return {
        "content-disposition": f'attachment; filename="earshot-{name}-{period.first}-{period.last}.{kind}"',
        "cache-control": "no-store",
    }


class View:
    """What the template asks: addresses of the items behind a figure, and the plots."""

    STACK = STACK

    def __init__(self, report: Report, wanted: Wanted, person: Person) -> None:
        self.report = report
        self._wanted = wanted
        self._person = person
        self.story = story(report)
        self.before_words = period_words(report)
        self.source_names = source_names(report)
        self.gaps = gaps(report.sights)

    def posts(self, **narrowed: Any) -> str:
        """The page of the mentions of this report, narrowed further. `count=""` is everything heard."""
        period = self.report.period
        wanted = MentionFilter(
            **{
                "brand": self._wanted.brand,
                "channel": self._wanted.channel,
                "since": period.since,
                "until": period.until,
                "count": "mentions",
                **narrowed,
            }
        )
        return mentions.address_of(wanted, self._person)

    def day(self, day: date) -> str:
        """The mentions of one day."""
        span = self.report.period.day(day)
        return self.posts(since=span.since, until=span.until)

    def cases(self, name: str, group: str = "") -> str:
        """The page of the cases behind a figure."""
        fields = {
            "status": "all",
            "brand": self._wanted.brand or "",
            "channel": self._wanted.channel,
            "figure": Behind(name, group, self.report.period).text(),
        }
        return f"/queue?{urlencode({key: value for key, value in fields.items() if value})}"

    def link(self, name: str, group: str = "") -> str:
        """Where a figure of the story leads; empty for one without items."""
        if name in NAMES:
            return self.cases(name, group)
        if name == "volume":
            return self.posts()
        if name == "corrected_share":
            return self.posts(count="corrected")
        if name.endswith("_share"):
            return self.posts(label=name.removesuffix("_share"))
        return "#coverage" if name in ("coverage", "gaps") else ""

    def channel_link(self, channel: str) -> str:
        """The mentions of one channel."""
        return self.posts(channel=channel)

    def channel_name(self, channels: Any) -> Any:
        """How a channel is called."""
        return lambda name: channels[name].title if name in channels else name

    def topic_link(self, topic_id: int) -> str:
        """The mentions of one topic."""
        return self.posts(topic=topic_id)

    def topic_name(self, topic_id: int) -> str:
        """How a topic is called."""
        return self.report.topics.get(topic_id, "a topic that is gone")

    def language_link(self, lang: str) -> str:
        """The mentions in one language."""
        return self.posts(lang=lang)

    def language_name(self, lang: str) -> str:
        """How a language is called."""
        return "Unknown" if lang == "unknown" else language(lang)

    def say(self, stretch: Stretch) -> str:
        """A stretch of a timeline in words."""
        when = words.clock_range(stretch.since, stretch.until, self.report.period.zone)
        state = {"gap": "not seen", "late": "caught up later"}.get(stretch.state, stretch.state)
        return f"{state}: {when}" + (f", {stretch.reason}" if stretch.reason else "")

    def kept(self, name: str) -> Any:
        """A limit by name, now and before."""
        return kept_of(self.report.here.response, name), kept_of(self.report.before.response, name)

    def days_plot(self) -> plots.Columns:
        """Mentions by day, stacked by feeling, with the period before as a line."""
        here, before = self.report.here.volume.by_day, self.report.before
        days = [
            plots.Day(
                f"{day:%a} {day.day} {day:%b %Y}",
                f"{day.day} {day:%b}",
                {name: here[day][name] for name in STACK},
                self.day(day),
            )
            for day in self.report.period.days
        ]
        line = [feelings.total() for _, feelings in sorted(before.volume.by_day.items())]
        return plots.columns(days, line[: len(days)] if before.volume.mentions else ())

    def week(self) -> list[tuple[str, list[plots.Cell]]]:
        """Mentions by hour of the week: a row of 24 cells for each weekday."""
        counts = self.report.by_hour
        highest = max(counts.values(), default=0)
        return [
            (name, [plots.cell(counts[weekday, hour], highest, f"{name} {hour}–{hour + 1}") for hour in range(24)])
            for weekday, name in enumerate(WEEKDAYS)
        ]

    def busiest(self) -> list[plots.Cell]:
        """The hours of the week with most mentions, the fullest first: three at most."""
        cells = [cell for _, row in self.week() for cell in row if cell.number]
        return sorted(cells, key=lambda cell: -cell.number)[:3]

    def ranked(self, counts: dict[Any, Any]) -> list[tuple[Any, int, tuple[plots.Mark, ...]]]:
        """Rows by size, each with its bar: (name, how many, marks). Values are counts, or counts per feeling."""
        parts = {key: _stacked(value) for key, value in counts.items()}
        totals = {key: sum(each.values()) for key, each in parts.items()}
        highest = max(totals.values(), default=0)
        ordered = sorted(totals, key=lambda key: (-totals[key], str(key)))
        return [(key, totals[key], plots.bar(parts[key], highest)) for key in ordered]

    def waits(self) -> list[tuple[str, str, int, tuple[plots.Mark, ...]]]:
        """How long answers took: (words, link, cases, bar), from the fastest to those that still wait."""
        response = self.report.here.response
        rows = [(label, self.cases("answered", label), len(ids), "told") for label, ids in response.buckets.items()]
        rows += [
            ("still waiting", self.cases("waiting"), len(response.waiting), "waiting"),
            ("closed without an answer", self.cases("closed"), len(response.closed), "closed"),
        ]
        highest = max(number for _, _, number, _ in rows)
        return [(label, href, number, plots.bar({kind: number}, highest)) for label, href, number, kind in rows]

    def strip(self, sight: Any) -> list[tuple[float, float, Any]]:
        """A source's timeline: (start, width) in per cent of the period, and the stretch."""
        whole = (self.report.period.until - self.report.period.since).total_seconds()
        since = self.report.period.since
        return [
            (
                round(100 * (each.since - since).total_seconds() / whole, 3),
                round(max(0.2, 100 * (each.until - each.since).total_seconds() / whole), 3),
                each,
            )
            for each in sight.stretches
        ]


def _stacked(value: Any) -> dict[str, int]:
    return {"told": value} if isinstance(value, int) else {name: value[name] for name in STACK}
