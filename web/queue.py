"""The queue: what must be answered, in an explained order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request
from jinja2 import Environment
from markupsafe import Markup
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import JSONResponse, RedirectResponse, Response

from domain.person import Person
from reports import behind
from scoring.concepts import THEMES
from storage import coverage, desk, desk_lists, desk_problems, signing
from storage.desk import QueueFilter, QueueRow
from storage.tables import Problem
from web import storms
from web.access import PartsDep, PersonDep
from web.forms import Form, described, own_path, read_form, row_id, wants_json
from web.pages import page
from web.problems import title
from web.wording import iso, top_parts

router = APIRouter()

KEPT_FILTER = "earshot_queue"
"""A cookie with the filter last used, so that the page of a case knows where "back" and "next" lead."""

HIDDEN_HINT = "earshot_example_seen"
_YEAR_S = 365 * 86_400
_GAPS_SINCE = timedelta(hours=24)

STATUSES = ("todo", "praise", "open", "escalated", "snoozed", "waiting", "resolved", "all")
DUE = {"late": "Late", "15m": "Within 15 min", "1h": "Within 1 h", "today": "Within 24 h"}
DRAFTS = {
    "drafted": "Has a draft",
    "second": "Awaits a second yes",
    "changes": "Changes asked for",
    "requested": "Being drafted",
    "handed_over": "To post by hand",
    "unknown": "Outcome unknown",
    "none": "No draft",
}


def filter_from(params: Any, person: Person) -> QueueFilter:
    """The filter an address names; what it does not know is left out."""
    brand = str(params.get("brand", ""))
    status = params.get("status", "")
    return QueueFilter(
        status=status if status in STATUSES else "todo",
        brand=row_id(brand) if row_id(brand) in person.brands else None,
        channel=params.get("channel", "")[:40],
        label=params.get("label", "")[:20],
        lang=params.get("lang", "")[:12],
        theme=params.get("theme", "") if params.get("theme", "") in THEMES else "",
        due=params.get("due", "") if params.get("due", "") in DUE else "",
        draft=params.get("draft", "") if params.get("draft", "") in DRAFTS else "",
        mine=person.id if params.get("mine") else None,
        text=params.get("q", "").strip()[:200],
        figure=params.get("figure", "")[:600],
    )


def address_of(wanted: QueueFilter, **changes: Any) -> str:
    """The address of the queue with this filter and these changes; an address can be kept and passed on."""
    new = replace(wanted, **changes)
    fields = {
        "status": new.status if new.status != "todo" else "",
        "brand": new.brand or "",
        "channel": new.channel,
        "label": new.label,
        "lang": new.lang,
        "theme": new.theme,
        "due": new.due,
        "draft": new.draft,
        "mine": "1" if new.mine else "",
        "q": new.text,
        "figure": new.figure,
    }
    query = urlencode({name: value for name, value in fields.items() if value})
    return f"/queue?{query}" if query else "/queue"


@router.get("/queue")
async def queue_page(request: Request, person: PersonDep, parts: PartsDep, after: str = "") -> Response:
    """One page of the queue."""
    wanted = filter_from(request.query_params, person)
    now = parts.clock.now()
    figure = behind.parse(wanted.figure) if wanted.figure else None
    async with parts.db.read() as session:
        if figure is not None:
            scope = [wanted.brand] if wanted.brand else person.brands
            cases = await behind.cases(session, scope, figure, wanted.channel, now)
            wanted = replace(wanted, cases=cases)
        found = await desk.queue(session, person.brands, wanted, now, after=after)
        if wants_json(request):
            return JSONResponse({"cases": [row_json(row) for row in found.rows], "after": found.after})
        counts = await desk.counts(session, person.brands, wanted, person.id, now)
        part_of = await desk_problems.parts_of(session, [row.case.id for row in found.rows])
        drafts = [row.reply_id for row in found.rows if row.reply_id]
        waits = dict.fromkeys(await signing.awaiting_second(session, drafts), "Needs a second person")
        waits |= dict.fromkeys(await signing.changes_asked(session, drafts), "Changes asked for")
        newest = await desk.newest_case(session, person.brands)
        demo = await example_only(request, session, person)
        gaps = await coverage.recent_gaps(session, person.brands, now - _GAPS_SINCE)
        response = await page(
            request,
            session,
            person,
            "queue.html",
            rows=found.rows,
            after=found.after,
            is_first=not after,
            figure=figure,
            wanted=wanted,
            counts=counts,
            newest=newest,
            demo=demo,
            gaps=gaps,
            storms=await storms.banners(session, person, now),
            href=lambda **changes: address_of(wanted, **changes),
            statuses=STATUSES,
            due=DUE,
            drafts=DRAFTS,
            row_html=lambda row: _row_html(
                request, row, person, part_of.get(row.case.id), waits.get(row.reply_id or 0, "")
            ),
        )
    response.set_cookie(
        KEPT_FILTER, address_of(wanted).partition("?")[2], httponly=True, samesite="lax", secure=parts.secure
    )
    return response


async def example_only(request: Request, session: AsyncSession, person: Person) -> str:
    """The example's name when nothing else is watched and nobody has sent the hint away in this browser; else empty."""
    if request.cookies.get(HIDDEN_HINT):
        return ""
    brands = await desk_lists.own_brands(session, person.brands)
    return brands[0].name if brands and all(brand.demo for brand in brands) else ""


@router.post("/queue/example-seen", **described(Form))
async def example_seen(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Send the hint about the example away, in this browser."""
    form = await read_form(request, Form)
    response = RedirectResponse(own_path(form.then), 303)
    response.set_cookie(HIDDEN_HINT, "1", max_age=_YEAR_S, httponly=True, samesite="lax", secure=parts.secure)
    return response


def _row_html(request: Request, row: QueueRow, person: Person, problem: Problem | None, waits: str) -> Markup:
    """The part of a row that changes only with its versions, and with what its draft `waits` for."""
    env: Environment = request.app.state.templates
    part_of = (problem.id, title(problem)) if problem else None
    reply = row.reply_id, row.reply_version, row.reply_status
    key = (row.case.id, row.case.version, *reply, row.assignee, person.zone, part_of, waits)
    parts = request.app.state.parts
    made: Markup = parts.fragments.get(
        key,
        lambda: Markup(  # noqa: S704  (rendered by the autoescaping environment)
            env.get_template("queue_row.html").render(
                row=row, zone=person.zone, channels=parts.channels, part_of=part_of, waits=waits
            )
        ),
    )
    return made


def row_json(row: QueueRow) -> dict[str, Any]:
    """One line of the queue for programs."""
    case = row.case
    return {
        "id": str(case.id),
        "version": case.version,
        "channel": case.channel,
        "author": case.author_handle,
        "text": row.text,
        "label": case.label,
        "sentiment": row.sentiment,
        "severity": case.severity,
        "priority": case.priority,
        "why": [{"name": name, "points": points, "reason": reason} for name, points, reason in top_parts(row.parts)],
        "status": case.status,
        "next_due_at": iso(case.next_due_at) if case.next_due_at else None,
        "assignee": row.assignee,
        "reply": {"id": str(row.reply_id), "status": row.reply_status, "version": row.reply_version}
        if row.reply_id
        else None,
    }


def kept_filter(request: Request, person: Person) -> QueueFilter:
    """The filter last used in this browser."""
    return filter_from(dict(parse_qsl(request.cookies.get(KEPT_FILTER, ""))), person)
