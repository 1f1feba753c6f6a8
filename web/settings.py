"""Settings of the installation: above all whether replies may leave. Anybody who answers may stop them."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from domain.errors import BadInput
from storage import desk_lists, settings
from storage.tables import Setting, User
from web.access import PartsDep, PersonDep, require_anywhere
from web.forms import Form, described, own_path, read_form
from web.live import Hint
from web.pages import page, said

router = APIRouter()


class Stop(Form):
    """Why publishing stops; everybody reads it."""

    why: str = Field("", max_length=200)


@router.get("/settings")
async def settings_page(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Publishing, the person's own time zone, the brands."""
    async with parts.db.read() as session:
        last = await session.get(Setting, "publishing")
        actor = int(last.actor[5:]) if last and last.actor.startswith("user:") and last.actor[5:].isdigit() else 0
        who = await session.get(User, actor) if actor else None
        return await page(
            request,
            session,
            person,
            "settings.html",
            last=last,
            who=who.name if who else "",
            brands=await desk_lists.own_brands(session, person.brands),
            limits=parts.responding.limits,
            stopped_by_file=_stopped_by_file(parts),
        )


def _stopped_by_file(parts: PartsDep) -> bool:
    file = parts.responding.stop_file
    return file is not None and file.exists()


@router.post("/publishing/stop", **described(Stop))
async def stop(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Nothing leaves from the next step on."""
    form = await read_form(request, Stop)
    require_anywhere(person, "stop_publishing")
    why = form.why.strip() or "no reason given"
    async with parts.db.write() as session:
        await settings.stop_publishing(
            session, f"stopped by {person.name}: {why}", actor=person.actor, now=parts.clock.now()
        )
    _tell(parts, person.brands)
    response = RedirectResponse(own_path(form.then), 303)
    said(request, response, {"said": "Publishing is stopped. Nothing leaves until an admin starts it again."})
    return response


@router.post("/publishing/start", **described(Form))
async def start(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Approved replies leave again."""
    form = await read_form(request, Form)
    require_anywhere(person, "start_publishing")
    if _stopped_by_file(parts):
        raise BadInput(
            "publishing is stopped by the file STOP in the data folder: remove it first, then turn it on here"
        )
    async with parts.db.write() as session:
        await settings.start_publishing(session, actor=person.actor, now=parts.clock.now())
    _tell(parts, person.brands)
    response = RedirectResponse(own_path(form.then, "/settings"), 303)
    said(request, response, {"said": "Publishing is on: approved replies leave when their undo time has passed."})
    return response


def _tell(parts: PartsDep, brands: list[int]) -> None:
    for brand_id in brands:
        parts.live.tell(Hint(brand_id, "desk", 0))
