"""Storm mode on the pages: switched on, stated, agreed to, let go, switched off; every page says what it holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import unescape

from sqlmodel import col, select

from responders.worker import steps
from storage import storms
from storage.tables import Case, MentionRow, Reply
from tests.web.client import Browser
from tests.web.seed import Desk
from tests.web.test_problems import problem
from tests.web.trouble import tell

WORDS = {
    "known_en": "since the update the app charges the card twice for one ticket",
    "unclear_en": "we do not know yet how many tickets this concerns",
    "known_hr": "nakon ažuriranja aplikacija dvaput naplaćuje istu kartu",
    "unclear_hr": "još ne znamo koliko je karata time obuhvaćeno",
    "next_at": "2026-03-02T16:00",
}


async def case_of(desk: Desk, handle: str) -> Case:
    async with desk.db.read() as session:
        query = select(Case).join(MentionRow, col(MentionRow.case_id) == col(Case.id))
        found = (await session.exec(query.where(MentionRow.author_handle == handle))).first()
        assert found is not None
        return found


async def test_from_the_flood_to_single_answers(desk: Desk) -> None:
    await tell(desk)
    await desk.jobs.run_once()
    agent, manager = await Browser.signed_in(desk, "agent"), await Browser.signed_in(desk, "manager")
    here = f"/problems/{(await problem(desk, 'double charge')).id}"
    page = unescape((await agent.follow(await agent.post(f"{here}/storm", why="the update charges twice"))).text)
    assert "Answers of this problem are held" in page
    assert "Croatian" in page
    case = await case_of(desk, "@ines")
    held = unescape((await agent.get(f"/cases/{case.id}")).text)
    assert "Storm mode holds the answer" in held
    assert "the update charges twice" in held
    assert "the update charges twice" in unescape((await agent.get("/queue")).text)
    reply = await desk.reply_of(case.id)
    answer = await agent.post(f"/replies/{reply.id}/approve", text=reply.text, version=str(reply.version))
    assert answer.status == 409
    assert "switched on by" in unescape(answer.text)
    page = unescape((await agent.follow(await agent.post(f"{here}/storm-statement", **WORDS))).text)
    assert "A second person agrees" in page
    assert "You wrote it: it waits for a second person" in page
    told = (await agent.get_json(here)).json["storm"]
    assert "Since the update the app charges the card twice" in told["texts"]["en"]
    page = unescape(
        (await manager.follow(await manager.post(f"{here}/storm-agree", version=str(told["version"])))).text
    )
    assert "It is posted: begin the release" in page
    page = unescape((await manager.follow(await manager.post(f"{here}/storm-release", pace="30"))).text)
    assert "stays held" in page, "nobody wrote it in Hungarian"
    await steps(desk.parts.responding)["release"].handle(int(told["id"]), desk.clock.now())
    await desk.jobs.run_once()
    assert "Storm mode holds" not in (await agent.get(f"/cases/{case.id}")).text
    fresh = await desk.reply_of(case.id)
    assert WORDS["known_en"][1:] in fresh.text
    assert not fresh.findings
    page = unescape((await manager.follow(await manager.post(f"{here}/storm-end"))).text)
    assert "Switch storm mode on" in page
    assert "switched storm mode off" in page
    assert (await agent.get_json(here)).json["storm"] is None


async def test_one_case_is_let_go_from_its_page_and_mistakes_are_named(desk: Desk) -> None:
    await tell(desk)
    await desk.jobs.run_once()
    agent, manager = await Browser.signed_in(desk, "agent"), await Browser.signed_in(desk, "manager")
    here = f"/problems/{(await problem(desk, 'double charge')).id}"
    assert (await agent.post(f"{here}/storm", why="")).status == 422
    await agent.post(f"{here}/storm", why="<b>many</b>")
    case = await case_of(desk, "@ines")
    page = await manager.get(f"/cases/{case.id}")
    assert "<b>many</b>" not in page.text
    assert "Answer this one now" in page.text
    assert "Answer this one now" not in (await agent.get(f"/cases/{case.id}")).text
    assert (await manager.get_json(f"/cases/{case.id}")).json["storm"]["status"] == "frozen"
    page = await manager.follow(await manager.post(f"/cases/{case.id}/let-go", why="they fly tonight"))
    assert "Storm mode holds" not in page.text
    assert "they fly tonight" in unescape(page.text)
    assert (await agent.post(f"{here}/storm-statement", **WORDS | {"next_at": "soon"})).status == 422
    assert (await manager.post(f"{here}/storm-release", pace="5")).status == 409
    viewer = unescape((await (await Browser.signed_in(desk, "viewer")).get(here)).text)
    assert "Keep the statement" not in viewer
    async with desk.db.read() as session:
        assert not [row for row in await session.exec(select(Reply)) if row.status == "sent" and row.case_id == case.id]


async def test_it_takes_longer_from_the_problem_and_from_the_case(desk: Desk) -> None:
    await tell(desk)
    await desk.jobs.run_once()
    agent, case = await Browser.signed_in(desk, "agent"), await case_of(desk, "@ines")
    here = f"/problems/{(await problem(desk, 'double charge')).id}"
    assert "It takes longer" in (await agent.get(here)).text
    words = {"why_en": "the bank needs longer than we thought to send the money back", "until": "2026-03-05T12:00"}
    page = unescape((await agent.follow(await agent.post(f"{here}/delay", **words))).text)
    assert "get a holding draft" in page
    await desk.jobs.run_once()
    reply = await desk.reply_of(case.id)
    assert (reply.kind, reply.status) == ("holding", "drafted")
    assert words["why_en"][1:] in reply.text
    assert "until 5 March, 12:00" in reply.text
    page = unescape((await agent.get(f"/cases/{case.id}")).text)
    assert "said that it takes longer" in page
    answer = await agent.post(f"/cases/{case.id}/delay", why=words["why_en"], until="2026-03-06T12:00")
    assert answer.status == 303
    assert (await agent.post(f"/cases/{case.id}/delay", why="soon", until="x")).status == 422
    await desk.jobs.run_once()  # the draft that takes the place of the other


async def test_a_flood_without_one_cause_is_held_for_the_whole_brand(desk: Desk) -> None:
    agent, manager = await Browser.signed_in(desk, "agent"), await Browser.signed_in(desk, "manager")
    here = f"/brands/{desk.brand}/storm"
    assert here in (await agent.get("/problems")).text
    empty = unescape((await manager.get(here)).text)
    assert "No answer is held" in empty
    assert "Hold all answers of Norda" not in unescape((await agent.get(here)).text)
    page = unescape((await manager.follow(await manager.post(here, why="everybody is angry"))).text)
    assert "Answers of Norda are held" in page
    assert "No answer is held" not in page
    case = desk.cases["@tomo"]
    held = unescape((await agent.get(f"/cases/{case}")).text)
    assert "everybody is angry" in held
    assert f'href="{here}"' in held
    assert f'href="{here}"' in (await agent.get("/queue")).text
    assert (await agent.get_json(f"/cases/{case}")).json["storm"]["brand_id"] == str(desk.brand)
    assert (await agent.post(f"{here}-statement", **WORDS, then=here)).status == 303
    told = (await agent.get_json(here)).json["storm"]
    assert told["held"] > 5
    await manager.post(f"{here}-agree", version=str(told["version"]))
    page = unescape((await agent.get(here)).text)
    assert ">It is posted<" in page
    assert (await manager.post(f"{here}-posted", url="x")).status == 422
    answer = await manager.post(f"{here}-posted", url="https://parley.test/norda/1", pace="30", then=here)
    page = unescape((await manager.follow(answer)).text)
    assert 'href="https://parley.test/norda/1"' in page
    assert "30 a minute" in page
    told = (await manager.get_json(here)).json["storm"]
    assert (told["status"], told["posted_url"]) == ("releasing", "https://parley.test/norda/1")
    await steps(desk.parts.responding)["release"].handle(int(told["id"]), desk.clock.now())
    assert "Storm mode holds" not in (await agent.get(f"/cases/{case}")).text
    page = unescape((await manager.follow(await manager.post(f"{here}-end", then=here))).text)
    assert "No answer is held" in page


async def test_the_page_and_the_queue_say_that_the_next_word_is_late(desk: Desk) -> None:
    agent, manager = await Browser.signed_in(desk, "agent"), await Browser.signed_in(desk, "manager")
    here = f"/brands/{desk.brand}/storm"
    await manager.post(here, why="everybody is angry", minutes="30")
    desk.clock.move(31 * 60)  # type: ignore[attr-defined]
    page = unescape((await agent.get(here)).text)
    assert "The statement is late." in page
    assert "write it now" in page
    assert await owed(desk) == (False, desk.clock.now() - timedelta(minutes=1))
    moment = desk.clock.now() + timedelta(hours=1)
    await agent.post(f"{here}-statement", **WORDS | {"next_at": moment.isoformat()}, then=here)
    told = (await agent.get_json(here)).json["storm"]
    await manager.post(f"{here}-agree", version=str(told["version"]))
    await manager.post(f"{here}-posted", pace="30", then=here)
    assert await owed(desk) == (True, moment)
    page = unescape((await agent.get(here)).text)
    assert "late.</b>" not in page
    assert "the next word is late" not in (await agent.get("/queue")).text
    desk.clock.move(3600)  # type: ignore[attr-defined]
    page = unescape((await agent.get(here)).text)
    assert "The next word is late." in page
    assert "promised by" in page
    assert "the next word is late" in (await agent.get("/queue")).text
    assert (await agent.get_json(here)).json["storm"]["next_late"] is True
    later = desk.clock.now() + timedelta(hours=1)
    await agent.post(f"{here}-statement", **WORDS | {"next_at": later.isoformat()}, then=here)
    page = unescape((await agent.get(here)).text)
    assert "The next word is late." not in page
    assert "agree to it and post it now" in page, "the new one is not out yet"
    assert await owed(desk) == (False, moment), "the public was told when"


async def owed(desk: Desk) -> tuple[bool, datetime]:
    """Whether the statement is out, and when the word that is owed is due."""
    async with desk.db.read() as session:
        [seen] = await storms.seen(session, desk.brand, "Norda", lambda problem: problem.title)
    assert seen.title == "all of Norda"
    return seen.is_out, seen.due_at
