"""Google's own client, unmodified, as a witness that the emulator speaks the API; and the API's own description.

`python3 tests/peers/install.py google` fetches it into an environment of its own, outside ours.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from channels.youtube.verify import verify
from domain.ports import Held
from tests.channels.youtube.conftest import Rig
from tests.channels.youtube.discovery import Discovery
from tests.channels.youtube.test_verify import held, listening
from tests.conftest import require
from tests.emulators.youtube import SECRETS
from tests.peers.install import client_python, has_clients

SCRIPT = Path(__file__).with_name("official_client.py")
_WHERE = (
    "import googleapiclient, pathlib;"
    "print(pathlib.Path(googleapiclient.__file__).parent / 'discovery_cache' / 'documents' / 'youtube.v3.json')"
)
pytestmark = pytest.mark.peer


@pytest.fixture
def google() -> str:
    """The Python that has Google's client."""
    require("google", has_clients("google"), "Google's client is not installed: tests/peers/install.py google")
    return str(client_python("google"))


@pytest.fixture
def discovery(google: str) -> Discovery:
    """What Google says its API is."""
    where = subprocess.run([google, "-c", _WHERE], check=True, capture_output=True, text=True).stdout.strip()
    return Discovery(json.loads(Path(where).read_text(encoding="utf-8")))


async def _witness(google: str, base: str) -> dict[str, Any]:
    arguments = [SECRETS[f"secret_{name}"] for name in ("api_key", "client_id", "client_secret", "refresh_token")]
    process = await asyncio.create_subprocess_exec(
        google, str(SCRIPT), base, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={"OAUTHLIB_INSECURE_TRANSPORT": "1", "PATH": os.environ.get("PATH", "")},
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()
    found: dict[str, Any] = json.loads(out)
    return found


async def test_googles_client_reads_and_writes_through_the_emulator(rig: Rig, google: str, discovery: Discovery):
    rig.server.video("norda-video", "Norda review")
    for number in range(5):
        rig.server.comment(f"norda {number}")
    seen = await _witness(google, rig.network.base)
    assert seen["threads"] == [f"norda {number}" for number in reversed(range(5))]
    assert rig.server.own_texts() == ["Thank you"]
    assert (seen["replies"], seen["held"]) == (["Thank you"], 0)
    assert (seen["channel"], seen["videos"]) == ("@norda", ["norda-video"])
    assert [fault for call in rig.server.exchanges for fault in discovery.faults(*call)] == []


async def test_all_calls_of_our_own_fit_googles_description(rig: Rig, discovery: Discovery):
    rig.server.page_size = 10
    rig.server.video("norda-video", "Norda review")
    tops = [rig.server.comment(f"norda {number}") for number in range(25)]
    for _ in range(8):
        rig.server.comment("yes", under=tops[3]["id"])
    rig.server.comment("norda, held", status="heldForReview")
    heard, cursor = await rig.heard()
    rig.server.remove(tops[5])
    rig.clock.move(300)
    await rig.heard(cursor)
    await rig.heard(kind="videos")
    videos = Held("norda-video", "norda-video", "", False, {"kind": "video"})
    assert set(await verify(listening(rig), [videos, *map(held, heard.values())])) >= {tops[5]["id"]}
    reply = rig.approve(heard[tops[1]["id"]])
    await rig.publisher().publish(reply)
    assert await rig.publisher().find_published(reply) is not None
    called = {(resource, method) for resource, method, *_ in rig.server.exchanges}
    assert called == {("commentThreads", "list"), ("comments", "list"), ("comments", "insert"), ("search", "list"),
                      ("videos", "list")}  # fmt: skip
    assert [fault for call in rig.server.exchanges for fault in discovery.faults(*call)] == []


def test_the_checker_itself_finds_faults(discovery: Discovery):
    fine: list[tuple[str, str]] = [("part", "snippet"), ("videoId", "x")]
    answer = {"kind": "youtube#commentThreadListResponse", "items": []}
    assert discovery.faults("commentThreads", "list", fine, None, 200, answer) == []
    for query, body in (
        (fine[1:], answer),
        ([*fine, ("sort", "new")], answer),
        ([*fine, ("order", "newest")], answer),
        ([*fine, ("maxResults", "101")], answer),
        (fine, answer | {"items": [{"id": 7}]}),
        (fine, answer | {"comments": []}),
    ):
        assert len(discovery.faults("commentThreads", "list", query, None, 200, body)) == 1
