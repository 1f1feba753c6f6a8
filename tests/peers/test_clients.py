"""The emulated Mastodon, Bluesky and Reddit are used by clients that others wrote: lists, an answer, its read-back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.channels.network import Network, serving
from tests.conftest import require
from tests.emulators.bluesky import OWN_DID, PASSWORD, POST, BlueskyServer
from tests.emulators.mastodon import FIRST_ID, MastodonServer
from tests.emulators.reddit import RedditServer, comment_name, thread_name
from tests.peers.install import client_python, has_clients
from tests.peers.witness import told_by

pytestmark = pytest.mark.peer
TEXT = "Hello Mara, the depot has mended the heating."


@pytest.fixture
def python() -> Path:
    require("social", has_clients("social"), "the clients are not installed: tests/peers/install.py social")
    return client_python("social")


async def test_mastodon_py_reads_and_answers_here(python: Path):
    server, network = MastodonServer(), Network()
    statuses = [server.post(f"norda {number}", number=number) for number in range(1, 91)]
    server.notify(statuses[4])
    async with serving(network, server.routes()):
        server.base = network.base
        seen = await told_by(python, "mastodon_client.py", network.base, server.token, statuses[4]["id"], TEXT)
    newest_first = [str(FIRST_ID + number) for number in range(90, 0, -1)]
    assert seen["tag"] == newest_first
    assert seen["mentions"] == [statuses[4]["id"]]
    assert seen["own"] == [seen["sent"][0]]
    assert seen["sent"][0] == seen["sent"][1]  # one key, one post
    assert TEXT in seen["one"]
    assert server.posts[seen["own"][0]]["in_reply_to_id"] == statuses[4]["id"]


async def test_the_atproto_client_reads_and_answers_here(python: Path):
    server, network = BlueskyServer(), Network()
    views = [server.view(number, f"norda {number}") for number in range(1, 151)]
    server.notify(views[4])
    place = {name: views[4][name] for name in ("uri", "cid")}
    record = server.record(TEXT, reply={"root": place, "parent": place})
    async with serving(network, server.routes()):
        server.base = network.base
        seen = await told_by(
            python, "bluesky_client.py", network.base, "norda.example", PASSWORD, "3lposted", json.dumps(record)
        )
    newest_first = [view["uri"] for view in reversed(views)]
    assert seen["did"] == OWN_DID
    assert seen["search"] == newest_first
    assert seen["mentions"] == [views[4]["uri"]]
    assert sorted(seen["posts"]) == sorted(newest_first[:3])
    assert seen["sent"] == [f"at://{OWN_DID}/{POST}/3lposted"] * 2
    assert seen["one"] == TEXT
    assert list(server.records) == ["3lposted"]


async def test_praw_reads_and_answers_here(python: Path):
    server, network = RedditServer(), Network()
    comments = [server.say(f"norda {number}", number=number) for number in range(1, 151)]
    for number in range(1, 31):
        server.submit(f"norda {number}", number=number)
    server.notify(comments[4], "mentions")
    async with serving(network, server.routes()):
        client, secret = server.client
        seen = await told_by(
            python, "reddit_client.py", network.base, client, secret, server.refresh_token, comments[4]["name"], TEXT
        )
    assert {comment_name(number) for number in range(1, 151)} | {seen["sent"]} == set(seen["comments"])
    assert {thread_name(number) for number in range(1, 31)} <= set(seen["posts"])
    assert seen["mentions"] == [comments[4]["name"]]
    assert seen["own"] == [seen["sent"]]
