"""Alerts: what must be known now, who was told, and the one button that stops the repeats.

The link in a message opens a page and does nothing: mail scanners open links too. Only the form on it acknowledges,
for the signed-in person or, with the link's token, for the person the message went to.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import JSONResponse, RedirectResponse, Response

from alerts import actions
from alerts.rules import NAMES
from domain.errors import BadInput, Missing
from domain.lifecycle import ALERT
from domain.person import Person
from storage import alerts
from storage.alerts import AlertView
from storage.tables import Alert, Brand, Problem, Reply
from storage.tables_storm import Storm
from web.access import PartsDep, PersonDep, SignInNeeded, person_asking
from web.forms import Form, described, own_path, read_form, wants_json
from web.live import Hint
from web.pages import bare_page, page, said
from web.parts import Parts
from web.storms import place_of
from web.wording import iso

router = APIRouter()

RESULT = {
    "due": ("Waiting", "warn"),
    "delivering": ("Being sent", "warn"),
    "delivered": ("Delivered", "good"),
    "failed": ("Failed", "bad"),
    "dropped": ("Not needed any more", "plain"),
}
"""Status of a delivery -> how people read it, and its tone."""


class Acknowledge(Form):
    """`t` is the token of a message's link, for who is not signed in."""

    t: str = Field("", max_length=200)


@router.get("/alerts")
async def alerts_page(
    request: Request, person: PersonDep, parts: PartsDep, status: str = "", rule: str = ""
) -> Response:
    """What stands (or, by a filter, what was), newest first."""
    if status and status not in ALERT:
        raise BadInput(f"status: choose one of {', '.join(ALERT)}")
    async with parts.db.read() as session:
        found = await alerts.alert_list(session, person.brands, status=status, rule=rule)
        if wants_json(request):
            return JSONResponse({"alerts": [_json(alert) for alert in found]})
        return await page(
            request,
            session,
            person,
            "alerts.html",
            alerts=found,
            counts=await alerts.alert_counts(session, person.brands),
            people=await alerts.names(session, {alert.acknowledged_by for alert in found}),
            unreached={alert.id for alert in await alerts.unreached(session, person.brands)},
            wanted=status,
            rule=rule,
            rules=NAMES,
            statuses=list(ALERT),
        )


@router.get("/alerts/{alert_id}")
async def alert_page(request: Request, alert_id: int, parts: PartsDep, t: str = "") -> Response:
    """One alert. With a message's link it opens without signing in; opening changes nothing."""
    person = await person_asking(request)
    async with parts.db.read() as session:
        if person is not None and (view := await alerts.alert_view(session, person.brands, alert_id)):
            if wants_json(request):
                return JSONResponse(_json(view.alert))
            return await _show(request, session, person, view)
        guest = await actions.person_by_link(session, alert_id, t, parts.clock.now()) if t else None
        if guest is not None and (view := await alerts.alert_view(session, guest.brands, alert_id)):
            return _show_guest(request, parts, guest, view, t)
    if person is None:
        raise SignInNeeded
    raise Missing("there is no such alert")


async def _show(request: Request, session: AsyncSession, person: Person, view: AlertView) -> Response:
    return await page(
        request,
        session,
        person,
        "alert.html",
        view=view,
        alert=view.alert,
        rule=NAMES.get(view.alert.rule, view.alert.rule),
        link=await subject_link(session, view.alert),
        results=RESULT,
        unreached=any(alert.id == view.alert.id for alert in await alerts.unreached(session, person.brands)),
        actor=lambda name: actor(name, view.people),
        mine=[row for row in view.deliveries if row.user_id == person.id],
    )


def _show_guest(request: Request, parts: Parts, guest: Person, view: AlertView, token: str) -> Response:
    who = view.people.get(view.alert.acknowledged_by or 0, "")
    return bare_page(
        request, "alert_link.html", view=view, alert=view.alert, guest=guest, token=token, who=who,
        rule=NAMES.get(view.alert.rule, view.alert.rule), now=parts.clock.now(), zone=guest.zone,
    )  # fmt: skip


async def subject_link(session: AsyncSession, alert: Alert) -> tuple[str, str]:
    """Where the cause is looked at: (path, words); empty when there is no page for it."""
    noun, _, row_id = alert.subject.partition(":")
    if noun == "case":
        return f"/cases/{row_id}", "Open the case"
    if noun in ("problem", "defect"):
        return f"/problems/{row_id}", "Open the problem"
    if noun == "storm":
        storm = await session.get(Storm, int(row_id))
        problem = await session.get(Problem, storm.problem_id) if storm and storm.problem_id else None
        return (
            (place_of(problem.root_id if problem else None, storm.brand_id), "Open storm mode") if storm else ("", "")
        )
    if noun == "reply":
        reply = await session.get(Reply, int(row_id))
        return (f"/cases/{reply.case_id}", "Open the case of this reply") if reply else ("", "")
    if noun == "brand":
        late = "?due=late" if alert.rule == "sla_breached" else ""
        return f"/queue{late}", "Open the queue"
    places = {"source": ("/sources", "Open the sources"), "account": ("/accounts", "Open the accounts")}
    return places.get(noun, ("", ""))


def actor(name: str, people: dict[int, str]) -> str:
    """How history's actor is called."""
    kind, _, rest = name.partition(":")
    return people.get(int(rest), "somebody") if kind == "user" else "Earshot"


@router.post("/alerts/{alert_id}/acknowledge", **described(Acknowledge, 409))
async def acknowledge(request: Request, alert_id: int, parts: PartsDep) -> Response:
    """I look after it: the repeats stop."""
    form = await read_form(request, Acknowledge)
    person, now = await person_asking(request), parts.clock.now()
    async with parts.db.write() as session:
        if person is None and not form.t:
            raise SignInNeeded
        if person is not None and await _sees(session, person, alert_id):
            alert = await actions.acknowledge(session, person, alert_id, now=now)
        elif form.t:
            alert = await actions.acknowledge_by_link(session, alert_id, form.t, now=now)
        else:
            raise Missing("there is no such alert")
        brand = await session.get_one(Brand, alert.brand_id)
    parts.live.tell(Hint(alert.brand_id, "alert", alert.id))
    if person is None:
        return _thanks(request, alert, brand.name)
    return _done(request, alert, "Acknowledged. Nobody is told again.", form.then)


async def _sees(session: AsyncSession, person: Person, alert_id: int) -> bool:
    alert = await session.get(Alert, alert_id)
    return alert is not None and alert.brand_id in person.roles


def _thanks(request: Request, alert: Alert, brand: str) -> Response:
    if wants_json(request):
        return JSONResponse(_json(alert))
    return bare_page(request, "alert_thanks.html", alert=alert, brand=brand)


@router.post("/alerts/{alert_id}/resolve", **described(Form, 409))
async def resolve(request: Request, alert_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """It is over. If it is not, it comes back as a new alert."""
    form = await read_form(request, Form)
    async with parts.db.write() as session:
        alert = await actions.resolve(session, person, alert_id, now=parts.clock.now())
    parts.live.tell(Hint(alert.brand_id, "alert", alert.id))
    return _done(request, alert, "Resolved. If the cause is still there, a new alert follows.", form.then)


@router.post("/alerts/{alert_id}/reopen", **described(Form, 409))
async def reopen(request: Request, alert_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """I cannot look after it: tell whoever is on call."""
    form = await read_form(request, Form)
    async with parts.db.write() as session:
        alert = await actions.reopen(session, person, alert_id, now=parts.clock.now())
    parts.live.tell(Hint(alert.brand_id, "alert", alert.id))
    return _done(request, alert, "Handed back. Whoever is on call is told now.", form.then)


def _done(request: Request, alert: Alert, sentence: str, then: str) -> Response:
    if wants_json(request):
        return JSONResponse(_json(alert))
    response = RedirectResponse(own_path(then, f"/alerts/{alert.id}"), 303)
    said(request, response, {"said": sentence})
    return response


def _json(alert: Alert) -> dict[str, Any]:
    def moment(at: datetime | None) -> str | None:
        return iso(at) if at else None

    return {
        "id": str(alert.id),
        "brand_id": str(alert.brand_id),
        "rule": alert.rule,
        "subject": alert.subject,
        "urgent": alert.urgent,
        "title": alert.title,
        "body": alert.body,
        "status": alert.status,
        "raised_at": moment(alert.raised_at),
        "next_message_at": moment(alert.notify_due_at),
        "messages": alert.rounds,
        "acknowledged_by": str(alert.acknowledged_by) if alert.acknowledged_by else None,
    }
