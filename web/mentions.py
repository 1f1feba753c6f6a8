"""All that was heard, also what needs no answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from domain.person import Person
from responders import actions
from scoring.concepts import THEMES
from scoring.pack import LANGUAGES
from storage import desk_lists
from storage.desk_lists import MentionFilter
from storage.tables import MentionRow
from web.access import PartsDep, PersonDep
from web.acting import act
from web.forms import Form, all_values, described, read_form, row_id, wants_json
from web.pages import page
from web.wording import iso, zone_of

router = APIRouter()

STATUSES = ("kept", "ignored", "withdrawn")
COUNTS = {"mentions": "Only what counts in reports", "reposts": "Only reposts", "corrected": "Only corrected by people"}


@router.get("/mentions")
async def mentions_page(request: Request, person: PersonDep, parts: PartsDep, after: str = "") -> Response:
    """The newest posts first."""
    wanted = filter_from(request.query_params, person)
    async with parts.db.read() as session:
        rows, more = await desk_lists.mentions(session, person.brands, wanted, after=after)
        if wants_json(request):
            return JSONResponse({"mentions": [mention_json(row) for row in rows], "after": more})
        return await page(
            request,
            session,
            person,
            "mentions.html",
            rows=rows,
            after=more,
            is_first=not after,
            wanted=wanted,
            href=lambda **changes: address_of(wanted, person, **changes),
            statuses=STATUSES,
            narrowed=COUNTS,
            languages=LANGUAGES,
        )


class Correct(Form):
    """What is put right: sentiment (negative, neutral, positive), priority (0 to 3) or theme (names with commas, or a
    field `theme_NAME` for each)."""

    kind: str = ""
    value: str = ""


class TakeBack(Form):
    """sentiment, priority or theme."""

    kind: str = ""


@router.post("/mentions/{mention_id}/correct", **described(Correct, 409))
async def correct(request: Request, mention_id: int, person: PersonDep) -> Response:
    """Put right what was scored wrong: the mention, its case and the reports say so at once."""
    form = await read_form(request, Correct)
    ticked = await _ticked(request)
    value = form.value or ",".join(name for name in THEMES if name in ticked)
    given = {"kind": form.kind, "value": value}
    return await act(request, person, actions.correct, ("mention", mention_id), form.then, **given)


async def _ticked(request: Request) -> set[str]:
    """Themes whose boxes are ticked (`theme_billing`); a plain form cannot send a list in one field."""
    return {name.removeprefix("theme_") for name in await all_values(request) if name.startswith("theme_")}


@router.post("/mentions/{mention_id}/take-back", **described(TakeBack, 409))
async def take_back(request: Request, mention_id: int, person: PersonDep) -> Response:
    """What stood before the correction counts again."""
    form = await read_form(request, TakeBack)
    return await act(request, person, actions.take_back, ("mention", mention_id), form.then, kind=form.kind)


def filter_from(params: Any, person: Person) -> MentionFilter:
    """The filter an address names; days are days of the person's zone."""
    brand = str(params.get("brand", ""))
    until = params.get("until", "")
    topic = str(params.get("topic", ""))
    return MentionFilter(
        status=params.get("status", "") if params.get("status", "") in STATUSES else "",
        brand=row_id(brand) if row_id(brand) in person.brands else None,
        channel=params.get("channel", "")[:40],
        label=params.get("label", "")[:20],
        lang=params.get("lang", "")[:12],
        theme=params.get("theme", "") if params.get("theme", "") in THEMES else "",
        author=params.get("author", "")[:200],
        text=params.get("q", "").strip()[:200],
        since=_moment(params.get("since", ""), person.zone),
        until=_moment(until, person.zone, days=0 if "T" in until else 1),
        topic=row_id(topic) or None,
        count=params.get("count", "") if params.get("count", "") in COUNTS else "",
    )


def address_of(wanted: MentionFilter, person: Person, **changes: Any) -> str:
    """The address of this page with this filter and these changes."""
    new = replace(wanted, **changes)
    fields = {
        "status": new.status,
        "brand": new.brand or "",
        "channel": new.channel,
        "label": new.label,
        "lang": new.lang,
        "theme": new.theme,
        "author": new.author,
        "q": new.text,
        "since": _spoken(new.since, person.zone),
        "until": _spoken(new.until, person.zone, days=1),
        "topic": new.topic or "",
        "count": new.count,
    }
    query = urlencode({name: value for name, value in fields.items() if value})
    return f"/mentions?{query}" if query else "/mentions"


def _moment(value: str, zone: str, days: int = 0) -> datetime | None:
    """A day (the start of it in this zone, `days` later), or an exact moment where the text has a time with offset."""
    try:
        found = datetime.fromisoformat(value)
        if "T" in value:
            return found.astimezone(UTC) if found.tzinfo else None
        return (found + timedelta(days=days)).replace(tzinfo=zone_of(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _spoken(moment: datetime | None, zone: str, days: int = 0) -> str:
    """A moment for an address: a day where it is one in this zone, else exactly."""
    if moment is None:
        return ""
    local = moment.astimezone(zone_of(zone)).replace(tzinfo=None)
    return f"{local - timedelta(days=days):%Y-%m-%d}" if local.time() == time() else iso(moment)


def mention_json(row: MentionRow) -> dict[str, Any]:
    """One mention for programs."""
    return {
        "id": str(row.id),
        "case_id": str(row.case_id) if row.case_id else None,
        "channel": row.channel,
        "external_id": row.external_id,
        "author": row.author_handle,
        "text": row.text,
        "url": row.url,
        "posted_at": iso(row.posted_at),
        "status": row.status,
        "lang": row.lang,
        "label": row.label,
        "sentiment": row.sentiment,
        "severity": row.severity,
        "priority": row.priority,
        "themes": list(row.themes),
    }
