"""One brand: how it is called, how it speaks, what it promises."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field, create_model
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from domain import praise
from domain.errors import BadInput, Missing
from domain.hours import parse_hours, written_hours
from domain.person import Person
from domain.sla import policy_from
from listener.calendars import holiday_dates
from reports import goals
from reports.definitions import DEFINITIONS
from responders import holds
from responders.contact import CONTACT, contact_of
from responders.depth import TWO_FROM
from responders.drafters.phrasebook import LANGUAGES, pack
from responders.voice import LONGEST, PARTS, Spoken, checked, respoken, spoken
from scoring.language import Detector
from storage import brands
from storage.tables import Brand
from web.access import PartsDep, PersonDep
from web.forms import Form, all_values, described, read_form, wants_json
from web.pages import page, said
from web.parts import Parts
from web.wording import LANGUAGES as CALLED

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
    contact: str = Field("", max_length=200)
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


_Spoken: dict[str, Any] = {f"{part}_{lang}": (str | None, None) for lang in LANGUAGES for part in PARTS}
WholeForm = create_model("WholeForm", __base__=BrandForm, **_Spoken)
"""With form of address, greeting and closing of each language; one that is left out stays as it is."""


@router.get("/brands/{brand_id}")
async def brand_page(request: Request, brand_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """The form of one brand."""
    async with parts.db.read() as session:
        return await _page(request, session, person, brand_id)


async def _page(
    request: Request,
    session: AsyncSession,
    person: Person,
    brand_id: int,
    typed: Mapping[str, str] | None = None,
    wrong: str = "",
) -> Response:
    """The form as it is stored, or as it was `typed` and refused because something in it is `wrong`."""
    brand = await session.get(Brand, brand_id)
    if brand is None or brand_id not in person.roles:
        raise Missing("there is no such brand")
    own = [lang for lang in LANGUAGES if lang in brand.languages] or list(LANGUAGES)
    return await page(
        request,
        session,
        person,
        "brand.html",
        status=422 if wrong else 200,
        brand=brand,
        form=_stored(brand) | dict(typed or {}),
        wrong=wrong,
        known_languages=LANGUAGES,
        own=own,
        others=[lang for lang in LANGUAGES if lang not in own],
        greetings={lang: pack(lang).lines("address.named")[0] for lang in LANGUAGES},
        longest=LONGEST,
        targets={name: DEFINITIONS[name].title for name in goals.NAMES},
        changes=await brands.changes(session, brand_id),
    )


def _stored(brand: Brand) -> dict[str, str]:
    """What stands in the fields of the form."""
    policy, voice, aims = policy_from(brand.policy, ""), brand.voice, goals.common([brand.voice])
    said = {lang: spoken(voice, brand.languages, lang) for lang in LANGUAGES}
    return {
        "name": brand.name,
        "handles": ", ".join(brand.handles),
        "links": ", ".join(brand.links),
        "languages": ", ".join(brand.languages),
        "sign_off": voice.get("sign_off", ""),
        "contact": voice.get(CONTACT, ""),
        "rule_of_five": voice.get(holds.SETTING, "on"),
        "thank_praise": voice.get(praise.SETTING, "on"),
        "zone": brand.zone,
        "ack_min": f"{round(policy.ack_s / _MINUTE, 2):.10g}",
        "answer_min": f"{round(policy.answer_s / _MINUTE, 2):.10g}",
        "limit_h": f"{round(policy.limit_s / _HOUR, 2):.10g}",
        "resolve_h": f"{round(policy.resolve_s / _HOUR, 2):.10g}",
        "hours": written_hours(policy.hours),
        "holidays": brand.policy.get("holidays", ""),
        "keep_days": str(brand.keep_days or ""),
        "two_from": brand.two_from,
        **{f"target_{name}": f"{aims[name]:g}" if name in aims else "" for name in goals.NAMES},
        **{f"{part}_{lang}": getattr(said[lang], part) for lang in LANGUAGES for part in PARTS},
    }


@router.post("/brands/{brand_id}", **described(WholeForm))
async def change(request: Request, brand_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Store it; new promises count for posts that come in from now on. What was refused stays in the form."""
    if brand_id not in person.roles:
        raise Missing("there is no such brand")
    person.require("listen", brand_id)
    try:
        await _store(request, brand_id, person, parts)
    except BadInput as error:
        if wants_json(request) or isinstance(error, Missing):
            raise
        async with parts.db.read() as session:
            return await _page(request, session, person, brand_id, await all_values(request), str(error))
    response = RedirectResponse(f"/brands/{brand_id}", 303)
    said(request, response, {"said": "Stored. New due times count for posts that come in from now on."})
    return response


async def _store(request: Request, brand_id: int, person: Person, parts: Parts) -> None:
    form, now = await read_form(request, WholeForm), parts.clock.now()
    policy, languages = policy_of(form, now.year), _languages(form.languages)
    keep_days = days_of(form.keep_days)
    contact = contact_of(form.contact)
    aims = goals.typed({name: getattr(form, f"target_{name}") for name in goals.NAMES})
    if form.two_from and form.two_from not in TWO_FROM:
        raise BadInput(f"two people: {form.two_from!r} is no risk; choose {' or '.join(TWO_FROM)}")
    links = [host.casefold() for host in _listed(form.links)]
    async with parts.db.read() as session:
        found = await session.get_one(Brand, brand_id)
        before = {lang: spoken(found.voice, found.languages, lang) for lang in LANGUAGES}
    voices = await asyncio.to_thread(_voices, form, before, links)
    async with parts.db.write() as session:
        brand = await session.get_one(Brand, brand_id)
        was = _stored(brand)
        voice = respoken(brand.voice, brand.languages, voices)
        brand.name = " ".join(form.name.split())
        brand.handles = [handle.lstrip("@") for handle in _listed(form.handles)]
        brand.links = links
        brand.languages = languages
        switches = {holds.SETTING: form.rule_of_five, praise.SETTING: form.thank_praise}
        brand.voice = {**voice, "sign_off": form.sign_off.strip(), **switches, goals.SETTING: aims, CONTACT: contact}
        brand.zone = form.zone
        brand.keep_days = keep_days
        brand.two_from = form.two_from or brand.two_from
        brand.policy = {**policy, "channels": brand.policy.get("channels", {})}
        session.add(brand)
        await brands.changed(session, brand_id, _changes(was, _stored(brand)), actor=person.actor, now=now)


def _voices(form: BrandForm, before: Mapping[str, Spoken], links: Sequence[str]) -> dict[str, Spoken]:
    """What was typed for each language whose fields came, where it differs from what stands. BadInput names the
    language and the part."""
    found = dict[str, Spoken]()
    for lang, stands in before.items():
        sent = {part: text for part in PARTS if (text := getattr(form, f"{part}_{lang}")) is not None}
        typed = replace(stands, **sent)
        if typed != stands:
            try:
                found[lang] = checked(typed, lang, links, Detector().detect)
            except BadInput as error:
                raise BadInput(f"{CALLED[lang]}, {error}") from None
    return found


def _changes(was: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What changed, in words."""
    return [_called(name) for name in now if now[name] != was[name]]


def _called(field: str) -> str:
    part, _, lang = field.rpartition("_")
    return f"{PARTS[part]} in {CALLED[lang]}" if part in PARTS else field.replace("_", " ")


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
