"""Hacker News over HTTP while its search index is stuck, and pages as they were seen."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from channels.hackernews.convert import from_hit
from channels.hackernews.source import HackerNewsSettings, HackerNewsSource
from channels.manifest import Listening
from domain.clock import SetClock
from domain.errors import Undecodable
from domain.ports import Page
from tests.channels.doors import test_door as open_door
from tests.channels.network import NOON, Network, serving

PAGES = Path(__file__).resolve().parents[1] / "pages" / "hackernews"
SECONDS = int(NOON.timestamp())


def test_a_page_of_hits():
    hits = json.loads((PAGES / "search.json").read_text())["hits"]
    comment, story = from_hit(hits[0]), from_hit(hits[1])
    assert comment.text == 'Norda\'s timetable API is "public".\n\nDocs: https://norda.example/api\n\nNice <3'
    assert (comment.thread_id, comment.parent_id, comment.title) == ("46000100", "46000101", "")
    assert comment.posted_at == datetime(2026, 11, 20, 11, 2, tzinfo=UTC)
    assert (story.title, story.text, story.parent_id) == ("Show HN: Norda delays as a map", "", None)
    assert story.url == "https://news.ycombinator.com/item?id=46000100"
    with pytest.raises(Undecodable):
        from_hit(hits[2])


def _items() -> dict[int, Any]:
    def item(number: int, **facts: Any) -> dict[str, Any]:
        return {"id": number, "by": "ada_fictova", "time": SECONDS + number, "type": "comment", **facts}

    return {
        100: item(100, title="Regional trains"),
        101: item(101, parent=100, text="of no interest"),
        102: item(102, parent=101, text="I like Norda&#x27;s new units"),
        103: {"id": 103, "deleted": True, "time": SECONDS},
        104: None,
        105: item(105, parent=102, text="norda again", dead=True),
    }


def _routes(items: dict[int, Any]) -> list[web.RouteDef]:
    async def search(request: web.Request) -> web.Response:
        stuck = {"objectID": "100", "author": "x", "created_at_i": SECONDS, "title": "Regional trains"}
        hits = [] if "query" in request.query else [stuck]
        return web.json_response({"hits": hits, "nbPages": 1, "nbHits": len(hits)})

    async def one(request: web.Request) -> web.Response:
        return web.json_response(items.get(int(request.match_info["id"])))

    async def top(request: web.Request) -> web.Response:
        return web.json_response(max(items))

    async def updates(request: web.Request) -> web.Response:
        return web.json_response({"items": []})

    return [
        web.get("/api/v1/search_by_date", search), web.get("/v0/item/{id}.json", one),
        web.get("/v0/maxitem.json", top), web.get("/v0/updates.json", updates),
    ]  # fmt: skip


async def test_while_the_index_is_stuck_items_are_walked_and_null_ones_tried_again():
    items, network, clock = _items(), Network(), SetClock(NOON + timedelta(hours=2))
    async with serving(network, _routes(items)), open_door(clock) as door:
        settings = HackerNewsSettings(search_url=f"{network.base}/api/v1", items_url=f"{network.base}/v0")
        listening = Listening(settings, None, ("norda",), (), door, clock)

        async def poll(cursor: Any) -> list[Page]:
            pages = [await HackerNewsSource(listening).fetch(cursor)]
            while pages[-1].more:
                pages.append(await HackerNewsSource(listening).fetch(json.loads(json.dumps(pages[-1].cursor))))
            return pages

        pages = await poll(None)
        heard = {m.external_id: m for page in pages for m in page.mentions}
        assert set(heard) == {"102"}
        assert heard["102"].thread_id == "100"
        assert sorted(i for page in pages for i in page.withdrawn) == ["103", "105"]
        assert any("lags" in (page.gap or "") for page in pages)
        items[104] = {"id": 104, "by": "mara_testfield", "time": SECONDS + 104, "parent": 100, "text": "norda, late"}
        again = await poll(pages[-1].cursor)
        assert [m.external_id for page in again for m in page.mentions] == ["104"]
        assert not any(page.gap for page in again)
