"""What people's corrections teach: what was taught, what it would change, live or not, and how to forget it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import JSONResponse, RedirectResponse, Response

from domain.errors import Missing
from domain.person import Person
from listener.teaching import Proposal, Teacher
from responders.correcting import spoken
from scoring.rehearsing import words
from scoring.taught import Model
from storage import corrections, learned
from storage.corrections import Count
from storage.tables import Learning
from web.access import PartsDep, PersonDep, brands_for, require_anywhere
from web.forms import Form, described, read_form, row_id, wants_json
from web.pages import page, said
from web.parts import Parts

router = APIRouter()


class GoLive(Form):
    """The last correction of the proposal that was looked at."""

    brand_id: str
    up_to: str


class Switch(Form):
    """Follow what is live, or the rules alone for now."""

    brand_id: str
    on: bool


class OfBrand(Form):
    """A brand."""

    brand_id: str


@dataclass(frozen=True, slots=True)
class Taught:
    """What stands of people's corrections in one brand. `waiting` came after what is live."""

    state: Learning
    live: bool
    counts: list[Count]
    waiting: int

    @property
    def corrections(self) -> int:
        """All that stand."""
        return sum(each.number for each in self.counts)

    @property
    def teaching(self) -> int:
        """Those that others may learn from."""
        return sum(each.number for each in self.counts if each.teaches)

    @property
    def to_forget(self) -> bool:
        """Whether any of those came after the last reset."""
        return any(each.teaches and each.newest > self.state.forgotten_up_to for each in self.counts)

    @property
    def by_kind(self) -> dict[str, list[tuple[str, int]]]:
        """Counts by kind and value, in words; themes one by one."""
        found: dict[str, Counter[str]] = {}
        for each in self.counts:
            themes = each.kind == "theme" and each.value
            values = each.value.split(",") if themes else [spoken(each.kind, each.value)]
            found.setdefault(each.kind, Counter()).update(dict.fromkeys(values, each.number))
        return {kind: counter.most_common() for kind, counter in found.items()}


@router.get("/learning")
async def learning_page(
    request: Request, person: PersonDep, parts: PartsDep, brand_id: str = "", rehearse: str = ""
) -> Response:
    """What was taught; with `rehearse`, what all of it would change in the last 30 days."""
    require_anywhere(person, "teach")
    own = brands_for(person, "teach")
    chosen = row_id(brand_id) or own[0]
    if chosen not in own:
        raise Missing("there is no such brand")
    proposal = await _teacher(parts).proposal(chosen, parts.clock.now()) if rehearse else None
    async with parts.db.read() as session:
        taught = await _taught(session, chosen)
        if wants_json(request):
            return JSONResponse(_json(taught, proposal))
        live = _teacher(parts).models.get(chosen) if taught.live else None
        return await page(
            request,
            session,
            person,
            "learning.html",
            own=own,
            chosen=chosen,
            taught=taught,
            tried=bool(rehearse),
            proposal=proposal,
            live_words=words(live) if live else {},
            new_words=words(proposal.model) if proposal else {},
            silent={name: m.no_training for name, m in parts.channels.items() if m.no_training},
        )


async def _taught(session: AsyncSession, brand_id: int) -> Taught:
    state = await learned.state(session, brand_id)
    known = max(state.live_up_to, state.forgotten_up_to)
    return Taught(
        state,
        learned.is_live(state),
        await corrections.counts(session, brand_id),
        await learned.waiting(session, brand_id, known),
    )


def _teacher(parts: Parts) -> Teacher:
    if parts.teacher is None:
        raise Missing("nothing is learned in this installation")
    return parts.teacher


def _json(taught: Taught, proposal: Proposal | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "live": taught.live,
        "enabled": taught.state.enabled,
        "corrections": taught.corrections,
        "waiting": taught.waiting,
        "can_restore": bool(taught.state.before_reset),
        "proposal": None,
    }
    if proposal is not None:
        tried = proposal.rehearsal
        found["proposal"] = {
            "up_to": str(proposal.up_to),
            "corrections": proposal.model.lessons,
            "posts": proposal.posts,
            "mentions": tried.mentions,
            "labels_changed": len(tried.labels),
            "themes_changed": tried.themes,
            "priorities_changed": tried.moved,
            "into_first_fifty": [str(proposal.rows[change.place].case_id) for change in tried.up],
            "words": _words(proposal.model),
        }
    return found


def _words(model: Model) -> dict[str, Any]:
    return {
        says: [{"word": each.word, "weight": round(each.weight, 2), "authors": each.authors} for each in found]
        for says, found in words(model).items()
    }


# --- what a manager decides ----------------------------------------------------------------------------------------


def _brand(person: Person, brand_id: str) -> int:
    number = row_id(brand_id)
    if number not in person.brands:
        raise Missing("there is no such brand")
    person.require("teach", number)
    return number


@router.post("/learning/live", **described(GoLive, 409))
async def go_live(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Follow the corrections up to that one from now on; open mentions are scored again."""
    form = await read_form(request, GoLive)
    brand_id = _brand(person, form.brand_id)
    async with parts.db.write() as session:
        up_to = row_id(form.up_to)
        await learned.go_live(session, brand_id, up_to, actor=person.actor, now=parts.clock.now())
    return _done(request, brand_id, "It is live. Open mentions are scored again within a minute.")


@router.post("/learning/switch", **described(Switch, 409))
async def switch(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """On or off; nothing is forgotten."""
    form = await read_form(request, Switch)
    brand_id = _brand(person, form.brand_id)
    async with parts.db.write() as session:
        await learned.switch(session, brand_id, form.on, actor=person.actor, now=parts.clock.now())
    said_now = "Scores follow what was taught." if form.on else "Scores follow the rules alone. Nothing is forgotten."
    return _done(request, brand_id, said_now, ("/learning/switch", {"on": "false" if form.on else "true"}))


@router.post("/learning/reset", **described(OfBrand, 409))
async def reset(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Forget all lessons so far."""
    form = await read_form(request, OfBrand)
    brand_id = _brand(person, form.brand_id)
    async with parts.db.write() as session:
        await learned.reset(session, brand_id, actor=person.actor, now=parts.clock.now())
    said_now = "Forgotten. Corrections go on counting for their own mentions."
    return _done(request, brand_id, said_now, ("/learning/restore", {}))


@router.post("/learning/restore", **described(OfBrand, 409))
async def restore(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Take the last reset back."""
    form = await read_form(request, OfBrand)
    brand_id = _brand(person, form.brand_id)
    async with parts.db.write() as session:
        await learned.restore(session, brand_id, actor=person.actor, now=parts.clock.now())
    return _done(request, brand_id, "Remembered again.")


def _done(request: Request, brand_id: int, sentence: str, undo: tuple[str, dict[str, str]] | None = None) -> Response:
    if wants_json(request):
        return JSONResponse({"said": sentence})
    response = RedirectResponse(f"/learning?brand_id={brand_id}", 303)
    message: dict[str, Any] = {"said": sentence}
    if undo is not None:
        message["undo"] = {"path": undo[0], "values": {"brand_id": str(brand_id), **undo[1]}, "until": ""}
    said(request, response, message)
    return response
