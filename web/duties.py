"""Duties: what we promised and what we still owe, and what a person does with a promise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from domain.errors import BadInput
from domain.person import Person
from responders import promise_actions as actions
from storage import case_duties, defects, promises
from storage.promises import PromiseRow
from storage.replies import FOLLOW_UP
from web.access import PartsDep, PersonDep
from web.acting import Action, act
from web.forms import Form, described, read_form, row_id, wants_json
from web.pages import page
from web.problems import title
from web.wording import iso, zone_of

router = APIRouter()

WHOSE = {"mine": "Mine", "team": "Team"}


class Due(Form):
    """When it must be kept, as a form writes it (local, without zone); nothing to leave it as it was read."""

    due: str = ""


class KeptBy(Form):
    """The reply that kept it; nothing when something else did."""

    reply_id: str = ""


class Owner(Form):
    """The colleague's id."""

    user_id: str


@router.get("/duties")
async def duties_page(request: Request, person: PersonDep, parts: PartsDep, whose: str = "mine") -> Response:
    """Open promises, broken ones, and the follow-ups that are due, of this person or of all."""
    if whose not in WHOSE:
        raise BadInput(f"whose: choose one of {', '.join(WHOSE)}")
    now = parts.clock.now()
    async with parts.db.read() as session:
        rows = await promises.ledger(session, person.brands, now, person.id if whose == "mine" else None)
        drafted = await case_duties.drafted(session, person.brands, FOLLOW_UP)
        holding = await case_duties.drafted(session, person.brands, "holding")
        coming = await case_duties.follow_ups_coming(session, person.brands)
        owned = await defects.listed(session, person.brands, owner_id=person.id if whose == "mine" else None)
        groups = {name: [row for row in rows if row.promise.status == name] for name in ("broken", "found", "open")}
        if wants_json(request):
            return JSONResponse({name: [promise_json(row) for row in found] for name, found in groups.items()})
        return await page(
            request, session, person, "duties.html",
            groups=groups, drafted=drafted, holding=holding, coming=coming, whose=whose, choices=WHOSE, defects=owned,
            title=title,
        )  # fmt: skip


def promise_json(row: PromiseRow) -> dict[str, Any]:
    """A promise, for programs."""
    promise = row.promise
    return {
        "id": str(promise.id),
        "case_id": str(promise.case_id),
        "reply_id": str(promise.reply_id),
        "status": promise.status,
        "words": row.words,
        "owner_id": str(promise.owner_id) if promise.owner_id else None,
        "due_at": iso(promise.due_at) if promise.due_at else None,
        "kept_by": str(promise.kept_by) if promise.kept_by else None,
    }


def _moment(text: str, person: Person) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=zone_of(person.zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"due: {text[:40]!r} is not a time; write it like 2026-05-04T15:30") from None


async def _do(request: Request, person: Person, action: Action, promise_id: int, form: Form, **values: Any) -> Response:
    return await act(request, person, action, ("promise", promise_id), form.then, **values)


@router.post("/promises/{promise_id}/confirm", **described(Due, 409))
async def confirm(request: Request, promise_id: int, person: PersonDep) -> Response:
    """It is a promise, with this moment."""
    form = await read_form(request, Due)
    return await _do(request, person, actions.confirm, promise_id, form, due=_moment(form.due, person))


@router.post("/promises/{promise_id}/postpone", **described(Due, 409))
async def postpone(request: Request, promise_id: int, person: PersonDep) -> Response:
    """Another moment for an open promise."""
    form = await read_form(request, Due)
    return await _do(request, person, actions.postpone, promise_id, form, due=_moment(form.due, person))


@router.post("/promises/{promise_id}/keep", **described(KeptBy, 409))
async def keep(request: Request, promise_id: int, person: PersonDep) -> Response:
    """It was kept."""
    form = await read_form(request, KeptBy)
    return await _do(request, person, actions.keep, promise_id, form, reply_id=row_id(form.reply_id) or None)


@router.post("/promises/{promise_id}/unkeep", **described(Form, 409))
async def unkeep(request: Request, promise_id: int, person: PersonDep) -> Response:
    """It was not kept yet."""
    return await _do(request, person, actions.unkeep, promise_id, await read_form(request, Form))


@router.post("/promises/{promise_id}/dismiss", **described(Form, 409))
async def dismiss(request: Request, promise_id: int, person: PersonDep) -> Response:
    """It promises nothing."""
    return await _do(request, person, actions.dismiss, promise_id, await read_form(request, Form))


@router.post("/promises/{promise_id}/restore", **described(Form, 409))
async def restore(request: Request, promise_id: int, person: PersonDep) -> Response:
    """Take the dismissal back."""
    return await _do(request, person, actions.restore, promise_id, await read_form(request, Form))


@router.post("/promises/{promise_id}/give", **described(Owner, 409))
async def give(request: Request, promise_id: int, person: PersonDep) -> Response:
    """Give it to a colleague."""
    form = await read_form(request, Owner)
    return await _do(request, person, actions.give, promise_id, form, user_id=row_id(form.user_id) or 0)
