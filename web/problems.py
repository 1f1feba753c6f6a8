"""Problems: what many tell of, in all languages, and what a person makes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from domain.errors import BadInput, Missing
from domain.lifecycle import allows
from domain.person import Person
from responders import defect_actions
from responders import problem_actions as actions
from scoring.titles import title_of
from storage import defects, desk_problems
from storage.articles import names_of
from storage.desk_case import team_of
from storage.desk_problems import ProblemRow, ProblemView
from storage.tables import Problem, Transition
from web import storms
from web.access import PartsDep, PersonDep
from web.acting import Action, answer
from web.forms import Form, all_values, described, read_form, row_id, wants_json
from web.pages import page
from web.telling import STATES as STATES_TOLD
from web.telling import shown, waits_json
from web.wording import iso, status

router = APIRouter()

STATUSES = ("open", "resolved")
PICKED = "pick-"
"""What the check box of a mention is called, with its id."""


class Into(Form):
    """The problem that it is part of."""

    into: str


class Split(Form):
    """Ids of mentions, with commas between; or `pick-ID` for each."""

    mentions: str = Field("", max_length=20_000)


class Title(Form):
    """A title; none for ours."""

    title: str = Field("", max_length=300)


class Owned(Form):
    """Who sees to a defect, and a note."""

    owner_id: str
    note: str = Field("", max_length=300)


class DefectStatus(Form):
    """What becomes of a defect."""

    status: str


class Why(Form):
    """A reason in plain words."""

    why: str = Field("", max_length=300)


def title(problem: Problem) -> str:
    """What a page calls it."""
    return title_of(problem.title, problem.named, problem.mentions)


@router.get("/problems")
async def problems_page(
    request: Request, person: PersonDep, parts: PartsDep, status: str = "open", after: str = ""
) -> Response:
    """What many tell of: what spikes first, then the gravest. `after` is the page before."""
    if status not in STATUSES:
        raise BadInput(f"status: choose one of {', '.join(STATUSES)}")
    number = int(after) + 1 if after.isdecimal() and len(after) < 5 else 1
    now = parts.clock.now()
    async with parts.db.read() as session:
        rows, more = await desk_problems.problem_list(session, person.brands, now, status=status, page=number)
        if wants_json(request):
            return JSONResponse({"problems": [_row_json(row) for row in rows], "after": str(number) if more else ""})
        return await page(
            request,
            session,
            person,
            "problems.html",
            rows=rows,
            after=str(number) if more else "",
            wanted=status,
            statuses=STATUSES,
            counts=await desk_problems.problem_counts(session, person.brands),
            title=title,
            trend=trend,
        )


@router.get("/problems/{problem_id}")
async def problem_page(request: Request, problem_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """One problem with its mentions in all languages."""
    now = parts.clock.now()
    async with parts.db.read() as session:
        view = await desk_problems.problem_view(session, person.brands, problem_id, now)
        if view is None:
            raise Missing("there is no such problem")
        defect = await defects.shown(session, problem_id)
        became = await defects.history(session, problem_id)
        people = view.people | await names_of(session, [step.actor for step in became])
        told = await shown(session, view.row.problem, person.zone)
        storm = await storms.shown(session, view.row.problem, person, parts)
        if wants_json(request):
            return JSONResponse(
                _view_json(view)
                | {"resolution": told.json(), "defect": defect.defect.status if defect else None}
                | {"storm": storm.json() if storm else None, "waits": [waits_json(each) for each in told.waiters]}
            )
        return await page(
            request,
            session,
            person,
            "problem.html",
            view=view,
            told=told,
            states=STATES_TOLD,
            storm=storm,
            problem=view.row.problem,
            title=title,
            trend=trend,
            events=[_event(step, people) for step in sorted([*view.history, *became], key=_age)],
            defect=defect,
            team=await team_of(session, view.row.problem.brand_id),
            moves=_moves(defect.defect.status) if defect else [],
        )


MOVES = {
    "being_fixed": "It is being fixed",
    "fixed": "It is fixed",
    "will_not_fix": "It will not be fixed",
    "reported": "Not yet",
    "taken_back": "It is no defect",
}


def _moves(status: str) -> list[tuple[str, str]]:
    """What may become of a defect, as buttons say it."""
    return [(new, words) for new, words in MOVES.items() if allows("defect", status, new)]


def _age(step: Transition) -> int:
    return -step.id


def trend(days: list[int]) -> str:
    """How the last day compares with the one before, in words."""
    today, before = days[-1], days[-2]
    if today == before:
        return f"{today} today, as yesterday"
    return f"{today} today, {'up' if today > before else 'down'} from {before}"


def _event(step: Transition, people: dict[int, str]) -> tuple[datetime, str, str, str]:
    """When, who, what, why."""
    kind, _, number = step.actor.partition(":")
    who = people.get(int(number), "A former colleague") if kind == "user" and number.isdigit() else "Earshot"
    return step.at, who, _what(step), step.why if step.noun in ("problem", "title", "storm") else ""


STORMY = {
    "storm": {
        "frozen": "switched storm mode on: answers are held",
        "stated": "agreed to the statement",
        "releasing": "began to let the cases go",
        "over": "switched storm mode off",
    },
    "statement": {
        "written": "wrote the statement",
        "posted": "said that the statement is posted",
        "changed": "took words of somebody who is gone out of the statement",
    },
    "pace": dict[str, str](),
}


def _what(step: Transition) -> str:
    if step.noun == "title":
        return "gave it a title" if step.new else "took the title away"
    if step.noun == "defect":
        return f"defect: {status(step.new).lower()}"
    if step.noun == "defect owner":
        return "gave the defect to another owner"
    if step.noun == "resolution_words":
        return "changed the words of its resolution"
    if step.noun == "resolution":
        said = {
            "standing": "confirmed what was done, to tell everyone who waits",
            "withdrawn": "withdrew its resolution",
        }
        return said[step.new]
    if step.noun in STORMY:
        return STORMY[step.noun].get(step.new, f"set the pace of the release: {step.new} a minute")
    if step.noun == "part":
        return "merged another problem into it" if step.new else "took mentions out of it"
    words = {"open": "opened it again", "resolved": "resolved it", "merged": "merged it into another"}
    return words.get(step.new, status(step.new))


def _row_json(row: ProblemRow) -> dict[str, Any]:
    problem = row.problem
    return {
        "id": str(problem.id),
        "brand_id": str(problem.brand_id),
        "title": title(problem),
        "status": problem.status,
        "severity": problem.severity,
        "mentions": problem.mentions,
        "people": row.people,
        "waiting": row.waiting,
        "days": row.days,
        "spike": {"since": iso(problem.spike_since), "people": problem.spike_people, "usual": problem.spike_usual}
        if problem.spike_since
        else None,
        "named": problem.named,
        "first_at": iso(problem.first_at),
        "last_at": iso(problem.last_at),
    }


def _view_json(view: ProblemView) -> dict[str, Any]:
    return _row_json(view.row) | {
        "merged_into": str(view.whole.id) if view.whole else None,
        "merged": [str(part.id) for part in view.merged],
        "newest": [
            {
                "id": str(m.id), "case_id": str(m.case_id) if m.case_id else None, "channel": m.channel, "lang": m.lang,
                "author": m.author_handle, "text": m.text, "url": m.url, "posted_at": iso(m.posted_at),
            }
            for m in view.mentions
        ],
    }  # fmt: skip


async def _act(request: Request, person: Person, action: Action, problem_id: int, then: str, **values: Any) -> Response:
    parts = request.app.state.parts
    async with parts.db.write() as session:
        done = await action(session, person, problem_id, now=parts.clock.now(), parts=parts.responding, **values)
    return answer(request, done, then)


@router.post("/problems/{problem_id}/merge", **described(Into, 409))
async def merge(request: Request, problem_id: int, person: PersonDep) -> Response:
    """It is part of another problem."""
    form = await read_form(request, Into)
    if not row_id(form.into):
        raise BadInput("into: the number of a problem is expected")
    return await _act(request, person, actions.merge, problem_id, form.then, into=row_id(form.into))


@router.post("/problems/{problem_id}/unmerge", **described(Form, 409))
async def unmerge(request: Request, problem_id: int, person: PersonDep) -> Response:
    """It stands by itself again."""
    form = await read_form(request, Form)
    return await _act(request, person, actions.unmerge, problem_id, form.then)


@router.post("/problems/{problem_id}/split", **described(Split, 409))
async def split(request: Request, problem_id: int, person: PersonDep) -> Response:
    """Some of its mentions are a problem of their own."""
    form = await read_form(request, Split)
    named = [name.removeprefix(PICKED) for name in await all_values(request) if name.startswith(PICKED)]
    chosen = [row_id(text.strip()) for text in [*form.mentions.split(","), *named] if text.strip()]
    return await _act(request, person, actions.split, problem_id, form.then, mention_ids=chosen)


@router.post("/problems/{problem_id}/rename", **described(Title))
async def rename(request: Request, problem_id: int, person: PersonDep) -> Response:
    """A title of one's own, or ours again."""
    form = await read_form(request, Title)
    return await _act(request, person, actions.rename, problem_id, form.then, title=form.title)


@router.post("/problems/{problem_id}/resolve", **described(Why, 409))
async def resolve(request: Request, problem_id: int, person: PersonDep) -> Response:
    """It is mended."""
    form = await read_form(request, Why)
    return await _act(request, person, actions.resolve, problem_id, form.then, why=form.why)


@router.post("/problems/{problem_id}/reopen", **described(Form, 409))
async def reopen(request: Request, problem_id: int, person: PersonDep) -> Response:
    """It is not mended after all."""
    form = await read_form(request, Form)
    return await _act(request, person, actions.reopen, problem_id, form.then)


@router.post("/problems/{problem_id}/defect", **described(Owned, 409))
async def defect(request: Request, problem_id: int, person: PersonDep) -> Response:
    """Service cannot fix it: a colleague sees to it."""
    form = await read_form(request, Owned)
    values = {"owner_id": row_id(form.owner_id), "note": form.note}
    return await _act(request, person, defect_actions.report, problem_id, form.then, **values)


@router.post("/problems/{problem_id}/defect-status", **described(DefectStatus, 409))
async def defect_status(request: Request, problem_id: int, person: PersonDep) -> Response:
    """What becomes of the defect."""
    form = await read_form(request, DefectStatus)
    return await _act(request, person, defect_actions.move, problem_id, form.then, status=form.status)
