"""One case: its page, and one route for each thing a person can do with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import JSONResponse, RedirectResponse, Response

from domain.errors import BadInput, Missing, Moved
from domain.person import Person
from domain.reply import Finding
from responders import actions, holds
from responders.allowed import way_now
from responders.contract import NEVER_OVERRULED
from responders.drafting import unsaid
from responders.markets import PACKS, texts
from responders.redrafting import Typed
from responders.signing import Looked, look, waiting_for_second
from storage import desk, desk_case, desk_problems
from storage.articles import proposed_by
from storage.desk_case import CaseView, case_view
from storage.replies import account_of
from storage.tables import Reply
from storage.tables_depth import SignOff
from web import identities, knowing, snoozes, storms, surveys
from web.access import PartsDep, PersonDep, parts_of
from web.acting import act
from web.checklist import checklist, together
from web.errors import status_of
from web.forms import Form, described, read_form, row_id, wants_json
from web.market import market
from web.pages import page
from web.parts import Parts
from web.problems import title
from web.queue import address_of, kept_filter
from web.story import conversation, story
from web.wording import iso

router = APIRouter()

LONGEST = 20_000
"""So many characters a text may have."""
_STRIP = 40


class Versioned(Form):
    """An action on the version of the case that the page showed."""

    version: int | None = None


class Snooze(Versioned):
    """A preset (1h, afternoon, tomorrow, monday) or a moment."""

    preset: str = ""
    until: str = ""


class Assign(Versioned):
    """The colleague's id; nothing for nobody."""

    user_id: str = ""


class Why(Versioned):
    """A reason in plain words."""

    why: str = Field("", max_length=300)


class InEditor(Form):
    """What stands in the editor of the draft that was shown; it is kept with that draft."""

    reply_id: str = ""
    version: int = 0
    text: str = Field("", max_length=LONGEST)

    @property
    def typed(self) -> Typed | None:
        """None where no draft was shown."""
        return Typed(row_id(self.reply_id), self.version, self.text) if self.reply_id else None


class Redraft(InEditor):
    """answer or holding; without it another one of the same kind."""

    kind: str = ""


class NewNote(Form):
    """A private note."""

    text: str = Field(max_length=4000)


@router.get("/cases/{case_id}")
async def case_page(request: Request, case_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """The case with its thread, the draft, and what happened so far."""
    async with parts.db.read() as session:
        if wants_json(request):
            view = await _view(session, person, case_id)
            here = await market(session, person, view, parts.clock.now())
            rows = await knowing.fact_rows(session, person, view, parts.clock.now())
            items = checklist(view, (row.row for row in rows if row.row), await proposed_by(session, case_id))
            return JSONResponse(
                _case_json(view)
                | {"hold": await _hold_json(session, person, view, parts.clock.now())}
                | {"market": here.json() if here else None}
                | {"known": knowing.as_json(rows)}
                | {"checklist": [{"step": item.name, "at": iso(item.at) if item.at else None} for item in items]}
                | {"together": together(view)}
                | {"storm": storms.banner_json(await storms.banner_of(session, person, case_id, parts.clock.now()))}
            )
        return await show(request, session, person, parts, case_id)


async def show(
    request: Request,
    session: AsyncSession,
    person: Person,
    parts: Parts,
    case_id: int,
    *,
    status: int = 200,
    wrong: str = "",
    typed: str | None = None,
    why: str = "",
) -> Response:
    """The page; `wrong` tells why an action was refused and `typed` is the text it came with, `why` the reason: never
    thrown away."""
    view = await _view(session, person, case_id)
    now = parts.clock.now()
    wanted = kept_filter(request, person)
    looked, first = await _looked(session, person, parts, view, typed, now)
    neighbours = await desk.queue(session, person.brands, wanted, now, limit=_STRIP)
    known = await knowing.known(session, person, view, now)
    article = await proposed_by(session, case_id)
    return await page(
        request,
        session,
        person,
        "case.html",
        status=status,
        view=view,
        storm=await storms.banner_of(session, person, case_id, now),
        part_of=(await desk_problems.parts_of(session, [case_id])).get(case_id),
        problem_title=title,
        known=known,
        checklist=checklist(view, known.noted, article),
        together=together(view),
        market=await market(session, person, view, now),
        case=view.case,
        live=view.live,
        way=await _way(session, parts, view, now),
        looked=looked,
        unsaid=unsaid(looked.gathered, parts.channels[looked.gathered.reply.channel]) if looked else (),
        first=first,
        never_overruled=NEVER_OVERRULED,
        overrulable=overrulable,
        hold=(hold := await _hold(session, person, view, typed, now)),
        calmer=await desk_case.team_of(session, view.case.brand_id, "approve") if hold else [],
        survey=await surveys.panel(session, parts, view, now),
        story=story(view),
        conversation=conversation(view),
        facts_shown=lambda each: identities.facts_shown(each, person),
        neighbours=neighbours.rows,
        without=without,
        following=_following([row.case.id for row in neighbours.rows], case_id),
        back=address_of(wanted),
        snoozes=snoozes.presets(now, person.zone),
        reasons=actions.REJECT_REASONS,
        wrong=wrong,
        typed=typed,
        why=why,
        limit=_limit(parts, view.case.channel),
        mail=_mail(parts, person, view),
    )


async def refused(
    request: Request, person: Person, row: tuple[str, int], error: BadInput | Moved, typed: str, why: str = ""
) -> Response:
    """The case again, with what was typed and what is there now; for programs, and where nothing was typed, the error.
    `row` is (noun, id) of the case or of a reply to it; `why` is a reason that was typed beside the text."""
    if wants_json(request) or not typed or isinstance(error, Missing):
        raise error
    parts, typed = parts_of(request), typed.replace("\r\n", "\n")  # forms send CRLF
    async with parts.db.read() as session:
        found = await desk_case.brand_of(session, person.brands, *row)
        if found is None:
            raise Missing(f"there is no such {row[0]}") from None
        return await show(
            request, session, person, parts, found[1], status=status_of(error), wrong=str(error), typed=typed, why=why
        )


async def _view(session: AsyncSession, person: Person, case_id: int) -> CaseView:
    view = await case_view(session, person.brands, case_id, texts(PACKS.all().values()))
    if view is None:
        raise Missing("there is no such case")
    return view


async def _way(session: AsyncSession, parts: Parts, view: CaseView, now: datetime) -> tuple[str, str]:
    """How an answer can leave, and why: shown before anyone drafts."""
    live, mention = view.live, view.answered
    if view.case.channel not in parts.channels or mention is None:
        return "none", "this channel is no longer part of Earshot"
    asked = live or Reply(
        id=0, brand_id=view.case.brand_id, case_id=view.case.id, mention_id=mention.id, channel=view.case.channel,
        created_at=view.case.opened_at,
    )  # fmt: skip
    if live is not None and live.status in ("handed_over", "sending", "unknown", "refused"):
        return live.way, live.way_reason
    capability = await way_now(session, asked, await account_of(session, asked), mention, parts.responding, now)
    return capability.way, capability.reason


async def _looked(
    session: AsyncSession, person: Person, parts: Parts, view: CaseView, typed: str | None, now: datetime
) -> tuple[Looked | None, SignOff | None]:
    """What stands against the draft, or what was typed in its place, and who said the first of two yeses to it."""
    live, mention = view.live, view.answered
    if live is None or live.status != "drafted" or mention is None or live.channel not in parts.channels:
        return None, None
    text = live.text if typed is None else typed
    looked = await look(session, person, view.case, live, text, parts.responding, now)
    return looked, await waiting_for_second(session, live, mention, parts.responding, now)


def overrulable(looked: Looked) -> list[Finding]:
    """What still stops approval and may be overruled with a reason."""
    return [each for each in looked.blocking if each.rule not in NEVER_OVERRULED]


async def _hold(
    session: AsyncSession, person: Person, view: CaseView, typed: str | None, now: datetime
) -> holds.Hold | None:
    """What the Rule of 5 says of the answer that is waiting for approval by this person."""
    live = view.live
    if live is None or live.status != "drafted":
        return None
    return await holds.hold_of(session, person, view.case, live, live.text if typed is None else typed, now)


async def _hold_json(session: AsyncSession, person: Person, view: CaseView, now: datetime) -> dict[str, Any] | None:
    hold = await _hold(session, person, view, None, now)
    return {"reasons": hold.reasons, "until": iso(hold.until), "begun": hold.begun} if hold else None


def _mail(parts: Parts, person: Person, view: CaseView) -> tuple[str, str]:
    """The address to which a person answers by hand, and what opens a mail to it; empty for who may not answer."""
    manifest, mention = parts.channels.get(view.case.channel), view.answered
    if manifest is None or manifest.mail_to is None or mention is None or not person.may("hand_over", mention.brand_id):
        return "", ""
    native = dict(mention.native)
    return manifest.mail_to(native), manifest.mail_link(native)


def _limit(parts: Parts, channel: str) -> int:
    return parts.channels[channel].max_length if channel in parts.channels else 0


def _following(ids: list[int], case_id: int) -> int | None:
    """The case after this one in the queue, else its first other one."""
    if case_id in ids and ids.index(case_id) + 1 < len(ids):
        return ids[ids.index(case_id) + 1]
    return next((other for other in ids if other != case_id), None)


def _case_json(view: CaseView) -> dict[str, Any]:
    case, live = view.case, view.live
    return {
        "id": str(case.id),
        "version": case.version,
        "status": case.status,
        "channel": case.channel,
        "priority": case.priority,
        "why": case.why,
        "place": {"now": view.place.now, "of": view.place.of} if view.place else None,
        "parts": _parts_json(view),
        "assignee_id": str(case.assignee_id) if case.assignee_id else None,
        "next_due_at": iso(case.next_due_at) if case.next_due_at else None,
        "mentions": [
            {"id": str(m.id), "author": m.author_handle, "text": m.text, "url": m.url, "posted_at": iso(m.posted_at)}
            for m in view.mentions
        ],
        "reply": _reply_json(live) if live else None,
        "changes_asked": [{"by": view.people.get(note.user_id, ""), "words": note.text} for note in view.changes_asked],
        "former_drafts": [{"id": str(each.id), "kind": each.kind, "text": each.text} for each in view.former],
        "suggestion": {"model": view.suggested.model, "text": view.suggested.text} if view.suggested else None,
        "opt_out": {"since": iso(view.opt_out.created_at), "said": view.opt_out.said} if view.opt_out else None,
        "person": identities.as_json(view.persons),
        "history": [
            {
                "noun": t.noun,
                "old": t.old,
                "new": t.new,
                "actor": t.actor,
                "at": iso(t.at),
                "why": view.typed.get(t.id, t.why),
            }
            for t in view.history
        ],
    }


def without(view: CaseView) -> dict[str, int]:
    """The place in the queue that the case would have without each part of its priority, by the part's name."""
    if view.place is None or view.loudest is None:
        return {}
    return {str(part[0]): place for part, place in zip(view.loudest.parts, view.place.without, strict=True)}


def _parts_json(view: CaseView) -> list[dict[str, Any]]:
    places, parts = without(view), view.loudest.parts if view.loudest else []
    return [
        {"name": name, "points": points, "reason": reason, "place_without": places.get(name)}
        for name, points, reason in parts
    ]


def _reply_json(reply: Reply) -> dict[str, Any]:
    return {
        "id": str(reply.id),
        "status": reply.status,
        "version": reply.version,
        "text": reply.text,
        "way": reply.way,
        "error": reply.error,
        "due_at": iso(reply.due_at) if reply.due_at else None,
    }


@router.post("/cases/{case_id}/snooze", **described(Snooze, 409))
async def snooze(request: Request, case_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Out of the queue until a moment."""
    form = await read_form(request, Snooze)
    until = snoozes.until(form.preset, form.until, parts.clock.now(), person.zone)
    return await act(request, person, actions.snooze, ("case", case_id), form.then, until=until, version=form.version)


@router.post("/cases/{case_id}/wake", **described(Form, 409))
async def wake(request: Request, case_id: int, person: PersonDep) -> Response:
    """Back into the queue now."""
    form = await read_form(request, Form)
    return await act(request, person, actions.wake, ("case", case_id), form.then)


@router.post("/cases/{case_id}/assign", **described(Assign, 409))
async def assign(request: Request, case_id: int, person: PersonDep) -> Response:
    """Give it to a colleague, or to nobody."""
    form = await read_form(request, Assign)
    if form.user_id and not row_id(form.user_id):
        raise BadInput("user_id: the number of a colleague is expected")
    user_id = row_id(form.user_id) or None
    return await act(
        request, person, actions.assign, ("case", case_id), form.then, user_id=user_id, version=form.version
    )


@router.post("/cases/{case_id}/escalate", **described(Why, 409))
async def escalate(request: Request, case_id: int, person: PersonDep) -> Response:
    """Hand it to somebody with more authority, with a reason."""
    form = await read_form(request, Why)
    return await act(
        request, person, actions.escalate, ("case", case_id), form.then, why=form.why, version=form.version
    )


@router.post("/cases/{case_id}/resolve", **described(Why, 409))
async def resolve(request: Request, case_id: int, person: PersonDep) -> Response:
    """Nothing more is owed."""
    form = await read_form(request, Why)
    return await act(request, person, actions.resolve, ("case", case_id), form.then, why=form.why, version=form.version)


@router.post("/cases/{case_id}/reopen", **described(Form, 409))
async def reopen(request: Request, case_id: int, person: PersonDep) -> Response:
    """Owed again."""
    form = await read_form(request, Form)
    return await act(request, person, actions.reopen, ("case", case_id), form.then)


@router.post("/cases/{case_id}/ignore", **described(Why, 409))
async def ignore(request: Request, case_id: int, person: PersonDep) -> Response:
    """Irrelevant."""
    form = await read_form(request, Why)
    return await act(request, person, actions.ignore, ("case", case_id), form.then, why=form.why, version=form.version)


@router.post("/cases/{case_id}/unignore", **described(Form, 409))
async def unignore(request: Request, case_id: int, person: PersonDep) -> Response:
    """Relevant after all."""
    form = await read_form(request, Form)
    return await act(request, person, actions.unignore, ("case", case_id), form.then)


@router.post("/cases/{case_id}/leave-alone", **described(Why))
async def leave_alone(request: Request, case_id: int, person: PersonDep) -> Response:
    """The author wants no more replies from us."""
    form = await read_form(request, Why)
    return await act(request, person, actions.leave_alone, ("case", case_id), form.then, why=form.why)


@router.post("/cases/{case_id}/lift-opt-out", **described(Why, 409))
async def lift_opt_out(request: Request, case_id: int, person: PersonDep) -> Response:
    """Write to the author again, with a reason."""
    form = await read_form(request, Why)
    return await act(request, person, actions.lift_opt_out, ("case", case_id), form.then, why=form.why)


@router.post("/cases/{case_id}/note", **described(NewNote))
async def note(request: Request, case_id: int, person: PersonDep) -> Response:
    """Add a private note."""
    form = await read_form(request, NewNote)
    return await act(request, person, actions.note, ("case", case_id), form.then, text=form.text)


@router.post("/notes/{note_id}/remove", **described(Form, 409))
async def remove_note(request: Request, note_id: int, person: PersonDep) -> Response:
    """Take a flagged note away."""
    form = await read_form(request, Form)
    return await act(request, person, actions.remove_note, ("note", note_id), form.then)


@router.post("/cases/{case_id}/redraft", **described(Redraft, 409))
async def redraft(request: Request, case_id: int, person: PersonDep) -> Response:
    """Ask for a fresh draft: an answer, or a holding reply."""
    form = await read_form(request, Redraft)
    try:
        return await act(
            request, person, actions.redraft, ("case", case_id), form.then, kind=form.kind, typed=form.typed
        )
    except (BadInput, Moved) as error:
        return await refused(request, person, ("case", case_id), error, form.text)


@router.get("/")
async def start(request: Request) -> Response:
    """The queue is the first page."""
    return RedirectResponse("/queue", 303)
