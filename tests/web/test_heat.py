"""The Rule of 5 on the case page: told where it applies and only there, held on approval, with a colleague at hand."""

from datetime import datetime, timedelta

from sqlmodel import select

from domain.person import POLICY
from storage.tables import Case, Membership, User
from tests.web.client import Browser
from tests.web.seed import Desk

HEATED = "Tā ir jūsu pašu vaina."


async def test_our_own_heated_words_are_told_before_the_approval(desk: Desk, agent: Browser):
    case = desk.cases["@ilze"]
    reply = await desk.reply_of(case)
    path = f"/cases/{case}"
    assert reply.status == "drafted"
    assert "Rule of 5" not in (await agent.get(path)).text
    await agent.post(f"/replies/{reply.id}/edit", text=HEATED, version=reply.version, then=path)
    page = (await agent.get(path)).text
    assert "Rule of 5: this is heated (blame)" in page
    assert "begins a hold" in page
    assert "data-holds" not in page


async def not_late(desk: Desk, case: int) -> None:
    async with desk.db.write() as session:
        row = await session.get_one(Case, case)
        row.next_due_at = desk.clock.now() + timedelta(hours=1)
        session.add(row)


async def test_a_held_approval_answers_409_with_the_moment_and_keeps_what_was_typed(desk: Desk, agent: Browser):
    case = desk.cases["@ilze"]
    reply = await desk.reply_of(case)
    await not_late(desk, case)
    answer = await agent.post(f"/replies/{reply.id}/approve", text=HEATED, version=reply.version)
    assert answer.status == 409
    assert "Held by the Rule of 5 (blame)" in answer.text
    assert "Held until" in answer.text
    assert "data-holds" in answer.text
    assert HEATED in answer.text
    assert "Hand over to" in answer.text
    offered = answer.text.split("Hand over to")[1].split("</div>")[0]
    async with desk.db.read() as session:
        roles = await session.exec(select(User.name, Membership.role).join(Membership))
        may = {name: role in POLICY["approve"] for name, role in roles}
    assert [name for name in may if f">{name}<" in offered and not may[name]] == []
    assert any(f">{name}<" in offered for name in may if may[name])
    assert "was held by the Rule of 5" in answer.text
    assert (await desk.reply_of(case)).status == "drafted"


async def test_programs_are_told_the_moment(desk: Desk, agent: Browser):
    case = desk.cases["@ilze"]
    reply = await desk.reply_of(case)
    await not_late(desk, case)
    sent = {"text": HEATED, "version": reply.version}
    answer = await agent.post_json(f"/replies/{reply.id}/approve", sent)
    assert answer.status == 409
    until = datetime.fromisoformat(answer.json["until"])
    assert until == desk.clock.now() + timedelta(minutes=5)
    desk.clock.move(300)  # type: ignore[attr-defined]
    assert (await agent.post_json(f"/replies/{reply.id}/approve", sent)).status != 409


async def test_a_brand_does_without(desk: Desk, admin: Browser):
    page = (await admin.get(f"/brands/{desk.brand}")).text
    assert 'name="rule_of_five"' in page
    await admin.post(f"/brands/{desk.brand}", name="Norda", rule_of_five="off")
    case = desk.cases["@ilze"]
    reply = await desk.reply_of(case)
    await not_late(desk, case)
    answer = await admin.post(f"/replies/{reply.id}/approve", text=HEATED, version=reply.version)
    assert "Rule of 5" not in answer.text
