"""Every call of ours and every answer of the emulated server, held against an OpenAPI file of Mastodon's API."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from channels.manifest import Listening
from channels.mastodon.client import try_account
from channels.mastodon.source import MastodonSettings
from channels.mastodon.verify import verify
from domain.clock import SetClock
from tests.channels.doors import test_door
from tests.channels.network import Network, serving
from tests.channels.test_mastodon import HOUR_LATER, Rig, approve, held
from tests.emulators.mastodon import MastodonServer
from tests.emulators.openapi import OpenApi


class Watched(MastodonServer):
    """Writes down each exchange: method, path, query, body, answer."""

    def __init__(self) -> None:
        super().__init__()
        self.exchanges: list[tuple[str, str, str, Any, web.Response]] = []

    def routes(self) -> list[web.RouteDef]:
        return [web.RouteDef(each.method, each.path, self._noted(each.handler), {}) for each in super().routes()]

    def _noted(self, handler: Any) -> Any:
        async def note(request: web.Request) -> web.Response:
            body = await request.json() if request.can_read_body else None
            answer: web.Response = await handler(request)
            self.exchanges.append((request.method, request.path, request.query_string, body, answer))
            return answer

        return note


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    server, network = Watched(), Network()
    async with serving(network, server.routes()), test_door(SetClock(HOUR_LATER)) as door:
        yield Rig(server, network, door)


@pytest.fixture
def spec(shared: Path) -> OpenApi:
    return OpenApi(shared / "specs" / "mastodon" / "openapi-4.7.0.json")


def problems_of(rig: Rig, spec: OpenApi) -> list[str]:
    """What is wrong, each thing once."""
    problems: list[str] = []
    assert isinstance(rig.server, Watched)
    for method, path, query, body, answer in rig.server.exchanges:
        problems += spec.request(method, path, query, body)
        told = json.loads(answer.body)  # type: ignore[arg-type]
        problems += spec.answer(method, path, answer.status, answer.content_type, told)
    return list(dict.fromkeys(problems))


async def test_every_call_and_answer_fits_the_file(rig: Rig, spec: OpenApi):
    root = rig.server.post("where is norda", number=1)
    status = rig.server.post("norda is late", number=2, in_reply_to_id=root["id"])
    rig.server.notify(status)
    for kind, count in (("hashtag", 2), ("search", 2), ("mentions", 1)):
        heard, _ = await rig.heard(kind=kind, tag="norda")
        assert len(heard) == count, kind
    mention = heard[0]
    listening = Listening(MastodonSettings(base_url=rig.network.base), rig.account, (), (), rig.door)
    assert list(await verify(listening, [held(mention)])) == [mention.external_id]
    await try_account(rig.account, rig.door)
    reply = approve(rig, mention)
    await rig.publisher().publish(reply)
    assert await rig.publisher().find_published(reply)
    assert problems_of(rig, spec) == []
    asked = {(method, path) for method, path, *_ in rig.server.exchanges}  # type: ignore[attr-defined]
    assert asked == {
        ("GET", "/api/v1/timelines/tag/norda"), ("GET", "/api/v2/search"), ("GET", "/api/v1/notifications"),
        ("GET", f"/api/v1/statuses/{status['id']}"), ("GET", f"/api/v1/statuses/{status['id']}/context"),
        ("GET", "/api/v1/accounts/verify_credentials"), ("POST", "/api/v1/statuses"),
        ("GET", f"/api/v1/accounts/{rig.server.own_id}/statuses"),
    }  # fmt: skip


async def test_a_server_that_leaves_the_file_is_noticed(rig: Rig, spec: OpenApi):
    del rig.server.post("norda", number=1)["content"]
    rig.server.post("norda", number=2, favourites_count="two")
    await rig.source(tag="norda").fetch(None)
    assert [problem.rpartition(": ")[2] for problem in problems_of(rig, spec)] == [
        "str in place of integer", "content is missing",
    ]  # fmt: skip
    (unknown,) = spec.request("GET", "/api/v1/timelines/tag/norda", "after=1")
    assert unknown.endswith("no parameter after")
