"""Gaps and defects: what stands there, what a person says of it and takes back; on both databases."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import pytest
from sqlmodel import select

from storage.migrate import migrate
from storage.tables import Alert, MentionRow, Problem, Transition
from storage.tables_market import Defect
from tests.web.client import Answer, Browser
from tests.web.seed import Desk, build, furnish
from tests.web.trouble import tell


@pytest.fixture
async def either(database_url: str) -> AsyncIterator[Desk]:
    """A furnished desk on SQLite, then on PostgreSQL."""
    await migrate(database_url)
    desk = await furnish(build(database_url))
    yield desk
    await desk.parts.live.finish()
    await desk.db.close()


async def ask(desk: Desk) -> None:
    """Two people want to know of a double charge, in two languages."""
    words = {"@tomo": "Zašto mi je dvaput naplaćeno?", "@marak": "Why was I charged twice?"}
    async with desk.db.write() as session:
        for handle, text in words.items():
            row = (await session.exec(select(MentionRow).where(MentionRow.author_handle == handle))).first()
            assert row is not None
            row.text, row.title, row.themes = text, "", ["billing", "question"]
            row.lang = "hr" if handle == "@tomo" else "en"
            session.add(row)


async def twice_asked(desk: Desk, browser: Browser) -> list[Any]:
    """The gap of those two, as far as it is listed."""
    found = (await browser.get_json(f"/gaps?brand={desk.brand}")).json["gaps"]
    return [gap for gap in found if gap["named"] == "double charge"]


async def problem(desk: Desk, cause: str) -> Problem:
    async with desk.db.read() as session:
        found = list(await session.exec(select(Problem)))
    return next(each for each in found if cause in each.named["cause"] and each.brand_id == desk.brand)


async def undo(browser: Browser, page: Answer) -> Answer:
    """Press the button that takes back what was done."""
    forms = re.findall(r'<form[^>]+action="([^"]+)"[^>]*>(.*?)</form>', page.text, re.S)
    path, body = next(form for form in forms if "Undo" in form[1])
    return await browser.post(path, **{k: unescape(v) for k, v in re.findall(r'name="(\w+)" value="([^"]*)"', body)})


async def test_empty_lists_say_what_will_stand_here(empty_desk: Desk) -> None:
    page = await (await Browser.signed_in(empty_desk, "viewer")).get("/gaps")
    assert "No gap so far" in page.text
    assert "No defect is open" in page.text
    assert (await (await Browser.signed_in(empty_desk, "viewer")).get("/gaps?brand=7")).status == 404


async def test_what_two_people_ask_is_a_gap_until_an_article_is_live(either: Desk) -> None:
    await ask(either)
    admin = await Browser.signed_in(either, "admin")
    [gap] = await twice_asked(either, admin)
    assert (gap["named"], gap["people"], gap["languages"]) == ("double charge", 2, {"en": 1, "hr": 1})
    page = unescape((await admin.get(f"/gaps?brand={either.brand}")).text)
    assert "Zašto mi je dvaput naplaćeno?" in page
    link = re.search(r'href="(/knowledge\?[^"]+about=double[^"]+)#add"', page)
    assert link is not None
    assert 'value="Double charge"' in (await admin.get(link[1])).text
    made = await admin.post(
        "/knowledge", brand_id=either.brand, title="Charged twice", text="A double charge is released in five days.",
        lang="en",
    )  # fmt: skip
    await admin.post(f"{made.location}/status", status="live")
    assert await twice_asked(either, admin) == []


async def test_what_is_not_needed_is_put_aside_and_taken_back(either: Desk) -> None:
    await ask(either)
    agent = await Browser.signed_in(either, "agent")
    address = f"/gaps?brand={either.brand}"
    [gap] = await twice_asked(either, agent)
    page = await agent.follow(await agent.post("/gaps", brand_id=either.brand, term=gap["term"], then=address))
    assert "Put aside" in page.text
    assert "Not needed (1)" in page.text
    assert await twice_asked(either, agent) == []
    await undo(agent, page)
    assert len(await twice_asked(either, agent)) == 1
    again = await agent.post_json("/gaps", {"brand_id": str(either.brand), "term": gap["term"]})
    assert again.json["status"] == "aside"
    assert (await agent.post(f"/gaps/{again.json['gap_id']}/aside")).status == 409


async def test_a_defect_has_an_owner_a_status_and_a_history(either: Desk) -> None:
    await tell(either)
    twice, agent = await problem(either, "double charge"), await Browser.signed_in(either, "agent")
    place, owner = f"/problems/{twice.id}", either.users["admin"]
    for wrong in ("", "7", str(either.users["stranger"])):
        assert (await agent.post(f"{place}/defect", owner_id=wrong, note="x")).status == 422
    note = "<b>the card terminal</b>"
    page = await agent.follow(await agent.post(f"{place}/defect", owner_id=owner, note=note))
    assert "Reported: its owner is told" in page.text
    assert note not in page.text
    assert note in unescape(page.text)
    assert "defect: reported" in page.text
    page = await agent.follow(await agent.post(f"{place}/defect-status", status="being_fixed"))
    [listed] = (await agent.get_json(f"/gaps?brand={either.brand}")).json["defects"]
    assert (listed["status"], listed["owner_id"], listed["people"] > 1) == ("being_fixed", str(owner), True)
    await undo(agent, page)
    async with either.db.read() as session:
        defect = (await session.exec(select(Defect))).one()
        steps = list(await session.exec(select(Transition.new).where(Transition.row_id == defect.id)))
    assert (defect.status, steps) == ("reported", ["reported", "being_fixed", "reported"])
    assert (await agent.post(f"{place}/defect-status", status="nonsense")).status == 422


async def test_a_report_is_taken_back_and_another_owner_too(either: Desk) -> None:
    await tell(either)
    twice, agent = await problem(either, "double charge"), await Browser.signed_in(either, "agent")
    place, users = f"/problems/{twice.id}", either.users
    await agent.post(f"{place}/defect", owner_id=users["admin"], note="")
    page = await agent.follow(await agent.post(f"{place}/defect", owner_id=users["agent"], note="mine"))
    assert "Defects to see to" in (await agent.get("/duties")).text
    await undo(agent, page)
    assert "Defects to see to" not in (await agent.get("/duties")).text
    assert (await agent.post(f"{place}/defect-status", status="taken_back")).status == 303
    assert (await agent.get_json(f"/gaps?brand={either.brand}")).json["defects"] == []
    assert "Report as a defect" in (await agent.get(place)).text


async def test_reports_and_their_export_tell_of_defects(either: Desk) -> None:
    await tell(either)
    twice, admin = await problem(either, "double charge"), await Browser.signed_in(either, "admin")
    await admin.post(f"/problems/{twice.id}/defect", owner_id=either.users["agent"], note="=1+1")
    assert f'href="/problems/{twice.id}"' in (await admin.get("/reports")).text
    lines = (await admin.get("/reports/defects.csv")).text.splitlines()
    assert lines[0].endswith("problem_id,brand,title,status,owner,people,since_utc,days,note")
    assert f"{twice.id},Norda" in lines[1]
    assert lines[1].endswith(",'=1+1")
    async with either.db.read() as session:
        assert (await session.exec(select(Alert).where(Alert.rule == "defect_reported"))).first() is None
