"""Hacker News in the suite: its search index and its item API on one local server."""

from __future__ import annotations

import math
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.hackernews import MANIFEST
from channels.manifest import Situation
from domain.clock import Clock, SetClock
from tests.channels.network import NOON, Network, Post
from tests.channels.proofs import DAY_S, Hearing
from tests.channels.subject import Subject

FIRST = 46_000_000
REACHABLE = 1000
"""Hits that one query gives, however many there are."""


def hit(post: Post) -> dict[str, Any]:
    """A comment as the search index gives it."""
    raw: dict[str, Any] = {
        "objectID": str(FIRST + post.id),
        "author": post.author,
        "comment_text": escape(post.text),
        "story_id": FIRST,
        "parent_id": FIRST,
        "story_title": "Regional trains",
        "_tags": ["comment", f"author_{post.author}", f"story_{FIRST}"],
    }
    if post.dated and post.naive:
        raw["created_at"] = post.posted_at.strftime("%Y-%m-%dT%H:%M:%S")
    elif post.dated:
        raw["created_at"] = post.posted_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        raw["created_at_i"] = int(post.posted_at.timestamp())
    return {name: value for name, value in raw.items() if not (post.broken and name == "author")}


def item(post: Post) -> dict[str, Any]:
    """The same as /v0/item gives it."""
    item_id = FIRST + post.id
    if post.withdrawn:
        return {"id": item_id, "deleted": True, "type": "comment", "time": int(post.posted_at.timestamp())}
    return {
        "id": item_id, "by": post.author, "text": escape(post.text), "parent": FIRST, "type": "comment",
        "time": int(post.posted_at.timestamp()),
    }  # fmt: skip


class HackerNewsSubject(Subject):
    """The index is fresh (its newest item, about something else, is of this hour) unless state["stuck"] is set."""

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        return {"search_url": f"{network.base}/api/v1", "items_url": f"{network.base}/v0", "page_size": 3}

    def native_id(self, post_id: int) -> str:
        return str(FIRST + post_id)

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        async def search(request: web.Request) -> web.Response:
            if "query" not in request.query:
                clock = network.state.get("clock") or SetClock(NOON + timedelta(hours=1))
                other = Post(90_000, "something else", clock.now())
                return web.json_response({"hits": [hit(other)], "nbPages": 1, "nbHits": 1})
            return web.json_response(_hits(network, request))

        async def updates(request: web.Request) -> web.Response:
            gone = [FIRST + post.id for post in network.posts if post.withdrawn]
            return web.json_response({"items": gone, "profiles": []})

        async def one(request: web.Request) -> web.Response:
            wanted = int(request.match_info["id"]) - FIRST
            return web.json_response(next((item(post) for post in network.posts if post.id == wanted), None))

        async def newest(request: web.Request) -> web.Response:
            return web.json_response(FIRST + max((post.id for post in network.posts), default=0))

        return [
            web.get("/api/v1/search_by_date", search),
            web.get("/v0/updates.json", updates),
            web.get("/v0/item/{id}.json", one),
            web.get("/v0/maxitem.json", newest),
        ]


def _window(filters: str) -> tuple[float, float]:
    """`created_at_i>1,created_at_i<9`; either may be missing."""
    bounds = {part[12]: float(part[13:]) for part in filters.split(",") if part}
    return bounds.get(">", 0.0), bounds.get("<", math.inf)


def _hits(network: Network, request: web.Request) -> dict[str, Any]:
    words = request.query["query"].strip('"').casefold()
    size, page = int(request.query["hitsPerPage"]), int(request.query["page"])
    since, until = _window(request.query["numericFilters"])
    found = [
        post
        for post in reversed(network.posts)
        if words in post.text.casefold() and not post.withdrawn and since < post.posted_at.timestamp() < until
    ][:REACHABLE]
    shown = found[page * size : (page + 1) * size]
    return {"hits": [hit(post) for post in shown], "nbPages": -(-len(found) // size), "nbHits": len(found)}


SUBJECT = HackerNewsSubject(MANIFEST, shows_withdrawals=True, situations={"always": Situation(False, False)})


def _prepare(network: Network, clock: Clock) -> None:
    network.state["clock"] = clock


HEARING = (
    Hearing(
        name="Hacker News",
        subject=SUBJECT,
        settings={"page_size": 200},
        in_place=True,
        overlap_s=7200.0,
        sweep_s=DAY_S,
        sweep_posts=8000,
        sweep_every_s=6 * 3600.0,
        removal_posts=100,
        prepare=_prepare,
    ),
)
