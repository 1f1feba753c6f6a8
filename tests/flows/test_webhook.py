"""Another program pushes a complaint: heard, drafted, answered by hand, and confirmed by its next push."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from channels.webhook.signing import sign
from tests.flows.house import Running, running_house, settings_for

SECRET = "the secret of this flow, long enough"
DOCS = Path(__file__).parents[2] / "docs" / "channels" / "webhook.md"


@pytest.fixture
async def flow(tmp_path: Path) -> AsyncIterator[Running]:
    async with running_house(settings_for(tmp_path / "data")) as running:
        yield running


async def address_of(flow: Running) -> str:
    """Add account and source as people do, and read the address from the page."""
    brand = await flow.brand("Norda", handles=["norda"], languages=["en"])
    account = await flow.me.add_account(brand, "webhook", handle="Norda Service", secret_signing=SECRET)
    await flow.me.add_source(brand, "webhook", "Reviews", account)
    found = re.search(r"<code>(http://[\d.:]+/hooks/\d+)</code>", await flow.me.page("/hooks"))
    assert found is not None
    return found[1]


async def push(flow: Running, address: str, *posts: dict[str, Any]) -> tuple[int, Any]:
    """A real request of a program that has never signed in."""
    body = json.dumps({"posts": posts}).encode()
    headers = {"Earshot-Signature": sign(SECRET, body, flow.house.clock.now()), "Content-Type": "application/json"}
    async with flow.me.http.post(address, data=body, headers=headers, cookies={}) as answer:
        return answer.status, await answer.json()


async def test_from_a_push_to_a_case_with_a_draft_and_an_answer_by_hand(flow: Running):
    address, now = await address_of(flow), flow.house.clock.now().isoformat()
    complaint = {
        "id": "r-17", "text": "Norda lost my suitcase and nobody answers. Where is it?", "created_at": now,
        "author": {"handle": "mara_test", "name": "Mara"}, "url": "https://reviews.example/17", "lang": "en",
    }  # fmt: skip
    assert await push(flow, address, complaint) == (200, {"seen": 1, "new": 1, "unreadable": 0})
    case = await flow.drafted("lost my suitcase")
    assert case["row"]["author"] in ("mara_test", "Mara")
    assert "Posted by hand" in await flow.me.page(f"/cases/{case['id']}")
    assert await push(flow, address, complaint) == (200, {"seen": 1, "new": 0, "unreadable": 0})

    reply = case["reply"]
    await flow.me.do("/publishing/start")
    done = await flow.me.do(f"/replies/{reply['id']}/approve", text=reply["text"], version=reply["version"])
    assert (done["status"], done["copy"]) == ("handed_over", reply["text"])
    ours = {
        "id": "r-18", "text": done["copy"], "created_at": flow.house.clock.now().isoformat(),
        "author": "Norda Service", "in_reply_to": "r-17", "thread": "r-17", "url": "https://reviews.example/18",
    }  # fmt: skip
    assert await push(flow, address, ours) == (200, {"seen": 1, "new": 0, "unreadable": 0})
    case = await flow.with_reply("lost my suitcase", "sent")
    assert case["status"] == "waiting"
    assert "https://reviews.example/18" in await flow.me.page(f"/cases/{case['id']}")


async def test_the_example_of_the_docs_works_as_it_stands(flow: Running):
    if not (shutil.which("curl") and shutil.which("openssl")):
        pytest.skip("curl and openssl are not both installed")
    address = await address_of(flow)
    example = DOCS.read_text(encoding="utf-8").partition("```sh\n")[2].partition("```")[0]
    shell = await asyncio.create_subprocess_exec(
        "sh", "-c", example, env={"SECRET": SECRET, "ADDRESS": address, "PATH": "/usr/bin:/bin", "NO_PROXY": "*"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(shell.communicate(), 30)
    assert json.loads(out) == {"seen": 1, "new": 1, "unreadable": 0}
