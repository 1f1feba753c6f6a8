"""What is particular to hearing the sandbox network; the conformance suite asks the rest."""

from __future__ import annotations

from aiohttp import web

from channels.manifest import Listening
from channels.sandbox.source import SandboxSettings, SandboxSource
from domain.clock import SetClock
from tests.channels.doors import test_door as open_door
from tests.channels.network import NOON, Network, serving


async def test_an_unreadable_post_is_called_the_same_wherever_it_stands_on_a_page():
    bad = {"id": "7", "seq": 7, "author": ""}

    async def changes(request: web.Request) -> web.Response:
        return web.json_response({"posts": [bad, bad], "more": False})

    async with serving(Network(), [web.get("/api/posts", changes)]) as network, open_door(SetClock(NOON)) as door:
        settings = SandboxSettings(base_url=network.base)
        page = await SandboxSource(Listening(settings, None, (), (), door)).fetch(None)
    first, second = page.unreadable
    assert first == second
