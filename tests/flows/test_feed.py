"""A feed that we did not write: comments under a page by isso. Heard, quiet polls cost a 304, answered by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.flows.house import Running, running_house, settings_for
from tests.flows.proxy import Line, watched
from tests.peers.servers import Isso, isso_server, listening_addresses

PAGE = "/reviews/norda.html"
QUIET = 5


@pytest.fixture(scope="module")
def server(isso: str) -> Iterator[Isso]:
    with isso_server(isso) as running:
        yield running


@pytest.fixture
async def line(server: Isso) -> AsyncIterator[Line]:
    async with watched(server.port) as line:
        yield line


@pytest.fixture
async def flow(line: Line, tmp_path: Path) -> AsyncIterator[Running]:
    async with running_house(settings_for(tmp_path / "data", reach=(f"127.0.0.1:{line.port}",))) as running:
        yield running


async def say(server: Isso, author: str, words: str, parent: int | None = None) -> int:
    return await asyncio.to_thread(server.comment, PAGE, author, words, parent)


async def test_a_comment_is_answered_by_hand_and_quiet_polls_are_304(flow: Running, server: Isso, line: Line):
    brand = await flow.brand("Norda", handles=["norda"], languages=["en"])
    first = await say(server, "Mara K.", "Norda lost my suitcase <b>again</b> & nobody answers. Where is it?")
    await say(server, "Tom", "Nice weather for a walk today.")
    await flow.me.add_source(brand, "rss", "Reviews", url=f"http://127.0.0.1:{line.port}/feed?uri={PAGE}")
    heard = await flow.hear("Reviews")
    assert heard is not None
    assert (heard.seen, heard.stored.new) == (2, 1)
    assert (line.statuses, line.asked) == ([200], [""])

    for _ in range(QUIET):
        again = await flow.hear("Reviews")
        assert again is not None
        assert (again.seen, again.stored.new) == (0, 0)
    assert line.statuses == [200] + [304] * QUIET
    assert all(line.asked[1:])

    case = await flow.drafted("lost my suitcase")
    reply = case["reply"]
    assert case["row"]["author"] == "Mara K."
    assert case["mentions"][0]["url"].endswith(f"#isso-{first}")
    assert "Posted by hand" in await flow.me.page(f"/cases/{case['id']}")

    await flow.me.do("/publishing/start")
    given = {"text": reply["text"], "version": reply["version"]}
    done = await flow.me.do(f"/replies/{reply['id']}/approve", **given)
    assert (done["status"], done["copy"]) == ("handed_over", reply["text"])
    await flow.quiet()
    assert await flow.with_reply("lost my suitcase", "handed_over")
    ours = await say(server, "Norda", done["copy"], first)
    await flow.me.do(f"/replies/{reply['id']}/mark-sent", url=f"{server.site}{PAGE}#isso-{ours}")
    case = await flow.with_reply("lost my suitcase", "sent")
    assert case["status"] == "waiting"
    assert f"#isso-{ours}" in await flow.me.page(f"/cases/{case['id']}")

    await say(server, "Ivo", "The Norda app does not open since the update, please help!")
    heard = await flow.hear("Reviews")
    assert heard is not None
    assert (heard.seen, heard.stored.new) == (4, 1)  # our own answer is no mention
    assert line.statuses[-1] == 200
    assert (await flow.drafted("does not open"))["row"]["author"] == "Ivo"


def test_it_listens_on_this_machine_only(server: Isso):
    assert listening_addresses(server.process.pid) == {"0100007F"}
