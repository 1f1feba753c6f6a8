"""What a brand listens for, with a look at what a query would match."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import JSONResponse, RedirectResponse, Response

from domain.errors import BadInput, Missing
from domain.ids import ids
from domain.mention import Mention
from domain.person import Person
from domain.query import parse, phrases
from listener.matching import Matcher, topic
from storage import desk_lists
from storage.tables import MentionRow, Topic
from web.access import PartsDep, PersonDep, brands_for
from web.forms import Form, described, read_form, row_id
from web.pages import page, said
from web.wording import first_words

router = APIRouter()

_LOOKED_AT = 2000
_SHOWN = 8


class TopicForm(Form):
    """A name and a query of one brand."""

    brand_id: str
    name: str = Field(min_length=1, max_length=120)
    query: str = Field(min_length=1, max_length=2000)
    enabled: bool = True


class Enabled(Form):
    """Listen for it, or not."""

    enabled: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """How many of the newest stored mentions a query matches, and the first of them."""

    matched: int
    looked_at: int
    rows: list[MentionRow]
    wrong: str = ""
    phrases: tuple[str, ...] = ()


@router.get("/topics")
async def topics_page(
    request: Request,
    person: PersonDep,
    parts: PartsDep,
    edit: int = 0,
    brand_id: str = "",
    name: str = "",
    query: str = "",
) -> Response:
    """All topics; the form for one, with its preview."""
    async with parts.db.read() as session:
        editing = await desk_lists.topic(session, person.brands, row_id(str(edit))) if edit else None
        if edit and editing is None:
            raise Missing("there is no such topic")
        own = brands_for(person, "listen")
        chosen = editing.brand_id if editing else row_id(brand_id) or next(iter(own), 0)
        asked = query or (editing.query if editing else "")
        preview = await _preview(session, person, chosen, asked) if asked else None
        return await page(
            request,
            session,
            person,
            "topics.html",
            topics=await desk_lists.topics(session, person.brands),
            own=own,
            editing=editing,
            chosen=chosen,
            name=name or (editing.name if editing else ""),
            query=asked,
            preview=preview,
        )


@router.post("/topics/preview", **described(TopicForm))
async def preview_topic(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """What a query matches among stored mentions; changes nothing."""
    form = await read_form(request, TopicForm)
    brand_id = _brand(person, form.brand_id)
    async with parts.db.read() as session:
        found = await _preview(session, person, brand_id, form.query)
    return JSONResponse(
        {
            "matched": found.matched,
            "looked_at": found.looked_at,
            "wrong": found.wrong,
            "phrases": found.phrases,
            "examples": [{"author": m.author_handle, "text": first_words(m.text)} for m in found.rows],
        }
    )


async def _preview(session: AsyncSession, person: Person, brand_id: int, query: str) -> Preview:
    if brand_id not in person.brands:
        raise Missing("there is no such brand")
    try:
        tree = parse(query)
        matcher = Matcher([topic(1, query)])
    except BadInput as error:
        return Preview(0, 0, [], wrong=str(error))
    rows = await desk_lists.recent_mentions(session, brand_id, _LOOKED_AT)
    found = [row for row in rows if matcher.match(_mention(row))]
    return Preview(len(found), len(rows), found[:_SHOWN], phrases=tuple(phrases(tree)))


def _mention(row: MentionRow) -> Mention:
    return Mention(
        channel=row.channel,
        external_id=row.external_id,
        text=row.text,
        title=row.title,
        posted_at=row.posted_at,
        thread_id=row.thread_id,
        url=row.url,
        author_handle=row.author_handle,
        author_name=row.author_name,
        lang_tag=row.lang,
    )


def _brand(person: Person, brand_id: str) -> int:
    """The brand of a form, if this person may change what it listens for."""
    number = row_id(brand_id)
    if number not in person.brands:
        raise Missing("there is no such brand")
    person.require("listen", number)
    return number


@router.post("/topics", **described(TopicForm))
async def add_topic(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Listen for something new."""
    form = await read_form(request, TopicForm)
    brand_id = _brand(person, form.brand_id)
    parse(form.query)
    async with parts.db.write() as session:
        now = parts.clock.now()
        session.add(
            Topic(id=ids.next(now), brand_id=brand_id, name=form.name.strip(), query=form.query.strip(), created_at=now)
        )
    return _done(request, f"Listening for “{form.name.strip()}” from the next poll on.")


@router.post("/topics/{topic_id}", **described(TopicForm))
async def change_topic(request: Request, topic_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Change its name or query."""
    form = await read_form(request, TopicForm)
    async with parts.db.write() as session:
        found = await _topic(session, person, topic_id)
        parse(form.query)
        found.name, found.query = form.name.strip(), form.query.strip()
        session.add(found)
    return _done(request, f"“{form.name.strip()}” changed.")


@router.post("/topics/{topic_id}/enabled", **described(Enabled))
async def enable_topic(request: Request, topic_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Switch it on or off; what was stored stays."""
    form = await read_form(request, Enabled)
    async with parts.db.write() as session:
        found = await _topic(session, person, topic_id)
        found.enabled = form.enabled
        session.add(found)
        name = found.name
    return _done(request, f"“{name}” is {'on' if form.enabled else 'off'}.")


async def _topic(session: AsyncSession, person: Person, topic_id: int) -> Topic:
    found = await desk_lists.topic(session, person.brands, topic_id)
    if found is None:
        raise Missing("there is no such topic")
    person.require("listen", found.brand_id)
    return found


def _done(request: Request, sentence: str) -> Response:
    response = RedirectResponse("/topics", 303)
    said(request, response, {"said": sentence})
    return response
