"""A comment under our photo: named by Instagram's push, read at once, answered by API."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from commands.wiring import new_account_row
from domain.account import Account
from tests.channels.network import Network, serving
from tests.emulators.graph import NOON, SECRETS, Failed, sign
from tests.emulators.instagram import USER_ID, USERNAME, InstagramServer
from tests.flows.house import Running, running_house, settings_for


async def push(address: str, body: bytes) -> tuple[int, Any, str]:
    """As Instagram pushes; the status, what was said, and when to come again."""
    async with aiohttp.ClientSession() as http, http.post(address, data=body, headers=sign(body)) as answer:
        return answer.status, await answer.json(), answer.headers.get("retry-after", "")


async def listening(flow: Running, base: str) -> str:
    """Our account as account and source; the address to which Instagram pushes."""
    brand = await flow.brand("Norda", handles=["norda"], languages=["en"])
    async with flow.house.database.write() as session:
        row = new_account_row(flow.house, brand, Account(0, "instagram", f"@{USERNAME}", USER_ID, base), SECRETS)
        session.add(row)
    await flow.me.add_source(brand, "instagram", "Our photos", str(row.id))
    return f"{flow.address}/hooks/{(await flow.source('Our photos')).id}"


async def test_what_cannot_be_read_now_is_pushed_again_and_answered(tmp_path: Path):
    server, network = InstagramServer(), Network()
    async with serving(network, server.routes()):
        reach = (network.base.removeprefix("http://"),)
        async with running_house(settings_for(tmp_path / "data", reach=reach)) as flow:
            address = await listening(flow, network.base)
            now = (flow.house.clock.now() - NOON) / timedelta(minutes=1)
            photo = server.post("Our night train", minute=now - 30)
            comment = server.comment(photo, "Norda lost my suitcase, please help me, where is it?", minute=now - 5)
            body = server.push(server.told(comment))

            server.troubles.append(Failed(80_002, "limit reached"))
            status, said, again = await push(address, body)
            assert (status, said["status"], int(again) > 60) == (503, 503, True)
            assert await flow.me.case_with("lost my suitcase") is None

            assert await push(address, body) == (200, {"seen": 1, "new": 1, "unreadable": 0}, "")
            case = await flow.drafted("lost my suitcase")
            assert case["mentions"][0]["url"] == photo["permalink"]
            assert case["row"]["author"] == "mara_test"

            await flow.me.do("/publishing/start")
            reply = case["reply"]
            await flow.me.do(f"/replies/{reply['id']}/approve", text=reply["text"], version=reply["version"])
            await flow.with_reply("lost my suitcase", "sent")
            assert server.own_texts() == [reply["text"]]
            assert network.writes("/v26.0/") == 1
            assert server.violations == []
