"""Who is on call, how people are reached, and whether messages arrive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from alerts import rota
from alerts.message import compose, one_line
from alerts.notifiers import apprise_text
from alerts.notifiers.mail import checked_address
from alerts.parts import Parts as Alerting
from alerts.parts import contact_context
from alerts.worker import notify, opened, shown, team_of
from domain.alert import Turn
from domain.errors import BadInput, Missing
from domain.ids import ids
from domain.person import Person
from storage import alerts
from storage import rota as rows
from storage.tables import Brand, Shift, User
from web.access import PartsDep, PersonDep, require_anywhere
from web.alerts import RESULT
from web.forms import Form, described, read_form, row_id
from web.pages import page, said
from web.parts import Parts
from web.wording import zone_of

router = APIRouter()

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAYS = {
    "all": ("Every day", range(7)),
    "work": ("Monday to Friday", range(5)),
    "weekend": ("Saturday and Sunday", range(5, 7)),
    **{str(number): (name, range(number, number + 1)) for number, name in enumerate(WEEKDAYS)},
}
_SHOWN_DAYS = 7
_SHOWN = 40
_MOST_CONTACTS = 10
_AHEAD = timedelta(days=8)


class NewTurn(Form):
    """Turns on the weekly list: the same hours on one or several days, in the zone's local time."""

    brand_id: str
    user_id: str
    days: str
    start: str = Field(max_length=5)
    end: str = Field(max_length=5)
    zone: str = Field(max_length=60)


class Fallback(Form):
    """Who is told when nobody is on call; empty for nobody."""

    brand_id: str
    user_id: str = ""


class NewContact(Form):
    """kind is mail or apprise; `target` the mail address or the service's apprise address."""

    kind: str
    target: str = Field(max_length=1000)
    label: str = Field("", max_length=60)


@dataclass(frozen=True, slots=True)
class BrandRota:
    """The on-call list of one brand as the page shows it."""

    brand: Brand
    team: rota.Team
    people: dict[int, User]
    shifts: list[Shift]
    now_until: dict[int, datetime]
    upcoming: list[rota.Span]
    may_edit: bool


@router.get("/on-call")
async def on_call_page(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """The list of each brand, the person's own contacts, and the messages of the last days."""
    now = parts.clock.now()
    async with parts.db.read() as session:
        lists = [await _rota(session, person, brand_id, now) for brand_id in person.brands]
        recent = await alerts.recent_deliveries(session, person.brands, now - timedelta(days=_SHOWN_DAYS), _SHOWN)
        contacts = await rows.contacts_of(session, [person.id])
        return await page(
            request,
            session,
            person,
            "on_call.html",
            lists=lists,
            contacts=[(contact, shown(contact)) for contact in contacts],
            recent=recent,
            names=await alerts.names(session, {delivery.user_id for delivery, _ in recent}),
            results=RESULT,
            weekdays=WEEKDAYS,
            day_choices=DAYS,
            clock_of=clock_of,
            local=lambda moment: moment.astimezone(zone_of(person.zone)),
            shown_days=_SHOWN_DAYS,
            mail_on=parts.alerting is not None and parts.alerting.mail is not None,
        )


async def _rota(session: AsyncSession, person: Person, brand_id: int, now: datetime) -> BrandRota:
    team, people = await team_of(session, brand_id, now)
    shifts = await rows.shifts(session, brand_id)
    ahead = rota.spans([rows.turn_of(shift) for shift in shifts], now, now + _AHEAD)
    until: dict[int, datetime] = {}
    for span in ahead:  # turns that follow one another are one stretch
        if span.start <= until.get(span.user_id, now) and span.end > now:
            until[span.user_id] = max(span.end, until.get(span.user_id, span.end))
    return BrandRota(
        brand=await session.get_one(Brand, brand_id),
        team=team,
        people=people,
        shifts=shifts,
        now_until=until,
        upcoming=[span for span in ahead if span.start > now and span.start >= until.get(span.user_id, now)][:3],
        may_edit=person.may("rota", brand_id),
    )


def clock_of(minute: int) -> str:
    """Minutes of the day as people write them; those past midnight count on."""
    return "24:00" if minute == rota.DAY_MINUTES else f"{minute // 60 % 24:02}:{minute % 60:02}"


def minutes_of(text: str, field: str) -> int:
    """08:30 as minutes of the day. BadInput otherwise."""
    hour, colon, minute = text.strip().partition(":")
    if not colon or not (hour + minute).isdecimal() or int(hour) > 23 or int(minute) > 59:
        raise BadInput(f"{field}: write a time of the day like 08:00")
    return int(hour) * 60 + int(minute)


@router.post("/on-call/turns", **described(NewTurn))
async def add_turns(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Put somebody on the list."""
    form = await read_form(request, NewTurn)
    brand_id = _brand(person, form.brand_id)
    if form.days not in DAYS:
        raise BadInput("days: choose one of the list")
    start, end = minutes_of(form.start, "from"), minutes_of(form.end, "until")
    end += rota.DAY_MINUTES if end <= start else 0
    async with parts.db.write() as session:
        user_id = await _member(session, brand_id, form.user_id)
        for weekday in DAYS[form.days][1]:
            turn = rota.check(Turn(user_id, weekday, start, end, form.zone.strip()))
            await rows.add_shift(session, brand_id, turn, parts.clock.now())
    return _done(request, "The list is changed.")


@router.post("/on-call/turns/{shift_id}/remove", **described(Form))
async def remove_turn(request: Request, shift_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Take a turn off the list."""
    await read_form(request, Form)
    async with parts.db.write() as session:
        shift = await rows.remove_shift(session, person.brands, shift_id)
        person.require("rota", shift.brand_id)
    return _done(request, "The turn is off the list.")


@router.post("/on-call/fallback", **described(Fallback))
async def set_fallback(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Who is told when nobody is on call, or when nobody answers."""
    form = await read_form(request, Fallback)
    brand_id = _brand(person, form.brand_id)
    async with parts.db.write() as session:
        user_id = await _member(session, brand_id, form.user_id) if form.user_id else None
        await rows.set_fallback(session, brand_id, user_id)
    return _done(request, "The fallback is set." if user_id else "No fallback: every admin is told instead.")


@router.post("/on-call/contacts", **described(NewContact))
async def add_contact(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """A way to reach the signed-in person. An address that cannot work is refused now, not at night."""
    form = await read_form(request, NewContact)
    alerting = _alerting(parts)
    now = parts.clock.now()
    contact_id = ids.next(now)
    label = one_line(form.label)
    if form.kind == "mail":
        target = checked_address(form.target)
    elif form.kind == "apprise":
        service = apprise_text.service_of(form.target)
        label = label or service
        target = alerting.seal(form.target.strip(), contact_context(contact_id))
    else:
        raise BadInput("kind: choose mail or a service")
    async with parts.db.write() as session:
        if len(await rows.contacts_of(session, [person.id])) >= _MOST_CONTACTS:
            raise BadInput(f"contacts: {_MOST_CONTACTS} are the most; remove one first")
        await rows.add_contact(
            session, id=contact_id, user_id=person.id, kind=form.kind, label=label, target=target, created_at=now
        )
    return _done(request, "Added. Try it with Test.")


@router.post("/on-call/contacts/{contact_id}/remove", **described(Form))
async def remove_contact(request: Request, contact_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Forget a way to reach the signed-in person."""
    await read_form(request, Form)
    async with parts.db.write() as session:
        contact = await rows.own_contact(session, person.id, contact_id)
        await rows.remove_contact(session, contact, parts.clock.now())
    return _done(request, "Removed.")


@router.post("/on-call/contacts/{contact_id}/test", **described(Form))
async def test_contact(request: Request, contact_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Send a test message now and say what became of it."""
    await read_form(request, Form)
    require_anywhere(person, "test_alert")
    alerting = _alerting(parts)
    now = parts.clock.now()
    async with parts.db.read() as session:
        contact = await rows.own_contact(session, person.id, contact_id)
    message = compose(
        title="Earshot: test message",
        body="This is a test. Nothing is wrong.",
        why=f"Why you: {person.name} pressed Test on the on-call page.",
        link=f"{alerting.public_url.rstrip('/')}/on-call",
        dedup_key=f"test-{ids.next(now)}",
    )
    outcome = await notify(alerting, contact.kind, opened(alerting, contact), message, now)
    if outcome.result == "delivered":
        return _done(request, f"{shown(contact)}: delivered. Look whether it arrived.")
    return _done(request, f"{shown(contact)}: not delivered. {outcome.said[:200]}")


def _alerting(parts: Parts) -> Alerting:
    if parts.alerting is None:
        raise BadInput("this process sends no alerts")
    return parts.alerting


def _brand(person: Person, text: str) -> int:
    brand_id = row_id(text)
    if brand_id not in person.roles:
        raise Missing("there is no such brand")
    person.require("rota", brand_id)
    return brand_id


async def _member(session: AsyncSession, brand_id: int, text: str) -> int:
    wanted = row_id(text)
    if all(user.id != wanted for user, _ in await rows.brand_people(session, brand_id)):
        raise BadInput("person: choose somebody who works for this brand")
    return wanted


def _done(request: Request, sentence: str) -> Response:
    response = RedirectResponse("/on-call", 303)
    said(request, response, {"said": sentence})
    return response
