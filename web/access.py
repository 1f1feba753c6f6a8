"""Who is asking: the person behind the cookie. Scope comes from here and never from what was sent."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from domain.errors import NotAllowed
from domain.person import Person
from storage import sessions
from storage.people import person_of
from web.parts import Parts


class SignInNeeded(Exception):
    """Nobody is signed in, or the session has ended."""


def parts_of(request: Request) -> Parts:
    """What the desk is built from."""
    parts: Parts = request.app.state.parts
    return parts


def cookie_name(parts: Parts) -> str:
    """With TLS the `__Host-` prefix binds the cookie to this host and to https."""
    return "__Host-earshot" if parts.secure else "earshot"


def set_cookie(parts: Parts, response: Response, token: str) -> None:
    """Give the browser its session."""
    response.set_cookie(
        cookie_name(parts),
        token,
        max_age=sessions.ABSOLUTE_S,
        secure=parts.secure,
        httponly=True,
        samesite="lax",
        path="/",
    )


def drop_cookie(parts: Parts, response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(cookie_name(parts), path="/", secure=parts.secure, httponly=True, samesite="lax")


async def person_asking(request: Request) -> Person | None:
    """The signed-in person, None when nobody is."""
    parts = parts_of(request)
    token = request.cookies.get(cookie_name(parts), "")
    if not token:
        return None
    now = parts.clock.now()
    async with parts.db.read() as session:
        row = await sessions.find_session(session, token, now)
        person = await person_of(session, row.user_id) if row else None
    if row is None or person is None:
        return None
    if sessions.wants_touch(row, now):
        async with parts.db.write() as session:
            await sessions.touch(session, row.token_hash, now)
    return person


async def signed_in(request: Request) -> Person:
    """The signed-in person; SignInNeeded when nobody is."""
    person = await person_asking(request)
    if person is None:
        raise SignInNeeded
    return person


def may_anywhere(person: Person, action: str) -> bool:
    """Whether the person may do this in at least one brand."""
    return any(person.may(action, brand_id) for brand_id in person.brands)


def require_anywhere(person: Person, action: str) -> None:
    """For what concerns the whole installation. NotAllowed unless the role in some brand permits it."""
    if not may_anywhere(person, action):
        raise NotAllowed(f"your role does not permit this: {action.replace('_', ' ')}")


def brands_for(person: Person, action: str) -> list[int]:
    """The brands in which the person may do this."""
    return [brand_id for brand_id in person.brands if person.may(action, brand_id)]


PartsDep = Annotated[Parts, Depends(parts_of)]
PersonDep = Annotated[Person, Depends(signed_in)]
