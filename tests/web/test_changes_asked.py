"""A colleague asks for changes to a draft: shown at the case and in the queue, and nobody else approves it as it is."""

import html

from storage.tables import Reply
from tests.web.client import Browser
from tests.web.seed import Desk, without_risk

WISH = "Say <when> the next train leaves"


async def _asked(admin: Browser, desk: Desk) -> Reply:
    await without_risk(desk)
    reply = await desk.reply_of(desk.cases["@tomo"])
    answer = await admin.post(f"/replies/{reply.id}/ask-change", words=WISH, version=reply.version)
    assert answer.status == 303
    return reply


async def test_the_wish_stands_at_the_draft_in_the_queue_and_in_the_story(
    agent: Browser, admin: Browser, desk: Desk
) -> None:
    reply = await _asked(admin, desk)
    theirs, ours = [(await browser.get(f"/cases/{reply.case_id}")).text for browser in (agent, admin)]
    assert html.escape(WISH) in theirs
    assert "asks</b> for changes" in theirs or "asks for changes</b>" in theirs
    assert f"/replies/{reply.id}/unask-change" not in theirs
    assert f"/replies/{reply.id}/unask-change" in ours
    assert "asked for changes to the draft" in theirs
    assert (await agent.get("/queue")).text.count(">Changes asked for</span>") == 1
    found = (await agent.get_json("/queue?draft=changes")).json["cases"]
    assert [row["id"] for row in found] == [str(reply.case_id)]
    told = (await agent.get_json(f"/cases/{reply.case_id}")).json["changes_asked"]
    assert [each["words"] for each in told] == [WISH]


async def test_nobody_else_approves_it_as_it_stands(agent: Browser, admin: Browser, desk: Desk) -> None:
    reply = await _asked(admin, desk)
    sent = reply.text.replace("\n", "\r\n")
    refused = await agent.post(f"/replies/{reply.id}/approve", text=sent, version=reply.version)
    assert refused.status == 422
    assert f"asks for changes: “{html.escape(WISH)}”" in refused.text
    assert "The text as it is stored now" not in refused.text  # it is what was typed, whatever line ends a form sends
    assert (await desk.reply_of(reply.case_id)).status == "drafted"
    by_hand = await agent.post(f"/replies/{reply.id}/hand-over", text=reply.text, version=reply.version)
    assert by_hand.status == 422
    other = await agent.post(f"/replies/{reply.id}/approve", text=f"{reply.text} Bye.", version=reply.version)
    assert other.status == 303
    assert (await desk.reply_of(reply.case_id)).status == "approved"


async def test_another_text_ends_it(agent: Browser, admin: Browser, desk: Desk) -> None:
    reply = await _asked(admin, desk)
    await agent.post(f"/replies/{reply.id}/edit", text=f"{reply.text} Bye.", version=reply.version)
    page = await agent.get(f"/cases/{reply.case_id}")
    assert "data-change-asked" not in page.text
    assert "asked for changes to the draft" in page.text  # the story keeps it
    assert (await agent.get_json("/queue?draft=changes")).json["cases"] == []


async def test_a_rejection_taken_back_does_not_settle_it(agent: Browser, admin: Browser, desk: Desk) -> None:
    reply = await _asked(admin, desk)
    await agent.post(f"/replies/{reply.id}/reject", reason="wrong tone", version=reply.version)
    assert (await agent.get_json("/queue?draft=changes")).json["cases"] == []
    await agent.post(f"/replies/{reply.id}/restore")
    back = await desk.reply_of(reply.case_id)
    assert (await agent.post(f"/replies/{reply.id}/approve", text=back.text, version=back.version)).status == 422


async def test_who_asked_takes_it_back_or_approves(agent: Browser, admin: Browser, desk: Desk) -> None:
    reply = await _asked(admin, desk)
    assert (await agent.post(f"/replies/{reply.id}/unask-change")).status == 409
    await admin.post(f"/replies/{reply.id}/unask-change")
    page = await agent.get(f"/cases/{reply.case_id}")
    assert "data-change-asked" not in page.text
    assert "took back that the draft should be changed" in page.text
    await admin.post(f"/replies/{reply.id}/ask-change", words=WISH, version=reply.version)
    yes = await admin.post(f"/replies/{reply.id}/approve", text=reply.text, version=reply.version)
    assert yes.status == 303
    assert (await desk.reply_of(reply.case_id)).status == "approved"


async def test_an_empty_wish_and_an_old_page_are_refused(admin: Browser, desk: Desk) -> None:
    reply = await desk.reply_of(desk.cases["@tomo"])
    assert (await admin.post(f"/replies/{reply.id}/ask-change", words=" ", version=reply.version)).status == 422
    assert (await admin.post(f"/replies/{reply.id}/ask-change", words=WISH, version=reply.version + 1)).status == 409
    assert "data-change-asked" not in (await admin.get(f"/cases/{reply.case_id}")).text
