"""One person on two networks: proposed with its reasons, said by a person, undone, remembered, and gone with them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from storage.articles import Words, add
from storage.erasure import author, erase
from storage.facts import note
from storage.migrate import migrate
from storage.tables import AccountRow, Case, Reply, Transition
from storage.tables_identity import Identity
from tests.web.client import Browser
from tests.web.seed import Desk, build, furnish, hear

LATE = "Norda lost my parcel 553018, where is my delivery? Nobody answers."


@pytest.fixture
async def either(database_url: str) -> AsyncIterator[Desk]:
    """A furnished desk on SQLite, then on PostgreSQL."""
    await migrate(database_url)
    desk = await furnish(build(database_url))
    yield desk
    await desk.parts.live.finish()
    await desk.db.close()


async def twice(desk: Desk) -> tuple[int, int]:
    """The same matter told on two networks under one handle."""
    await hear(desk, desk.brand, [("mastodon", "Vida Maslačak", "@vidamas", 30, LATE)], thread="v1")
    await hear(desk, desk.brand, [("sandbox", "Vida M", "vidamas", 20, LATE)], thread="v2")
    return await case_of(desk, "mastodon", "@vidamas"), await case_of(desk, "sandbox", "vidamas")


async def case_of(desk: Desk, channel: str, handle: str) -> int:
    async with desk.db.read() as session:
        query = select(Case.id).where(Case.channel == channel, Case.author_handle == handle)
        found = (await session.exec(query.order_by(col(Case.id).desc()))).first()
    assert found is not None
    return found


async def person_of(browser: Browser, case_id: int) -> dict[str, Any]:
    found: dict[str, Any] = (await browser.get_json(f"/cases/{case_id}")).json["person"]
    return found


async def test_what_may_be_one_person_is_proposed_with_its_reasons_and_said(either: Desk) -> None:
    here, there = await twice(either)
    agent = await Browser.signed_in(either, "agent")
    [maybe] = (await person_of(agent, here))["maybe"]
    assert (maybe["case_id"], maybe["channel"]) == (str(there), "sandbox")
    assert maybe["why"] == ["both wrote the same number or address", "the same handle, about the same matter"]
    page = (await agent.get(f"/cases/{here}")).text
    assert "May be the same person" in page
    assert "Two people" in page
    viewer = await Browser.signed_in(either, "viewer")
    assert (await viewer.post(f"/cases/{here}/same-person", other_id=there)).status == 403
    await agent.post(f"/cases/{here}/same-person", other_id=there)
    assert (await agent.post(f"/cases/{there}/other-person", other_id=here)).status == 409
    for one, other in ((here, there), (there, here)):
        found = await person_of(agent, one)
        assert [each["case_id"] for each in found["same"]] == [str(other)]
        assert found["maybe"] == []
    assert "They wrote last on" in (await agent.get(f"/cases/{here}")).text


async def test_what_comes_later_is_shown_by_itself_and_what_is_known_stays_out_of_drafts(either: Desk) -> None:
    here, there = await twice(either)
    agent = await Browser.signed_in(either, "agent")
    await agent.post(f"/cases/{here}/same-person", other_id=there)
    async with either.db.write() as session:
        case = await session.get_one(Case, there)
        known: dict[str, Any] = {"owner_id": None, "due_on": None, "actor": "user:1", "now": either.clock.now()}
        await note(session, case, "order_number", "ZX-99-1234", **known)
    await hear(either, either.brand, [("sandbox", "Vida M", "vidamas", 1, "Norda charged me twice!")])
    later = await case_of(either, "sandbox", "vidamas")
    assert later != there
    assert {each["case_id"] for each in (await person_of(agent, here))["same"]} == {str(there), str(later)}
    assert "ZX-99-1234" in (await agent.get(f"/cases/{here}")).text
    await either.jobs.run_once()
    async with either.db.read() as session:
        drafts = list(await session.exec(select(Reply.text).where(Reply.case_id == here)))
    assert any(drafts)
    assert not any("ZX-99" in text for text in drafts)


async def test_a_no_is_remembered_until_it_is_taken_back(either: Desk) -> None:
    here, there = await twice(either)
    agent = await Browser.signed_in(either, "agent")
    await agent.post(f"/cases/{here}/other-person", other_id=there)
    assert await person_of(agent, here) == await person_of(agent, there) == {"same": [], "maybe": [], "apart": []}
    await hear(either, either.brand, [("sandbox", "Vida M", "vidamas", 1, LATE + " Still.")])
    assert (await person_of(agent, here))["maybe"] == []
    async with either.db.read() as session:
        (row,) = list(await session.exec(select(Identity)))
    await agent.post(f"/cases/{there}/unsay-person", identity_id=row.id)
    assert len((await person_of(agent, here))["maybe"]) == 1
    assert (await agent.post(f"/cases/{there}/unsay-person", identity_id=row.id)).status == 409
    await agent.post(f"/cases/{here}/same-person", other_id=there)
    assert len((await person_of(agent, here))["same"]) >= 1
    async with either.db.read() as session:
        steps = await session.exec(select(Transition).where(Transition.noun == "identity").order_by(col(Transition.id)))
        told = [(step.new, step.why) for step in steps]
    assert [new for new, _ in told] == ["different", "taken_back", "same"]
    assert not any("vida" in why.casefold() or "553018" in why for _, why in told)


async def test_other_brands_old_cases_and_the_same_channel_are_none_of_it(either: Desk) -> None:
    here, there = await twice(either)
    agent = await Browser.signed_in(either, "agent")
    assert (await agent.post(f"/cases/{here}/same-person", other_id=either.foreign_case)).status == 404
    assert (await agent.post(f"/cases/{here}/same-person", other_id=here)).status == 404
    async with either.db.write() as session:
        case = await session.get_one(Case, there)
        case.last_mention_at -= timedelta(days=8)
    assert (await person_of(agent, here))["maybe"] == []


async def test_who_is_erased_takes_it_along(either: Desk) -> None:
    here, there = await twice(either)
    agent = await Browser.signed_in(either, "agent")
    await agent.post(f"/cases/{here}/same-person", other_id=there)
    await erase(either.db, author(either.brand, "sandbox", "vidamas"), actor="user:1", now=either.clock.now())
    async with either.db.read() as session:
        assert list(await session.exec(select(Identity))) == []
    assert await person_of(agent, here) == {"same": [], "maybe": [], "apart": []}


async def thrice(desk: Desk) -> tuple[int, int, int]:
    """The same matter on three networks under one handle."""
    here, there = await twice(desk)
    await hear(desk, desk.brand, [("rss", "Vida M", "vidamas", 10, LATE)], thread="v3")
    return here, there, await case_of(desk, "rss", "vidamas")


async def same_of(browser: Browser, case_id: int) -> set[str]:
    return {each["case_id"] for each in (await person_of(browser, case_id))["same"]}


async def test_a_no_between_two_of_a_chain_keeps_them_apart_and_the_page_says_whose(either: Desk) -> None:
    one, middle, last = await thrice(either)
    agent = await Browser.signed_in(either, "agent")
    await agent.post(f"/cases/{one}/same-person", other_id=middle)
    await agent.post(f"/cases/{middle}/same-person", other_id=last)
    assert await same_of(agent, one) == {str(middle), str(last)}
    await agent.post(f"/cases/{one}/other-person", other_id=last)
    for case_id, other in ((one, last), (last, one)):
        found = await person_of(agent, case_id)
        assert str(other) not in {each["case_id"] for each in found["same"]}
        assert [each["case_id"] for each in found["apart"]] == [str(other)]
        assert found["maybe"] == []
    seen = await person_of(agent, middle)
    assert len(seen["same"]) == len(seen["apart"]) == 1
    [why] = seen["apart"][0]["why"]
    assert "are two people" in why
    assert why in (await agent.get(f"/cases/{middle}")).text
    await agent.post(f"/cases/{middle}/unsay-person", identity_id=seen["apart"][0]["identity_id"])
    assert await same_of(agent, one) == {str(middle), str(last)}


async def test_no_yes_makes_one_of_two_that_were_said_to_be_two(either: Desk) -> None:
    one, middle, last = await thrice(either)
    agent = await Browser.signed_in(either, "agent")
    await agent.post(f"/cases/{one}/other-person", other_id=last)
    await agent.post(f"/cases/{one}/same-person", other_id=middle)
    refused = await agent.post(f"/cases/{middle}/same-person", other_id=last)
    assert refused.status == 409
    assert "take that back first" in refused.text
    assert await same_of(agent, middle) == {str(one)}


HOTLINE = "Norda, nobody answers on 0800-553-018 and my delivery is late"


async def lines(desk: Desk) -> tuple[int, int]:
    """Two people who wrote the same number."""
    await hear(desk, desk.brand, [("mastodon", "Ana P", "@ana_p", 30, HOTLINE)], thread="h1")
    await hear(desk, desk.brand, [("sandbox", "Bo K", "bo_k", 20, HOTLINE)], thread="h2")
    return await case_of(desk, "mastodon", "@ana_p"), await case_of(desk, "sandbox", "bo_k")


async def test_a_number_of_the_brand_speaks_for_nobody(either: Desk) -> None:
    here, there = await lines(either)
    agent = await Browser.signed_in(either, "agent")
    assert len((await person_of(agent, here))["maybe"]) == 1
    async with either.db.write() as session:
        now, words = either.clock.now(), Words("Calling us", "Call 0800 553 018 or +49 30 553018.", "en")
        article = await add(session, either.brand, "calling", words, actor="user:1", now=now)
        article.status = "live"
    assert (await person_of(agent, here))["maybe"] == []
    assert (await agent.post(f"/cases/{here}/same-person", other_id=there)).status == 409


async def test_a_number_that_goes_round_speaks_for_nobody(either: Desk) -> None:
    here, _ = await lines(either)
    agent = await Browser.signed_in(either, "agent")
    for number, handle in enumerate(("@cy_r", "@di_s")):
        assert len((await person_of(agent, here))["maybe"]) == 1
        await hear(either, either.brand, [("mastodon", "", handle, 9, HOTLINE)], thread=f"r{number}")
    assert (await person_of(agent, here))["maybe"] == []


async def test_the_own_mailbox_speaks_for_nobody(either: Desk) -> None:
    asks = "I wrote to help@norda.test and my delivery is still late"
    await hear(either, either.brand, [("mastodon", "Ana P", "@ana_p", 30, asks)], thread="m1")
    await hear(either, either.brand, [("sandbox", "Bo K", "bo_k", 20, asks)], thread="m2")
    here, agent = await case_of(either, "mastodon", "@ana_p"), await Browser.signed_in(either, "agent")
    assert len((await person_of(agent, here))["maybe"]) == 1
    async with either.db.write() as session:
        account = (await session.exec(select(AccountRow).where(AccountRow.brand_id == either.brand))).first()
        assert account is not None
        account.handle = "help@norda.test"
    assert (await person_of(agent, here))["maybe"] == []
