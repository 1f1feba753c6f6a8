"""One route for each thing a person can do with a reply. A refused text is shown again, never thrown away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import JSONResponse, Response

from domain.errors import BadInput, Missing, Moved
from domain.person import Person
from domain.reply import Finding
from responders import actions
from responders.done import Done
from storage import desk_case, replies
from storage.tables import Case, Reply
from web import codepoints
from web.access import PartsDep, PersonDep
from web.acting import act
from web.cases import show
from web.forms import Form, described, own_path, read_form, wants_json
from web.parts import Parts
from web.problems import status_of

router = APIRouter()

_LONGEST = 20_000


class Text(Form):
    """A text on the version that the page showed. `then_next` is the case to go on to."""

    text: str = Field(max_length=_LONGEST)
    version: int
    then_next: str = ""


class Reject(Form):
    """One of the short reasons, or another in few words."""

    reason: str = Field("", max_length=300)
    other: str = Field("", max_length=300)
    version: int


class Address(Form):
    """Where the reply stands now."""

    url: str = Field("", max_length=2000)
    resolve: bool = False


class Draft(Form):
    """A text to look at."""

    text: str = Field(max_length=_LONGEST)


RunText = Callable[[AsyncSession, datetime], Awaitable[Done]]


async def _with_text(
    request: Request, person: Person, parts: Parts, reply_id: int, form: Text, run: RunText
) -> Response:
    """Run it; when it is refused, show the case again with what was typed and what is there now."""
    then = own_path(form.then_next, form.then) if form.then_next else form.then
    try:
        return await act(request, person, run, then, case_of=("reply", reply_id))
    except (BadInput, Moved) as error:
        if wants_json(request) or isinstance(error, Missing):
            raise
        async with parts.db.read() as session:
            found = await desk_case.brand_of(session, person.brands, "reply", reply_id)
            if found is None:
                raise Missing("there is no such reply") from None
            return await show(
                request,
                session,
                person,
                parts,
                found[1],
                status=status_of(error),
                wrong=str(error),
                typed=form.text,
            )


@router.post("/replies/{reply_id}/approve", **described(Text, 409))
async def approve(request: Request, reply_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Yes to exactly this text."""
    form = await read_form(request, Text)
    return await _with_text(
        request,
        person,
        parts,
        reply_id,
        form,
        lambda s, now: actions.approve(
            s, person, reply_id, text=form.text, version=form.version, now=now, parts=parts.responding
        ),
    )


@router.post("/replies/{reply_id}/edit", **described(Text, 409))
async def edit(request: Request, reply_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Keep this text, without approving it."""
    form = await read_form(request, Text)
    return await _with_text(
        request,
        person,
        parts,
        reply_id,
        form,
        lambda s, now: actions.edit(
            s, person, reply_id, text=form.text, version=form.version, now=now, parts=parts.responding
        ),
    )


@router.post("/replies/{reply_id}/hand-over", **described(Text, 409))
async def hand_over(request: Request, reply_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Approve this text and post it by hand."""
    form = await read_form(request, Text)
    return await _with_text(
        request,
        person,
        parts,
        reply_id,
        form,
        lambda s, now: actions.hand_over(
            s, person, reply_id, text=form.text, version=form.version, now=now, parts=parts.responding
        ),
    )


@router.post("/replies/{reply_id}/recall", **described(Form, 409))
async def recall(request: Request, reply_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Take an approval back."""
    form = await read_form(request, Form)
    return await act(
        request,
        person,
        lambda s, now: actions.recall(s, person, reply_id, now=now, parts=parts.responding),
        form.then,
        case_of=("reply", reply_id),
    )


@router.post("/replies/{reply_id}/reject", **described(Reject, 409))
async def reject(request: Request, reply_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """No to this draft, with a reason."""
    form = await read_form(request, Reject)
    return await act(
        request,
        person,
        lambda s, now: actions.reject(
            s,
            person,
            reply_id,
            reason=form.reason or form.other,
            version=form.version,
            now=now,
            parts=parts.responding,
        ),
        form.then,
        case_of=("reply", reply_id),
    )


@router.post("/replies/{reply_id}/restore", **described(Form, 409))
async def restore(request: Request, reply_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Take a rejection back."""
    form = await read_form(request, Form)
    return await act(
        request,
        person,
        lambda s, now: actions.restore(s, person, reply_id, now=now, parts=parts.responding),
        form.then,
        case_of=("reply", reply_id),
    )


@router.post("/replies/{reply_id}/mark-sent", **described(Address, 409))
async def mark_sent(request: Request, reply_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """It was posted by hand."""
    form = await read_form(request, Address)
    return await act(
        request,
        person,
        lambda s, now: actions.mark_sent(
            s, person, reply_id, url=form.url.strip(), resolve=form.resolve, now=now, parts=parts.responding
        ),
        form.then,
        case_of=("reply", reply_id),
    )


@router.post("/replies/{reply_id}/settle-sent", **described(Address, 409))
async def settle_sent(request: Request, reply_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Seen on the network, at this address."""
    form = await read_form(request, Address)
    return await act(
        request,
        person,
        lambda s, now: actions.settle_sent(s, person, reply_id, url=form.url.strip(), now=now, parts=parts.responding),
        form.then,
        case_of=("reply", reply_id),
    )


@router.post("/replies/{reply_id}/settle-absent", **described(Form, 409))
async def settle_absent(request: Request, reply_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Looked for, and it is not there."""
    form = await read_form(request, Form)
    return await act(
        request,
        person,
        lambda s, now: actions.settle_absent(s, person, reply_id, now=now, parts=parts.responding),
        form.then,
        case_of=("reply", reply_id),
    )


@router.post("/replies/{reply_id}/check", **described(Draft))
async def check(request: Request, reply_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """What the reply contract says about this text; changes nothing."""
    form = await read_form(request, Draft)
    now = parts.clock.now()
    async with parts.db.read() as session:
        found = await desk_case.brand_of(session, person.brands, "reply", reply_id)
        if found is None:
            raise Missing("there is no such reply")
        person.require("edit", found[0])
        case, reply = await session.get_one(Case, found[1]), await session.get_one(Reply, reply_id)
        gathered = await replies.gather(session, case, reply, now)
    findings = parts.responding.check(gathered, form.text.replace("\r\n", "\n").strip())
    manifest = parts.channels.get(reply.channel)
    return JSONResponse(
        {
            "findings": [_finding(finding) for finding in findings],
            "length": manifest.length(form.text) if manifest else len(form.text),
            "limit": manifest.max_length if manifest else 0,
            "odd": [{"text": piece.text, "why": piece.why} for piece in codepoints.pieces(form.text) if piece.why],
        }
    )


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "rule": finding.rule,
        "words": finding.words,
        "advice": finding.advice,
        "blocking": finding.blocking,
    }
