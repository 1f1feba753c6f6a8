"""Alerts and the on-call list, through the real app over a real database and a real mail server."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlmodel import col, select

from alerts.notifiers.mail import MailServer
from alerts.parts import Parts as Alerting
from alerts.worker import deliver, page
from domain.ids import ids
from storage import transitions
from storage.tables import Alert, Contact, Delivery, Shift
from tests.alerts.hostile import HOSTILE
from tests.alerts.house import open_, seal
from tests.alerts.mailbox import Mailbox, start
from tests.web.client import Browser, outline
from tests.web.seed import Desk
from web.app import create_app

DAY = {"days": "work", "start": "08:00", "end": "16:00"}
PHONE = "ntfy://127.0.0.1:9/very-secret-topic"


@pytest.fixture
async def paging(desk: Desk) -> AsyncIterator[tuple[Desk, Mailbox]]:
    """The desk with everything that paging needs, and one open alert."""
    box, controller = start()
    alerting = Alerting(
        database=desk.db,
        clock=desk.clock,
        jobs=desk.jobs,
        channels=desk.parts.channels,
        public_url="http://desk.test",
        seal=seal,
        open_=open_,
        mail=MailServer(host="127.0.0.1", port=box.port, sender="earshot@desk.test", security="none"),
    )
    desk.parts = replace(desk.parts, alerting=alerting)
    desk.app = create_app(desk.parts)
    yield desk, box
    controller.stop()


async def raised(desk: Desk, **values: object) -> int:
    now = desk.clock.now()
    alert = Alert(
        id=ids.next(now), brand_id=desk.brand, rule="source_stopped", subject=f"source:{ids.next(now)}",
        title="Norda: rss source “feed” has stopped", body="410 Gone.", raised_at=now, notify_due_at=now,
    )  # fmt: skip
    for name, value in values.items():
        setattr(alert, name, value)
    async with desk.db.write() as session:
        session.add(alert)
    return alert.id


async def alert_of(desk: Desk, alert_id: int) -> Alert:
    async with desk.db.read() as session:
        return await session.get_one(Alert, alert_id)


async def mailed_link(desk: Desk, box: Mailbox, alert_id: int) -> str:
    """The path of the link in the first mail about this alert (it goes to every admin, nobody is on call)."""
    assert desk.parts.alerting is not None
    await page(desk.parts.alerting, alert_id, desk.clock.now())
    async with desk.db.read() as session:
        found = list(await session.exec(select(Delivery.id).where(Delivery.alert_id == alert_id)))
    for delivery_id in found:
        await deliver(desk.parts.alerting, delivery_id, desk.clock.now())
    link = re.search(r"http://desk\.test(/alerts/\S+)", box.mails[-1].get_content())
    assert link is not None
    return link[1]


@pytest.mark.parametrize("path", ["/alerts", "/alerts?status=resolved", "/alerts?rule=sla_breached", "/on-call"])
@pytest.mark.parametrize("role", ["admin", "manager", "agent", "on_call", "viewer"])
async def test_the_pages_open_for_every_role(desk: Desk, path: str, role: str):
    assert (await (await Browser.signed_in(desk, role)).get(path)).status == 200


async def test_an_empty_desk_has_nothing_burning(empty_desk: Desk):
    browser = await Browser.signed_in(empty_desk, "admin")
    assert "Nothing is burning" in (await browser.get("/alerts")).text
    assert "every admin is told" in (await browser.get("/on-call")).text


async def test_acknowledge_resolve_and_hand_back(desk: Desk, agent: Browser):
    alert_id = await raised(desk)
    assert "Acknowledge" in (await agent.get(f"/alerts/{alert_id}")).text
    done = await agent.follow(await agent.post(f"/alerts/{alert_id}/acknowledge"))
    assert "Nobody is told again" in done.text
    assert "Acknowledged by Agent" in done.text
    alert = await alert_of(desk, alert_id)
    assert (alert.status, alert.acknowledged_by, alert.notify_due_at) == ("acknowledged", desk.users["agent"], None)
    other = await Browser.signed_in(desk, "on_call")
    again = await other.post(f"/alerts/{alert_id}/acknowledge")
    assert again.status == 409
    assert "Agent has acknowledged" in again.text
    await agent.post(f"/alerts/{alert_id}/reopen")
    assert (await alert_of(desk, alert_id)).notify_due_at == desk.clock.now()
    await agent.post(f"/alerts/{alert_id}/resolve")
    assert (await alert_of(desk, alert_id)).status == "resolved"


async def test_who_may_not(desk: Desk):
    alert_id = await raised(desk)
    viewer, stranger = await Browser.signed_in(desk, "viewer"), await Browser.signed_in(desk, "stranger")
    for action in ("acknowledge", "resolve", "reopen"):
        assert (await viewer.post(f"/alerts/{alert_id}/{action}")).status == 403
        foreign, absent = (
            await stranger.post(f"/alerts/{alert_id}/{action}"),
            await stranger.post(f"/alerts/5/{action}"),
        )
        assert (foreign.status, foreign.body) == (404, absent.body)
        assert (await Browser(desk).post(f"/alerts/{alert_id}/{action}")).status == 401
    assert (await stranger.get(f"/alerts/{alert_id}")).body == (await stranger.get("/alerts/5")).body
    assert (await Browser(desk).get(f"/alerts/{alert_id}")).location.startswith("/sign-in")
    assert (await alert_of(desk, alert_id)).status == "raised"


async def test_the_mailed_link_opens_and_acknowledges_without_signing_in(paging: tuple[Desk, Mailbox]):
    desk, box = paging
    alert_id = await raised(desk)
    link = await mailed_link(desk, box, alert_id)
    guest = Browser(desk)
    for _ in range(3):  # a mail scanner opens it too
        opened = await guest.get(link)
        assert opened.status == 200
        assert "Acknowledge as Admin" in opened.text
    assert (await alert_of(desk, alert_id)).status == "raised"
    token = link.partition("?t=")[2]
    forged = await guest.send(
        "POST", f"/alerts/{alert_id}/acknowledge", f"t={token}".encode(),
        {"origin": "http://evil.example", "content-type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert forged.status == 403
    other_id = await raised(desk)
    assert (await guest.post(f"/alerts/{other_id}/acknowledge", t=token)).status == 403
    assert "Acknowledged" in (await guest.post(f"/alerts/{alert_id}/acknowledge", t=token)).text
    assert (await alert_of(desk, alert_id)).acknowledged_by == desk.users["admin"]
    assert (await guest.post(f"/alerts/{alert_id}/acknowledge", t=token)).status == 403
    assert (await guest.get(link)).location.startswith("/sign-in")
    assert guest.cookies == {}


async def test_what_strangers_wrote_is_only_text(desk: Desk, agent: Browser):
    plain = await raised(desk, title="t", body="b")
    shape = outline((await agent.get(f"/alerts/{plain}")).text).elements
    for hostile in HOSTILE:
        if "\x00" in hostile or "\ud83d" in hostile:
            continue  # the boundary lets neither in
        async with desk.db.write() as session:
            alert = await session.get_one(Alert, plain)
            alert.title, alert.body = hostile, hostile
        assert outline((await agent.get(f"/alerts/{plain}")).text).elements == shape, hostile


async def test_the_weekly_list_is_edited_by_plain_forms(desk: Desk):
    manager = await Browser.signed_in(desk, "manager")
    turn = {"brand_id": desk.brand, "user_id": desk.users["on_call"], "zone": "Europe/Zagreb"}
    await manager.post("/on-call/turns", **turn, days="all", start="00:00", end="00:00")
    shown = (await manager.get("/on-call")).text
    assert re.search(r"<dt>Now</dt><dd><b>On Call</b>", shown)
    async with desk.db.read() as session:
        shifts = list(await session.exec(select(Shift)))
    assert [(shift.weekday, shift.end_minute) for shift in shifts] == [(day, 1440) for day in range(7)]
    for wrong, said in (
        ({"start": "25:00"}, "from"), ({"end": "x"}, "until"), ({"days": "9"}, "days"), ({"zone": "Mars"}, "Time zone"),
        ({"user_id": desk.users["stranger"]}, "Person"),
    ):  # fmt: skip
        answer = await manager.post(
            "/on-call/turns", **(turn | {"days": "work", "start": "08:00", "end": "16:00"} | wrong)
        )
        assert (answer.status, said.lower() in answer.text.lower()) == (422, True)
    elsewhere = await manager.post("/on-call/turns", **(turn | DAY | {"brand_id": desk.other_brand}))
    assert elsewhere.status == 404
    agent = await Browser.signed_in(desk, "agent")
    stranger = await Browser.signed_in(desk, "stranger")
    assert (await agent.post("/on-call/turns", **turn, days="all", start="00:00", end="00:00")).status == 403
    assert (await agent.post(f"/on-call/turns/{shifts[0].id}/remove")).status == 403
    assert (await stranger.post(f"/on-call/turns/{shifts[0].id}/remove")).status == 404
    await manager.post(f"/on-call/turns/{shifts[0].id}/remove")
    await manager.post("/on-call/fallback", brand_id=desk.brand, user_id=desk.users["agent"])
    shown = (await manager.get("/on-call")).text
    assert "(fallback) is told" in shown or "Agent" in shown
    assert shown.count("/remove") == 6


async def test_contacts_are_tried_and_addresses_kept_secret(paging: tuple[Desk, Mailbox]):
    desk, box = paging
    admin = await Browser.signed_in(desk, "admin")
    await admin.post("/on-call/contacts", kind="mail", target="night@desk.test")
    await admin.post(
        "/on-call/contacts", kind="apprise", target="ntfy://127.0.0.1:9/very-secret-topic", label="my phone"
    )
    async with desk.db.read() as session:
        mail, phone = list(await session.exec(select(Contact).order_by(col(Contact.id))))
    assert "very-secret-topic" not in phone.target
    shown = await admin.follow(await admin.post(f"/on-call/contacts/{mail.id}/test"))
    assert "night@desk.test: delivered" in shown.text
    assert "very-secret-topic" not in shown.text
    assert box.mails[0]["To"] == "night@desk.test"
    box.answers["night@desk.test"] = ["550 mailbox is gone"]
    shown = await admin.follow(await admin.post(f"/on-call/contacts/{mail.id}/test"))
    assert "not delivered. 550 mailbox is gone" in shown.text
    shown = await admin.follow(await admin.post(f"/on-call/contacts/{phone.id}/test"))
    assert "my phone: not delivered. 127.0.0.1 is not a public address" in shown.text.replace(":9", "")
    agent = await Browser.signed_in(desk, "agent")
    assert (await agent.post(f"/on-call/contacts/{mail.id}/remove")).status == 404
    for wrong in (
        {"kind": "mail", "target": "nobody"},
        {"kind": "apprise", "target": "nonsense"},
        {"kind": "sms", "target": "1"},
    ):
        assert (await admin.post("/on-call/contacts", **wrong)).status == 422
    await admin.post(f"/on-call/contacts/{mail.id}/remove")
    assert "night@desk.test" not in (await admin.get("/on-call")).text


async def test_a_contact_with_sent_messages_can_be_removed_and_its_results_stay(paging: tuple[Desk, Mailbox]):
    desk, box = paging
    admin = await Browser.signed_in(desk, "admin")
    await admin.post("/on-call/contacts", kind="mail", target="night@desk.test")
    alert_id = await raised(desk)
    await mailed_link(desk, box, alert_id)
    async with desk.db.read() as session:
        (contact,) = list(await session.exec(select(Contact)))
    await admin.post(f"/on-call/contacts/{contact.id}/remove")
    assert "night@desk.test" in (await admin.get(f"/alerts/{alert_id}")).text
    async with desk.db.read() as session:
        assert [event.new for event in await transitions.history(session, "alert", alert_id)] == []


async def test_programs_get_the_same_as_json(desk: Desk, agent: Browser):
    alert_id = await raised(desk)
    listed = (await agent.get_json("/alerts")).json["alerts"]
    assert str(alert_id) in [alert["id"] for alert in listed]
    done = await agent.post_json(f"/alerts/{alert_id}/acknowledge", {})
    assert (done.status, done.json["status"]) == (200, "acknowledged")


async def test_an_alert_that_reached_nobody_shows_on_every_page(paging: tuple[Desk, Mailbox]):
    desk, box = paging
    box.answers["admin@desk.test"] = ["550 no"]
    alert_id = await raised(desk)
    assert desk.parts.alerting is not None
    await page(desk.parts.alerting, alert_id, desk.clock.now())
    async with desk.db.read() as session:
        (delivery_id,) = list(await session.exec(select(Delivery.id).where(Delivery.alert_id == alert_id)))
    await deliver(desk.parts.alerting, delivery_id, desk.clock.now())
    browser = await Browser.signed_in(desk, "viewer")
    assert "reached nobody" in (await browser.get("/queue")).text
    shown = (await browser.get(f"/alerts/{alert_id}")).text
    assert "Nobody was reached yet" in shown
    assert "550 no" in shown
