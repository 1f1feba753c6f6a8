"""The stream of all posts: what passes, where it goes on, what it says about gaps and removals."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from channels.bluesky import stream
from channels.bluesky.source import BlueskySettings
from channels.bluesky.stream import BlueskyStream
from channels.manifest import Listening
from domain.account import Account
from domain.clock import SetClock
from domain.errors import RateLimited, Unreachable
from domain.ports import Cursor, Page
from net.door import Door
from tests.channels.doors import test_door
from tests.channels.network import NOON, Network, serving
from tests.emulators.bluesky import OWN_DID, POST, BlueskyServer, did_for, event, posted

MARA, BEN = did_for("mara"), did_for("ben")
PATH = "/xrpc/network.bsky.jetstream.subscribeEvents"


class Rig:
    """The emulated network with a door to it."""

    def __init__(self, server: BlueskyServer, network: Network, door: Door) -> None:
        self.server, self.network, self.door = server, network, door

    def stream(self, *, account: bool = False, terms: tuple[str, ...] = ("norda",), **settings: Any) -> BlueskyStream:
        base = self.network.base.replace("http", "ws")
        chosen = BlueskySettings(**({"url": base + PATH, "profiles_url": self.network.base} | settings))
        own = Account(1, "bluesky", "norda.example", OWN_DID, self.network.base) if account else None
        return BlueskyStream(Listening(chosen, own, terms, (), self.door, SetClock(NOON)))

    async def pages(self, cursor: Cursor | None = None, **how: Any) -> list[Page]:
        """All pages until the server closes."""
        pages: list[Page] = []
        try:
            async for page in self.stream(**how).pages(cursor):
                pages.append(page)
        except Unreachable:
            return pages
        raise AssertionError("a stream that ended must say so")

    def say(self, *texts: str, start: int = 1, author: str = MARA) -> None:
        for number, text in enumerate(texts, start):
            self.server.frames.append(posted(number, author, self.server.record(text)))


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    server, network = BlueskyServer(), Network()
    async with serving(network, server.routes()), test_door(SetClock(NOON)) as door:
        yield Rig(server, network, door)


def texts(pages: list[Page]) -> list[str]:
    return [mention.text for page in pages for mention in page.mentions]


async def test_only_possible_mentions_are_converted_but_all_are_counted(rig: Rig):
    rig.say("NORDA is late", "nothing here", "cold  Norda\ncoach", "straße")
    pages = await rig.pages(terms=("norda", "cold norda", "STRASSE"))
    assert texts(pages) == ["NORDA is late", "cold  Norda\ncoach", "straße"]
    assert sum(page.seen for page in pages) == 4
    (connection,) = rig.server.connections
    assert connection["protocol"] == "xrpc.v1.json"
    assert ("collections", POST) in connection["query"]


async def test_native_mention_of_us_passes_without_a_word_and_our_own_posts_do_not(rig: Rig):
    named = {"index": {"byteStart": 0, "byteEnd": 5}, "features": [{"did": OWN_DID}]}
    rig.server.frames = [
        posted(1, MARA, rig.server.record("hello you", facets=[named])),
        posted(2, OWN_DID, rig.server.record("norda by us")),
    ]
    pages = await rig.pages(account=True)
    assert [(m.text, m.addressed) for page in pages for m in page.mentions] == [("hello you", True)]


async def test_authors_get_their_names_and_a_silent_directory_loses_nothing(rig: Rig):
    rig.server.view(1, "x", "mara")
    rig.say("norda one")
    (page,) = await rig.pages()
    assert (page.mentions[0].author_handle, page.mentions[0].author_followers) == ("mara.example", 7)
    (page,) = await rig.pages(profiles_url="http://127.0.0.1:9")
    assert (page.mentions[0].text, page.mentions[0].author_handle) == ("norda one", "")


async def test_it_goes_on_at_its_number_without_doubles(rig: Rig):
    rig.say("norda 1", "norda 2", "norda 3")
    pages = await rig.pages()
    cursor = json.loads(json.dumps(pages[-1].cursor))
    assert cursor["seq"] == 3
    rig.say("norda 4", start=4)
    later = await rig.pages(cursor)
    assert texts(later) == ["norda 4"]
    assert rig.server.connections[-1]["cursor"] == 3
    assert [page.gap for page in later if page.gap] == []


async def test_big_bursts_come_in_pages_of_500(rig: Rig):
    rig.say(*(f"norda {number}" for number in range(1_201)))
    pages = await rig.pages(profiles_url="")
    assert len(texts(pages)) == 1_201
    assert max(page.seen for page in pages) <= 500


async def test_edits_deletes_and_closed_accounts(rig: Rig):
    rig.server.frames = [
        posted(1, MARA, rig.server.record("norda first"), rkey="3la"),
        posted(2, MARA, rig.server.record("norda second"), rkey="3la", operation="update"),
        posted(3, MARA, {}, rkey="3la", operation="delete"),
        event(4, BEN, kind="account", account={"did": BEN, "active": False, "status": "deleted", "seq": 9, "time": ""}),
        event(5, MARA, kind="account", account={"did": MARA, "active": True, "seq": 10, "time": ""}),
        event(6, MARA, kind="identity", identity={"did": MARA, "seq": 11, "time": ""}),
    ]
    (page,) = await rig.pages()
    assert [(m.external_id, m.edited_at is not None) for m in page.mentions] == [
        (f"at://{MARA}/{POST}/3la", False), (f"at://{MARA}/{POST}/3la", True),
    ]  # fmt: skip
    assert page.withdrawn == (f"at://{MARA}/{POST}/3la", f"at://{BEN}/")
    assert page.cursor is not None
    assert page.cursor["seq"] == 6


async def test_place_that_is_no_longer_kept_is_a_told_gap_and_goes_on_at_the_oldest(rig: Rig):
    rig.say(*(f"norda {number}" for number in range(1, 60)))
    (first, *_) = await rig.pages()
    cursor = {**(first.cursor or {}), "seq": 20, "at": int(NOON.timestamp() * 1e6) + 20_000_000}
    rig.server.floor = 50
    del rig.server.frames[:49]
    pages = await rig.pages(cursor)
    assert "CursorTooOld" in str(pages[0].gap)
    assert texts(pages)[0] == "norda 50"
    assert rig.server.connections[-1]["cursor"] == cursor["at"]
    assert all(page.gap is None for page in pages[1:])


async def test_notice_of_an_outdated_time_is_a_gap(rig: Rig):
    rig.server.frames = [{"$type": "message", "payload": {"$type": "x#info", "name": "OutdatedCursor"}}]
    rig.server.frames[0]["payload"]["$type"] = "network.bsky.jetstream.subscribeEvents#info"
    rig.say("norda 1")
    (page,) = await rig.pages()
    assert "missing" in str(page.gap)
    assert texts([page]) == ["norda 1"]


async def test_another_host_is_joined_by_time_a_little_earlier(rig: Rig):
    rig.say("norda 1")
    at = int(NOON.timestamp() * 1e6)
    await rig.pages({"url": "wss://elsewhere.example/x", "seq": 999_999, "at": at})
    assert rig.server.connections[-1]["cursor"] == at - 10_000_000


async def test_broken_frames_are_quarantined_and_the_rest_goes_on(rig: Rig):
    rig.say("norda 1")
    rig.server.frames += [{"raw": '{"$type": "mess'}, {"$type": "message"}, posted(3, MARA, {"text": 5}, rkey="3lx")]
    rig.say("norda 4", start=4)
    (page,) = await rig.pages()
    assert texts([page]) == ["norda 1", "norda 4"]
    assert len(page.unreadable) == 2


async def test_a_server_that_drops_us_for_slowness_is_waited_for(rig: Rig):
    rig.server.frames = [{"$type": "error", "error": "ConsumerTooSlow", "message": "x"}]
    with pytest.raises(RateLimited):
        async for _ in rig.stream().pages(None):
            pass


async def test_refused_connection_is_unreachable(rig: Rig):
    await rig.network.stop()
    with pytest.raises(Unreachable):
        async for _ in rig.stream().pages(None):
            pass


async def test_leaving_early_closes_the_connection(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stream, "BATCH_S", 0.05)
    rig.say("norda 1")
    rig.server.hold_open = True
    pages = rig.stream().pages(None)
    page = await anext(pages)
    assert texts([page]) == ["norda 1"]
    await pages.aclose()  # type: ignore[attr-defined]


async def test_older_hosts_are_understood(rig: Rig):
    at = int(NOON.timestamp() * 1e6)
    commit = {"rev": "x", "operation": "create", "collection": POST, "rkey": "3la", "cid": "bafy"}
    commit["record"] = rig.server.record("norda on v1")  # type: ignore[assignment]
    gone = {"operation": "delete", "collection": POST, "rkey": "3lb"}
    rig.server.frames = [
        {"did": MARA, "time_us": at, "kind": "commit", "commit": commit},
        {"did": MARA, "time_us": at + 1, "kind": "commit", "commit": gone},
        {"did": BEN, "time_us": at + 2, "kind": "account", "account": {"active": False, "status": "takendown"}},
        {"did": BEN, "time_us": at + 3, "kind": "identity", "identity": {}},
    ]
    url = rig.network.base.replace("http", "ws") + "/subscribe"
    (page,) = await rig.pages(url=url, wire="v1")
    assert texts([page]) == ["norda on v1"]
    assert page.mentions[0].posted_at == NOON
    assert page.withdrawn == (f"at://{MARA}/{POST}/3lb", f"at://{BEN}/")
    rig.server.frames.clear()
    await rig.pages(page.cursor, url=url, wire="v1")
    assert rig.server.connections[-1]["cursor"] == at + 3 - 10_000_000
    assert ("wantedCollections", POST) in rig.server.connections[-1]["query"]
