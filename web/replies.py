"""One route for each thing a person can do with a reply. A refused text is shown again, never thrown away."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from domain.errors import BadInput, Missing, Moved
from domain.person import Person
from domain.reply import Finding
from responders import actions
from responders.contract import NEVER_OVERRULED
from responders.drafting import counted
from responders.signing import Looked, first_yes, look
from storage import desk_case
from storage.tables import Case, Reply
from web import codepoints
from web.access import PartsDep, PersonDep
from web.acting import Action, act
from web.cases import LONGEST, InEditor, refused
from web.forms import Form, described, own_path, read_form
from web.wording import depth_words

router = APIRouter()


class Text(Form):
    """A text on the version that the page showed. `then_next` is the case to go on to."""

    text: str = Field(max_length=LONGEST)
    version: int
    then_next: str = ""


class OneFinding(Text):
    """One finding of the text, by its key."""

    finding: str = Field(max_length=100)


class Overrule(OneFinding):
    """Why a finding does not hold for this text."""

    why: str = Field("", max_length=300)


class Reject(Form):
    """One of the short reasons, or another in few words."""

    reason: str = Field("", max_length=300)
    other: str = Field("", max_length=300)
    version: int


class Wanted(Form):
    """What should be different in a draft."""

    words: str = Field("", max_length=300)
    version: int


class Address(Form):
    """Where the reply stands now."""

    url: str = Field("", max_length=2000)
    resolve: bool = False


class Draft(Form):
    """A text to look at."""

    text: str = Field(max_length=LONGEST)


async def _with_text(
    request: Request, person: Person, reply_id: int, action: Action, model: type[Text] = Text
) -> Response:
    """Do it with the form's text; when refused, show the case again with what was typed and what is there now."""
    form = await read_form(request, model)
    said = form.model_dump(exclude={"then", "then_next"})
    then = own_path(form.then_next, form.then) if form.then_next else form.then
    try:
        return await act(request, person, action, ("reply", reply_id), then, **said)
    except (BadInput, Moved) as error:
        why = form.why if isinstance(form, Overrule) else ""
        return await refused(request, person, ("reply", reply_id), error, form.text, why)


@router.post("/replies/{reply_id}/approve", **described(Text, 409))
async def approve(request: Request, reply_id: int, person: PersonDep) -> Response:
    """Yes to exactly this text."""
    return await _with_text(request, person, reply_id, actions.approve)


@router.post("/replies/{reply_id}/edit", **described(Text, 409))
async def edit(request: Request, reply_id: int, person: PersonDep) -> Response:
    """Keep this text, without approving it."""
    return await _with_text(request, person, reply_id, actions.edit)


@router.post("/replies/{reply_id}/mend", **described(OneFinding, 409))
async def mend(request: Request, reply_id: int, person: PersonDep) -> Response:
    """Keep this text with one finding mended."""
    return await _with_text(request, person, reply_id, actions.mend, OneFinding)


@router.post("/replies/{reply_id}/overrule", **described(Overrule, 409))
async def overrule(request: Request, reply_id: int, person: PersonDep) -> Response:
    """One finding does not stop this text, with a reason."""
    return await _with_text(request, person, reply_id, actions.overrule, Overrule)


@router.post("/replies/{reply_id}/hand-over", **described(Text, 409))
async def hand_over(request: Request, reply_id: int, person: PersonDep) -> Response:
    """Approve this text and post it by hand."""
    return await _with_text(request, person, reply_id, actions.hand_over)


@router.post("/replies/{reply_id}/recall", **described(Form, 409))
async def recall(request: Request, reply_id: int, person: PersonDep) -> Response:
    """Take an approval back."""
    form = await read_form(request, Form)
    return await act(request, person, actions.recall, ("reply", reply_id), form.then)


@router.post("/replies/{reply_id}/reject", **described(Reject, 409))
async def reject(request: Request, reply_id: int, person: PersonDep) -> Response:
    """No to this draft, with a reason."""
    form = await read_form(request, Reject)
    return await act(
        request,
        person,
        actions.reject,
        ("reply", reply_id),
        form.then,
        reason=form.reason or form.other,
        version=form.version,
    )


@router.post("/replies/{reply_id}/ask-change", **described(Wanted, 409))
async def ask_change(request: Request, reply_id: int, person: PersonDep) -> Response:
    """Ask for changes to this draft: nobody else approves it as it stands."""
    form = await read_form(request, Wanted)
    said = {"words": form.words, "version": form.version}
    return await act(request, person, actions.ask_change, ("reply", reply_id), form.then, **said)


@router.post("/replies/{reply_id}/unask-change", **described(Form, 409))
async def unask_change(request: Request, reply_id: int, person: PersonDep) -> Response:
    """It may stay as it is after all."""
    form = await read_form(request, Form)
    return await act(request, person, actions.unask_change, ("reply", reply_id), form.then)


@router.post("/replies/{reply_id}/restore", **described(InEditor, 409))
async def restore(request: Request, reply_id: int, person: PersonDep) -> Response:
    """Take a rejection back, or use a draft that gave way."""
    form = await read_form(request, InEditor)
    try:
        return await act(request, person, actions.restore, ("reply", reply_id), form.then, typed=form.typed)
    except (BadInput, Moved) as error:
        return await refused(request, person, ("reply", reply_id), error, form.text)


@router.post("/replies/{reply_id}/mark-sent", **described(Address, 409))
async def mark_sent(request: Request, reply_id: int, person: PersonDep) -> Response:
    """It was posted by hand."""
    form = await read_form(request, Address)
    return await act(
        request, person, actions.mark_sent, ("reply", reply_id), form.then, url=form.url.strip(), resolve=form.resolve
    )


@router.post("/replies/{reply_id}/settle-sent", **described(Address, 409))
async def settle_sent(request: Request, reply_id: int, person: PersonDep) -> Response:
    """Seen on the network, at this address."""
    form = await read_form(request, Address)
    return await act(request, person, actions.settle_sent, ("reply", reply_id), form.then, url=form.url.strip())


@router.post("/replies/{reply_id}/settle-absent", **described(Form, 409))
async def settle_absent(request: Request, reply_id: int, person: PersonDep) -> Response:
    """Looked for, and it is not there."""
    form = await read_form(request, Form)
    return await act(request, person, actions.settle_absent, ("reply", reply_id), form.then)


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
        text = form.text.replace("\r\n", "\n").strip()
        looked = await look(session, person, case, reply, text, parts.responding, now)
        mention = looked.gathered.mention
        seconded = await first_yes(session, person, reply, text, mention, parts.responding, now) is not None
    manifest = parts.channels.get(reply.channel)
    return JSONResponse(
        {
            "findings": [_finding(finding, looked) for finding in looked.findings],
            "depth": {"level": looked.depth.level, "people": looked.depth.people, "said": depth_words(looked.depth)},
            "first_of_two": looked.depth.people > 1 and not seconded,
            "length": counted(manifest, mention)(form.text) if manifest else len(form.text),
            "limit": manifest.max_length if manifest else 0,
            "odd": [{"text": piece.text, "why": piece.why} for piece in codepoints.pieces(form.text) if piece.why],
        }
    )


def _finding(finding: Finding, looked: Looked) -> dict[str, object]:
    overruled = finding.key in looked.overruled
    return {
        "key": finding.key,
        "rule": finding.rule,
        "words": finding.words,
        "advice": finding.advice,
        "blocking": finding.blocking,
        "fix": finding.fix,
        "overruled": overruled,
        "never_overruled": finding.rule in NEVER_OVERRULED,
    }
