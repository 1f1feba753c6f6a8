"""The pages of problems: what they show, what a person does there and takes back, also for programs."""

from __future__ import annotations

import re
from html import unescape

from sqlmodel import select

from storage.tables import MentionRow, Problem, Told
from tests.web.client import Answer, Browser
from tests.web.seed import Desk
from tests.web.trouble import tell


async def problem(desk: Desk, cause: str) -> Problem:
    async with desk.db.read() as session:
        found = list(await session.exec(select(Problem)))
    return next(each for each in found if cause in each.named["cause"] and each.brand_id == desk.brand)


async def undo(browser: Browser, page: Answer) -> Answer:
    """Press the button that takes back what was done."""
    form = re.search(
        r'<form[^>]+action="(/problems/\d+/\w+)"[^>]*>(.*?)</form>', page.text[page.text.index("Undo") - 900 :], re.S
    )
    assert form is not None
    values = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[2]))
    return await browser.post(form[1], **values)


async def test_an_empty_list_says_what_will_stand_here(empty_desk: Desk) -> None:
    page = await (await Browser.signed_in(empty_desk, "viewer")).get("/problems")
    assert page.status == 200
    assert "No open problems" in page.text
    assert (await (await Browser.signed_in(empty_desk, "viewer")).get("/problems?status=resolved")).status == 200
    assert (await (await Browser.signed_in(empty_desk, "viewer")).get("/problems?status=nonsense")).status == 422


async def test_the_list_shows_one_line_for_one_cause_in_five_languages(desk: Desk) -> None:
    await tell(desk)
    page = await (await Browser.signed_in(desk, "viewer")).get("/problems")
    twice, lost = await problem(desk, "double charge"), await problem(desk, "luggage")
    assert "Double charge" in page.text
    line = unescape(page.text[page.text.index(f"/problems/{twice.id}") :][:3000])
    for lang in ("en", "hr", "hu", "id", "lv"):
        assert f">{lang}</span>" in line
    assert "people" in page.text
    assert "waiting" in page.text
    assert "in Riga" in page.text
    assert f"/problems/{lost.id}" in page.text


async def test_a_page_shows_every_mention_with_its_case_and_text_is_never_markup(desk: Desk) -> None:
    await tell(desk)
    browser, twice = await Browser.signed_in(desk, "agent"), await problem(desk, "double charge")
    page = unescape((await browser.get(f"/problems/{twice.id}")).text)
    for words in ("charged my card twice", "dvaput naplatila", "kétszer vonta", "kepotong dua kali", "noņēma divreiz"):
        assert words in page
    await browser.post(f"/problems/{twice.id}/rename", title="<script>alert(1)</script>")
    hostile = await browser.get(f"/problems/{twice.id}")
    assert "<script>alert(1)" not in hostile.text
    assert "&lt;script&gt;alert(1)" in hostile.text


async def test_queue_and_case_lead_to_the_problem(desk: Desk) -> None:
    await tell(desk)
    browser, twice = await Browser.signed_in(desk, "agent"), await problem(desk, "double charge")
    assert f'href="/problems/{twice.id}"' in (await browser.get("/queue")).text
    async with desk.db.read() as session:
        query = select(MentionRow.case_id).join(Told, Told.mention_id == MentionRow.id)  # type: ignore[arg-type]
        case_id = (await session.exec(query.where(Told.problem_id == twice.id, MentionRow.case_id != None))).first()  # noqa: E711
    page = await browser.get(f"/cases/{case_id}")
    assert "Part of the problem" in page.text
    assert f'href="/problems/{twice.id}"' in page.text


async def test_merge_split_resolve_and_undo_by_plain_forms(desk: Desk) -> None:
    await tell(desk)
    browser = await Browser.signed_in(desk, "agent")
    twice, lost = await problem(desk, "double charge"), await problem(desk, "luggage")
    merged = await browser.follow(await browser.post(f"/problems/{lost.id}/merge", into=twice.id))
    assert "Merged into it" in merged.text
    assert f"/problems/{lost.id}" not in (await browser.get("/problems")).text
    await undo(browser, merged)
    assert f"/problems/{lost.id}" in (await browser.get("/problems")).text

    page = await browser.get(f"/problems/{twice.id}")
    picked = re.findall(r'name="(pick-\d+)"', page.text)
    split = await browser.post(f"/problems/{twice.id}/split", **{picked[0]: "on", picked[1]: "on"})
    assert split.location != f"/problems/{twice.id}"
    async with desk.db.read() as session:
        assert (await session.get_one(Problem, twice.id)).mentions == twice.mentions - 2
    await undo(browser, await browser.follow(split))
    async with desk.db.read() as session:
        assert (await session.get_one(Problem, twice.id)).mentions == twice.mentions

    resolved = await browser.follow(await browser.post(f"/problems/{twice.id}/resolve", why="mended"))
    assert f"/problems/{twice.id}" not in (await browser.get("/problems")).text
    assert f"/problems/{twice.id}" in (await browser.get("/problems?status=resolved")).text
    await undo(browser, resolved)
    assert f"/problems/{twice.id}" in (await browser.get("/problems")).text


async def test_the_same_for_programs(desk: Desk) -> None:
    await tell(desk)
    browser = await Browser.signed_in(desk, "agent")
    listed = (await browser.get_json("/problems")).json["problems"]
    first = next(each for each in listed if "double charge" in each["named"]["cause"])
    assert first["title"].startswith("Double charge")
    assert first["people"] >= 5
    assert len(first["days"]) == 7
    one = (await browser.get_json(f"/problems/{first['id']}")).json
    assert len(one["newest"]) == first["mentions"]
    assert {m["lang"] for m in one["newest"]} >= {"en", "hr", "hu", "id", "lv"}
    other = next(each["id"] for each in listed if each["id"] != first["id"])
    done = (await browser.post_json(f"/problems/{other}/merge", {"into": first["id"]})).json
    assert done["problem_id"] == first["id"]
    assert done["undo"]["path"] == f"/problems/{other}/unmerge"
    assert (await browser.post_json(f"/problems/{first['id']}/split", {"mentions": "7"})).status == 422
    assert (await browser.post_json(f"/problems/{other}/resolve", {})).status == 409


async def test_a_viewer_sees_no_buttons(desk: Desk) -> None:
    await tell(desk)
    twice = await problem(desk, "double charge")
    page = await (await Browser.signed_in(desk, "viewer")).get(f"/problems/{twice.id}")
    assert page.status == 200
    for word in ("Resolve", "Merge into it", "Save title", "Split out"):
        assert word not in page.text
