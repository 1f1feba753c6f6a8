"""The real Bluesky development network: a mention is heard, the reply stands exactly once and shows in the thread."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import psycopg
import pytest

from channels.bluesky import MANIFEST
from channels.bluesky.client import Client, try_account
from channels.bluesky.freeze import tid
from channels.bluesky.publisher import BlueskyPublisher
from channels.bluesky.source import BlueskySettings, BlueskySource
from channels.manifest import Listening, Situation
from domain.account import Account
from domain.clock import SystemClock
from domain.errors import Refused, SignInFailed
from domain.mention import Mention
from domain.ports import Cursor
from domain.reply import ApprovedReply, Outgoing, Parent
from net.door import Door
from tests.channels.doors import test_door
from tests.channels.network import Network, serving
from tests.conftest import SHARED_DATA, require
from tests.emulators.bluesky import PASSWORD as EMULATED_PASSWORD
from tests.emulators.bluesky import BlueskyServer
from tests.emulators.lexicon import Lexicons
from tests.peers.install import has_bluesky
from tests.peers.servers import BlueskyNetwork, bluesky_network, listening_addresses, redis_server
from tests.postgres import ThrowAwayServer, find_binaries

pytestmark = pytest.mark.peer
PASSWORD = "a-fine-password"
TEXT = "Hello @alice.test 👋 a leaking kettle is not on. We send a new one: https://norda.example/kettle?a=1"
LIMIT_S = 60.0
OPTIONAL = ("email", "emailConfirmed", "emailAuthFactor", "seenAt", "priority", "cursor", "hitsTotal")
"""Fields the lexicons leave open and we do not read; `cursor` depends on how much there is."""


@dataclass
class Person:
    """Somebody who uses the network without our code."""

    network: BlueskyNetwork
    handle: str
    did: str = ""
    token: str = ""

    def call(self, method: str, body: dict[str, Any] | None = None, **params: str) -> Any:
        """One XRPC call; the decoded answer. Raises urllib's HTTPError."""
        url = f"{self.network.pds}/xrpc/{method}?{urllib.parse.urlencode(params)}"
        request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None)
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=15) as answer:
            return json.loads(answer.read())

    def join(self) -> Person:
        """Make the account."""
        facts = {"handle": self.handle, "email": f"{self.handle}@example.com", "password": PASSWORD}
        made = self.call("com.atproto.server.createAccount", facts)
        self.did, self.token = made["did"], made["accessJwt"]
        return self

    def post(self, text: str, mentions: Person | None = None, **more: Any) -> dict[str, str]:
        """Post with a real mention facet; the reference (uri, cid)."""
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": _now(), **more}
        if mentions is not None:
            start = text.encode().index(b"@")
            index = {"byteStart": start, "byteEnd": start + len(mentions.handle) + 1}
            feature = {"$type": "app.bsky.richtext.facet#mention", "did": mentions.did}
            record["facets"] = [{"index": index, "features": [feature]}]
        body = {"repo": self.did, "collection": "app.bsky.feed.post", "record": record}
        made = self.call("com.atproto.repo.createRecord", body)
        return {"uri": made["uri"], "cid": made["cid"]}

    def thread(self, uri: str) -> dict[str, Any]:
        """The thread as the app view shows it."""
        found = self.call("app.bsky.feed.getPostThread", uri=uri)["thread"]
        assert isinstance(found, dict)
        return found


def _now() -> str:
    return SystemClock().now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture(scope="module")
def network() -> Iterator[BlueskyNetwork]:
    binaries = find_binaries()
    require("bluesky", has_bluesky(), "not installed: python3 tests/peers/install.py bluesky")
    require("bluesky", binaries and shutil.which("redis-server"), "needs PostgreSQL and redis-server")
    assert binaries is not None
    with ThrowAwayServer(binaries) as postgres, redis_server() as redis_port:
        with psycopg.connect(postgres.url("postgres").replace("+psycopg", "", 1), autocommit=True) as connection:
            connection.execute("CREATE DATABASE atproto")
        address = f"postgresql://postgres@127.0.0.1:{postgres.port}/atproto"
        with bluesky_network(address, redis_port) as running:
            yield running


@pytest.fixture(scope="module")
def alice(network: BlueskyNetwork) -> Person:
    return Person(network, "alice.test").join()


@pytest.fixture(scope="module")
def brand(network: BlueskyNetwork) -> Person:
    return Person(network, "brand.test").join()


async def our_account(brand: Person, door: Door) -> Account:
    """The brand's account with an app password, completed by trying it."""
    name = f"earshot {time.monotonic_ns()}"
    password = brand.call("com.atproto.server.createAppPassword", {"name": name})["password"]
    account = Account(5, "bluesky", "brand.test", "", brand.network.pds, {"secret_app_password": password})
    return await try_account(account, door)


def listen(door: Door, account: Account, **settings: Any) -> BlueskySource:
    return BlueskySource(Listening(BlueskySettings(**settings), account, ("kettle",), ("brand.test",), door))


async def poll(source: BlueskySource, cursor: Cursor | None = None) -> tuple[list[Mention], Cursor | None]:
    """All pages that wait now."""
    heard: list[Mention] = []
    while True:
        page = await source.fetch(cursor)
        assert not page.unreadable
        heard += page.mentions
        cursor = page.cursor
        if not page.more:
            return heard, cursor


async def wait_for(source: BlueskySource, uri: str) -> Mention:
    """The mention at this address, as soon as the app view has it."""
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        for mention in (await poll(source))[0]:
            if mention.external_id == uri:
                return mention
        await asyncio.sleep(0.02)
    raise AssertionError(f"not heard within {LIMIT_S:.0f} s")


def approve(mention: Mention, account: Account, text: str = TEXT) -> ApprovedReply:
    """The reply to this mention, frozen as at approval."""
    parent = Parent(
        mention.external_id, mention.thread_id, mention.url, mention.author_id, mention.author_handle, mention.native
    )
    now = SystemClock().now()
    assert MANIFEST.freeze is not None
    frozen = MANIFEST.freeze(Outgoing(text, "en", parent, account, now, 42))
    return ApprovedReply(42, 43, "bluesky", account, parent, text, frozen.body, frozen.key, now)


async def wait_for_replies(person: Person, uri: str) -> list[dict[str, Any]]:
    """What stands below a post in the app view, as soon as something does."""
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        if replies := person.thread(uri).get("replies"):
            assert isinstance(replies, list)
            return replies
        await asyncio.sleep(0.02)
    raise AssertionError(f"no reply in the thread within {LIMIT_S:.0f} s")


async def test_mention_heard_and_answered_exactly_once(
    network: BlueskyNetwork, alice: Person, brand: Person, record_property: Callable[[str, object], None]
):
    async with test_door(SystemClock()) as door:
        account = await our_account(brand, door)
        assert account.external_id == brand.did
        source = listen(door, account, kind="notifications")
        await poll(source)
        began = time.monotonic()
        asked = alice.post("Hey @brand.test my kettle is leaking <b>badly</b> 🫖", mentions=brand, langs=["en"])
        mention = await wait_for(source, asked["uri"])
        heard_s = time.monotonic() - began
        assert (mention.addressed, mention.author_handle, mention.lang_tag) == (True, "alice.test", "en")
        assert MANIFEST.capability(Situation(True, mention.addressed, mention.native)).way == "api"

        publisher = BlueskyPublisher(account, door)
        reply = approve(mention, account)
        assert await publisher.find_published(reply) is None
        began = time.monotonic()
        sent = await publisher.publish(reply)
        published_s = time.monotonic() - began
        again = await publisher.publish(reply)
        assert again == sent
        shown = await wait_for_replies(alice, asked["uri"])
        seen_s = time.monotonic() - began
        assert [(one["post"]["uri"], one["post"]["cid"]) for one in shown] == [(sent.external_id, sent.evidence["cid"])]
        assert shown[0]["post"]["record"]["text"] == TEXT
        assert await publisher.find_published(reply) == sent
        stored = brand.call("com.atproto.repo.listRecords", repo=brand.did, collection="app.bsky.feed.post")
        assert len(stored["records"]) == 1
        figures = {"started_s": network.started_in_s, "heard_s": heard_s, "published_s": published_s, "seen_s": seen_s}
        for name, seconds in figures.items():
            record_property(name, round(seconds, 3))
        print("\nbluesky network:", {name: round(seconds, 3) for name, seconds in figures.items()})


async def test_other_bytes_under_the_same_key_are_refused(alice: Person, brand: Person):
    async with test_door(SystemClock()) as door:
        account = await our_account(brand, door)
        asked = alice.post("@brand.test second question", mentions=brand)
        mention = await wait_for(listen(door, account, kind="notifications"), asked["uri"])
        publisher, reply = BlueskyPublisher(account, door), approve(mention, account, "The approved words.")
        sent = await publisher.publish(reply)
        request = msgspec.json.decode(reply.body)
        request["record"]["text"] = "Other words."
        with pytest.raises(Refused):
            await publisher.publish(replace(reply, body=msgspec.json.encode(request)))
        record = await Client(account, door).get_record(sent.external_id)
        assert record["value"]["text"] == "The approved words."  # type: ignore[index]


async def test_answer_to_our_reply_stays_in_the_thread_and_facets_are_real(alice: Person, brand: Person):
    async with test_door(SystemClock()) as door:
        account = await our_account(brand, door)
        source = listen(door, account, kind="notifications")
        asked = alice.post("@brand.test where is parcel 77?", mentions=brand)
        first = await wait_for(source, asked["uri"])
        sent = await BlueskyPublisher(account, door).publish(approve(first, account))
        ours = {"uri": sent.external_id, "cid": str(sent.evidence["cid"])}
        await wait_for_replies(alice, asked["uri"])  # nobody answers what they cannot see
        back = alice.post("it did not come", reply={"root": asked, "parent": ours})
        second = await wait_for(source, back["uri"])
        assert (second.thread_id, second.parent_id) == (asked["uri"], ours["uri"])
        third = approve(second, account, "It comes today, Alice.")
        await BlueskyPublisher(account, door).publish(third)
        assert json.loads(third.body)["record"]["reply"] == {"root": asked, "parent": back}
        # The app view tells Alice of the mention only if the facet names her rightly.
        notes = alice.call("app.bsky.notification.listNotifications")["notifications"]
        assert ours["uri"] in [note["uri"] for note in notes]


async def test_search_finds_pages_and_goes_on(alice: Person, brand: Person):
    async with test_door(SystemClock()) as door:
        account = await our_account(brand, door)
        source = listen(door, account, kind="search", query="samovar")
        posted = [alice.post(f"samovar number {number}")["uri"] for number in range(130)]
        await wait_for(source, posted[-1])
        heard, cursor = await poll(source)
        assert {mention.external_id for mention in heard} == set(posted)
        new = alice.post("one more samovar")["uri"]
        await wait_for(source, new)
        later, _ = await poll(source, cursor)
        assert new in {mention.external_id for mention in later}
        assert len(later) <= 101


async def test_expired_session_is_renewed_and_a_bad_password_stops(brand: Person):
    async with test_door(SystemClock()) as door:
        account = await our_account(brand, door)
        client = Client(account, door)
        client.session.access = client.session.access[:-4] + "AAAA"
        await listen(door, account, kind="notifications").fetch(None)
        with pytest.raises(SignInFailed, match="app password"):
            await try_account(replace(account, secrets={"secret_app_password": "wrong"}), door)


async def test_what_we_store_and_read_fits_the_lexicons(alice: Person, brand: Person):
    require("shared", (SHARED_DATA / "specs" / "bluesky").is_dir(), "../shared/data/specs/bluesky is not there")
    lexicons = Lexicons(Path(SHARED_DATA) / "specs" / "bluesky")
    async with test_door(SystemClock()) as door:
        account = await our_account(brand, door)
        asked = alice.post("@brand.test a lexicon question", mentions=brand)
        mention = await wait_for(listen(door, account, kind="notifications"), asked["uri"])
        reply = approve(mention, account)
        request = msgspec.json.decode(reply.body)
        assert lexicons.input("com.atproto.repo.putRecord", request) == []
        assert lexicons.record(request["record"]) == []
        for method, params in (
            ("app.bsky.notification.listNotifications", {"limit": "10"}),
            ("app.bsky.feed.searchPosts", {"q": "lexicon", "limit": "10"}),
        ):
            assert lexicons.output(method, brand.call(method, None, **params)) == []


def test_the_network_listens_on_this_machine_only(network: BlueskyNetwork):
    assert listening_addresses(network.process.pid) <= {"0100007F", "00000000000000000000000001000000"}


def test_errors_have_the_names_we_rely_on(brand: Person):
    with pytest.raises(urllib.error.HTTPError) as missing:
        brand.call("com.atproto.repo.getRecord", repo=brand.did, collection="app.bsky.feed.post", rkey="3lzzzzzzzaaaa")
    assert (missing.value.code, json.loads(missing.value.read())["error"]) == (400, "RecordNotFound")
    with pytest.raises(urllib.error.HTTPError) as refused:
        replace(brand, token="nonsense").call("app.bsky.notification.listNotifications")
    assert json.loads(refused.value.read())["error"] == "InvalidToken"


Answered = tuple[str, int, str, frozenset[str]]


async def _script(pds: str, handle: str, password: str, app_view: bool) -> list[Answered]:
    """The calls that our connector makes, with their usual faults; what came back, without what differs by nature."""
    seen: list[Answered] = []
    async with aiohttp.ClientSession() as http:

        async def call(name: str, *, body: Any = None, token: str = "", **params: str) -> Any:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            verb = "POST" if body is not None else "GET"
            async with http.request(verb, f"{pds}/xrpc/{name}", json=body, params=params, headers=headers) as answer:
                found = await answer.json()
            seen.append((name, answer.status, found.get("error", ""), frozenset(found) - {"didDoc", *OPTIONAL}))
            return found

        session, post = "com.atproto.server.createSession", "app.bsky.feed.post"
        await call(session, body={"identifier": handle, "password": "wrong"})
        made = await call(session, body={"identifier": handle, "password": password})
        own, did = made["accessJwt"], made["did"]
        await call("app.bsky.notification.listNotifications")
        await call("app.bsky.notification.listNotifications", token="nonsense")
        key = tid(1_800_000_000_000_000, 7)
        where = {"repo": did, "collection": post, "rkey": key}
        await call("com.atproto.repo.getRecord", token=own, **where)
        record = {"$type": post, "text": "samovar", "createdAt": "2026-11-20T12:00:00.000Z"}
        put = where | {"swapRecord": None}
        for text in ("samovar", "samovar", "other words"):
            await call("com.atproto.repo.putRecord", body=put | {"record": record | {"text": text}}, token=own)
        found = await call("com.atproto.repo.getRecord", token=own, **where)
        seen.append((json.dumps(found["value"], sort_keys=True), 0, "", frozenset()))
        if app_view:
            await call("app.bsky.notification.listNotifications", token=own, limit="10", reasons="mention")
            await call("app.bsky.feed.searchPosts", token=own, limit="10", q="nobody says this")
    return seen


async def test_the_emulator_answers_as_the_network_does(brand: Person):
    """Same calls, same statuses, same names of errors, same fields: what CI tests against is what is out there."""
    server, books = BlueskyServer(), Network()
    async with serving(books, server.routes()):
        emulated = await _script(books.base, "norda.example", EMULATED_PASSWORD, True)
    assert emulated == await _script(brand.network.pds, brand.handle, PASSWORD, True)
