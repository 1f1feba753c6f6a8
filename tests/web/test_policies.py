"""What the desk shows of the bounds of answering by API, and what people can do about them."""

from typing import Any

from sqlmodel import select

from storage import opt_outs
from storage.tables import AccountRow, MentionRow, OptOut
from tests.web.client import Browser
from tests.web.seed import Desk, approve


async def wish(desk: Desk, handle: str) -> None:
    """The author of this case asked us to stop."""
    async with desk.db.write() as session:
        query = select(MentionRow).where(MentionRow.case_id == desk.cases[handle])
        mention = (await session.exec(query)).first()
        assert mention is not None
        await opt_outs.note(session, mention, "stop", actor="system:listener", now=desk.clock.now())


async def account(desk: Desk, channel: str) -> AccountRow:
    async with desk.db.read() as session:
        query = select(AccountRow).where(AccountRow.brand_id == desk.brand, AccountRow.channel == channel)
        return (await session.exec(query)).one()


async def test_a_case_says_that_its_author_wants_to_be_left_alone_before_anyone_drafts(
    desk: Desk, agent: Browser
) -> None:
    case = desk.cases["@tomo"]
    assert "Posts by API" in (await agent.get(f"/cases/{case}")).text
    await wish(desk, "@tomo")
    page = (await agent.get(f"/cases/{case}")).text
    assert "Posted by hand" in page
    assert "asked us to leave them alone" in page
    assert "Wants to be left alone" in page
    assert "A manager can lift this" in page
    shown = (await agent.get_json(f"/cases/{case}")).json
    assert shown["opt_out"]["said"] == "stop"


async def test_lifting_takes_the_role_and_a_reason_and_stays_in_the_story(desk: Desk, agent: Browser) -> None:
    case = desk.cases["@tomo"]
    await wish(desk, "@tomo")
    manager = await Browser.signed_in(desk, "manager")
    assert (await agent.post(f"/cases/{case}/lift-opt-out", why="they asked")).status == 403
    assert (await manager.post(f"/cases/{case}/lift-opt-out", why="")).status == 422
    page = await manager.follow(await manager.post(f"/cases/{case}/lift-opt-out", why="they asked again"))
    assert "Posts by API" in page.text
    assert "they asked again" in page.text
    assert "lifted that" in page.text
    assert (await manager.post(f"/cases/{case}/lift-opt-out", why="twice")).status == 409


async def test_an_agent_notes_the_wish_and_who_may_takes_it_back_in_one_step(desk: Desk, agent: Browser) -> None:
    case = desk.cases["@tomo"]
    page = await agent.follow(await agent.post(f"/cases/{case}/leave-alone"))
    assert "no reply leaves to this author by API" in page.text
    manager = await Browser.signed_in(desk, "manager")
    await manager.post(f"/cases/{case}/lift-opt-out", why="a mistake")
    done: Any = (await manager.post_json(f"/cases/{case}/leave-alone", {})).json
    assert done["undo"]["path"] == f"/cases/{case}/lift-opt-out"
    assert (await manager.post(done["undo"]["path"], **done["undo"]["values"])).status == 303
    async with desk.db.read() as session:
        assert {row.status for row in await session.exec(select(OptOut))} == {"lifted"}


async def test_a_reply_that_waits_says_why(desk: Desk, agent: Browser) -> None:
    reply = await approve(desk, "@ilze")
    async with desk.db.write() as session:
        row = await session.get_one(type(reply), reply.id)
        row.error = "waiting: 200 replies left this account within 24 hours"
        session.add(row)
    assert "Waiting: 200 replies left this account" in (await agent.get(f"/cases/{desk.cases['@ilze']}")).text


async def test_the_accounts_page_shows_the_bounds_and_takes_a_persons_word_for_the_label(
    desk: Desk, admin: Browser, agent: Browser
) -> None:
    found = await account(desk, "mastodon")
    page = (await admin.get("/accounts")).text
    assert ">200</span> replies by API" in page
    assert "Label as automated: not looked at" in page
    assert (await agent.post(f"/accounts/{found.id}/label", labelled="true")).status == 403
    page = (await admin.follow(await admin.post(f"/accounts/{found.id}/label", labelled="true"))).text
    assert "Labelled as automated" in page
    assert (await account(desk, "mastodon")).labelled is True
    await admin.post(f"/accounts/{found.id}/label", labelled="false")
    assert (await account(desk, "mastodon")).labelled is False
