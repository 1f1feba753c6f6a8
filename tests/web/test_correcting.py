"""A person puts right what was scored: at once, in the queue, on the case, for programs; and can take it back."""

from datetime import timedelta
from typing import Any

from sqlmodel import select

from domain.correction import LEVELS
from storage import learned
from storage.tables import Correction, MentionRow
from tests.web.client import Browser
from tests.web.seed import Desk, approve, hear, without_risk


async def mention_of(desk: Desk, handle: str) -> MentionRow:
    """The most urgent post of this author's case."""
    async with desk.db.read() as session:
        query = select(MentionRow).where(MentionRow.case_id == desk.cases[handle])
        return max(await session.exec(query), key=lambda row: row.priority)


async def correct(browser: Browser, row: MentionRow, kind: str, value: str, then: str = "") -> Any:
    return await browser.post(f"/mentions/{row.id}/correct", kind=kind, value=value, then=then)


async def test_the_queue_puts_a_feeling_right_where_it_is_shown(desk: Desk, agent: Browser):
    row = await mention_of(desk, "@sam")
    assert row.label != "negative", "sarcasm: the rules are wrong"
    shown = await agent.get("/queue")
    assert f'action="/mentions/{row.id}/correct"' in shown.text
    answer = await correct(agent, row, "sentiment", "negative", "/queue")
    assert (answer.status, answer.location) == (303, "/queue")
    after = await agent.follow(answer)
    assert "Corrected: negative" in after.text
    changed, case = await mention_of(desk, "@sam"), await desk.case(desk.cases["@sam"])
    assert (changed.label, case.label, case.priority) == ("negative", "negative", changed.priority)
    assert f"a person says negative; the rules: {row.label}" in changed.parts[0][2]
    assert f'action="/mentions/{row.id}/take-back"' in after.text, "z takes it back"
    await agent.post(f"/mentions/{row.id}/take-back", kind="sentiment", then="/queue")
    again = await mention_of(desk, "@sam")
    assert (again.label, again.sentiment, again.priority, again.parts) == (
        row.label, row.sentiment, row.priority, row.parts,
    )  # fmt: skip
    assert (await desk.case(desk.cases["@sam"])).label == row.label


async def test_the_case_tells_who_corrected_what(desk: Desk, agent: Browser):
    row, case = await mention_of(desk, "forum"), desk.cases["forum"]
    path, was = f"/cases/{case}", LEVELS[row.severity]
    await correct(agent, row, "priority", "3")
    page = await agent.follow(await correct(agent, row, "sentiment", "negative", path))
    assert "a person says: to be answered first" in page.text
    assert f"corrected the feeling: {row.label} → negative" in page.text
    assert f"corrected the priority: {was} → to be answered first" in page.text
    assert "feeling by Agent" in page.text
    assert (await desk.case(case)).severity == 3
    await correct(agent, await mention_of(desk, "@sam"), "sentiment", (await mention_of(desk, "@sam")).label)
    assert "confirmed the feeling: positive" in (await agent.get(f"/cases/{desk.cases['@sam']}")).text
    page = await agent.follow(await correct(agent, row, "sentiment", "positive", path))
    assert "corrected the feeling: negative → positive" in page.text
    page = await agent.follow(await agent.post(f"/mentions/{row.id}/take-back", kind="sentiment", then=path))
    assert (await mention_of(desk, "forum")).label == "negative", "the earlier correction counts again"
    assert "took a correction back" in page.text


async def test_themes_are_boxes_to_tick(desk: Desk, agent: Browser):
    row = await mention_of(desk, "forum")
    await agent.post(f"/mentions/{row.id}/correct", kind="theme", theme_billing="1", theme_service="1")
    assert (await mention_of(desk, "forum")).themes == ["billing", "service"]
    page = await agent.get(f"/cases/{desk.cases['forum']}")
    assert 'name="theme_billing" value="1" checked' in " ".join(page.text.split())
    await agent.post(f"/mentions/{row.id}/correct", kind="theme")
    assert (await mention_of(desk, "forum")).themes == ["other"]


async def test_programs_get_the_same(desk: Desk, agent: Browser):
    row = await mention_of(desk, "@sam")
    answer = await agent.post_json(f"/mentions/{row.id}/correct", {"kind": "sentiment", "value": "negative"})
    assert answer.status == 200
    assert answer.json["undo"] == {
        "path": f"/mentions/{row.id}/take-back", "values": {"kind": "sentiment"}, "until": "",
    }  # fmt: skip
    again = await agent.post_json(f"/mentions/{row.id}/correct", {"kind": "sentiment", "value": "negative"})
    assert again.json["undo"] is None
    for wrong in ({"kind": "sentiment", "value": "angry"}, {"kind": "priority", "value": "9"}, {"kind": "x"}, {}):
        refused = await agent.post_json(f"/mentions/{row.id}/correct", wrong)
        assert refused.status == 422, wrong
        assert "expected" in refused.json["detail"] or "correct the" in refused.json["detail"]
    gone = await agent.post_json(f"/mentions/{row.id}/take-back", {"kind": "priority"})
    assert gone.status == 409


async def test_irrelevant_is_a_lesson_until_it_is_taken_back(desk: Desk, agent: Browser):
    case = desk.cases["kestrel"] if "kestrel" in desk.cases else desk.cases["forum"]
    await agent.post(f"/cases/{case}/ignore")
    assert [(row.kind, row.status) for row in await rows(desk)] == [("irrelevant", "standing")]
    async with desk.db.read() as session:
        row = (await session.exec(select(MentionRow).where(MentionRow.case_id == case))).one()
    refused = await agent.post_json(f"/mentions/{row.id}/take-back", {"kind": "irrelevant"})
    assert (refused.status, "put the case back" in refused.json["detail"]) == (422, True), "or it would stay ignored"
    await agent.post(f"/cases/{case}/unignore")
    assert [(row.kind, row.status) for row in await rows(desk)] == [("irrelevant", "taken_back")]


async def rows(desk: Desk) -> list[Correction]:
    async with desk.db.read() as session:
        return list(await session.exec(select(Correction).order_by(Correction.id)))  # type: ignore[arg-type]


async def test_a_viewer_sees_and_corrects_nothing(desk: Desk):
    viewer = await Browser.signed_in(desk, "viewer")
    row = await mention_of(desk, "@sam")
    for path in ("/queue", f"/cases/{row.case_id}", "/mentions"):
        assert "/correct" not in (await viewer.get(path)).text
    assert (await correct(viewer, row, "sentiment", "negative")).status == 403


async def test_words_that_are_gone_cannot_be_put_right(desk: Desk, agent: Browser):
    row = await mention_of(desk, "@sam")
    async with desk.db.write() as session:
        held = await session.get_one(MentionRow, row.id)
        held.text = ""
        session.add(held)
    assert (await correct(agent, row, "sentiment", "negative")).status == 409


# --- the page of what was taught -----------------------------------------------------------------------------------

THINGS = ("night train", "sleeper", "dining car", "seat map", "timetable", "quiet coach", "ticket wallet")
POSTS = tuple(
    (
        "mastodon",
        f"Writer {number}",
        f"@writer{number}",
        20.0 + number,
        f"The {thing} of Norda is wicked, I saw it twice",
    )
    for number, thing in enumerate(THINGS)
)
UNSEEN = (("mastodon", "Later", "@later", 3.0, "Norda's new station clock is wicked, I saw it today"),)


async def taught(desk: Desk) -> tuple[Browser, MentionRow]:
    """Seven posts that an agent corrected, and one that nobody has looked at yet."""
    desk.cases = await hear(desk, desk.brand, POSTS)
    desk.cases = await hear(desk, desk.brand, UNSEEN, thread="later")
    agent = await Browser.signed_in(desk, "agent")
    for number in range(len(THINGS)):
        row = await mention_of(desk, f"@writer{number}")
        assert (await correct(agent, row, "sentiment", "positive")).status == 303
    return await Browser.signed_in(desk, "manager"), await mention_of(desk, "@later")


async def test_a_row_of_several_posts_shows_the_post_that_a_key_corrects(desk: Desk, agent: Browser):
    loud = await mention_of(desk, "@marak")
    async with desk.db.read() as session:
        last = await session.get_one(MentionRow, (await desk.case(desk.cases["@marak"])).last_mention_id)
    assert last.id != loud.id
    row = next(r for r in (await agent.get_json("/queue")).json["cases"] if r["id"] == str(loud.case_id))
    assert row["text"] == loud.text
    page = (await agent.get("/queue")).text
    assert "third cancelled train" in page
    assert "Still nothing. Norda" not in page
    assert f'action="/mentions/{loud.id}/correct"' in page
    assert f'action="/mentions/{last.id}/correct"' not in page


async def test_a_manager_tries_what_was_taught_and_makes_it_live(desk: Desk):
    manager, unseen = await taught(desk)
    assert unseen.label == "negative"
    page = await manager.get("/learning")
    assert "Not live" in page.text
    assert '<b class="num">7</b> corrections count' in page.text
    tried = await manager.get("/learning?rehearse=1")
    assert "wicked" in tried.text
    assert "Labels that change" in tried.text
    assert unseen.text[:40].replace("'", "&#39;") in tried.text
    proposal = (await manager.get_json("/learning?rehearse=1")).json["proposal"]
    assert (proposal["corrections"], proposal["labels_changed"]) == (7, 1)
    assert await mention_of(desk, "@later") == unseen, "trying changes nothing"
    answer = await manager.post("/learning/live", brand_id=desk.brand, up_to=proposal["up_to"])
    assert "It is live" in (await manager.follow(answer)).text
    await settle(desk)
    after = await mention_of(desk, "@later")
    assert (after.label, after.parts[-1][0]) == ("positive", "learned")
    assert '"is wicked"' in after.parts[-1][2] or '"wicked"' in after.parts[-1][2]
    assert "Words that scores follow" in (await manager.get("/learning")).text
    new = await manager.post("/learning/live", brand_id=desk.brand, up_to=str(int(proposal["up_to"]) + 1))
    assert new.status == 409


async def test_off_and_forgotten_give_the_score_back_and_can_be_taken_back(desk: Desk):
    manager, unseen = await taught(desk)
    up_to = (await manager.get_json("/learning?rehearse=1")).json["proposal"]["up_to"]
    await manager.post("/learning/live", brand_id=desk.brand, up_to=up_to)
    await settle(desk)
    for path, values, label in (
        ("/learning/switch", {"on": "false"}, "negative"),
        ("/learning/switch", {"on": "true"}, "positive"),
        ("/learning/reset", {}, "negative"),
        ("/learning/restore", {}, "positive"),
    ):
        assert (await manager.post(path, brand_id=desk.brand, **values)).status == 303
        await settle(desk)
        row = await mention_of(desk, "@later")
        assert row.label == label, path
        if label == "negative":
            assert (row.priority, row.parts, row.sentiment) == (unseen.priority, unseen.parts, unseen.sentiment)
    async with desk.db.read() as session:
        assert (await mention_of(desk, "@writer0")).label == "positive", "a person's word does not depend on that"
        assert learned.is_live(await learned.state(session, desk.brand))


async def settle(desk: Desk) -> None:
    """As the worker does: every batch that is due."""
    assert desk.parts.teacher is not None
    now = desk.clock.now() + learned.SETTLED + timedelta(seconds=1)
    for _ in range(10):
        async with desk.db.read() as session:
            due = await learned.due(session, now, 5)
        if not due:
            return
        await desk.parts.teacher.rescore(due[0], now)
    raise AssertionError("scoring again never ends")


async def test_the_page_offers_only_what_can_be_done(desk: Desk, agent: Browser):
    manager, row = await Browser.signed_in(desk, "manager"), await mention_of(desk, "forum")
    assert "nobody has corrected any yet" in (await manager.get("/learning")).text
    await correct(agent, row, "theme", "")
    page = await manager.get("/learning")
    assert 'about nothing in particular <span class="num">1</span>' in page.text
    assert "Forget all lessons" in page.text
    page = await manager.follow(await manager.post("/learning/reset", brand_id=desk.brand))
    assert "No lesson is left" in page.text
    assert "Forget all lessons" not in page.text
    assert "Try on the last 30 days" not in page.text
    assert (await manager.post("/learning/reset", brand_id=desk.brand)).status == 409


async def test_only_managers_see_the_page(desk: Desk, agent: Browser):
    assert (await agent.get("/learning")).status == 403
    manager = await Browser.signed_in(desk, "manager")
    assert 'href="/learning"' in (await manager.get("/queue")).text
    assert 'href="/learning"' not in (await agent.get("/queue")).text
    assert "Nothing corrected yet" in (await manager.get("/learning")).text
    assert "Nothing to try" in (await manager.get("/learning?rehearse=1")).text
    assert (await manager.get(f"/learning?brand_id={desk.other_brand}")).status == 404


async def test_an_approved_reply_waits_for_a_second_person_when_a_correction_makes_it_grave(desk: Desk, agent: Browser):
    await without_risk(desk)
    assert (await approve(desk, "@tomo")).status == "approved"
    row, case = await mention_of(desk, "@tomo"), desk.cases["@tomo"]
    page = await agent.follow(await correct(agent, row, "theme", "legal", f"/cases/{case}"))
    assert "The reply does not leave: a second person is needed now (legal)" in page.text
    assert "signed exactly this text off" in page.text
    assert "asks for a second person: the risk rose after the approval" in page.text
    assert (await desk.reply_of(case)).status == "drafted"


async def test_a_correction_that_is_taken_back_says_that_the_reply_waits_for_a_second_person(
    desk: Desk, agent: Browser
):
    await without_risk(desk)
    row, case = await mention_of(desk, "@tomo"), desk.cases["@tomo"]
    await correct(agent, row, "theme", "delivery")
    assert (await approve(desk, "@tomo")).status == "approved"
    page = await agent.follow(await agent.post(f"/mentions/{row.id}/take-back", kind="theme", then=f"/cases/{case}"))
    assert "The reply does not leave: a second person is needed now (money in a grave complaint)" in page.text
    assert (await desk.reply_of(case)).status == "drafted"
