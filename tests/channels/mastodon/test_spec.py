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
from tests.channels.test_mastodon import HOUR_LATER, Rig, approve, held, mention_of
from tests.emulators.mastodon import MastodonServer
from tests.emulators.mastodon_spec import Spec

SERVED_IN_PART = ("/api/v1/instance",)


class Watched(MastodonServer):
    """Writes down each exchange."""

    def __init__(self) -> None:
        super().__init__()
        self.exchanges: list[tuple[str, str, list[tuple[str, str]], Any, int, Any]] = []

    def routes(self) -> list[web.RouteDef]:
        return [web.RouteDef(each.method, each.path, self._noted(each.handler), {}) for each in super().routes()]

    def _noted(self, handler: Any) -> Any:
        async def note(request: web.Request) -> web.Response:
            body = await request.json() if request.can_read_body else None
            answer = await handler(request)
            told = json.loads(answer.body)
            self.exchanges.append(
                (request.method, request.path, list(request.query.items()), body, answer.status, told)
            )
            return answer  # type: ignore[no-any-return]

        return note


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    server, network = Watched(), Network()
    async with serving(network, server.routes()), test_door(SetClock(HOUR_LATER)) as door:
        yield Rig(server, network, door)


@pytest.fixture
def spec(shared: Path) -> Spec:
    return Spec(shared / "specs" / "mastodon" / "openapi-4.7.0.json", SERVED_IN_PART)


def problems_of(rig: Rig, spec: Spec) -> tuple[list[str], set[str]]:
    """What is wrong, and which paths were checked. What the file does not describe is wrong too."""
    problems: list[str] = []
    checked: set[str] = set()
    assert isinstance(rig.server, Watched)
    for method, path, params, body, status, answer in rig.server.exchanges:
        if status == 200:
            found = spec.call(method, path, params, body, answer)
            problems += [f"{path} is not described"] if found is None else found
            checked.add(path)
    return problems, checked


async def test_every_call_and_answer_fits_the_file(rig: Rig, spec: Spec):
    status = rig.server.post("norda is late", number=1)
    rig.server.notify(status)
    for kind in ("hashtag", "search", "mentions"):
        heard, _ = await rig.heard(kind=kind, tag="norda")
        assert len(heard) == 1, kind
    mention = mention_of(rig, status)
    listening = Listening(MastodonSettings(base_url=rig.network.base), rig.account, (), (), rig.door)
    assert await verify(listening, [held(mention)]) == {mention.external_id: mention}
    await try_account(rig.account, rig.door)
    reply = approve(rig, mention)
    await rig.publisher().publish(reply)
    assert await rig.publisher().find_published(reply)
    problems, checked = problems_of(rig, spec)
    assert sorted(set(problems)) == []
    assert len(checked) >= 6


async def test_a_server_that_leaves_the_file_is_noticed(rig: Rig, spec: Spec):
    del rig.server.post("norda", number=1)["content"]
    rig.server.post("norda", number=2, favourites_count="two")
    await rig.source(tag="norda").fetch(None)
    problems, _ = problems_of(rig, spec)
    assert [problem.rpartition(": ")[2] for problem in problems] == ["str in place of integer", "content is missing"]
    unknown = spec.call("GET", "/api/v1/timelines/tag/norda", [("after", "1")], None, [])
    assert unknown == ["/api/v1/timelines/tag/{hashtag}: no parameter after"]
    assert spec.call("GET", "/api/v1/nowhere", [], None, {}) is None
