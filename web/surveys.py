"""The small page on which an author answers one question, without signing in; and asking for it from a case.

Looking at the page changes nothing (mail scanners look at links), and every link that is not good gets the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from domain.errors import BadInput, Missing
from domain.survey import KINDS, LONGEST_WORDS
from responders import surveying
from responders.survey_links import named
from storage import surveys
from storage.database import after_commit
from storage.desk_case import CaseView
from storage.tables_survey import Survey
from web.access import PartsDep, PersonDep
from web.acting import act
from web.errors import problem
from web.forms import Form, described, read_form
from web.live import Hint
from web.pages import bare_page
from web.parts import Parts
from web.survey_words import WORDS, words_in

router = APIRouter()

_ANY_LINK = 0
"""What the gate counts these pages under: no source has this id."""


class Answer(Form):
    """One answer of the scale, as it was chosen, and perhaps words."""

    value: str = Field("", max_length=3)
    words: str = Field("", max_length=2 * LONGEST_WORDS)


class Ask(Form):
    """csat, nps or ces."""

    kind: str = Field("csat", max_length=10)


@dataclass(frozen=True, slots=True)
class Panel:
    """What the page of a case shows: the survey with its link while that is good, or why nobody is asked. `unanswered`:
    a critical answer that no reply of ours has answered yet; `private`: nobody else would read that reply."""

    survey: Survey | None
    link: str
    why_not: str
    unanswered: bool
    private: bool


async def panel(session: AsyncSession, parts: Parts, view: CaseView, now: datetime) -> Panel | None:
    """None while there is nothing to say: the case is not resolved, and nobody was asked."""
    survey = view.survey
    if survey is None and view.case.status != "resolved":
        return None
    links, good = parts.responding.surveys, survey is not None and now < survey.expires_at
    link = links.url(survey) if links and survey and good else ""
    why = "" if survey else await surveying.why_not(session, view.case, parts.responding, now)
    unanswered = await surveys.unanswered(session, view.case.id) is not None
    channel = parts.responding.channels.get(view.case.channel)
    return Panel(survey, link, why, unanswered, channel is not None and channel.private)


@router.get("/asked/{token}")
async def survey_page(request: Request, token: str, parts: PartsDep, thanks: bool = False) -> Response:
    """The question, with the answer that was given before."""
    if (wait := _wait_s(request, parts)) > 0:
        return _too_many(request, wait)
    async with parts.db.read() as session:
        found = await surveying.page_of(session, named(token), token, parts.responding, parts.clock.now())
    if found is None:
        return _gone(request)
    return _show(request, found, token, thanks=thanks and found.survey.value is not None)


@router.post("/asked/{token}")
async def survey_answer(request: Request, token: str, parts: PartsDep) -> Response:
    """Store the answer, or change it."""
    if (wait := _wait_s(request, parts)) > 0:
        return _too_many(request, wait)
    now = parts.clock.now()
    async with parts.db.read() as session:
        found = await surveying.page_of(session, named(token), token, parts.responding, now)
    if found is None:
        return _gone(request)
    form = await read_form(request, Answer)
    value = int(form.value) if form.value.isascii() and form.value.isdecimal() else -1
    words = form.words.replace("\r\n", "\n").strip()[:LONGEST_WORDS]
    try:
        await _store(parts, token, value, words, now)
    except BadInput:
        return _show(request, found, token, typed=words, wrong=words_in(found.survey.lang).missing)
    except Missing:
        return _gone(request)
    return RedirectResponse(f"/asked/{token}?thanks=1", 303)


async def _store(parts: Parts, token: str, value: int, words: str, now: datetime) -> None:
    async with parts.db.write() as session:
        case = await surveying.answer(
            session, named(token), token, value=value, words=words, now=now, parts=parts.responding
        )
        hint = Hint(case.brand_id, "case", case.id, case.id, case.version + 1)
        after_commit(session, lambda: parts.live.tell(hint))


def _wait_s(request: Request, parts: Parts) -> float:
    address = request.client.host if request.client else ""
    return parts.gate.wait_s(_ANY_LINK, address, parts.clock.now())


def _too_many(request: Request, wait: float) -> Response:
    seconds = int(wait) + 1
    return problem(request, 429, f"Too many tries. Wait {seconds} seconds.", {"retry-after": str(seconds)})


def _gone(request: Request) -> Response:
    """In every language we write: the link tells nothing, so nobody's is known."""
    return bare_page(request, "survey_gone.html", 404, all_words=WORDS.values())


def _show(
    request: Request,
    found: surveying.Page,
    token: str,
    *,
    thanks: bool = False,
    typed: str | None = None,
    wrong: str = "",
) -> Response:
    survey, words = found.survey, words_in(found.survey.lang)
    kind = KINDS[survey.kind]
    return bare_page(
        request,
        "survey.html",
        422 if wrong else 200,
        w=words,
        brand=found.brand,
        token=token,
        question=words.questions[kind.name].format(brand=found.brand),
        lowest=words.lowest[kind.name],
        highest=words.highest[kind.name],
        scale=range(kind.lowest, kind.highest + 1),
        chosen=survey.value,
        typed=survey.words if typed is None else typed,
        longest=LONGEST_WORDS,
        until=survey.expires_at.date().isoformat(),
        thanks=thanks,
        wrong=wrong,
    )


@router.post("/cases/{case_id}/ask-satisfaction", **described(Ask, 409))
async def ask(request: Request, case_id: int, person: PersonDep) -> Response:
    """Ask the author of a resolved case one question."""
    form = await read_form(request, Ask)
    return await act(request, person, surveying.ask, ("case", case_id), form.then, kind=form.kind)
