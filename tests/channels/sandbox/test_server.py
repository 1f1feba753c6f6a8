"""The sandbox network as a visitor, a customer and a misbehaving server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from channels.sandbox.faults import Fault, Faults
from channels.sandbox.ledger import Ledger
from channels.sandbox.server import Sandbox, running, serve
from domain.clock import SetClock
from tests.channels.network import NOON

REPLY = {"account": "norda", "key": "k-1", "parent_id": "1", "text": "We are sorry, Mara."}
TOKEN = {"Authorization": "Bearer sandbox-token"}


class Town:
    """A sandbox with one post, and somebody to ask it."""

    def __init__(self, sandbox: Sandbox, base: str, session: aiohttp.ClientSession) -> None:
        self.sandbox, self.base, self.session = sandbox, base, session

    async def reply(self, **changes: str) -> int:
        async with self.session.post(f"{self.base}/api/replies", json={**REPLY, **changes}, headers=TOKEN) as answer:
            await answer.read()
            return answer.status

    async def replies(self) -> int:
        async with self.session.get(f"{self.base}/api/posts/1/replies") as answer:
            return len((await answer.json())["posts"])


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    sandbox = Sandbox(Ledger(tmp_path / "sandbox.db"), clock=SetClock(NOON), faults_open=True)
    sandbox.ledger.write("mara_testfield", '<img src=x onerror="alert(1)"> norda & co', NOON, lang="en")
    async with running(sandbox) as base, aiohttp.ClientSession() as session:
        yield Town(sandbox, base, session)
    sandbox.ledger.close()


async def test_pages_show_words_and_never_markup(town: Town):
    await town.reply(text="<script>alert(2)</script>")
    for path in ("/", "/p/1"):
        async with town.session.get(town.base + path) as answer:
            page = await answer.text()
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "&lt;img src=x onerror=&#34;alert(1)&#34;&gt; norda &amp; co" in page
        assert "&lt;script&gt;alert(2)&lt;/script&gt;" in page
        assert "<img" not in page
        assert "<script" not in page
        assert "width=device-width" in page


async def test_a_customer_writes_by_the_form_but_no_other_site_may(town: Town):
    said = {"author": "@joe_sampleby", "text": "norda, where is bus 12?"}
    async with town.session.post(f"{town.base}/write", data=said) as answer:
        assert answer.url.path == "/p/2"
        assert "@joe_sampleby" in await answer.text()
    other = {"Sec-Fetch-Site": "cross-site"}
    async with town.session.post(f"{town.base}/write", data=said, headers=other) as answer:
        assert answer.status == 403
    async with town.session.post(f"{town.base}/write", data={"author": " ", "text": "x"}) as answer:
        assert answer.status == 422


async def test_every_attempt_is_in_the_books_with_its_outcome(town: Town):
    assert await town.reply() == 201
    assert await town.reply() == 201
    assert await town.reply(parent_id="99") == 404
    assert await town.reply(account="other") == 403
    assert await town.reply(parent_id="replay:d-017", text="To somebody in a file.") == 201
    async with town.session.post(f"{town.base}/api/replies", data=b"{", headers=TOKEN) as answer:
        assert answer.status == 400
    async with town.session.post(f"{town.base}/api/replies", json=REPLY) as answer:
        assert answer.status == 401
    outcomes = [attempt.outcome for attempt in town.sandbox.ledger.attempts()]
    assert outcomes[:2] == ["stored", "stored"]
    assert outcomes[4] == "stored"
    assert len(outcomes) == 7
    assert await town.replies() == 2, "without dedupe a doubled sending must show"


async def test_a_server_told_to_dedupe_keeps_the_first(town: Town):
    town.sandbox.dedupe = True
    assert [await town.reply(), await town.reply()] == [201, 201]
    assert await town.replies() == 1
    assert [attempt.outcome for attempt in town.sandbox.ledger.attempts()] == ["stored", "repeated"]


@pytest.mark.parametrize(
    ("fault", "public"),
    [
        (Fault(kind="fail"), 0),
        (Fault(kind="fail", applied=True, status=502), 1),
        (Fault(kind="garbage", applied=True), 1),
        (Fault(kind="reset"), 0),
        (Fault(kind="reset", applied=True, after_bytes=9), 1),
        (Fault(kind="delay", seconds=0.01), 1),
    ],
)
async def test_planted_faults(town: Town, fault: Fault, public: int):
    town.sandbox.faults = Faults([fault])
    try:
        status = await town.reply()
    except aiohttp.ClientError:
        status = 0
    if fault.kind == "fail":
        assert status == fault.status
    if fault.kind == "reset":
        assert status == 0
    assert await town.replies() == public
    assert len(town.sandbox.ledger.attempts()) == 1
    assert await town.reply(key="k-2") == 201


async def test_a_reply_can_be_hidden_from_reading_for_a_while(town: Town):
    async with town.session.post(f"{town.base}/faults", json={"kind": "hide", "seconds": 30}) as answer:
        assert answer.status == 200
    assert await town.reply() == 201
    assert await town.replies() == 0
    assert isinstance(town.sandbox.clock, SetClock)
    town.sandbox.clock.move(31)
    assert await town.replies() == 1


async def test_as_a_process_it_has_no_door_for_faults_and_keeps_its_books(tmp_path: Path):
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve("127.0.0.1", 0, tmp_path, ready=ready.set_result))
    base = await ready
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{base}/api/posts", json={"author": "mara", "text": "norda?"}) as answer:
            assert answer.status == 201
        async with session.post(f"{base}/faults", json={"kind": "fail"}) as answer:
            assert answer.status == 404
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    ledger = Ledger(tmp_path / "sandbox.db")
    assert ledger.post("1") is not None
    ledger.close()
