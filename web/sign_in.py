"""Signing in and out: a one-time link, or mail address and password. Generic answers, growing delays."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from domain.errors import BadInput
from storage import sessions
from storage.people import by_email, person_of
from storage.tables import User
from web.access import PartsDep, PersonDep, cookie_name, drop_cookie, person_asking, set_cookie
from web.errors import problem
from web.forms import Form, own_path, read_form
from web.pages import bare_page, page, said
from web.parts import Parts

router = APIRouter()

LINK_PURPOSE = "sign_in"
LINK_LIFETIME_S = 3600.0
INVITATION_LIFETIME_S = 24 * 3600.0
_WRONG = "This mail address and password do not fit together."
_USED = "This link was used before, is too old, or was cut off. Ask for a new one, or restart Earshot to print one."


class SignIn(Form):
    """Mail address and password."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=1000)


class Link(Form):
    """The token of a one-time link."""

    token: str = Field(max_length=200)


class NewPassword(Form):
    """A new password, and the old one where there is one."""

    password: str = Field(max_length=1000)
    old: str = Field("", max_length=1000)


async def make_sign_in_link(
    session: AsyncSession, user_id: int, now: datetime, lifetime_s: float = LINK_LIFETIME_S
) -> str:
    """The path of a new one-time sign-in link of this person: `/sign-in/link/…`."""
    token = await sessions.make_token(session, LINK_PURPOSE, user_id, now, lifetime_s)
    return f"/sign-in/link/{token}"


@router.get("/sign-in", name="sign_in_page")
async def sign_in_page(request: Request, parts: PartsDep, then: str = "") -> Response:
    """The form."""
    if await person_asking(request) is not None:
        return RedirectResponse(own_path(then), 303)
    return bare_page(request, "sign_in.html", then=own_path(then), email="", wrong="")


@router.post("/sign-in")
async def sign_in(request: Request, parts: PartsDep) -> Response:
    """Check the password, slower after each failure, and open a session."""
    form = await read_form(request, SignIn)
    now, address = parts.clock.now(), request.client.host if request.client else ""
    account = form.email.strip().casefold()
    if (wait := parts.throttle.wait_s(account, address, now)) > 0:
        said = f"Too many tries. Wait {int(wait) + 1} seconds, or use a one-time link."
        return problem(request, 429, said, {"retry-after": str(int(wait) + 1)})
    async with parts.db.read() as session:
        user = await by_email(session, account)
    fits = await parts.passwords.verify(form.password, user.password_hash if user else "")
    if user is None or not fits or user.disabled_at is not None:
        parts.throttle.failed(account, address, now)
        return bare_page(request, "sign_in.html", 401, then=own_path(form.then), email=form.email, wrong=_WRONG)
    parts.throttle.succeeded(account, address, now)
    return await _open(request, parts, user.id, own_path(form.then))


@router.get("/sign-in/link/{token}")
async def link_page(request: Request, token: str, parts: PartsDep) -> Response:
    """A page with one button: looking at the link uses nothing up (mail scanners look at links)."""
    async with parts.db.read() as session:
        row = await sessions.peek_token(session, LINK_PURPOSE, token, parts.clock.now())
        user = await session.get(User, row.user_id) if row else None
    if user is None:
        return problem(request, 404, _USED)
    return bare_page(request, "sign_in_link.html", token=token, name=user.name)


@router.post("/sign-in/link")
async def use_link(request: Request, parts: PartsDep) -> Response:
    """Use the link up and open a session. A person without a password is asked to choose one."""
    form = await read_form(request, Link)
    async with parts.db.write() as session:
        row = await sessions.use_token(session, LINK_PURPOSE, form.token, parts.clock.now())
        user = await session.get(User, row.user_id) if row and row.user_id else None
        if user is None or await person_of(session, user.id) is None:
            return problem(request, 404, _USED)
    return await _open(request, parts, user.id, "/queue" if user.password_hash else "/password?first=1")


async def _open(request: Request, parts: Parts, user_id: int, then: str) -> Response:
    """A new session in place of the one this browser had."""
    async with parts.db.write() as session:
        if old := request.cookies.get(cookie_name(parts)):
            await sessions.end_session(session, old)
        token = await sessions.open_session(session, user_id, parts.clock.now())
    response = RedirectResponse(then, 303)
    set_cookie(parts, response, token)
    return response


@router.post("/sign-out")
async def sign_out(request: Request, parts: PartsDep) -> Response:
    """End this session."""
    if token := request.cookies.get(cookie_name(parts)):
        async with parts.db.write() as session:
            await sessions.end_session(session, token)
    response = RedirectResponse("/sign-in", 303)
    drop_cookie(parts, response)
    return response


@router.get("/password")
async def password_page(request: Request, person: PersonDep, parts: PartsDep, first: bool = False) -> Response:
    """Choose a password."""
    async with parts.db.read() as session:
        user = await session.get_one(User, person.id)
        return await page(
            request, session, person, "password.html", has_one=bool(user.password_hash), email=user.email, first=first
        )


@router.post("/password")
async def set_password(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Store the new password and end all sessions of this person but a fresh one here."""
    form = await read_form(request, NewPassword)
    async with parts.db.read() as session:
        user = await session.get_one(User, person.id)
    if user.password_hash and not await parts.passwords.verify(form.old, user.password_hash):
        raise BadInput("old password: this is not it; sign in with a one-time link if you have forgotten it")
    kept = await parts.passwords.hash(form.password)
    async with parts.db.write() as session:
        user = await session.get_one(User, person.id)
        user.password_hash = kept
        session.add(user)
        await sessions.end_all(session, person.id)
    response = await _open(request, parts, person.id, own_path(form.then))
    said(request, response, {"said": "Password stored. Other browsers were signed out."})
    return response
