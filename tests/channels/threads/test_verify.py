"""Posts are looked at again; a missing one is gone only while posts of strangers can be read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from channels.manifest import Listening
from channels.threads.source import ThreadsSettings
from channels.threads.verify import verify
from domain.errors import Gone, Refused, SignInFailed, Unreachable
from domain.ports import Held
from tests.channels.network import Fault
from tests.channels.threads.conftest import Rig
from tests.emulators.threads import FIRST_ID, OWN_NAME


def listening(rig: Rig, kind: Any = "mentions") -> Listening:
    return Listening(ThreadsSettings(kind=kind), rig.account, ("norda",), (OWN_NAME,), rig.door, rig.clock)


async def stored(rig: Rig) -> list[Held]:
    page = await rig.fetch(kind="mentions")
    native = [json.loads(json.dumps(m.native)) for m in page.mentions]
    held = [Held(m.external_id, m.thread_id, m.url, m.addressed, n) for m, n in zip(page.mentions, native, strict=True)]
    return held[::-1]


async def test_a_missing_post_is_gone_while_strangers_can_be_read(rig: Rig):
    gone = rig.server.post(2, "norda, the other seat", "ben")
    posts = await stored(rig)
    rig.server.posts.remove(gone)
    rig.server.posts[0]["text"] = "norda, the seat is dry"
    first, second = (await verify(listening(rig), posts)).values()
    assert first is not None
    assert (first.text, first.addressed, second) == ("norda, the seat is dry", True, None)


@pytest.mark.parametrize("change", [{"approved": False}, {"shows_by_id": False}, {"posts": []}])
async def test_where_strangers_cannot_be_read_nothing_is_gone_and_that_is_said(rig: Rig, change: dict[str, Any]):
    posts = await stored(rig)
    for name, value in change.items():
        setattr(rig.server, name, value)
    with pytest.raises(Refused, match="cannot be told what was removed"):
        await verify(listening(rig), posts)


async def test_while_nothing_is_missing_nothing_is_searched_for(rig: Rig):
    posts = await stored(rig)
    asked = len(rig.server.asked)
    assert set(await verify(listening(rig), posts)) == {str(FIRST_ID + 1)}
    assert [kind for kind, _ in rig.server.asked[asked:]] == ["one"]


@pytest.mark.parametrize(
    ("status", "error", "raised"),
    [
        (400, {"code": 190}, SignInFailed),
        (500, {"code": 100, "error_subcode": 33}, Unreachable),
        (400, {"code": 100, "error_subcode": 33, "is_transient": True}, Unreachable),
        (400, {"code": 10}, Refused),
        (404, {}, Gone),
    ],
)
async def test_a_dead_token_or_a_fault_of_theirs_makes_nothing_gone(
    rig: Rig, status: int, error: dict[str, Any], raised: type[Exception]
):
    posts = await stored(rig)
    rig.network.fault = Fault(status=status, body=json.dumps({"error": error}).encode(), path=f"/v1.0/{FIRST_ID + 1}")
    with pytest.raises(raised):
        await verify(listening(rig), posts)
