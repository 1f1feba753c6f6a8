"""The steps of a resolution on the page of a case, and everybody who had a hand in it."""

from __future__ import annotations

from storage.tables import Case
from tests.web.client import Browser
from tests.web.seed import Desk, without_risk

STEPS = [
    "Apologised",
    "Gone through with them",
    "Noted for all",
    "Resolved",
    "Asked whether all is well",
    "Solution noted",
]


async def steps(browser: Browser, case: int) -> dict[str, bool]:
    """Which of them were taken."""
    return {
        item["step"]: item["at"] is not None for item in (await browser.get_json(f"/cases/{case}")).json["checklist"]
    }


async def test_a_fresh_case_has_every_step_before_it(agent: Browser, desk: Desk):
    case = desk.cases["@marak"]
    assert await steps(agent, case) == dict.fromkeys(STEPS, False)
    page = (await agent.get(f"/cases/{case}")).text
    assert "not yet: say sorry in the answer" in page
    assert "Worked on by" not in page


async def test_each_step_shows_once_it_was_taken(agent: Browser, admin: Browser, desk: Desk):
    await without_risk(desk)
    case = desk.cases["ptaylor"]
    await agent.post(f"/cases/{case}/note", text="Asked the platform team.")
    assert [name for name, taken in (await steps(agent, case)).items() if taken] == ["Noted for all"]
    await answered_by_hand(desk, agent, case)
    assert [name for name, taken in (await steps(agent, case)).items() if taken] == STEPS[:3]
    await admin.post(f"/cases/{case}/resolve")
    await admin.post(f"/cases/{case}/propose")
    assert [name for name, taken in (await steps(agent, case)).items() if not taken] == ["Asked whether all is well"]
    page = (await agent.get_json(f"/cases/{case}")).json
    assert set(page["together"]) == {"Manager", "Agent", "Admin"}  # a manager had escalated it before
    assert f"Worked on by <bdi>{', '.join(page['together'])}</bdi>" in (await agent.get(f"/cases/{case}")).text
    await agent.post(f"/cases/{case}/reopen")
    assert not (await steps(agent, case))["Resolved"]


async def answered_by_hand(desk: Desk, agent: Browser, case: int) -> None:
    """An answer with an apology and a question."""
    reply = await desk.reply_of(case)
    text = "Sorry that this lay so long, ptaylor. From which address did you report it? Anja, Norda"
    await agent.post(f"/replies/{reply.id}/approve", text=text, version=reply.version)
    await desk.jobs.run_once()
    await agent.post(f"/replies/{reply.id}/mark-sent", url="https://news.ycombinator.com/item?id=2")


async def test_an_apology_is_not_looked_for_in_a_language_without_word_lists(agent: Browser, desk: Desk):
    async with desk.db.write() as session:
        case = await session.get_one(Case, desk.cases["@marak"])
        case.lang = "fr"
        session.add(case)
    assert "Apologised" not in await steps(agent, desk.cases["@marak"])
