"""Mastodon's API as a server speaks it that its authors did not write: snac2. A mention is heard and answered once."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.manifest import Listening, Situation
from channels.mastodon import MANIFEST, client
from channels.mastodon.client import try_account
from channels.mastodon.source import MastodonSettings, MastodonSource
from domain.account import Account
from domain.clock import SystemClock
from domain.errors import SignInFailed
from domain.mention import Mention
from domain.ports import Cursor, Held
from domain.reply import ApprovedReply, Outgoing, Parent
from net.door import Door
from tests.channels.doors import test_door
from tests.peers.servers import Snac, listening_addresses, snac_server

LIMIT_S = 25.0
TEXT = (
    "Hello Alice, a leaking kettle is not on. <b>We</b> send a new one & collect the old: https://norda.example/kettle"
)


@pytest.fixture(scope="module")
def server(snac: str) -> Iterator[Snac]:
    with snac_server(snac, ("alice", "brand")) as running:
        yield running


async def our_account(server: Snac, door: Door) -> Account:
    """The brand's account, completed by trying it."""
    token = server.token("brand")
    return await try_account(Account(5, "mastodon", "", "", server.base_url, {"secret_token": token}), door)


def listen(door: Door, account: Account | None, **settings: str) -> MastodonSource:
    return MastodonSource(
        Listening(MastodonSettings(**settings), account, ("kettle",), ("brand",), door)  # type: ignore[arg-type]
    )


async def poll(source: MastodonSource, cursor: Cursor | None = None) -> tuple[list[Mention], Cursor | None]:
    """All pages that wait now."""
    heard: list[Mention] = []
    while True:
        page = await source.fetch(cursor)
        assert not page.unreadable
        heard += page.mentions
        cursor = page.cursor
        if not page.more:
            return heard, cursor


async def wait_for(source: MastodonSource, words: str) -> Mention:
    """The mention with these words: the server delivers from a queue that runs every few seconds."""
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        for mention in (await poll(source))[0]:
            if words in mention.text:
                return mention
        await asyncio.sleep(0.2)
    raise AssertionError(f"not heard within {LIMIT_S:.0f} s: {words}")


def approve(mention: Mention, account: Account, text: str = TEXT) -> ApprovedReply:
    """The reply to this mention, frozen as at approval."""
    parent = Parent(
        mention.external_id, mention.thread_id, mention.url, mention.author_id, mention.author_handle, mention.native
    )
    now = SystemClock().now()
    assert MANIFEST.freeze is not None
    frozen = MANIFEST.freeze(Outgoing(text, "en", parent, account, now, 42))
    return ApprovedReply(42, 43, "mastodon", account, parent, text, frozen.body, frozen.key, now)


async def seen_below(server: Snac, token: str, status_id: str) -> list[dict[str, object]]:
    """What the server shows this person below a status, as soon as its queue has delivered something."""
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        if found := json.loads(server.get(f"/api/v1/statuses/{status_id}/context", token))["descendants"]:
            assert isinstance(found, list)
            return found
        await asyncio.sleep(0.2)
    raise AssertionError(f"no answer in the thread within {LIMIT_S:.0f} s")


async def test_mention_is_heard_answered_once_and_found(server: Snac, record_property: Callable[[str, object], None]):
    alice = server.token("alice")
    async with test_door(SystemClock()) as door:
        account = await our_account(server, door)
        assert account.handle.startswith("brand@localhost:")
        began = time.monotonic()
        server.post("/api/v1/statuses", alice, status="@brand my kettle is leaking & 3 < 4", visibility="public")
        mention = await wait_for(listen(door, account, kind="mentions"), "kettle is leaking")
        record_property("heard_after_s", round(time.monotonic() - began, 2))

        assert mention.addressed
        assert mention.text.endswith("my kettle is leaking & 3 < 4")
        assert mention.author_handle.startswith("alice@")
        assert MANIFEST.capability(Situation(True, True, mention.native)).way == "api"

        publisher = MANIFEST.publisher(account, door)  # type: ignore[misc]
        reply = approve(mention, account)
        assert await publisher.find_published(reply) is None
        sent = await publisher.publish(reply)
        found = await publisher.find_published(reply)
        assert found is not None
        assert found.external_id == sent.external_id
        assert found.evidence["copies"] == 1
        shown = await seen_below(server, alice, str(mention.native["id"]))
        assert [post["uri"] for post in shown] == [sent.external_id]
        assert shown[0]["account"]["acct"].startswith("brand")  # type: ignore[index]


async def test_answer_to_our_reply_joins_the_thread(server: Snac):
    alice = server.token("alice")
    async with test_door(SystemClock()) as door:
        account = await our_account(server, door)
        source = listen(door, account, kind="mentions")
        server.post("/api/v1/statuses", alice, status="@brand where is parcel 77?", visibility="public")
        first = await wait_for(source, "parcel 77")
        sent = await MANIFEST.publisher(account, door).publish(approve(first, account, "It comes today."))  # type: ignore[misc]
        answered = str(sent.evidence["id"])
        server.post("/api/v1/statuses", alice, status="@brand it did not come", in_reply_to_id=answered)
        second = await wait_for(source, "did not come")
        assert second.parent_id == sent.external_id
        assert second.thread_id == first.external_id == first.thread_id


async def test_a_second_look_tells_what_stands_and_what_is_gone(server: Snac):
    """snac2 cannot remove a post by this API; an id that it does not know is answered as a removed post would be."""
    alice = server.token("alice")
    async with test_door(SystemClock()) as door:
        account = await our_account(server, door)
        server.post("/api/v1/statuses", alice, status="@brand my lid is loose", visibility="public")
        stands = await wait_for(listen(door, account, kind="mentions"), "lid is loose")
        held = Held(stands.external_id, stands.thread_id, stands.url, stands.addressed, stands.native)
        unknown = replace(held, external_id="x", native=stands.native | {"id": str(stands.native["id"])[:-4] + "0000"})
        listening = Listening(MastodonSettings(), account, (), ("brand",), door)
        assert MANIFEST.verify is not None
        found = await MANIFEST.verify(listening, [held, unknown])
        assert {name: post and post.text for name, post in found.items()} == {held.external_id: stands.text, "x": None}


async def test_many_mentions_at_once_are_all_heard(server: Snac, monkeypatch: pytest.MonkeyPatch):
    """snac2 answers min_id on notifications with its newest page; a full page must not hide what lies below it."""
    monkeypatch.setattr(client, "NOTIFICATION_PAGE", 3)
    alice = server.token("alice")
    async with test_door(SystemClock()) as door:
        source = listen(door, await our_account(server, door), kind="mentions")
        _, cursor = await poll(source)
        for number in range(6):
            server.post("/api/v1/statuses", alice, status=f"@brand flood {number:02}", visibility="public")
        for number in range(6):  # its queue does not keep their order
            await wait_for(source, f"flood {number:02}")
        heard, _ = await poll(source, cursor)
        assert {f"flood {number:02}" for number in range(6)} <= {mention.text[-8:] for mention in heard}


async def test_connection_resets_of_the_server_are_survived(server: Snac):
    """It drops about one kept-alive connection in 25 calls: 50 reads in a row all answer."""
    async with test_door(SystemClock()) as door:
        source = listen(door, await our_account(server, door), kind="mentions")
        for _ in range(50):
            await source.fetch(None)


async def test_bad_token_stops_with_a_clear_error(server: Snac):
    async with test_door(SystemClock()) as door:
        account = replace(await our_account(server, door), secrets={"secret_token": "f" * 32})
        with pytest.raises(SignInFailed, match="does not accept this token"):
            await try_account(account, door)
        with pytest.raises(SignInFailed):
            await listen(door, account, kind="mentions").fetch(None)
        mention = Mention(
            channel="mastodon", external_id="x", text="", posted_at=SystemClock().now() - timedelta(1), thread_id="x",
            native={"id": "1", "server": server.base_url.partition("//")[2], "acct": "alice"},
        )  # fmt: skip
        with pytest.raises(SignInFailed):
            await MANIFEST.publisher(account, door).publish(approve(mention, account))  # type: ignore[misc]


async def test_hashtag_is_read_without_an_account(server: Snac, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client, "TIMELINE_PAGE", 5)
    alice = server.token("alice")
    for number in range(12):
        server.post("/api/v1/statuses", alice, status=f"post {number} about the #nordakettle", visibility="public")
    async with test_door(SystemClock()) as door:
        source = listen(door, None, kind="hashtag", tag="nordakettle", base_url=server.base_url)
        heard, cursor = await poll(source)
        assert len({mention.external_id for mention in heard}) == 12
        for number in range(12, 24):
            server.post("/api/v1/statuses", alice, status=f"post {number} about the #nordakettle", visibility="public")
        later, cursor = await poll(source, cursor)
        assert {f"post {number} about the #nordakettle" for number in range(12, 24)} <= {m.text for m in later}
        again, _ = await poll(source, cursor)
        assert {mention.external_id for mention in again} <= {mention.external_id for mention in [*heard, *later]}
        assert MANIFEST.capability(Situation(True, False, later[0].native)).way == "manual"


def test_it_listens_on_this_machine_only(server: Snac):
    assert listening_addresses(server.process.pid) == {"0100007F"}
