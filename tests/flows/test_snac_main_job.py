"""The main job on Mastodon's API as snac2 speaks it: heard, scored, drafted, approved in the desk, posted once."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from storage.tables import AccountRow
from tests.flows.house import WAIT_S, Running, running_house, settings_for, until
from tests.peers.servers import Snac, snac_server

RUN = Path(__file__).resolve().parents[2] / "run.py"


@pytest.fixture(scope="module")
def server(snac: str) -> Iterator[Snac]:
    with snac_server(snac, ("alice", "brand")) as running:
        yield running


@pytest.fixture
async def flow(server: Snac, tmp_path: Path, database_url: str) -> AsyncIterator[Running]:
    settings = settings_for(tmp_path / "data", database_url, (server.base_url.partition("//")[2],))
    async with running_house(settings) as running:
        yield running


async def ask(server: Snac, who: str, words: str, **more: str) -> dict[str, Any]:
    """Somebody posts; what the server made of it."""
    token = await asyncio.to_thread(server.token, who)
    posted = await asyncio.to_thread(
        lambda: server.post("/api/v1/statuses", token, status=words, visibility="public", **more)
    )
    made: dict[str, Any] = json.loads(posted)
    return made


async def seen_below(server: Snac, who: str, status_id: str) -> list[dict[str, Any]]:
    """What this person sees below a status, as soon as the server's queue has brought something."""
    token = await asyncio.to_thread(server.token, who)

    async def look() -> list[dict[str, Any]] | None:
        found = await asyncio.to_thread(server.get, f"/api/v1/statuses/{status_id}/context", token)
        return list(json.loads(found)["descendants"]) or None

    return list(await until(look, f"an answer that {who} sees", WAIT_S))


async def answers_to(server: Snac, status_id: str) -> list[dict[str, Any]]:
    """What the brand has posted below a status, by the server's own books."""
    token = await asyncio.to_thread(server.token, "brand")
    me = json.loads(await asyncio.to_thread(server.get, "/api/v1/accounts/verify_credentials", token))
    posts = await asyncio.to_thread(server.get, f"/api/v1/accounts/{me['id']}/statuses", token)
    return [post for post in json.loads(posts) if post["in_reply_to_id"] == status_id]


async def listening(flow: Running, server: Snac) -> int:
    """A brand whose account was added by the form, and its mentions as a source."""
    brand = await flow.brand("Norda", handles=["brand"], languages=["en"])
    where = {"base_url": server.base_url}
    status, said = await flow.me.send(
        "/accounts",
        {"brand_id": str(brand), "channel": "mastodon", "set_base_url": server.base_url, "set_secret_token": "f" * 32},
    )
    assert status == 422
    assert "did not accept this account" in said["detail"]
    assert "No accounts" in await flow.me.page("/accounts")
    token = await asyncio.to_thread(server.token, "brand")
    account = await flow.me.add_account(brand, "mastodon", **where, secret_token=token)
    await flow.me.add_source(brand, "mastodon", "Our mentions", account, kind="mentions")
    return brand


async def test_a_mention_is_answered_once_and_only_while_publishing_is_on(flow: Running, server: Snac):
    await listening(flow, server)
    assert await flow.run_once() == 1
    words = f"my ticket was charged twice, order {flow.address[-4:]}"
    asked = await ask(server, "alice", f"@brand {words}, please refund me! I am very angry")
    case = await flow.hear_until("Our mentions", words)
    assert case["status"] == "open"
    assert case["row"]["priority"] > 0
    assert all({"name", "points", "reason"} <= set(part) for part in case["row"]["why"])

    reply = (await flow.drafted(words))["reply"]
    assert "Alice" in reply["text"]
    yes = {"text": reply["text"], "version": reply["version"]}
    assert (await flow.me.do(f"/replies/{reply['id']}/approve", **yes))["status"] == "approved"
    await flow.quiet()
    assert await answers_to(server, asked["id"]) == []

    await flow.me.do(f"/replies/{reply['id']}/recall")
    await flow.me.do("/publishing/start")
    await flow.me.do("/publishing/stop", why="storm in the north")
    assert "storm in the north" in await flow.me.page("/queue")
    reply = (await flow.drafted(words))["reply"]
    await flow.me.do(f"/replies/{reply['id']}/approve", text=reply["text"], version=reply["version"])
    await flow.quiet()
    assert await answers_to(server, asked["id"]) == []

    await flow.me.do("/publishing/start")
    case = await flow.with_reply(words, "sent")
    assert case["status"] == "waiting"
    await flow.quiet()
    posted = await answers_to(server, asked["id"])
    assert [post["text"] for post in posted] == [f"@alice {reply['text']}"]
    assert posted[0]["url"] in await flow.me.page(f"/cases/{case['id']}")
    shown = await seen_below(server, "alice", asked["id"])
    assert [post["uri"] for post in shown] == [posted[0]["uri"]]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_dead_token_stops_its_source_and_no_other(flow: Running, server: Snac):
    brand = await listening(flow, server)
    await flow.me.add_source(brand, "mastodon", "Hashtag", kind="hashtag", tag="norda", base_url=server.base_url)
    await revoke(flow, server)
    assert await flow.hear("Our mentions") is None
    assert await flow.hear("Hashtag") is not None
    stopped, other = await flow.source("Our mentions"), await flow.source("Hashtag")
    assert (stopped.status, other.status) == ("stopped", "listening")
    page = await flow.me.page("/sources")
    assert "does not accept our token any more" in page
    assert "&nbsp;source in trouble" in await flow.me.page("/queue")
    code, said = await doctor(flow, server)
    assert code == 1
    assert "source Our mentions: stopped" in said
    assert "source Hashtag: listening" in said
    assert "sign-in failed" in said
    assert "connect it again on the accounts page" in said

    token = await asyncio.to_thread(server.token, "brand")
    await flow.me.add_account(brand, "mastodon", base_url=server.base_url, secret_token=token)
    assert (await flow.source("Our mentions")).status == "listening"  # it goes on by itself
    assert await flow.hear("Our mentions") is not None
    assert (await flow.source("Our mentions")).status == "listening"


async def revoke(flow: Running, server: Snac) -> None:
    """The person takes our token back, on the network itself."""
    async with flow.house.database.read() as session:
        row = (await session.exec(select(AccountRow))).one()
    account = flow.house.responding.account(row)
    await asyncio.to_thread(server.revoke, account.secrets["secret_token"])


async def doctor(flow: Running, server: Snac) -> tuple[int, str]:
    """The command itself, as a person runs it beside the running house."""
    settings = flow.house.settings
    given = [f"--data-dir={settings.data_dir}"]
    if url := settings.database_url.get_secret_value():
        given.append(f"--database-url={url}")
    env = os.environ | {
        "EARSHOT_NO_BOOTSTRAP": "1",
        "EARSHOT_OUTBOUND_ALLOW": json.dumps(settings.outbound_allow),
        "COLUMNS": "200",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(RUN), "doctor", *given, env=env,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=settings.data_dir,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode or 0, said.decode()
