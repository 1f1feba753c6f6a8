"""One brand: how it is called, how it speaks, what it promises."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from domain import praise
from domain.errors import BadInput, Missing
from domain.hours import parse_hours, written_hours
from domain.sla import policy_from
from listener.calendars import holiday_dates
from reports import goals
from reports.definitions import DEFINITIONS
from responders import holds
from responders.depth import TWO_FROM
from responders.drafters.phrasebook import LANGUAGES
from storage.tables import Brand
from web.access import PartsDep, PersonDep
from web.forms import Form, described, read_form
from web.pages import page, said

router = APIRouter()

_MINUTE, _HOUR = 60.0, 3600.0
_LONGEST_DAYS = 36_500


class BrandForm(Form):
    """Lists are separated by commas or lines. Times in minutes and hours, as people speak of them."""

    name: str = Field(min_length=1, max_length=80)
    handles: str = Field("", max_length=2000)
    links: str = Field("", max_length=2000)
    languages: str = Field("", max_length=200)
    sign_off: str = Field("", max_length=80)
    rule_of_five: Literal["on", "off"] = "on"
    thank_praise: Literal["on", "off"] = "on"
    zone: str = Field("UTC", max_length=60)
    ack_min: float = Field(60, gt=0, le=100_000)
    answer_min: float = Field(60, gt=0, le=100_000)
    limit_h: float = Field(24, gt=0, le=10_000)
    resolve_h: float = Field(72, gt=0, le=10_000)
    hours: str = Field("", max_length=1000)
    holidays: str = Field("", max_length=10)
    keep_days: str = Field("", max_length=5)
    two_from: str = Field("", max_length=10)
    target_within_1h: str = Field("", max_length=10)
    target_sla_target: str = Field("", max_length=10)
    target_fcr: str = Field("", max_length=10)
    target_promises_kept: str = Field("", max_length=10)
    target_csat: str = Field("", max_length=10)
    target_nps: str = Field("", max_length=10)
    target_ces: str = Field("", max_length=10)


@router.get("/brands/{brand_id}")
async def brand_page(request: Request, brand_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """The form of one brand."""
    async with parts.db.read() as session:
        brand = await session.get(Brand, brand_id)
        if brand is None or brand_id not in person.roles:
            raise Missing("there is no such brand")
        policy = policy_from(brand.policy, "")
        return await page(
            request,
            session,
            person,
            "brand.html",
            brand=brand,
            policy=policy,
            hours=written_hours(policy.hours),
            holidays=brand.policy.get("holidays", ""),
            known_languages=LANGUAGES,
            targets={name: (DEFINITIONS[name].title, goals.common([brand.voice]).get(name)) for name in goals.NAMES},
        )


@router.post("/brands/{brand_id}", **described(BrandForm))
async def change(request: Request, brand_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Store it; new promises count for posts that come in from now on."""
    form = await read_form(request, BrandForm)
    if brand_id not in person.roles:
        raise Missing("there is no such brand")
    person.require("listen", brand_id)
    policy, languages = policy_of(form, parts.clock.now().year), _languages(form.languages)
    keep_days = days_of(form.keep_days)
    aims = goals.typed({name: getattr(form, f"target_{name}") for name in goals.NAMES})
    if form.two_from and form.two_from not in TWO_FROM:
        raise BadInput(f"two people: {form.two_from!r} is no risk; choose {' or '.join(TWO_FROM)}")
    async with parts.db.write() as session:
        brand = await session.get_one(Brand, brand_id)
        brand.name = " ".join(form.name.split())
        brand.handles = [handle.lstrip("@") for handle in _listed(form.handles)]
        brand.links = [host.casefold() for host in _listed(form.links)]
        brand.languages = languages
        switches = {holds.SETTING: form.rule_of_five, praise.SETTING: form.thank_praise}
        brand.voice = {**brand.voice, "sign_off": form.sign_off.strip(), **switches, goals.SETTING: aims}
        brand.zone = form.zone
        brand.keep_days = keep_days
        brand.two_from = form.two_from or brand.two_from
        brand.policy = {**policy, "channels": brand.policy.get("channels", {})}
        session.add(brand)
    response = RedirectResponse(f"/brands/{brand_id}", 303)
    said(request, response, {"said": "Stored. New due times count for posts that come in from now on."})
    return response


def policy_of(form: BrandForm, year: int) -> dict[str, Any]:
    """The stored form of the promises; BadInput for hours, zone or holidays that do not exist."""
    policy: dict[str, Any] = {
        "ack_s": form.ack_min * _MINUTE,
        "answer_s": form.answer_min * _MINUTE,
        "limit_s": form.limit_h * _HOUR,
        "resolve_s": form.resolve_h * _HOUR,
        "hours": [list(opening) for opening in parse_hours(form.hours)],
        "zone": form.zone,
    }
    if form.answer_min * _MINUTE > form.limit_h * _HOUR:
        raise BadInput("times: the answer is aimed at later than its limit; make the limit longer")
    if country := form.holidays.strip():
        holiday_dates(country, year)
        policy["holidays"] = country.upper()
    policy_from(policy, "")
    return policy


def days_of(text: str) -> int | None:
    """How long posts are kept; None without end. BadInput for anything that is no number of days."""
    if not text.strip():
        return None
    if not text.strip().isdecimal() or not 0 < int(text) <= _LONGEST_DAYS:
        raise BadInput(f"posts are kept: give days from 1 to {_LONGEST_DAYS}, or leave it empty for no end")
    return int(text)


def _listed(text: str) -> list[str]:
    return [part for part in text.replace(",", " ").split() if part]


def _languages(text: str) -> list[str]:
    wanted = [part.casefold() for part in _listed(text)]
    if unknown := [lang for lang in wanted if lang not in LANGUAGES]:
        raise BadInput(f"languages: drafts are not written in {', '.join(unknown)}; known are {', '.join(LANGUAGES)}")
    return wanted
