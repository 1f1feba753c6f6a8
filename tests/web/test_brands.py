"""The page of a brand: what it stores, what it refuses, who may."""

from sqlmodel import col, select

from domain.sla import policy_from
from storage.tables import Brand, Transition
from tests.web.client import Browser
from tests.web.seed import Desk

FORM = {
    "name": "Norda Rail",
    "handles": "@norda, NordaRail",
    "links": "help.norda.example",
    "languages": "en, hr",
    "sign_off": "Your Norda team",
    "zone": "Europe/Zagreb",
    "ack_min": "30",
    "answer_min": "60",
    "limit_h": "24",
    "resolve_h": "72",
    "hours": "Mon-Fri 09:00-17:00",
    "holidays": "hr",
}


async def stored(desk: Desk) -> Brand:
    async with desk.db.read() as session:
        return await session.get_one(Brand, desk.brand)


async def test_what_a_manager_writes_is_what_new_cases_are_promised(desk: Desk) -> None:
    manager = await Browser.signed_in(desk, "manager")
    assert (await manager.post(f"/brands/{desk.brand}", **FORM)).status == 303
    brand = await stored(desk)
    assert (brand.name, brand.handles, brand.languages) == ("Norda Rail", ["norda", "NordaRail"], ["en", "hr"])
    assert (brand.policy["holidays"], brand.voice["sign_off"]) == ("HR", "Your Norda team")
    policy = policy_from(brand.policy, "rss")
    assert (policy.ack_s, policy.zone, len(policy.hours)) == (1800, "Europe/Zagreb", 5)
    page = await manager.get(f"/brands/{desk.brand}")
    assert "Mon-Fri 09:00-17:00" in page.text


async def test_a_mistake_is_named_and_nothing_is_stored(desk: Desk, admin: Browser) -> None:
    before = (await stored(desk)).policy
    for field, value, said in (
        ("hours", "Mon nine to five", "business hours"),
        ("zone", "Mars/Base", "time zone"),
        ("holidays", "QQ", "no calendar"),
        ("languages", "xx", "known are"),
        ("limit_h", "0.5", "limit longer"),
    ):
        answer = await admin.post(f"/brands/{desk.brand}", **(FORM | {field: value}))
        assert answer.status == 422
        assert said in answer.text.casefold()
    assert (await stored(desk)).policy == before


async def test_the_private_contact_is_stored_checked_and_kept_in_history(desk: Desk, admin: Browser) -> None:
    path, mail, link = f"/brands/{desk.brand}", "help@norda.example", "https://norda.example/contact"
    for contact in (mail, mail, link, ""):
        assert (await admin.post(path, **FORM, contact=contact)).status == 303
        assert (await stored(desk)).voice["contact"] == contact
        assert f'name="contact" maxlength="200" value="{contact}"' in (await admin.get(path)).text
    answer = await admin.post(path, **FORM, contact="call us")
    assert answer.status == 422
    assert "neither one e-mail address nor one link" in answer.text
    async with desk.db.read() as session:
        rows = await session.exec(select(Transition.why).where(Transition.noun == "brand").order_by(col(Transition.id)))
        assert sum("contact" in why for why in rows) == 3


async def test_an_agent_may_look_and_not_change_and_a_foreign_brand_is_absent(desk: Desk, agent: Browser) -> None:
    assert (await agent.get(f"/brands/{desk.brand}")).status == 200
    assert (await agent.post(f"/brands/{desk.brand}", **FORM)).status == 403
    for brand_id in (desk.other_brand, 1):
        assert (await agent.get(f"/brands/{brand_id}")).status == 404
        assert (await agent.post(f"/brands/{brand_id}", **FORM)).status == 404


async def test_a_target_is_stored_shown_in_the_report_and_handed_to_programs(desk: Desk) -> None:
    manager = await Browser.signed_in(desk, "manager")
    aims = {"target_fcr": "75", "target_nps": "-10,5", "target_within_1h": "0"}
    assert (await manager.post(f"/brands/{desk.brand}", **FORM, **aims)).status == 303
    shown = (await manager.get(f"/brands/{desk.brand}")).text
    assert 'name="target_nps" min="-100" max="100" step="any" value="-10.5"' in shown
    page = await manager.get("/reports?days=28")
    assert "Aimed at" in page.text
    found = (await manager.get_json("/reports?days=28")).json["targets"]
    assert [(each["figure"], each["target"]) for each in found] == [("within_1h", 0), ("fcr", 75), ("nps", -10.5)]
    assert [each["reached"] for each in found] == [None if each["value"] is None else True for each in found]
    lines = (await manager.get("/reports/figures.csv?days=28")).text.splitlines()
    assert any(line.startswith("fcr,target,Solved at first contact (FCR),75,percent") for line in lines)
    assert (await manager.post(f"/brands/{desk.brand}", **FORM)).status == 303
    assert "Aimed at" not in (await manager.get("/reports?days=28")).text


async def test_a_target_that_is_none_is_refused_by_name(desk: Desk) -> None:
    manager = await Browser.signed_in(desk, "manager")
    for wrong in ("101", "-1", "high", "nan", "inf"):
        answer = await manager.post(f"/brands/{desk.brand}", **FORM, target_fcr=wrong)
        assert answer.status == 422
        assert "arget of fcr: write a number from 0 to 100" in answer.text


VOICE = {"formality_hr": "informal", "greeting_hr": "Bok, {name}!", "closing_hr": "Lijep pozdrav,"}


async def test_how_a_brand_speaks_is_stored_by_language_shown_and_who_changed_it_is_told(desk: Desk) -> None:
    manager = await Browser.signed_in(desk, "manager")
    assert (await manager.post(f"/brands/{desk.brand}", **FORM, **VOICE)).status == 303
    voice = (await stored(desk)).voice
    assert voice["spoken"] == {"hr": {"formality": "informal", "greeting": "Bok, {name}!", "closing": "Lijep pozdrav,"}}
    page = (await manager.get(f"/brands/{desk.brand}")).text
    for shown in (
        'value="Bok, {name}!"',
        'value="Lijep pozdrav,"',
        "form of address in Croatian, greeting in Croatian",
    ):
        assert shown in page
    assert "</time> by Manager<br>" in " ".join(page.split())
    assert (await manager.post(f"/brands/{desk.brand}", **FORM)).status == 303  # whoever leaves it out changes nothing
    assert (await stored(desk)).voice == voice
    assert (await manager.post(f"/brands/{desk.brand}", **FORM, greeting_hr="")).status == 303
    assert (await stored(desk)).voice["spoken"]["hr"]["greeting"] == ""


async def test_a_greeting_that_cannot_stand_is_refused_and_all_that_was_typed_is_kept(desk: Desk) -> None:
    manager = await Browser.signed_in(desk, "manager")
    typed = FORM | VOICE | {"greeting_hu": "Dear {name},", "name": "Norda Nova", "ack_min": "17"}
    answer = await manager.post(f"/brands/{desk.brand}", **typed)
    assert answer.status == 422
    assert answer.text.count('role="alert"') == 1
    assert "Hungarian, greeting: “Dear Ana,” reads as en" in answer.text
    for kept in ("Norda Nova", "17", "Dear {name},", "Bok, {name}!", "Your Norda team"):
        assert f'value="{kept}"' in answer.text
    assert "spoken" not in (await stored(desk)).voice
    answer = await manager.post_json(f"/brands/{desk.brand}", typed)
    assert (answer.status, answer.json["detail"][:20]) == (422, "Hungarian, greeting:")
