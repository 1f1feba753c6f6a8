"""The page on which anybody tells a brand something in private: no sign-in, no script, no cookie.

Looking changes nothing. Whatever is wrong with what was typed, it stays in the form.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from channels.feedback.convert import (
    CHANNEL,
    LONGEST_ADDRESS,
    LONGEST_NAME,
    LONGEST_TEXT,
    mail_to,
    read,
    reference,
    to_page,
)
from domain.errors import BadInput, EarshotError
from domain.sla import Policy, due
from responders.survey_links import FEEDBACK_PATH as PATH
from storage import feedback
from storage.retention import DAILY
from storage.tables import Brand, MentionRow, SourceRow
from web.access import PartsDep
from web.errors import problem
from web.feedback_words import WORDS, Words, chosen
from web.forms import Form, read_form
from web.pages import bare_page
from web.parts import Parts

router = APIRouter()

_ANY_LINK = 0
"""What the gate counts these pages under, as those of surveys: no source has this id."""

_TO_THE_MINUTE = timedelta(minutes=1) - timedelta.resolution
"""Nobody is promised an earlier minute than the one they get."""


class Message(Form):
    """What was typed. Lengths are looked at later, so that nothing typed is lost. `website` is a trap: no person sees
    it. `only` is "language" when the visitor changes the language of the page and tells nothing yet."""

    text: str = ""
    name: str = ""
    address: str = ""
    website: str = Field("", max_length=2000)
    once: str = Field("", max_length=60)
    only: str = Field("", max_length=20)


@dataclass(frozen=True, slots=True)
class Open:
    """A page that is switched on, its brand, and what is promised there."""

    source: SourceRow
    brand: Brand
    policy: Policy

    @property
    def key(self) -> str:
        return str(self.source.settings["key"])

    def by(self, since: datetime) -> str:
        """By when a person answers what is said at that moment, in the time of the brand."""
        moment = due(self.policy, since).limit + _TO_THE_MINUTE
        return f"{moment.astimezone(ZoneInfo(self.policy.zone)):%Y-%m-%d %H:%M} ({self.policy.zone})"

    def kept_until(self, now: datetime) -> str:
        """The day on which what is said now is purged at the latest; empty without end."""
        days = self.source.keep_days or self.brand.keep_days
        return f"{now + timedelta(days=days) + DAILY:%Y-%m-%d}" if days else ""


@router.get(PATH + "{key}")
async def feedback_page(request: Request, key: str, parts: PartsDep, lang: str = "", number: str = "") -> Response:
    """The form; with the number of what was told, that it has arrived and by when a person answers."""
    if (wait := parts.gate.wait_s(_ANY_LINK, _from(request), parts.clock.now())) > 0:
        return _too_many(request, wait)
    async with parts.db.read() as session:
        page = await _find(session, parts, key)
        told = await feedback.told(session, page.source, number) if page and number else None
    if page is None:
        return _gone(request)
    return _show(request, parts, page, lang, told=told)


@router.post(PATH + "{key}")
async def feedback_told(request: Request, key: str, parts: PartsDep, lang: str = "") -> Response:
    """Store what was told, once however often it is sent."""
    now = parts.clock.now()
    if (wait := parts.gate.wait_s(_ANY_LINK, _from(request), now)) > 0:
        return _too_many(request, wait)
    async with parts.db.read() as session:
        page = await _find(session, parts, key)
    if page is None:
        return _gone(request)
    form = await read_form(request, Message)
    if form.only == "language":
        return _show(request, parts, page, lang, form=form)
    if form.website:
        return _show(request, parts, page, lang, form=form, wrong="trap")
    try:
        told = read(form.text, form.name, form.address, form.once)
    except BadInput as error:
        return _show(request, parts, page, lang, form=form, wrong=str(error))
    if (wait := parts.told_gate.wait_s(page.source.id, _from(request), now)) > 0:
        return _show(request, parts, page, lang, form=form, wrong="busy", wait=wait)
    number = reference(told, page.key, parts.secret)
    if not await _store(parts, page, number, to_page(told, number, now)):
        return _show(request, parts, page, lang, form=form, wrong="failed")
    return RedirectResponse(f"{PATH}{page.key}?lang={_lang(request, page, lang)}&number={number}", 303)


async def _store(parts: Parts, page: Open, number: str, said: Any) -> bool:
    """Whether it is stored now. What is set aside, erased before or taken for our own words is not."""
    assert parts.receiver is not None
    try:
        await parts.receiver.take(page.source, said)
    except EarshotError:
        return False
    async with parts.db.read() as session:
        return await feedback.told(session, page.source, number) is not None


async def _find(session: AsyncSession, parts: Parts, key: str) -> Open | None:
    source = await feedback.by_key(session, key)
    if source is None or parts.receiver is None:
        return None
    brand = await session.get_one(Brand, source.brand_id)
    return Open(source, brand, parts.receiver.ears.promises(brand, CHANNEL))


def _from(request: Request) -> str:
    return request.client.host if request.client else ""


def _too_many(request: Request, wait: float) -> Response:
    seconds = int(wait) + 1
    return problem(request, 429, f"Too many tries. Wait {seconds} seconds.", {"retry-after": str(seconds)})


def _gone(request: Request) -> Response:
    """In every language we write: names that never were, are switched off or were replaced all read alike."""
    return bare_page(request, "survey_gone.html", 404, all_words=WORDS.values())


def _lang(request: Request, page: Open, asked: str) -> str:
    return chosen(asked, request.headers.get("accept-language", ""), page.brand.languages)


def _show(
    request: Request,
    parts: Parts,
    page: Open,
    asked: str,
    *,
    told: MentionRow | None = None,
    form: Message | None = None,
    wrong: str = "",
    wait: float = 0.0,
) -> Response:
    lang, now = _lang(request, page, asked), parts.clock.now()
    words = WORDS[lang]
    status, headers = {"": 200, "busy": 429, "failed": 503}.get(wrong, 422), {"content-language": words.code}
    return bare_page(
        request,
        "feedback.html",
        status,
        headers | ({"retry-after": str(ceil(wait))} if wait else {}),
        w=words,
        lang=lang,
        languages=WORDS,
        brand=page.brand.name,
        key=page.key,
        form=form or Message(once=secrets.token_urlsafe(12)),
        told=told,
        answers=bool(told and mail_to(told.native)),
        by=page.by(told.posted_at if told else now),
        hours=words.opening(page.policy.hours),
        zone=page.policy.zone,
        until=page.kept_until(now),
        wrong=_wrong(words, wrong, wait),
        caught=bool(form and form.website),
        most=LONGEST_TEXT,
        most_name=LONGEST_NAME,
        most_address=LONGEST_ADDRESS,
    )


def _wrong(words: Words, wrong: str, wait: float) -> str:
    said = words.wrong.get(wrong, "")
    return said.replace("{most}", str(LONGEST_TEXT)).replace("{minutes}", str(ceil(wait / 60)))
