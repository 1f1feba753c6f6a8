"""What is missing: questions that no live article answers, and defects that service cannot fix, with their owners."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from domain.errors import Missing
from domain.person import Person
from responders import missing
from responders.missing import Open
from scoring.gaps import Gap
from storage import defects
from storage.defects import DefectRow
from web.access import PartsDep, PersonDep
from web.acting import Action, answer
from web.forms import Form, described, read_form, row_id, wants_json
from web.pages import page
from web.problems import title
from web.wording import iso

router = APIRouter()


class Aside(Form):
    """The clue of a gap, in a brand."""

    brand_id: str
    term: int = Field(ge=-(2**63), lt=2**63)


@router.get("/gaps")
async def gaps_page(request: Request, person: PersonDep, parts: PartsDep, brand: str = "") -> Response:
    """Gaps of one brand (the first, if none is named), and the defects of all brands the person may see."""
    chosen = row_id(brand) if brand else next(iter(person.brands), 0)
    if chosen not in person.brands:
        raise Missing("there is no such brand")
    now = parts.clock.now()
    async with parts.db.read() as session:
        found = await missing.find(session, chosen, now)
        rows = await defects.listed(session, person.brands, statuses=("reported", "being_fixed", "will_not_fix"))
        if wants_json(request):
            return JSONResponse(
                {"gaps": [_json(gap) for gap in found.gaps], "defects": [defect_json(row) for row in rows]}
            )
        return await page(
            request, session, person, "gaps.html", found=found, chosen=chosen, defects=rows, title=title,
            most=missing.MOST, examples=lambda gap: _examples(found, gap), asked_in=asked_in,
        )  # fmt: skip


def _examples(found: Open, gap: Gap) -> list[Any]:
    return [found.posts[each.row_id] for each in gap.asked[: missing.EXAMPLES] if each.row_id in found.posts]


def asked_in(gap: Gap) -> str:
    """The language in which most of it was asked."""
    return next((lang for lang, _ in gap.languages if lang), "en")


def _json(gap: Gap) -> dict[str, Any]:
    return {
        "term": str(gap.term),
        "named": gap.named,
        "people": gap.people,
        "questions": len(gap.asked),
        "languages": {lang or "unknown": count for lang, count in gap.languages},
        "mentions": [str(each.row_id) for each in gap.asked],
    }


def defect_json(row: DefectRow) -> dict[str, Any]:
    """A defect, for programs."""
    return {
        "problem_id": str(row.defect.problem_id),
        "brand_id": str(row.defect.brand_id),
        "title": title(row.problem),
        "status": row.defect.status,
        "owner_id": str(row.defect.owner_id),
        "owner": row.owner,
        "note": row.defect.note,
        "people": row.people,
        "since": iso(row.defect.since),
    }


async def _act(request: Request, person: Person, action: Action, row: int, then: str, **values: Any) -> Response:
    parts = request.app.state.parts
    async with parts.db.write() as session:
        done = await action(session, person, row, now=parts.clock.now(), parts=parts.responding, **values)
    return answer(request, done, then)


@router.post("/gaps", **described(Aside, 409))
async def put_aside(request: Request, person: PersonDep) -> Response:
    """These questions need no article."""
    form = await read_form(request, Aside)
    return await _act(request, person, missing.put_aside, row_id(form.brand_id), form.then, term=form.term)


@router.post("/gaps/{gap_id}/needed", **described(Form, 409))
async def needed(request: Request, gap_id: int, person: PersonDep) -> Response:
    """They need one after all."""
    form = await read_form(request, Form)
    return await _act(request, person, missing.needed, gap_id, form.then)


@router.post("/gaps/{gap_id}/aside", **described(Form, 409))
async def aside(request: Request, gap_id: int, person: PersonDep) -> Response:
    """They need none, again."""
    form = await read_form(request, Form)
    return await _act(request, person, missing.aside, gap_id, form.then)
