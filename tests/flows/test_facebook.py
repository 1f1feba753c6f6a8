"""A comment on our Page, from Facebook's push to our public answer, with the polls beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from commands.wiring import new_account_row
from domain.account import Account
from tests.channels.network import Network, serving
from tests.emulators.facebook import PAGE_ID, PAGE_NAME, FacebookServer
from tests.emulators.graph import NOON, SECRETS, VERIFY, Item, sign
from tests.flows.house import Running, running_house, settings_for


@pytest.fixture
async def page() -> AsyncIterator[tuple[FacebookServer, Network]]:
    server, network = FacebookServer(), Network()
    async with serving(network, server.routes()):
        yield server, network


@pytest.fixture
async def flow(page: tuple[FacebookServer, Network], tmp_path: Path) -> AsyncIterator[Running]:
    reach = page[1].base.removeprefix("http://")
    async with running_house(settings_for(tmp_path / "data", reach=(reach,))) as running:
        yield running


async def listening(flow: Running, base: str) -> str:
    """Our Page as account and source; the address to which Facebook pushes."""
    brand = await flow.brand("Norda", handles=["norda"], languages=["en"])
    account = Account(0, "facebook", PAGE_NAME, PAGE_ID, base)
    async with flow.house.database.write() as session:
        row = new_account_row(flow.house, brand, account, SECRETS)
        session.add(row)
    await flow.me.add_source(brand, "facebook", "Our Page", str(row.id))
    return f"{flow.address}/hooks/{(await flow.source('Our Page')).id}"


async def push(address: str, server: FacebookServer, *entries: Item) -> tuple[int, Any]:
    """As Facebook pushes: no cookie, only the signature."""
    body = server.push(*entries)
    async with aiohttp.ClientSession() as http, http.post(address, data=body, headers=sign(body)) as answer:
        return answer.status, await answer.json()


async def test_a_comment_is_pushed_answered_and_taken_back(flow: Running, page: tuple[FacebookServer, Network]):
    server, network = page
    address = await listening(flow, network.base)
    ask = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": VERIFY}
    async with aiohttp.ClientSession() as http:
        async with http.get(address, params=ask) as greeted:
            assert (greeted.status, await greeted.text()) == (200, "1158201444")
        async with http.get(address, params=ask | {"hub.verify_token": "guess"}) as refused:
            assert refused.status == 401

    now = (flow.house.clock.now() - NOON) / timedelta(minutes=1)
    post = server.post("Our new night train", minute=now - 30)
    comment = server.comment(post, "Norda lost my suitcase, please help me, where is it?", "Mara", minute=now - 5)
    taken = {"seen": 1, "new": 1, "unreadable": 0}
    assert await push(address, server, server.change(comment)) == (200, taken)
    assert await push(address, server, server.change(comment)) == (200, taken | {"new": 0})
    lost = server.comment(post, "The Norda app does not open any more, please help!", "Ivo", minute=now - 4)
    case = await flow.drafted("lost my suitcase")

    reply = case["reply"]
    await flow.me.do("/publishing/start")
    await flow.me.do(f"/replies/{reply['id']}/approve", text=reply["text"], version=reply["version"])
    case = await flow.with_reply("lost my suitcase", "sent")
    assert server.own_texts() == [reply["text"]]
    assert network.writes("/v26.0/") == 1
    ours = next(each for each in server.comments.values() if each["from"]["id"] == PAGE_ID)
    assert ours["parent"] == {"id": comment["id"]}

    assert await push(address, server, server.change(ours)) == (200, taken | {"new": 0})  # our own words
    heard = await flow.hear("Our Page")
    assert heard is not None
    assert heard.stored.new == 1, f"the comment whose push was lost: {lost['message']}"
    case = await flow.drafted("does not open any more")
    assert "Ivo" in await flow.me.page(f"/cases/{case['id']}")
    assert await push(address, server, server.change(comment, "remove")) == (200, taken | {"new": 0})
    assert await flow.me.case_with("lost my suitcase") is None
    assert server.violations == []
