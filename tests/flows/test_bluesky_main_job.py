"""The main job on the real Bluesky development network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.flows.bluesky_job import Town, main_job, replies_to
from tests.flows.house import Running, running_house, settings_for
from tests.peers.servers import BlueskyNetwork
from tests.peers.test_bluesky_network import Person, alice, brand, network, wait_for_replies

pytestmark = pytest.mark.peer
__all__ = ["alice", "brand", "network"]  # fixtures
POST = "app.bsky.feed.post"


@pytest.fixture
async def flow(network: BlueskyNetwork, tmp_path: Path) -> AsyncIterator[Running]:
    reach = tuple(address.partition("//")[2] for address in (network.pds, network.app_view))
    async with running_house(settings_for(tmp_path / "data", reach=reach)) as running:
        yield running


@pytest.fixture
def town(network: BlueskyNetwork, alice: Person, brand: Person) -> Town:
    """The network as its people see it, without our code."""

    async def post(text: str) -> str:
        return (await asyncio.to_thread(alice.post, text, brand, langs=["en"]))["uri"]

    async def answers(uri: str) -> list[str]:
        found = await asyncio.to_thread(
            brand.call, "com.atproto.repo.listRecords", repo=brand.did, collection=POST, limit="100"
        )
        return replies_to([record["value"] for record in found["records"]], uri)

    async def thread(uri: str) -> list[str]:
        return [str(one["post"]["record"]["text"]) for one in await wait_for_replies(alice, uri)]

    password = brand.call("com.atproto.server.createAppPassword", {"name": "earshot"})["password"]
    return Town(network.pds, brand.handle, password, post, answers, thread)


async def test_the_main_job(
    flow: Running,
    town: Town,
    network: BlueskyNetwork,
    record_property: Callable[[str, object], None],
):
    figures = {"network up": network.started_in_s} | await main_job(flow, town, kind="notifications")
    for name, seconds in figures.items():
        record_property(name.replace(" ", "_") + "_s", round(seconds, 3))
    print("\nmain job on the Bluesky network, seconds:", {name: round(took, 2) for name, took in figures.items()})
