"""Who wrote a case on other networks: what may be, a yes or no to it, and what is known there."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from domain.person import Person
from responders import identity_actions as actions
from responders.fact_actions import masked
from storage.identities import Elsewhere, Persons
from web.access import PersonDep
from web.acting import act
from web.forms import Form, described, read_form, row_id
from web.wording import iso

router = APIRouter()


class Other(Form):
    """The other case of the pair."""

    other_id: str = ""


class Said(Form):
    """What was said of a pair."""

    identity_id: str = ""


@router.post("/cases/{case_id}/same-person", **described(Other, 409))
async def same_person(request: Request, case_id: int, person: PersonDep) -> Response:
    """The authors of these two cases are one person."""
    form = await read_form(request, Other)
    return await act(request, person, actions.same_person, ("case", case_id), form.then, other_id=row_id(form.other_id))


@router.post("/cases/{case_id}/other-person", **described(Other, 409))
async def other_person(request: Request, case_id: int, person: PersonDep) -> Response:
    """They are two people."""
    form = await read_form(request, Other)
    return await act(
        request, person, actions.other_person, ("case", case_id), form.then, other_id=row_id(form.other_id)
    )


@router.post("/cases/{case_id}/unsay-person", **described(Said, 409))
async def unsay_person(request: Request, case_id: int, person: PersonDep) -> Response:
    """Take back what was said of such a pair."""
    form = await read_form(request, Said)
    return await act(request, person, actions.unsay, ("case", case_id), form.then, identity_id=row_id(form.identity_id))


def facts_shown(each: Elsewhere, person: Person) -> list[tuple[str, str]]:
    """What is known there; of what is not for this person only that there is something."""
    return [(fact.key, "…" if masked(fact, person) else fact.value) for fact in each.facts]


def as_json(found: Persons) -> dict[str, Any]:
    """For programs."""
    shown = {"same": found.same, "maybe": found.maybe, "apart": found.apart}
    return {name: [_json(each) for each in cases] for name, cases in shown.items()}


def _json(each: Elsewhere) -> dict[str, Any]:
    case = each.case
    return {
        "case_id": str(case.id),
        "channel": case.channel,
        "author": case.author_handle,
        "status": case.status,
        "last_mention_at": iso(case.last_mention_at),
        "why": list(each.why),
        "identity_id": str(each.identity.id) if each.identity else None,
    }
