"""Storm mode and delays: the panel of a problem, banners elsewhere, and a route for each thing a person can do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import JSONResponse, Response

from domain.errors import BadInput, Missing
from domain.person import POLICY, Person
from responders import delay_actions
from responders import storm_actions as actions
from responders.drafters.phrasebook import LANGUAGES
from responders.statement import Written, written
from responders.stating import is_next_late, run_out
from responders.storm_actions import PACE
from responders.storming import lang_of, who
from scoring.titles import title_of
from storage import signing, storms
from storage.tables import Brand, Problem
from storage.tables_storm import Storm
from web.access import PersonDep
from web.acting import Action, act, answer
from web.forms import Form, all_values, described, read_form, wants_json
from web.pages import page
from web.parts import Parts
from web.wording import iso, zone_of

router = APIRouter()


class Begin(Form):
    """Why, and within how many minutes the statement is to be out."""

    why: str = Field("", max_length=300)
    minutes: int = 30


class Statement(Form):
    """When the next word comes (local, without zone); `known_xx` and `unclear_xx` are the words in language xx."""

    next_at: str = ""
    known_en: str = Field("", max_length=1000)
    unclear_en: str = Field("", max_length=1000)


class Agree(Form):
    """The version of the storm that the page showed."""

    version: int = 0


class Posted(Form):
    """Where the statement stands, as far as it has an address; cases a minute for who begins the release with it."""

    url: str = ""
    pace: int = PACE


class Release(Form):
    """Cases a minute."""

    pace: int = PACE


class Delay(Form):
    """Until when (local, without zone); `why_xx` is one sentence in language xx."""

    until: str = ""
    why_en: str = Field("", max_length=1000)


class DelayCase(Form):
    """Until when (local, without zone), and one sentence in the author's language."""

    until: str = ""
    why: str = Field("", max_length=1000)


class Why(Form):
    """A reason in plain words."""

    why: str = Field("", max_length=300)


@dataclass(frozen=True, slots=True)
class Banner:
    """A storm as other pages tell of it."""

    storm: Storm
    by: str
    problem_id: int | None
    title: str
    next_late: bool

    @property
    def path(self) -> str:
        """Where its page is."""
        return place_of(self.problem_id, self.storm.brand_id)


def place_of(problem_id: int | None, brand_id: int) -> str:
    """Where a storm over this problem, or without one over this brand, has its page."""
    return f"/problems/{problem_id}#storm" if problem_id else f"/brands/{brand_id}/storm"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page of a problem shows. `waiting` counts by language who is held; `late` windows end before their turn;
    `alone`: one person's yes is enough; `next_late`: the moment of the next word has passed without it."""

    storm: Storm
    by: str
    stated_by: str
    agreed_by: str
    posted_by: str
    texts: list[Written]
    waiting: Counter[str]
    late: int
    gone: int
    frozen: int
    alone: bool
    next_at: str
    next_late: bool
    pace: int

    @property
    def missing(self) -> dict[str, int]:
        """Languages in which somebody is held and the statement is not written."""
        return {lang: count for lang, count in self.waiting.most_common() if lang not in self.storm.known}

    @property
    def needed(self) -> list[str]:
        """The languages whose fields stand open."""
        found = [lang for lang in LANGUAGES if lang in self.storm.known or self.waiting[lang]]
        return sorted(found, key=lambda lang: -self.waiting[lang]) or ["en"]

    @property
    def others(self) -> list[str]:
        """All other languages that we write."""
        return [lang for lang in LANGUAGES if lang not in self.needed]

    def json(self) -> dict[str, Any]:
        """The same for programs."""
        storm = self.storm
        return {
            "id": str(storm.id), "status": storm.status, "why": storm.why, "version": storm.version,
            "statement_by": iso(storm.statement_by), "known": storm.known, "unclear": storm.unclear,
            "next_at": iso(storm.next_at) if storm.next_at else None, "next_late": self.next_late,
            "posted_at": iso(storm.posted_at) if storm.posted_at else None, "posted_url": storm.posted_url,
            "texts": {each.lang: each.text for each in self.texts}, "pace": storm.pace,
            "held": self.waiting.total(), "let_go": self.gone, "frozen": self.frozen, "run_out": self.late,
        }  # fmt: skip


async def shown(session: AsyncSession, problem: Problem, person: Person, parts: Parts) -> Shown | None:
    """The storm over this problem; None while there is none."""
    storm = await storms.on(session, problem.id)
    return await _shown(session, storm, problem, person, parts) if storm is not None else None


async def _shown(session: AsyncSession, storm: Storm, problem: Problem | None, person: Person, parts: Parts) -> Shown:
    brand, now = await session.get_one(Brand, storm.brand_id), parts.clock.now()
    held = await storms.held(session, storm)
    start = now if storm.status == "releasing" else max(now, storm.statement_by)
    gone, frozen = await storms.counts(session, storm.id)
    approvers = await signing.approvers(session, storm.brand_id, sorted(POLICY["approve"]))
    pace = storm.pace or PACE
    return Shown(
        storm=storm,
        by=await who(session, storm.actor),
        stated_by=await who(session, storm.stated_by) if storm.stated_by else "",
        agreed_by=await who(session, storm.agreed_by) if storm.agreed_by else "",
        posted_by=await who(session, storm.posted_by) if storm.posted_by else "",
        texts=await written(session, storm, problem, parts.responding, now),
        waiting=Counter(lang_of(each, brand) for each in held),
        late=run_out([each.next_due_at for each in held], start, pace),
        gone=gone,
        frozen=frozen,
        alone=approvers < 2,
        next_at=storm.next_at.astimezone(zone_of(person.zone)).strftime("%Y-%m-%dT%H:%M") if storm.next_at else "",
        next_late=is_next_late(storm, now),
        pace=pace,
    )


async def banners(session: AsyncSession, person: Person, now: datetime) -> list[Banner]:
    """Every storm of this person's brands that is on."""
    return [await _banner(session, *pair, now) for pair in await storms.all_on(session, person.brands)]


async def banner_of(session: AsyncSession, person: Person, case_id: int, now: datetime) -> Banner | None:
    """The storm that holds this case."""
    storm = await storms.holding(session, case_id)
    if storm is None:
        return None
    found = [pair for pair in await storms.all_on(session, person.brands) if pair[0].id == storm.id]
    return await _banner(session, *found[0], now) if found else None


def banner_json(banner: Banner | None) -> dict[str, str | None] | None:
    """What holds a case, for programs."""
    if banner is None:
        return None
    return {
        "problem_id": str(banner.problem_id) if banner.problem_id else None,
        "brand_id": str(banner.storm.brand_id),
        "by": banner.by,
        "why": banner.storm.why,
        "status": banner.storm.status,
    }


async def _banner(session: AsyncSession, storm: Storm, problem: Problem | None, now: datetime) -> Banner:
    by, late = await who(session, storm.actor), is_next_late(storm, now)
    if problem is None:
        return Banner(storm, by, None, f"all of {(await session.get_one(Brand, storm.brand_id)).name}", late)
    return Banner(storm, by, problem.id, title_of(problem.title, problem.named, problem.mentions), late)


@router.get("/brands/{brand_id}/storm")
async def brand_page(request: Request, brand_id: int, person: PersonDep) -> Response:
    """Storm mode of a whole brand: for a flood that has several causes or none."""
    parts = request.app.state.parts
    async with parts.db.read() as session:
        brand = await session.get(Brand, brand_id)
        if brand is None or brand_id not in person.brands:
            raise Missing("there is no such brand")
        storm = await storms.on_brand(session, brand_id)
        found = await _shown(session, storm, None, person, parts) if storm is not None else None
        if wants_json(request):
            return JSONResponse({"brand_id": str(brand_id), "storm": found.json() if found else None})
        others = [each for each in await banners(session, person, parts.clock.now()) if each.storm.brand_id == brand_id]
        others = [each for each in others if each.problem_id]
        return await page(request, session, person, "brand_storm.html", brand=brand, storm=found, others=others)


async def _act(request: Request, person: Person, action: Action, row_id: int, then: str, **values: Any) -> Response:
    """Done to a problem, or on a path of brands to a whole brand."""
    parts = request.app.state.parts
    if request.url.path.startswith("/brands/"):
        values["of_brand"] = True
    async with parts.db.write() as session:
        done = await action(session, person, row_id, now=parts.clock.now(), parts=parts.responding, **values)
    return answer(request, done, then)


@router.post("/brands/{row_id}/storm", **described(Begin, 409))
@router.post("/problems/{row_id}/storm", **described(Begin, 409))
async def begin(request: Request, row_id: int, person: PersonDep) -> Response:
    """Hold all answers of this problem."""
    form = await read_form(request, Begin)
    return await _act(request, person, actions.begin, row_id, form.then, why=form.why, minutes=form.minutes)


@router.post("/brands/{row_id}/storm-statement", **described(Statement, 409))
@router.post("/problems/{row_id}/storm-statement", **described(Statement, 409))
async def state(request: Request, row_id: int, person: PersonDep) -> Response:
    """The words of the statement."""
    form = await read_form(request, Statement)
    words: dict[str, dict[str, str]] = {"known": {}, "unclear": {}}
    for name, text in (await all_values(request)).items():
        kind, _, lang = name.partition("_")
        if kind in words and lang:
            words[kind][lang] = text
    next_at = _moment(form.next_at, person.zone)
    return await _act(request, person, actions.state, row_id, form.then, next_at=next_at, **words)


@router.post("/brands/{row_id}/storm-agree", **described(Agree, 409))
@router.post("/problems/{row_id}/storm-agree", **described(Agree, 409))
async def agree(request: Request, row_id: int, person: PersonDep) -> Response:
    """A second person's yes to the statement."""
    form = await read_form(request, Agree)
    return await _act(request, person, actions.agree, row_id, form.then, version=form.version)


@router.post("/brands/{row_id}/storm-release", **described(Release, 409))
@router.post("/problems/{row_id}/storm-release", **described(Release, 409))
async def release(request: Request, row_id: int, person: PersonDep) -> Response:
    """The statement is out: let the cases go, a few a minute."""
    form = await read_form(request, Release)
    return await _act(request, person, actions.release, row_id, form.then, pace=form.pace)


@router.post("/brands/{row_id}/storm-posted", **described(Posted, 409))
@router.post("/problems/{row_id}/storm-posted", **described(Posted, 409))
async def posted(request: Request, row_id: int, person: PersonDep) -> Response:
    """The statement was posted by hand: said once, with its address."""
    form = await read_form(request, Posted)
    return await _act(request, person, actions.posted, row_id, form.then, url=form.url, pace=form.pace)


@router.post("/brands/{row_id}/storm-end", **described(Form, 409))
@router.post("/problems/{row_id}/storm-end", **described(Form, 409))
async def end(request: Request, row_id: int, person: PersonDep) -> Response:
    """Everything is as it was."""
    form = await read_form(request, Form)
    return await _act(request, person, actions.end, row_id, form.then)


@router.post("/cases/{case_id}/let-go", **described(Why, 409))
async def let_go(request: Request, case_id: int, person: PersonDep) -> Response:
    """This one case is answered now."""
    form = await read_form(request, Why)
    return await act(request, person, actions.let_go, ("case", case_id), form.then, why=form.why)


@router.post("/problems/{problem_id}/delay", **described(Delay, 409))
async def delay_problem(request: Request, problem_id: int, person: PersonDep) -> Response:
    """It takes longer: everyone who waits gets a word of their own."""
    form = await read_form(request, Delay)
    why = {name[4:]: text for name, text in (await all_values(request)).items() if name.startswith("why_")}
    until = _moment(form.until, person.zone, "until")
    return await _act(request, person, delay_actions.delay_problem, problem_id, form.then, why=why, until=until)


@router.post("/cases/{case_id}/delay", **described(DelayCase, 409))
async def delay_case(request: Request, case_id: int, person: PersonDep) -> Response:
    """It takes longer: the author gets a word about it."""
    form = await read_form(request, DelayCase)
    until = _moment(form.until, person.zone, "until")
    action = delay_actions.delay_case
    return await act(request, person, action, ("case", case_id), form.then, why=form.why, until=until)


def _moment(text: str, zone: str, field: str = "next") -> datetime | None:
    if not text.strip():
        return None
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=zone_of(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"{field}: {text[:40]!r} is not a time; write it like 2026-05-04T15:30") from None
