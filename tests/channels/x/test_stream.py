"""The filtered stream: rules, what is pushed, and that no reconnect leaves a hole."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast

import pytest

from channels.x import stream
from channels.x.rules import TAG
from domain.errors import RateLimited, Refused, SignInFailed, Unreachable
from domain.ports import Cursor, Page
from tests.channels.network import NOON
from tests.channels.x.rig import HOUR_LATER, Rig
from tests.emulators.x import BREAK

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch ends soon after its first line."""
    monkeypatch.setattr(stream, "BATCH_S", 0.02)


class Follower:
    """One connection, page by page; its cursor goes through JSON."""

    def __init__(self, rig: Rig, pages: AsyncGenerator[Page], cursor: Cursor | None) -> None:
        self._rig, self._pages, self.cursor = rig, pages, cursor

    async def page(self) -> Page:
        async with asyncio.timeout(30):
            page = await anext(self._pages)
        self.cursor = json.loads(json.dumps(page.cursor))
        return page

    async def caught_up(self) -> list[str]:
        """Texts of the search that comes first."""
        return _texts(await self.page())

    async def heard(self) -> list[str]:
        """Texts of the next page that has any."""
        while True:
            if found := _texts(await self.page()):
                return found

    async def settle(self) -> list[str]:
        """A minute later, with a sign of life; texts of the second search."""
        searches = len(self._rig.asked())
        self._rig.clock.move(61)
        self._rig.server.heartbeat()
        while True:
            page = await self.page()
            if len(self._rig.asked()) > searches:
                return _texts(page)


def _texts(page: Page) -> list[str]:
    return [mention.text for mention in page.mentions]


@asynccontextmanager
async def following(rig: Rig, cursor: Cursor | None = None, **how: Any) -> AsyncIterator[Follower]:
    pages = cast("AsyncGenerator[Page]", rig.stream(**how).pages(cursor))
    try:
        yield Follower(rig, pages, cursor)
    finally:
        await pages.aclose()


async def test_it_keeps_its_rules_and_leaves_those_of_others(rig: Rig):
    rig.server.rules = {
        "1": {"id": "1", "value": "cats", "tag": "theirs"},
        "2": {"id": "2", "value": '("old words")', "tag": TAG},
    }
    async with following(rig, terms=("norda", "cold coach")) as follower:
        await follower.caught_up()
        rules = {rule["value"]: rule["tag"] for rule in rig.server.rules.values()}
    words = '("norda" OR #norda OR "cold coach") -from:norda -is:retweet -is:nullcast'
    assert rules == {"cats": "theirs", words: TAG}
    changes = sum(1 for exchange in rig.server.exchanges if exchange.method == "POST")
    async with following(rig, terms=("norda", "cold coach")) as follower:
        await follower.caught_up()
    assert sum(1 for exchange in rig.server.exchanges if exchange.method == "POST") == changes == 2


async def test_posts_are_pushed_as_they_are_written(either: Rig):
    async with following(either) as follower:
        assert await follower.caught_up() == []
        either.server.say("norda is late", at=HOUR_LATER)
        either.server.say("nothing of us", at=HOUR_LATER)
        either.server.say("@norda again", "ben", at=HOUR_LATER)
        heard = await follower.heard()
        heard += [] if len(heard) == 2 else await follower.heard()
        assert heard == ["norda is late", "@norda again"]


async def test_a_sign_of_life_is_a_page_without_posts(rig: Rig):
    async with following(rig) as follower:
        await follower.caught_up()
        rig.server.heartbeat()
        page = await follower.page()
        assert (page.mentions, page.seen, page.cursor) == ((), 0, follower.cursor)


async def test_what_was_said_while_no_stream_was_open_is_searched_for(rig: Rig):
    rig.server.say("norda before we listened", at=HOUR_LATER - 600 * SECOND)
    async with following(rig) as follower:
        assert await follower.caught_up() == ["norda before we listened"]
        await follower.settle()
        rig.server.say("norda one", at=rig.clock.now())
        assert await follower.heard() == ["norda one"]
        rig.server.push(None)
        with pytest.raises(Unreachable, match="the stream ended"):
            await follower.page()
    rig.clock.move(600)
    for number in range(250):
        rig.server.say(f"norda gap {number}", at=rig.clock.now() - timedelta(seconds=500 - number))
    async with following(rig, follower.cursor) as follower:
        searched: list[str] = []
        for _ in range(3):
            searched += await follower.caught_up()
        assert {f"norda gap {number}" for number in range(250)} <= set(searched)
        assert "norda before we listened" not in searched


async def test_a_post_that_search_took_in_late_is_found_by_the_second_search(rig: Rig):
    """Written just before the stream was open, so not pushed, and not yet in the index when the first search asks."""
    async with following(rig) as follower:
        rig.server.say("norda in between", at=HOUR_LATER - 5 * SECOND, found_from=HOUR_LATER + 20 * SECOND)
        assert await follower.caught_up() == []
        rig.server.say("norda pushed", at=HOUR_LATER + 3 * SECOND)
        assert await follower.heard() == ["norda pushed"]
        assert await follower.settle() == ["norda in between", "norda pushed"]


async def test_a_break_before_the_second_search_leaves_no_hole(rig: Rig):
    async with following(rig) as follower:
        rig.server.say("norda in between", at=HOUR_LATER - 5 * SECOND, found_from=HOUR_LATER + 20 * SECOND)
        assert await follower.caught_up() == []
        rig.server.say("norda pushed", at=HOUR_LATER + 3 * SECOND)
        assert await follower.heard() == ["norda pushed"]
        rig.server.push(BREAK)
        with pytest.raises(Unreachable, match="broke"):
            await follower.page()
    rig.clock.move(50)
    async with following(rig, follower.cursor) as follower:
        assert await follower.caught_up() == ["norda in between", "norda pushed"]


async def test_posts_pushed_during_the_search_wait_and_are_not_lost(rig: Rig):
    for number in range(150):
        rig.server.say(f"norda {number}", at=HOUR_LATER - timedelta(seconds=400 - number))
    async with following(rig) as follower:
        first = await follower.caught_up()
        rig.server.say("norda meanwhile", at=HOUR_LATER)
        second = await follower.caught_up()
        assert len({*first, *second}) == 150
        assert await follower.heard() == ["norda meanwhile"]


async def test_odd_lines_are_set_aside_and_the_rest_goes_on(rig: Rig):
    async with following(rig) as follower:
        await follower.caught_up()
        rig.server.push(b'{"data": {"id": "5"')
        rig.server.push(b"[]")
        rig.server.push(b'{"data": {"id": "x", "text": "norda"}}')
        rig.server.say("norda is late", at=HOUR_LATER)
        unreadable = 0
        texts: list[str] = []
        while not texts:
            page = await follower.page()
            unreadable, texts = unreadable + len(page.unreadable), texts + _texts(page)
        assert (unreadable, texts) == (3, ["norda is late"])


async def test_posts_that_only_rules_of_others_let_through_are_not_ours(rig: Rig):
    rig.server.rules = {"1": {"id": "1", "value": "cats", "tag": "theirs"}}
    async with following(rig) as follower:
        await follower.caught_up()
        rig.server.say("cats", at=HOUR_LATER)
        rig.server.say("norda and cats", at=HOUR_LATER)
        assert await follower.heard() == ["norda and cats"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"title": "operational-disconnect", "detail": "This stream has been disconnected"}, "disconnected"),
        ({"title": "UsageCapExceeded", "type": "https://api.twitter.com/2/problems/usage-capped"}, "spending cap"),
    ],
)
async def test_what_x_says_before_it_closes_is_told(rig: Rig, line: dict[str, str], words: str):
    async with following(rig) as follower:
        await follower.caught_up()
        rig.server.push(json.dumps({"errors": [line]}).encode())
        with pytest.raises((Unreachable, Refused), match=words):
            await follower.page()


async def test_a_second_stream_of_the_app_is_waited_for(rig: Rig):
    async with following(rig) as follower:
        await follower.caught_up()
        async with following(rig) as second:
            with pytest.raises(RateLimited, match="another stream of this app") as told:
                await second.page()
    assert told.value.retry_at == HOUR_LATER + timedelta(minutes=1)


async def test_a_rule_that_x_does_not_take_is_said(rig: Rig):
    async with following(rig, query="INVALID:") as follower:
        with pytest.raises(Refused, match="does not take a rule"):
            await follower.page()


async def test_without_words_or_account_nothing_is_opened(rig: Rig):
    for how, error in (({"terms": ()}, RateLimited), ({"account": False}, SignInFailed)):
        async with following(rig, **how) as follower:
            with pytest.raises(error):
                await follower.page()
    assert rig.server.opened == 0


async def test_money_closes_the_stream_and_keeps_it_closed(rig: Rig):
    async with following(rig, daily_budget_usd=0.02) as follower:
        await follower.caught_up()
        rig.server.say("norda one", at=HOUR_LATER)
        assert await follower.heard() == ["norda one"]
        rig.server.say("norda two", "ben", at=HOUR_LATER)
        assert await follower.heard() == ["norda two"]
        with pytest.raises(RateLimited, match="daily budget"):
            await follower.page()
    assert follower.cursor is not None
    assert follower.cursor["meter"]["micros"] == round(rig.server.usd() * 1e6) == 30_000
    opened = rig.server.opened
    async with following(rig, follower.cursor, daily_budget_usd=0.02) as closed:
        with pytest.raises(RateLimited) as told:
            await closed.page()
    assert (told.value.retry_at, rig.server.opened) == (NOON + timedelta(hours=12), opened)
    rig.server.unpaid = "credits"
    async with following(rig) as unpaid:
        with pytest.raises(Refused, match="credits"):
            await unpaid.page()


async def test_leaving_early_closes_the_connection(rig: Rig):
    async with following(rig) as follower:
        await follower.caught_up()
        assert len(rig.server.connections) == 1
    for _ in range(50):
        rig.server.heartbeat()
        await asyncio.sleep(0.01)
    assert rig.server.connections == []
