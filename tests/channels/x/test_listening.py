"""X through the whole listener: reconnects without a hole, money as a state that people read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from channels.manifest import Situation
from channels.x import stream
from channels.x.problems import CREDITS
from domain.account import Account
from storage import tables
from tests.channels.network import Network, serving
from tests.channels.subjects.x import SECRETS
from tests.emulators.x import BREAK, XServer
from tests.emulators.x_books import OWN_ID
from tests.listener.conftest import house
from tests.listener.rig import NOON, House

__all__ = ["house"]

BAD = "norda is terrible, the train was late again and nobody answers me"


@dataclass
class Ears:
    """A house that listens to the emulated X with one account."""

    house: House
    server: XServer
    account: int

    async def source(self, **settings: Any) -> int:
        return await self.house.source("x", "x", account=self.account, **settings)

    async def stored(self, text: str) -> None:
        """Wait until this post is stored."""

        async def look() -> bool:
            return text in await self.house.texts()

        await self.until(look)

    async def until(self, done: Callable[[], Awaitable[bool] | bool]) -> None:
        """Let the listener do each second what is due, until this holds."""
        for _ in range(1000):
            await self.house.listener.start_due()
            await asyncio.sleep(0.01)
            holds = done()
            if holds if isinstance(holds, bool) else await holds:
                return
        raise AssertionError("it did not come to that")


@pytest.fixture
async def ears(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ears]:
    monkeypatch.setattr(stream, "BATCH_S", 0.02)
    server, network = XServer(now=house.clock.now), Network()
    async with serving(network, server.routes()):
        house.listener.ears.open_account = lambda row: Account(row.id, "x", "norda", OWN_ID, network.base, SECRETS)
        yield Ears(house, server, await house.account("x"))
        tasks = list(house.listener._polling.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_breaks_of_the_stream_leave_no_hole(ears: Ears):
    source = await ears.source(kind="stream")
    said = []
    for number in range(6):
        await ears.until(lambda: bool(ears.server.connections))
        said += [f"norda pushed {number}", f"norda meanwhile {number}"]
        ears.server.say(said[-2], at=ears.house.clock.now())
        await ears.stored(said[-2])
        ears.server.push(BREAK if number % 2 else None)
        await ears.until(lambda: not ears.house.listener._polling)
        ears.house.clock.move(40)
        ears.server.say(said[-1], at=ears.house.clock.now() - timedelta(seconds=35))
        ears.house.clock.move(40)
    await ears.stored(said[-1])
    assert sorted(await ears.house.texts()) == sorted(said)
    row = await ears.house.get(source)
    assert (row.status, row.error) == ("listening", "")
    assert ears.server.opened == 7


async def test_money_stops_a_source_with_its_own_words_and_the_account_lives(ears: Ears):
    source = await ears.source()
    ears.server.unpaid = "credits"
    await ears.house.listener.poll(source)
    row = await ears.house.get(source)
    assert (row.status, row.error) == ("stopped", CREDITS)
    (account,) = await ears.house.rows(tables.AccountRow)
    assert account.status == "working"


async def test_a_spent_budget_is_told_asks_nothing_and_ends_at_midnight(ears: Ears):
    source = await ears.source(daily_budget_usd=0.05)
    for number in range(40):
        ears.server.say(f"norda {number}", at=NOON - timedelta(minutes=60 - number))
    await ears.house.listener.poll(source)
    heard = len(await ears.house.texts())
    assert 0 < heard < 40
    row = await ears.house.get(source)
    assert (row.status, row.next_poll_at) == ("listening", NOON + timedelta(hours=12))
    assert row.error.startswith("the daily budget of this source is spent: US$ 0.")
    asked = len(ears.server.exchanges)
    ears.house.clock.move(11.9 * 3600)
    assert await ears.house.listener.run_once() == 0
    assert len(ears.server.exchanges) == asked
    ears.house.clock.move(0.2 * 3600)
    await ears.house.listener.run_once()
    assert len(await ears.house.texts()) > heard


async def other_source_spends(ears: Ears, usd: float) -> int:
    """One more source of the same account, whose meter stands so."""
    other = await ears.house.source("more", "x", account=ears.account, daily_budget_usd=usd)
    meter = {"day": NOON.date().isoformat(), "micros": round(usd * 1e6), "billed": []}
    async with ears.house.db.write() as session:
        (await session.get_one(tables.SourceRow, other)).cursor = {"meter": meter}
    return other


async def test_the_budget_is_one_for_all_sources_of_an_account(ears: Ears):
    source = await ears.source(daily_budget_usd=0.375)  # 0.30 of it for new posts
    other = await other_source_spends(ears, 0.25)
    for number in range(40):
        ears.server.say(f"norda {number}", at=NOON - timedelta(minutes=60 - number))
    await ears.house.listener.poll(source)
    heard, asked = len(await ears.house.texts()), len(ears.server.exchanges)
    assert 0 < heard <= 10, "the smallest page that X serves"
    row = await ears.house.get(source)
    assert row.error.startswith("the daily budget of this account is spent: US$ 0.31 of 0.30 (0.06 by this source)")
    await ears.house.listener.poll(other)
    assert len(ears.server.exchanges) == asked
    ears.house.clock.move(13 * 3600)
    await ears.house.listener.poll(source)
    assert len(await ears.house.texts()) > heard, "and tomorrow it goes on"


async def test_other_words_do_not_begin_the_budget_anew(ears: Ears):
    source = await ears.source(query="norda")
    ears.server.say("norda, are you there?", at=NOON - timedelta(minutes=60))
    await ears.house.listener.poll(source)
    before = (await ears.house.get(source)).cursor
    async with ears.house.db.write() as session:
        (await session.get_one(tables.SourceRow, source)).settings = {"kind": "search", "query": "norda rail"}
    ears.server.say("norda rail, are you there?", at=NOON - timedelta(minutes=50))
    await ears.house.listener.poll(source)
    after = (await ears.house.get(source)).cursor
    assert before is not None
    assert after is not None
    assert after["meter"]["micros"] >= before["meter"]["micros"] > 0
    assert set(before["meter"]["billed"]) < set(after["meter"]["billed"])
    assert len(await ears.house.texts()) == 2


async def test_a_stream_ends_when_another_source_has_spent_the_budget_meanwhile(ears: Ears):
    source = await ears.source(kind="stream", daily_budget_usd=0.30)
    await ears.until(lambda: bool(ears.server.connections))
    await other_source_spends(ears, 0.40)
    ears.server.say("norda, this is the last one", at=ears.house.clock.now())

    async def told() -> bool:
        return "this account is spent" in (await ears.house.get(source)).error

    await ears.until(told)


async def test_a_summons_opens_a_case_that_can_be_answered_by_api_and_a_complaint_only_by_hand(ears: Ears):
    ears.server.say(BAD, at=NOON - timedelta(minutes=9))
    ears.server.say(f"@norda {BAD} at all", "ben", at=NOON - timedelta(minutes=8))
    await ears.house.listener.poll(await ears.source())
    capability = ears.house.listener.manifests["x"].capability
    rows = await ears.house.rows(tables.MentionRow)
    ways = {row.author_handle: capability(Situation(True, row.addressed, row.native)).way for row in rows}
    assert ways == {"mara": "manual", "ben": "api"}


async def test_an_edit_is_one_post_with_new_words_and_a_stale_draft(ears: Ears):
    source = await ears.source()
    said = ears.server.say(BAD, at=NOON - timedelta(minutes=9))
    await ears.house.listener.poll(source)
    ears.house.clock.move(120)
    ears.server.edit(said, f"{BAD}, and my bag is gone", NOON)
    await ears.house.listener.poll(source)
    (row,) = await ears.house.rows(tables.MentionRow)
    assert (row.external_id, row.text, row.version) == (str(said.id), f"{BAD}, and my bag is gone", 2)
    assert [reply.status for reply in await ears.house.rows(tables.Reply)] == ["stale", "requested"]
