"""The main job on the emulated Bluesky (checked against the real development network): notifications and stream."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from domain.clock import SystemClock
from storage.tables import AccountRow
from tests.channels.network import Network, serving
from tests.emulators.bluesky import OWN_DID, PASSWORD, BlueskyServer, did_for, posted, rkey_for, stamp
from tests.flows.bluesky_job import SOURCE, Town, join, main_job, replies_to
from tests.flows.house import WAIT_S, Running, reply_status, running_house, settings_for, until

HANDLE = "norda.example"
STREAM = "/xrpc/network.bsky.jetstream.subscribeEvents"


@pytest.fixture
def server() -> BlueskyServer:
    return BlueskyServer()


@pytest.fixture
async def network(server: BlueskyServer) -> AsyncIterator[Network]:
    books = Network()
    async with serving(books, server.routes()):
        yield books


@pytest.fixture
async def flow(network: Network, tmp_path: Path) -> AsyncIterator[Running]:
    reach = (network.base.partition("//")[2],)
    async with running_house(settings_for(tmp_path / "data", reach=reach)) as running:
        yield running


@pytest.fixture
def town(server: BlueskyServer, network: Network) -> Town:
    """Somebody's post reaches us as a notification and stands in the stream, as on the network."""

    async def post(text: str) -> str:
        seq = len(server.views) + 1
        index = {"byteStart": 0, "byteEnd": len(HANDLE) + 1}
        facet = {"index": index, "features": [{"$type": "app.bsky.richtext.facet#mention", "did": OWN_DID}]}
        now = stamp(SystemClock().now())
        view = server.view(seq, text, createdAt=now, facets=[facet])
        view["indexedAt"] = now
        server.notify(view)
        frame = posted(seq, did_for("mara"), view["record"], rkey=rkey_for(seq))
        frame["payload"] |= {"time": now, "cid": view["cid"]}
        server.frames.append(frame)
        return str(view["uri"])

    async def answers(uri: str) -> list[str]:
        return replies_to(list(server.records.values()), uri)

    return Town(network.base, HANDLE, PASSWORD, post, answers, answers)


def stream_of(network: Network) -> dict[str, str]:
    return {"kind": "stream", "url": network.base.replace("http", "ws") + STREAM, "profiles_url": network.base}


async def test_by_notifications(flow: Running, town: Town, server: BlueskyServer):
    await main_job(flow, town, kind="notifications")
    assert len(server.received) == 1


async def test_by_the_stream_and_what_notifications_tell_again_is_the_same_post(
    flow: Running, town: Town, server: BlueskyServer, network: Network
):
    await main_job(flow, town, **stream_of(network))
    assert server.connections[-1]["protocol"] == "xrpc.v1.json"
    async with flow.house.database.read() as session:
        account = (await session.exec(select(AccountRow))).one()
    await flow.me.add_source(account.brand_id, "bluesky", "Again", str(account.id), kind="notifications")
    heard = await flow.hear("Again")
    assert heard is not None
    assert (heard.seen, heard.stored.new) == (1, 0)
    await flow.hear(SOURCE)
    await flow.quiet()
    cases: list[dict[str, Any]] = (await flow.me.read("/queue?status=all"))["cases"]
    assert len(cases) == 1
    assert reply_status(await flow.me.read(f"/cases/{cases[0]['id']}")) == "sent"
    assert len(server.received) == 1


async def test_a_withdrawn_post_loses_its_words(flow: Running, town: Town, server: BlueskyServer, network: Network):
    """The stream tells of the removal; the case says so, and the words are gone."""
    await join(flow, town, **stream_of(network))
    words = "norda cancelled my train and I am stuck"
    uri = await town.post(f"@{HANDLE} {words}")
    case = await flow.hear_until(SOURCE, words)
    server.frames.append(posted(90, did_for("mara"), {}, rkey=uri.rpartition("/")[2], operation="delete"))

    async def told() -> str | None:
        await flow.hear(SOURCE)  # a stream that ended rests a moment before it may be taken up again
        page = await flow.me.page(f"/cases/{case['id']}")
        return page if "This post was removed" in page else None

    assert words not in await until(told, "the desk telling of the removal", WAIT_S)
