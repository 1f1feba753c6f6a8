"""The main job on Bluesky, told once: the real development network and the emulator are both given to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.flows.house import Running

SOURCE = "Bluesky"


@dataclass
class Town:
    """A Bluesky network with our account on it. `post` lets somebody mention us and gives the post's address;
    `answers` are the texts of our replies to it by the network's own books; `thread` waits for what others see."""

    service: str
    handle: str
    app_password: str
    post: Callable[[str], Awaitable[str]]
    answers: Callable[[str], Awaitable[list[str]]]
    thread: Callable[[str], Awaitable[list[str]]]


async def join(flow: Running, town: Town, **settings: str) -> int:
    """A brand with its account, tried before it is stored, and one source with these settings."""
    brand = await flow.brand("Norda", handles=[town.handle], languages=["en"])
    given = {"brand_id": str(brand), "channel": "bluesky", "set_base_url": town.service, "set_handle": town.handle}
    status, said = await flow.me.send("/accounts", given | {"set_secret_app_password": "wrong-wrong-wrong"})
    assert status == 422
    assert "did not accept this account" in said["detail"]
    account = await flow.me.add_account(
        brand, "bluesky", base_url=town.service, handle=town.handle, secret_app_password=town.app_password
    )
    await flow.me.add_source(brand, "bluesky", SOURCE, account, **settings)
    return brand


async def main_job(flow: Running, town: Town, **settings: str) -> dict[str, float]:
    """Heard, scored, drafted, approved while publishing is off, posted once when it is on. Seconds of each leg."""
    clock, took = asyncio.get_running_loop().time, {}
    await join(flow, town, **settings)
    await flow.hear(SOURCE)
    began = clock()
    words = "my kettle is leaking again and nobody answers"
    asked = await town.post(f"@{town.handle} {words}, this is unacceptable!")
    case = await flow.hear_until(SOURCE, words)
    took["heard"] = clock() - began
    assert case["row"]["priority"] > 0
    assert all(part["reason"] for part in case["row"]["why"])
    reply = (await flow.drafted(words))["reply"]
    took["drafted"] = clock() - began
    yes = {"text": reply["text"], "version": reply["version"]}
    assert (await flow.me.do(f"/replies/{reply['id']}/approve", **yes))["status"] == "approved"
    await flow.quiet()
    assert await town.answers(asked) == []

    await flow.me.do("/publishing/start")
    began = clock()
    case = await flow.with_reply(words, "sent")
    took["sent"] = clock() - began
    assert await town.thread(asked) == [reply["text"]]
    took["seen"] = clock() - began
    await flow.quiet()
    assert await town.answers(asked) == [reply["text"]]
    assert case["status"] == "waiting"
    return took


def replies_to(records: list[dict[str, Any]], uri: str) -> list[str]:
    """The texts of those records that answer this post."""
    return [record["text"] for record in records if record.get("reply", {}).get("parent", {}).get("uri") == uri]
