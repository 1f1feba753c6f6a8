"""The first run: watch your own brand. Everything that needs no account starts at once."""

from __future__ import annotations

from typing import Literal, NamedTuple

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


class Goal(NamedTuple):
    """What somebody wants of it, and the page on which they go on."""

    wish: str
    path: str
    next_step: str


GOALS = {
    "answer": Goal("Answer people well and in time", "/accounts", "Next: connect an account to answer with."),
    "alarm": Goal("Know at once when something burns", "/on-call", "Next: say who is on call and how they hear of it."),
    "learn": Goal("See what is said, and why", "/sources", "Next: look over the places, then at Reports."),
}
"""From a goal to the tool: whoever sets it up says what they want before anything is chosen for them."""


class Watch(Form):
    """The brand's name, other words it is known by, one per line, and one of GOALS."""

    name: str = Field(min_length=1, max_length=80)
    words: str = Field("", max_length=1000)
    goal: Literal["answer", "alarm", "learn"] = "learn"


@router.get("/welcome")
async def welcome_page(request: Request, person: PersonDep, parts: PartsDep, name: str = "") -> Response:
    """Two questions."""
    async with parts.db.read() as session:
        keyless = [(m.title, [n for n, _ in m.keyless(name or "Example")]) for m in parts.channels.values()]
        return await page(
            request, session, person, "welcome.html", name=name, goals=GOALS,
            keyless=[(t, names) for t, names in keyless if names],
        )  # fmt: skip


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
    goal = GOALS[form.goal]
    response = RedirectResponse(goal.path, 303)
    listening = f"Listening for {brand.name} in {len(sources)} places. First posts come within minutes."
    sentence = f"{listening} {goal.next_step}"
    said(request, response, {"said": sentence})
    return response


def _any(words: list[str]) -> str:
    """Any of these words or phrases, as the query of a topic. BadInput when they cannot be one."""
    query = " OR ".join('"' + word.replace('"', " ") + '"' for word in dict.fromkeys(words))
    parse(query)
    return query
