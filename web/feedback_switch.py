"""The feedback page of a brand in the desk: its link, on or off, a new link."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, Literal

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from domain.errors import BadInput, Missing
from domain.person import Person
from listener.feedback import new_link, switch_off, switch_on
from storage import feedback
from storage.sources import AWAKE
from storage.tables import Brand, SourceRow
from web.access import PartsDep, PersonDep
from web.forms import Form, described, read_form
from web.pages import page, said
from web.parts import Parts

router = APIRouter()

_OFF: Final = "set public_url first, the address under which people outside reach the page"
_Change = Callable[[AsyncSession, int, str, datetime], Awaitable[SourceRow]]
_CHANGES: Final[dict[str, tuple[_Change, str]]] = {
    "on": (switch_on, "The page is switched on. Give its link to the people who may need it."),
    "off": (switch_off, "The page is switched off. Nothing is taken there any more."),
    "new": (new_link, "The page has a new link. Under the old one there is nothing any more."),
}


class Switch(Form):
    """on, off, or new: another link."""

    to: Literal["on", "off", "new"]


@router.get("/brands/{brand_id}/feedback")
async def switch_page(request: Request, brand_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Whether the page is on, its link, and who changed it last."""
    async with parts.db.read() as session:
        brand = await session.get(Brand, brand_id)
        if brand is None or brand_id not in person.roles:
            raise Missing("there is no such brand")
        source = await feedback.of_brand(session, brand_id)
        return await page(
            request,
            session,
            person,
            "feedback_switch.html",
            brand=brand,
            on=source is not None and source.status in AWAKE,
            source=source,
            link=_link(parts, source),
            why_off="" if parts.responding.surveys else _OFF,
            last=await feedback.last_change(session, source) if source else None,
        )


@router.post("/brands/{brand_id}/feedback", **described(Switch, 409))
async def switch(request: Request, brand_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Switch the page on or off, or give it another link."""
    _permit(person, brand_id)
    form = await read_form(request, Switch)
    if form.to == "on" and parts.responding.surveys is None:
        raise BadInput(f"feedback page: {_OFF}")
    change, sentence = _CHANGES[form.to]
    async with parts.db.write() as session:
        await change(session, brand_id, person.actor, parts.clock.now())
    response = RedirectResponse(f"/brands/{brand_id}/feedback", 303)
    said(request, response, {"said": sentence})
    return response


def _permit(person: Person, brand_id: int) -> None:
    if brand_id not in person.roles:
        raise Missing("there is no such brand")
    person.require("listen", brand_id)


def _link(parts: Parts, source: SourceRow | None) -> str:
    if source is None or parts.responding.surveys is None:
        return ""
    return parts.responding.surveys.page(str(source.settings["key"]))
