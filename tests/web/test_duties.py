"""Duties on the page: what was promised is confirmed, kept and seen by whoever owes it."""

from sqlmodel import select

from domain.ids import ids
from responders.moments import zone_named
from responders.promises import promises
from storage.tables import Promise, Reply
from tests.web.client import Browser
from tests.web.seed import Desk

SAID = "Hello, we are sorry. I'll write again by tomorrow noon."


async def promised(desk: Desk, text: str = SAID) -> int:
    """A sent reply of the agent's with a promise that was found; the promise's id."""
    now = desk.clock.now()
    case = desk.cases["@tomo"]
    reply = await desk.reply_of(case)
    (found,) = promises(text, "en", now, zone_named("UTC"))
    promise_id = ids.next(now)
    async with desk.db.write() as session:
        row = await session.get_one(Reply, reply.id)
        row.text, row.status, row.sent_at = text, "sent", now
        session.add(row)
        await session.flush()
        session.add(
            Promise(
                id=promise_id, brand_id=desk.brand, case_id=case, reply_id=reply.id, start=found.start,
                stop=found.stop, owner_id=desk.users["agent"], made_at=now, due_at=found.due_at,
            )
        )  # fmt: skip
    return promise_id


async def status_of(desk: Desk, promise_id: int) -> str:
    async with desk.db.read() as session:
        return (await session.exec(select(Promise.status).where(Promise.id == promise_id))).one()


async def test_nothing_owed_says_so_and_leads_on(agent: Browser) -> None:
    page = await agent.get("/duties")
    assert page.status == 200
    assert "Nothing is owed" in page.text


async def test_a_promise_is_confirmed_and_kept_with_plain_forms(agent: Browser, desk: Desk) -> None:
    promise_id = await promised(desk)
    assert "write again by tomorrow noon." in (await agent.get("/duties")).text
    answer = await agent.post(f"/promises/{promise_id}/confirm", due="", then="/duties")
    assert (answer.status, answer.location) == (303, "/duties")
    assert await status_of(desk, promise_id) == "open"
    await agent.post(f"/promises/{promise_id}/keep", reply_id="")
    assert await status_of(desk, promise_id) == "kept"
    assert "Nothing is owed" in (await agent.get("/duties")).text
    assert "Not kept yet" in (await agent.get(f"/cases/{desk.cases['@tomo']}")).text


async def test_the_page_of_a_resolved_case_says_that_not_all_is_kept(agent: Browser, desk: Desk) -> None:
    promise_id, case = await promised(desk), desk.cases["@tomo"]
    assert "not all that we promised is kept" not in (await agent.get(f"/cases/{case}")).text
    await agent.post(f"/cases/{case}/resolve")
    assert "not all that we promised is kept" in (await agent.get(f"/cases/{case}")).text
    await agent.post(f"/promises/{promise_id}/dismiss")
    assert "not all that we promised is kept" not in (await agent.get(f"/cases/{case}")).text


async def test_mine_are_not_those_of_a_colleague(desk: Desk) -> None:
    await promised(desk)
    manager = await Browser.signed_in(desk, "manager")
    assert "tomorrow noon" not in (await manager.get("/duties")).text
    assert "tomorrow noon" in (await manager.get("/duties?whose=team")).text
    assert (await manager.get("/duties?whose=everybody")).status == 422


async def test_a_viewer_sees_and_changes_nothing(desk: Desk) -> None:
    promise_id = await promised(desk)
    viewer = await Browser.signed_in(desk, "viewer")
    page = await viewer.get("/duties?whose=team")
    assert "tomorrow noon" in page.text
    assert f"/promises/{promise_id}" not in page.text


async def test_what_is_no_time_is_said_so(agent: Browser, desk: Desk) -> None:
    promise_id = await promised(desk)
    answer = await agent.post(f"/promises/{promise_id}/confirm", due="soon")
    assert answer.status == 422
    assert "2026-05-04T15:30" in answer.text


async def test_programs_read_the_ledger(agent: Browser, desk: Desk) -> None:
    promise_id = await promised(desk)
    found = (await agent.get_json("/duties")).json
    assert [each["id"] for each in found["found"]] == [str(promise_id)]


async def test_a_holding_reply_that_waits_is_a_duty(agent: Browser, desk: Desk) -> None:
    reply = await desk.reply_of(desk.cases["@ilze"])
    async with desk.db.write() as session:
        row = await session.get_one(Reply, reply.id)
        row.kind = "holding"
        session.add(row)
    page = (await agent.get("/duties")).text
    assert "Holding replies to approve" in page
    assert "Nothing is owed" not in page
