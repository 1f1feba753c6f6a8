"""The first run: watch your own brand. Needs only a name; everything without an account starts at once."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from domain.ids import ids
from domain.query import parse
from listener.onboarding import watch_brand
from storage import people
from storage.tables import Topic
from web.access import PartsDep, PersonDep, require_anywhere
from web.forms import Form, described, read_form
from web.pages import page, said

router = APIRouter()


class Watch(Form):
    """The brand's name, and other words it is known by, one per line."""

    name: str = Field(min_length=1, max_length=80)
    words: str = Field("", max_length=1000)


@router.get("/welcome")
async def welcome_page(request: Request, person: PersonDep, parts: PartsDep, name: str = "") -> Response:
    """One field."""
    async with parts.db.read() as session:
        keyless = [(m.title, [n for n, _ in m.keyless(name or "Example")]) for m in parts.channels.values()]
        return await page(
            request, session, person, "welcome.html", name=name, keyless=[(t, names) for t, names in keyless if names]
        )


@router.post("/welcome", **described(Watch))
async def watch(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Make the brand with one topic and every source that needs no account."""
    form = await read_form(request, Watch)
    if person.brands:
        require_anywhere(person, "people")
    words = [word.strip() for word in form.words.splitlines() if word.strip()]
    now = parts.clock.now()
    async with parts.db.write() as session:
        brand, sources = await watch_brand(session, form.name, parts.channels, now)
        await people.set_role(session, person.id, brand.id, "admin")
        if words:
            session.add(
                Topic(id=ids.next(now), brand_id=brand.id, name="Other names", query=_any(words), created_at=now)
            )
    response = RedirectResponse("/sources", 303)
    sentence = f"Listening for {brand.name} in {len(sources)} places. First posts come within minutes."
    said(request, response, {"said": sentence})
    return response


def _any(words: list[str]) -> str:
    """Any of these words or phrases, as the query of a topic. BadInput when they cannot be one."""
    query = " OR ".join('"' + word.replace('"', " ") + '"' for word in dict.fromkeys(words))
    parse(query)
    return query
