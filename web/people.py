"""Who works here, with which role in which brand. For admins."""

from __future__ import annotations

from zoneinfo import available_timezones

from fastapi import APIRouter, Request
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import JSONResponse, RedirectResponse, Response

from domain.errors import BadInput, Missing, NotAllowed
from domain.person import ROLES, Person
from storage import people
from storage.tables import User
from web.access import PartsDep, PersonDep, brands_for, require_anywhere
from web.forms import Form, described, read_form, row_id, wants_json
from web.pages import page, said
from web.sign_in import INVITATION_LIFETIME_S, make_sign_in_link

router = APIRouter()


class NewPerson(Form):
    """A colleague with a first role."""

    email: str = Field(max_length=254)
    name: str = Field(max_length=120)
    zone: str = "UTC"
    brand_id: str
    role: str


class Role(Form):
    """A role in a brand; empty takes it away."""

    brand_id: str
    role: str = ""


class Zone(Form):
    """A time zone by its name."""

    zone: str = Field(max_length=60)


@router.get("/people")
async def people_page(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Everybody in the brands this admin looks after."""
    require_anywhere(person, "people")
    async with parts.db.read() as session:
        return await _show(request, session, person)


async def _show(request: Request, session: AsyncSession, person: Person, *, link: str = "", of: str = "") -> Response:
    own = brands_for(person, "people")
    return await page(
        request,
        session,
        person,
        "people.html",
        members=await people.members(session, own),
        own=own,
        roles=ROLES,
        link=link,
        link_of=of,
    )


@router.post("/people", **described(NewPerson))
async def add_person(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """A new colleague; the page then shows a sign-in link once, to be handed over."""
    form = await read_form(request, NewPerson)
    brand_id = _brand(person, form.brand_id)
    if form.role not in ROLES:
        raise BadInput(f"role: choose one of {', '.join(ROLES)}")
    async with parts.db.write() as session:
        user = await people.add_person(session, form.email, form.name, known_zone(form.zone), parts.clock.now())
        await people.set_role(session, user.id, brand_id, form.role)
        link = await make_sign_in_link(session, user.id, parts.clock.now(), INVITATION_LIFETIME_S)
    return await _with_link(request, person, user, link)


@router.post("/people/{user_id}/role", **described(Role))
async def set_role(request: Request, user_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Another role in one brand; it counts from the next request on."""
    form = await read_form(request, Role)
    brand_id = _brand(person, form.brand_id)
    if user_id == person.id and form.role != "admin":
        raise BadInput("role: you cannot take your own admin role away; another admin can")
    async with parts.db.write() as session:
        user = await _colleague(session, person, user_id)
        await people.set_role(session, user.id, brand_id, form.role)
    return _done(request, f"{user.name}: {form.role.replace('_', ' ') or 'no role'}.")


@router.post("/people/{user_id}/link", **described(Form))
async def new_link(request: Request, user_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """A fresh one-time sign-in link, shown once."""
    await read_form(request, Form)
    require_anywhere(person, "people")
    async with parts.db.write() as session:
        user = await _colleague(session, person, user_id, whole=True)
        if user.disabled_at is not None:
            raise BadInput("this person is disabled: enable them first")
        link = await make_sign_in_link(session, user.id, parts.clock.now(), INVITATION_LIFETIME_S)
    return await _with_link(request, person, user, link)


@router.post("/people/{user_id}/disable", **described(Form))
async def disable(request: Request, user_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Nobody signs in as this person any more; all their sessions end now."""
    await read_form(request, Form)
    require_anywhere(person, "people")
    if user_id == person.id:
        raise BadInput("you cannot disable yourself; another admin can")
    async with parts.db.write() as session:
        user = await _colleague(session, person, user_id, whole=True)
        await people.disable(session, user, parts.clock.now())
    return _done(request, f"{user.name} is disabled and signed out everywhere.")


@router.post("/people/{user_id}/enable", **described(Form))
async def enable(request: Request, user_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Let a disabled person in again; they need a new link or their password."""
    await read_form(request, Form)
    require_anywhere(person, "people")
    async with parts.db.write() as session:
        user = await _colleague(session, person, user_id, whole=True)
        user.disabled_at = None
        session.add(user)
    return _done(request, f"{user.name} may sign in again.")


@router.post("/zone", **described(Zone))
async def set_zone(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """The signed-in person's own time zone."""
    form = await read_form(request, Zone)
    async with parts.db.write() as session:
        user = await session.get_one(User, person.id)
        user.zone = known_zone(form.zone)
        session.add(user)
    response = RedirectResponse("/settings", 303)
    said(request, response, {"said": f"Times are shown in {form.zone}."})
    return response


def known_zone(name: str) -> str:
    """The zone if there is one of that name. BadInput otherwise."""
    if name not in available_timezones():
        raise BadInput(f"time zone: none is called {name!r}; use e.g. Europe/Zagreb")
    return name


def _brand(person: Person, brand_id: str) -> int:
    number = row_id(brand_id)
    if number not in person.brands:
        raise Missing("there is no such brand")
    person.require("people", number)
    return number


async def _colleague(session: AsyncSession, person: Person, user_id: int, *, whole: bool = False) -> User:
    """A person who has a role in a brand that this admin looks after. `whole`: in all of theirs, because what is done
    to the person (a sign-in link above all) would otherwise open brands that this admin does not look after."""
    require_anywhere(person, "people")
    found = await people.members(session, brands_for(person, "people"))
    member = next((member for member in found if member.user.id == user_id), None)
    if member is None:
        raise Missing("there is no such person")
    if whole and not set(await people.brands_of(session, user_id)) <= set(brands_for(person, "people")):
        raise NotAllowed("this person also works for a brand that you do not look after: ask an admin of both")
    return member.user


async def _with_link(request: Request, person: Person, user: User, link: str) -> Response:
    parts = request.app.state.parts
    address = parts.public_url.rstrip("/") + link
    if wants_json(request):
        return JSONResponse({"id": str(user.id), "link": address})
    async with parts.db.read() as session:
        return await _show(request, session, person, link=address, of=user.name)


def _done(request: Request, sentence: str) -> Response:
    response = RedirectResponse("/people", 303)
    said(request, response, {"said": sentence})
    return response
