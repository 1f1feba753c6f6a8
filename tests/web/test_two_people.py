"""Findings mended or overruled, and two people's yes, as plain forms and as JSON."""

import html
import re

import pytest
from sqlalchemy import update
from sqlmodel import col

from storage.tables import Brand, MentionRow, Reply
from tests.web.client import Browser
from tests.web.seed import Desk, without_risk

FAULTY = (
    "Hello Ilze, thank you for telling us that your train was late again. We leverage synergy at www.elsewhere.test."
)


async def _grave(desk: Desk, handle: str = "@ilze") -> Reply:
    case = desk.cases[handle]
    async with desk.db.write() as session:
        await session.exec(update(MentionRow).where(col(MentionRow.case_id) == case).values(themes=["safety"]))
    return await desk.reply_of(case)


async def _found(browser: Browser, reply: Reply, text: str) -> dict[str, str]:
    """The keys of the findings of a text, by their rule."""
    answer = await browser.post_json(f"/replies/{reply.id}/check", {"text": text})
    return {each["rule"]: each["key"] for each in answer.json["findings"]}


async def test_the_page_says_before_approving_that_it_takes_two(agent: Browser, admin: Browser, desk: Desk) -> None:
    reply = await _grave(desk)
    assert "Needs a second person" not in (await admin.get("/queue")).text
    page = await agent.get(f"/cases/{reply.case_id}")
    assert "Needs a second person: safety." in page.text
    assert "Sign off, 1 of 2" in page.text
    after = await agent.follow(await agent.post(f"/replies/{reply.id}/approve", text=reply.text, version=reply.version))
    assert "You signed it off" in after.text
    assert (await admin.get("/queue")).text.count("Needs a second person") == 1
    waiting = (await admin.get_json("/queue?draft=second")).json["cases"]
    assert [row["id"] for row in waiting] == [str(reply.case_id)]
    other = await admin.get(f"/cases/{reply.case_id}")
    assert "Agent signed exactly this text off" in other.text
    assert "Sign off, 1 of 2" not in re.sub(r'data-two="[^"]*"', "", other.text)
    await admin.post(f"/replies/{reply.id}/approve", text=reply.text, version=reply.version)
    assert (await desk.reply_of(reply.case_id)).status == "approved"
    assert "Needs a second person" not in (await admin.get("/queue")).text
    assert (await admin.get_json("/queue?draft=second")).json["cases"] == []
    story = await agent.get(f"/cases/{reply.case_id}")
    assert "signed the reply off: a second person is needed" in story.text


async def test_the_check_of_a_typed_text_tells_how_many_people_it_takes(agent: Browser, desk: Desk) -> None:
    reply = await _grave(desk)
    answer = await agent.post_json(f"/replies/{reply.id}/check", {"text": reply.text})
    assert answer.json["depth"] == {"level": "high", "people": 2, "said": "Needs a second person: safety."}
    assert answer.json["first_of_two"] is True


async def test_an_ordinary_answer_says_that_one_person_approves(agent: Browser, desk: Desk) -> None:
    await without_risk(desk)
    page = await agent.get(f"/cases/{desk.cases['@tomo']}")
    assert "One person approves" in page.text


async def test_a_finding_shows_its_rule_and_is_mended_without_a_script(agent: Browser, desk: Desk) -> None:
    reply = await desk.reply_of(desk.cases["@ilze"])
    wrong = await agent.post(f"/replies/{reply.id}/approve", text=FAULTY, version=reply.version)
    assert wrong.status == 422
    assert "Stops approval: bad link." in wrong.text
    key = (await _found(agent, reply, FAULTY))["bad_link"]
    assert f'value="{key}" data-fix' in wrong.text
    mended = await agent.post(f"/replies/{reply.id}/mend", text=FAULTY, version=reply.version, finding=key)
    page = await agent.follow(mended)
    assert "Mended: bad link" in page.text
    stored = (await desk.reply_of(reply.case_id)).text
    assert "elsewhere.test" not in stored
    assert stored.startswith("Hello Ilze, thank you")
    assert f"/replies/{reply.id}/edit" in page.text  # the way back


async def test_only_a_manager_is_offered_to_overrule(agent: Browser, admin: Browser, desk: Desk) -> None:
    reply = await desk.reply_of(desk.cases["@ilze"])
    await agent.post(f"/replies/{reply.id}/edit", text=FAULTY, version=reply.version)
    theirs, ours = [(await browser.get(f"/cases/{reply.case_id}")).text for browser in (agent, admin)]
    assert "A manager or an admin can overrule it" in theirs
    assert f"/replies/{reply.id}/overrule" not in theirs
    assert f"/replies/{reply.id}/overrule" in ours
    assert "Overrule: bad link" in ours


async def test_overruling_from_the_page_is_told_and_counted(admin: Browser, desk: Desk) -> None:
    reply = await desk.reply_of(desk.cases["@ilze"])
    key, why = (await _found(admin, reply, FAULTY))["bad_link"], "the railway <runs> that page"
    given = {"text": FAULTY, "version": reply.version, "finding": key}
    short = await admin.post(f"/replies/{reply.id}/overrule", why="because", **given)
    assert short.status == 422
    assert "www.elsewhere.test" in short.text
    assert ">because</textarea>" in short.text
    page = await admin.follow(await admin.post(f"/replies/{reply.id}/overrule", why=why, **given))
    assert "Overruled: bad link." in page.text
    assert "Needs a second person: overruled: bad link" in page.text
    assert "overruled a finding" in page.text
    assert html.escape(f"bad_link: {why}") in page.text
    report = await admin.get("/reports")
    assert "Cases with an overruled finding, by rule" in report.text
    link = re.search(r'href="(/queue\?[^"]*figure=overruled[^"]*)"', report.text)
    assert link is not None
    assert "Ilze" in (await admin.get(html.unescape(link[1]))).text


async def test_what_is_never_overruled_is_not_offered(admin: Browser, desk: Desk) -> None:
    reply = await desk.reply_of(desk.cases["@ilze"])
    text = "Dear {name}, thank you"
    page = await admin.post(f"/replies/{reply.id}/approve", text=text, version=reply.version)
    assert "It cannot be overruled." in page.text
    key = (await _found(admin, reply, text))["placeholder"]
    answer = await admin.post(
        f"/replies/{reply.id}/overrule", text=text, version=reply.version, finding=key, why="it is only a test"
    )
    assert answer.status == 422
    assert "never be overruled" in answer.text


@pytest.mark.parametrize(("two_from", "status"), [("medium", 303), ("high", 303), ("often", 422)])
async def test_a_brand_chooses_from_which_risk_two_people_approve(
    admin: Browser, desk: Desk, two_from: str, status: int
) -> None:
    answer = await admin.post(f"/brands/{desk.brand}", name="Norda", two_from=two_from)
    assert answer.status == status
    async with desk.db.read() as session:
        kept = (await session.get_one(Brand, desk.brand)).two_from
    assert kept == (two_from if status == 303 else "high")
