"""Real channels on local servers, through the whole listener: feeds, Hacker News, the sandbox, a replayed file."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.clock import SetClock
from storage import tables
from tests.channels import network as net
from tests.channels.network import Fault, Network, Post, serving
from tests.channels.subjects import hackernews, rss
from tests.listener.rig import BAD, NOON, House


@pytest.fixture
async def feed(house: House, tmp_path: Path) -> AsyncIterator[tuple[Network, int]]:
    network = Network()
    async with serving(network, rss.SUBJECT.routes(network, tmp_path)):
        yield network, await house.source("forum", "rss", **rss.SUBJECT.settings(network, tmp_path))


async def test_a_feed_is_heard_once_edited_once_and_quiet_polls_are_304(
    house: House, feed: tuple[Network, int]
) -> None:
    network, source = feed
    network.posts = [Post(1, BAD, NOON), Post(2, "the weather is fine", NOON), Post(3, "norda, thank you", NOON)]
    heard = await house.listener.poll(source)
    assert heard is not None
    assert (heard.seen, heard.stored.new) == (3, 2)
    again = await house.listener.poll(source)
    assert again is not None
    assert (again.seen, again.stored.new) == (0, 0)
    network.posts[0] = replace(network.posts[0], text=BAD + " and my bag is gone")
    await house.listener.poll(source)
    assert {(m.text, m.version) for m in await house.rows(tables.MentionRow)} == {
        (BAD + " and my bag is gone", 2), ("norda, thank you", 1),
    }  # fmt: skip
    assert [r.status for r in await house.rows(tables.Reply)] == ["stale", "requested"]


async def test_a_broken_entry_is_set_aside_once_while_the_feed_grows_above_it(
    house: House, feed: tuple[Network, int]
) -> None:
    network, source = feed
    network.posts = [Post(1, BAD, NOON), Post(2, BAD, NOON, broken=True), Post(3, BAD, NOON, broken=True)]
    for number in range(4, 7):
        await house.listener.poll(source)
        network.posts.append(Post(number, f"{BAD} {number}", NOON))
    assert len(await house.rows(tables.Quarantine)) == 2


async def test_new_topics_do_not_lose_the_place_of_a_feed(house: House, feed: tuple[Network, int]) -> None:
    network, source = feed
    network.posts = [Post(1, BAD, NOON)]
    await house.listener.poll(source)
    etag = (await house.get(source)).cursor["etag"]  # type: ignore[index]
    await house.topic("weather")
    await house.listener.poll(source)
    row = await house.get(source)
    assert (row.cursor["etag"], row.seen) == (etag, 1)  # type: ignore[index]


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (Fault(401), "stopped", "no longer accepts our sign-in (HTTP 401)"),
        (Fault(403), "stopped", "403"),
        (Fault(410), "stopped", "no longer there (HTTP 410)"),
        (Fault(503, headers={"Retry-After": "600"}), "listening", ""),
        (Fault(429, headers={"Retry-After": "600"}), "listening", ""),
        (Fault(500), "failing", "500"),
        (Fault(reset=True), "failing", ""),
        (Fault(body=b"<html><body>maintenance</body></html>", content_type="text/html"), "failing", "feed"),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Fault) else None,
)
async def test_each_fault_of_a_server_has_its_outcome_and_the_others_go_on(
    house: House, feed: tuple[Network, int], fault: Fault, status: str, words: str
) -> None:
    network, source = feed
    other = await house.source("other")
    network.fault = fault
    await house.due()
    row = await house.get(source)
    assert row.next_poll_at is not None
    assert row.claimed_until is None
    if fault.headers:
        assert row.status in (status, "failing")
        assert row.next_poll_at >= house.clock.now() + timedelta(seconds=300)
    else:
        assert (row.status, words.casefold() in row.error.casefold()) == (status, True), row.error
    assert (await house.get(other)).last_ok_at == house.clock.now()


async def test_hacker_news_is_heard_page_by_page_and_removals_are_kept(house: House, tmp_path: Path) -> None:
    network, subject = Network(), hackernews.SUBJECT
    assert isinstance(house.clock, SetClock)
    house.clock.move((net.NOON + timedelta(minutes=90) - house.clock.now()).total_seconds())
    network.posts = [Post(n, f"norda is late, number {n}", net.NOON + timedelta(minutes=n)) for n in range(8)]
    async with serving(network, subject.routes(network, tmp_path)):
        source = await house.source("hn", "hackernews", **subject.settings(network, tmp_path))
        await house.listener.poll(source)
        assert len(await house.texts()) == 8
        (case,) = await house.rows(tables.Case)
        ids = {m.text: m.id for m in await house.rows(tables.MentionRow)}
        (reply,) = [r for r in await house.rows(tables.Reply) if r.status == "requested"]
        newest = ids["norda is late, number 7"]
        assert (case.mentions, case.last_mention_id, reply.mention_id) == (8, newest, newest)
        network.posts[7] = replace(network.posts[7], withdrawn=True)
        await house.due()
        assert "norda is late, number 7" not in await house.texts()


async def test_broken_lines_of_a_replay_are_counted_and_the_rest_goes_on(house: House, tmp_path: Path) -> None:
    good = [json.dumps({"id": str(n), "text": f"norda {n}", "created_at": "2026-11-20T10:00:00Z"}) for n in range(4)]
    lines = [good[0], "{broken", good[1], "[]", good[2], '{"id": "x"}', "\x00\x01", good[3]]
    (tmp_path / "posts.jsonl").write_text("\n".join(lines) + "\n")
    source = await house.source("file", "replay", path=str(tmp_path / "posts.jsonl"))
    heard = await house.listener.poll(source)
    assert heard is not None
    assert (heard.stored.new, heard.stored.quarantined, heard.seen) == (4, 4, 8)
    assert [q.place for q in await house.rows(tables.Quarantine)] == ["line 2", "line 4", "line 6", "line 7"]
    assert (await house.get(source)).status == "listening"
