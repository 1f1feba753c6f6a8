"""Erase what is held of one author: it is counted first, then a person says yes."""

from __future__ import annotations

import structlog
from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from domain import remembering
from domain.errors import BadInput, Missing
from domain.person import Person
from storage import erasure
from storage.erasure import Author
from web.access import PartsDep, PersonDep, brands_for, require_anywhere
from web.forms import Form, described, read_form, row_id
from web.pages import page, said
from web.parts import Parts

log = structlog.get_logger()
router = APIRouter()


class Whose(Form):
    """The author: handle or native id, as the posts show it."""

    brand_id: str
    channel: str
    author: str = Field(max_length=300)


@router.get("/erase")
async def erase_page(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """The form."""
    require_anywhere(person, "erase")
    return await _show(request, person, parts)


@router.post("/erase/count", **described(Whose))
async def count(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """What would be erased; changes nothing. The name stands in no address and no log."""
    who = _whose(await read_form(request, Whose), person, parts)
    return await _show(request, person, parts, who, await erasure.count(parts.db, who))


@router.post("/erase", **described(Whose))
async def erase(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Erase it."""
    who = _whose(await read_form(request, Whose), person, parts)
    erased = await erasure.erase(parts.db, who, actor=person.actor, now=parts.clock.now())
    remembering.forget()
    log.info("an author's data was erased", brand=who.brand_id, channel=who.channel, posts=erased.posts)
    response = RedirectResponse("/erase", 303)
    said(request, response, {"said": f"Erased: {erased}."})
    return response


def _whose(form: Whose, person: Person, parts: Parts) -> Author:
    brand_id = row_id(form.brand_id)
    if brand_id not in person.brands:
        raise Missing("there is no such brand")
    person.require("erase", brand_id)
    if form.channel not in parts.channels:
        raise BadInput(f"channel: unknown; choose one of {', '.join(parts.channels)}")
    return erasure.author(brand_id, form.channel, form.author)


async def _show(
    request: Request, person: Person, parts: Parts, who: Author | None = None, counted: erasure.Count | None = None
) -> Response:
    async with parts.db.read() as session:
        own = brands_for(person, "erase")
        return await page(request, session, person, "erase.html", own=own, who=who, counted=counted)
