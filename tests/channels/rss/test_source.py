"""A feed over HTTP: validators, moves, and what has rolled by."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from channels.manifest import Listening
from channels.rss.source import MOVED_REPEATS, READ_WHOLE_S, RssSettings, RssSource
from domain.clock import SetClock
from domain.errors import Gone, Refused
from tests.channels.doors import test_door as open_door
from tests.channels.network import NOON, Network, serving

FEED = '<rss version="2.0"><channel><title>t</title>{}</channel></rss>'
ITEM = "<item><guid>{0}</guid><title>Norda {0}</title><pubDate>Fri, 20 Nov 2026 08:00:00 GMT</pubDate></item>"


class Site:
    """A feed with validators, and addresses that lead to it."""

    def __init__(self) -> None:
        self.guids = ["a", "b"]
        self.asked: list[dict[str, str]] = []
        self.source: Any = None
        self.clock = SetClock(NOON + timedelta(hours=1))

    async def feed(self, request: web.Request) -> web.Response:
        self.asked.append({name.lower(): value for name, value in request.headers.items()})
        headers = {"ETag": 'W/"v-1"', "Last-Modified": "Fri, 20 Nov 2026 08:00:00 GMT"}
        if request.headers.get("If-None-Match") == 'W/"v-1"' and self.guids == ["a", "b"]:
            return web.Response(status=304)
        body = FEED.format("".join(ITEM.format(guid) for guid in self.guids))
        return web.Response(text=body, content_type="application/xml", headers=headers)

    async def moved(self, request: web.Request) -> web.Response:
        raise web.HTTPMovedPermanently("/feed")

    async def for_now(self, request: web.Request) -> web.Response:
        raise web.HTTPFound("/feed")

    async def round(self, request: web.Request) -> web.Response:
        raise web.HTTPFound("/round")

    async def gone(self, request: web.Request) -> web.Response:
        return web.Response(status=410, text="<html>gone</html>", content_type="text/html")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    there, network = Site(), Network()
    paths = {"/feed": there.feed, "/moved": there.moved, "/now": there.for_now, "/round": there.round}
    routes = [web.get(path, handler) for path, handler in {**paths, "/gone": there.gone}.items()]
    async with serving(network, routes), open_door(there.clock) as door:

        def source(path: str) -> RssSource:
            settings = RssSettings(url=network.base + path)
            return RssSource(Listening(settings, None, (), (), door, there.clock))

        there.source = source
        yield there


async def test_an_unchanged_feed_is_asked_with_its_validators_as_they_came(site: Site):
    first = await site.source("/feed").fetch(None)
    second = await site.source("/feed").fetch(first.cursor)
    assert site.asked[0].get("if-none-match") is None
    assert site.asked[1]["if-none-match"] == 'W/"v-1"'
    assert site.asked[1]["if-modified-since"] == "Fri, 20 Nov 2026 08:00:00 GMT"
    assert len(first.mentions) == 2
    assert second.mentions == ()
    assert second.seen == 0
    assert second.cursor == first.cursor


async def test_all_entries_are_read_once_an_hour_whatever_the_validators_say(site: Site):
    """WordPress's feed of comments keeps its validators when an older comment is let through."""
    cursor = (await site.source("/feed").fetch(None)).cursor
    for passed, seen in ((READ_WHOLE_S - 1, 0), (1, 2), (READ_WHOLE_S - 1, 0), (1, 2)):
        site.clock.move(passed)
        page = await site.source("/feed").fetch(cursor)
        assert (page.seen, page.gap) == (seen, None)
        cursor = page.cursor
    assert ["if-none-match" in asked for asked in site.asked] == [False, True, False, True, False]


async def test_a_feed_that_rolled_over_is_a_gap(site: Site):
    first = await site.source("/feed").fetch(None)
    site.guids = ["c", "d"]
    second = await site.source("/feed").fetch(first.cursor)
    assert first.gap is None
    assert second.gap is not None
    assert "rolled over" in second.gap
    site.guids = ["d", "e"]
    assert (await site.source("/feed").fetch(second.cursor)).gap is None


async def test_a_feed_that_was_empty_and_is_full_at_once_may_have_lost_something(site: Site):
    site.guids = []
    empty = await site.source("/feed").fetch(None)
    site.guids = [str(number) for number in range(9)]
    assert (await site.source("/feed").fetch(empty.cursor)).gap is None
    site.guids = [str(number) for number in range(10)]
    assert (await site.source("/feed").fetch(empty.cursor)).gap is not None
    assert (await site.source("/feed").fetch(None)).gap is None


async def test_a_feed_that_moved_for_good_is_hinted_at_after_repeats(site: Site):
    cursor = None
    for _ in range(MOVED_REPEATS):
        page = await site.source("/moved").fetch(cursor)
        cursor = page.cursor
    assert cursor is not None
    assert cursor["hint"].endswith("/feed: change its address")


async def test_a_redirect_for_now_is_followed_without_a_hint(site: Site):
    cursor = None
    for _ in range(MOVED_REPEATS):
        cursor = (await site.source("/now").fetch(cursor)).cursor
    assert cursor is not None
    assert cursor["hint"] == ""
    assert cursor["moved"] == 0


async def test_redirects_in_a_circle_and_a_feed_that_is_gone(site: Site):
    with pytest.raises(Refused, match="redirects"):
        await site.source("/round").fetch(None)
    with pytest.raises(Gone):
        await site.source("/gone").fetch(None)
