"""A forum that others wrote (django-machina): its feed of topics is heard, quiet polls cost a 304."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import require
from tests.flows.house import running_house, settings_for
from tests.flows.proxy import watched
from tests.peers.install import client_python, has_clients
from tests.peers.servers import Machina, listening_addresses, machina_forum

pytestmark = pytest.mark.peer
FEED = "/forum/feeds/topics/"
QUIET = 3


@pytest.fixture(scope="module")
def forum() -> Iterator[Machina]:
    require("machina", has_clients("machina"), "django-machina is not installed: tests/peers/install.py machina")
    with machina_forum(client_python("machina")) as running:
        print(f"\ndjango-machina was up in {running.started_in_s:.1f} s")
        yield running


async def test_a_topic_is_heard_once_with_its_address(forum: Machina, tmp_path: Path):
    said = "It never arrived & nobody answers <script>alert(1)</script>. Where is it?"
    address = await asyncio.to_thread(forum.topic, "Norda lost my bag", said)
    await asyncio.to_thread(forum.topic, "Nice weather", "A walk by the river.")
    async with (
        watched(forum.port) as line,
        running_house(settings_for(tmp_path / "data", reach=(f"127.0.0.1:{line.port}",))) as house,
    ):
        brand = await house.brand("Norda", languages=["en"])
        await house.me.add_source(brand, "rss", "Forum", url=f"http://127.0.0.1:{line.port}{FEED}")
        heard = await house.hear("Forum")
        assert heard is not None
        assert (heard.seen, heard.stored.new) == (2, 1)
        for _ in range(QUIET):
            again = await house.hear("Forum")
            assert again is not None
            assert (again.seen, again.stored.new) == (0, 0)
        assert line.statuses == [200] + [304] * QUIET
        case = await house.drafted("never arrived")
        (mention,) = case["mentions"]
        assert mention["url"].partition("/forum/")[2] == address.partition("/forum/")[2]
        assert "<" not in mention["text"]

        await asyncio.to_thread(forum.edit, "Norda lost my bag", "Norda found it & says nothing about why.")
        heard = await house.hear("Forum")
        assert heard is not None
        assert (heard.seen, heard.stored.new, line.statuses[-1]) == (2, 0, 200)
        case = await house.drafted("found it")
        assert len(case["mentions"]) == 1

        await asyncio.to_thread(forum.topic, "Norda app", "The Norda app does not open since the update.")
        heard = await house.hear("Forum")
        assert heard is not None
        assert heard.stored.new == 1
        assert line.statuses[-1] == 200


def test_it_listens_on_this_machine_only(forum: Machina):
    assert listening_addresses(forum.process.pid) == {"0100007F"}
