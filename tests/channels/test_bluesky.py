"""Bluesky beyond the shared promises: records, sessions, paging, the reply that stands exactly once, the lexicons."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from channels.bluesky.client import Client, try_account
from channels.bluesky.convert import view_to_mention
from channels.bluesky.freeze import facets, freeze, length, tid
from channels.bluesky.manifest import keyless
from channels.bluesky.publisher import BlueskyPublisher
from channels.bluesky.source import BlueskySettings, BlueskySource
from channels.bluesky.verify import verify
from channels.manifest import Listening
from domain.account import Account
from domain.clock import SetClock
from domain.errors import BadInput, OutcomeUnknown, Refused, SignInFailed, Unreachable
from domain.mention import Mention
from domain.ports import Cursor, Held, Page
from domain.reply import ApprovedReply, Outgoing, Parent
from net.door import Door
from tests.channels.doors import test_door
from tests.channels.network import NOON, Fault, Network, serving
from tests.emulators.bluesky import OWN_DID, PASSWORD, POST, BlueskyServer, cid_for, did_for, stamp
from tests.emulators.lexicon import Lexicons

LATER = NOON + timedelta(hours=8)
TEXT = "Hi @mara.example 👋, see https://norda.example/a?b=1. (And https://norda.example/c)"


class Rig:
    """The emulated network with a door to it."""

    def __init__(self, server: BlueskyServer, network: Network, door: Door) -> None:
        self.server, self.network, self.door = server, network, door
        self.now = LATER

    @property
    def account(self) -> Account:
        return Account(1, "bluesky", "norda.example", OWN_DID, self.network.base, {"secret_app_password": PASSWORD})

    def source(self, terms: tuple[str, ...] = ("norda",), **settings: Any) -> BlueskySource:
        chosen = BlueskySettings(**({"kind": "search"} | settings))
        return BlueskySource(Listening(chosen, self.account, terms, (), self.door, SetClock(self.now)))

    async def heard(self, cursor: Cursor | None = None, **how: Any) -> tuple[list[Mention], Cursor | None]:
        heard: list[Mention] = []
        for _ in range(30):
            page: Page = await self.source(**how).fetch(cursor)
            heard += page.mentions
            cursor = json.loads(json.dumps(page.cursor))
            if not page.more:
                return heard, cursor
        raise AssertionError("the poll does not end")

    def publisher(self) -> BlueskyPublisher:
        return BlueskyPublisher(self.account, self.door)

    def count(self, name: str) -> int:
        """How often this method reached the socket."""
        return sum(1 for _, path in self.network.requests if name in path)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    server, network = BlueskyServer(), Network()
    async with serving(network, server.routes()), test_door(SetClock(LATER)) as door:
        yield Rig(server, network, door)


def parent_of(mention: Mention) -> Parent:
    return Parent(
        mention.external_id, mention.thread_id, mention.url, mention.author_id, mention.author_handle, mention.native
    )


def outgoing(account: Account, mention: Mention, text: str = TEXT) -> Outgoing:
    return Outgoing(text, "en", parent_of(mention), account, LATER, 7)


def approve(rig: Rig, mention: Mention, text: str = TEXT) -> ApprovedReply:
    frozen = freeze(outgoing(rig.account, mention, text))
    return ApprovedReply(7, 8, "bluesky", rig.account, parent_of(mention), text, frozen.body, frozen.key, LATER)


def test_view_becomes_a_mention():
    server = BlueskyServer()
    root = {"uri": f"at://{did_for('ben')}/{POST}/3la", "cid": "bafyroot"}
    parent = {"uri": f"at://{OWN_DID}/{POST}/3lb", "cid": "bafyparent"}
    link = {"$type": "app.bsky.richtext.facet#link", "uri": "https://norda.example/very/long"}
    facet = {"index": {"byteStart": 0, "byteEnd": 2}, "features": [link]}
    view = server.view(5, "still cold", reply={"root": root, "parent": parent}, facets=[facet], createdAt="1999-01-01")
    mention = view_to_mention(view, own_did=OWN_DID)
    assert (mention.thread_id, mention.parent_id) == (root["uri"], parent["uri"])
    assert mention.addressed
    assert mention.posted_at == NOON + timedelta(minutes=5)
    assert mention.url == f"https://bsky.app/profile/{did_for('mara')}/post/{view['uri'].rpartition('/')[2]}"
    assert mention.native == {"cid": view["cid"], "root": root, "links": ["https://norda.example/very/long"]}
    assert (mention.author_handle, mention.author_name, mention.lang_tag) == ("mara.example", "Mara", "en")


def test_quote_of_us_addresses_us():
    quoted = {"$type": "app.bsky.embed.record", "record": {"uri": f"at://{OWN_DID}/{POST}/3la", "cid": "x"}}
    view = BlueskyServer().view(1, "look at this", embed=quoted)
    assert view_to_mention(view, own_did=OWN_DID).addressed
    assert not view_to_mention(view).addressed


@pytest.mark.parametrize(
    ("text", "expected"),
    [("hello", 5), ("👨‍👩‍👧‍👦e\u0301", 2), ("x" * 301, 301), ("👨‍👩‍👧‍👦" * 130, 301)],
)
def test_length_counts_graphemes_and_bytes(text: str, expected: int):
    assert length(text) == expected


def test_record_key_is_a_tid_and_sorts_by_time():
    assert tid(0, 0) == "2222222222222"
    assert tid((1 << 53) - 1, 1023) == "bzzzzzzzzzzzz"
    assert tid(1_000_000, 5) < tid(1_000_001, 0)


def test_facets_count_bytes_and_mark_the_author():
    parent = Parent("at://x", "", "", did_for("mara"), "mara.example", {})
    raw = TEXT.encode()
    marked = [(raw[f["index"]["byteStart"] : f["index"]["byteEnd"]], f["features"][0]) for f in facets(TEXT, parent)]
    assert [text.decode() for text, _ in marked] == [
        "@mara.example", "https://norda.example/a?b=1", "https://norda.example/c",
    ]  # fmt: skip
    assert marked[0][1]["did"] == did_for("mara")
    assert facets("@mara.example.org and x@mara.example", parent) == []


def test_frozen_record_points_to_parent_and_root():
    server = BlueskyServer()
    root = {"uri": f"at://{did_for('ben')}/{POST}/3la", "cid": "bafyroot"}
    view = server.view(5, "still cold", reply={"root": root, "parent": root})
    account = Account(1, "bluesky", "norda.example", OWN_DID, "https://pds.example")
    request = json.loads(freeze(outgoing(account, view_to_mention(view))).body)
    assert request["swapRecord"] is None
    assert request["record"]["reply"] == {"root": root, "parent": {"uri": view["uri"], "cid": view["cid"]}}
    assert request["record"]["createdAt"] == "2026-11-20T20:00:00.000Z"
    assert freeze(outgoing(account, view_to_mention(view))).body == msgspec.json.encode(request)


def test_what_cannot_be_sent_is_said_at_approval():
    account = Account(1, "bluesky", "norda.example", OWN_DID, "https://pds.example")
    mention = view_to_mention(BlueskyServer().view(1, "norda"))
    with pytest.raises(BadInput, match="300"):
        freeze(outgoing(account, mention, "x" * 301))
    with pytest.raises(BadInput, match="content id"):
        freeze(outgoing(account, msgspec.structs.replace(mention, native={})))
    with pytest.raises(BadInput, match="never tried"):
        freeze(outgoing(replace(account, external_id=""), mention))


def test_keyless_is_the_stream():
    ((_, settings),) = keyless("Norda")
    assert msgspec.convert(settings, BlueskySettings).kind == "stream"


async def test_notifications_are_paged_back_to_the_known(rig: Rig):
    for number in range(1, 251):
        rig.server.notify(rig.server.view(number, f"@norda {number}"))
    rig.server.notify(rig.server.view(251, "liked"), reason="like")
    heard, cursor = await rig.heard(kind="notifications")
    assert len({mention.external_id for mention in heard}) == 250
    assert all(mention.addressed for mention in heard)
    rig.server.notify(rig.server.view(252, "@norda new"))
    asked = rig.count("listNotifications")
    later, _ = await rig.heard(cursor, kind="notifications")
    assert "@norda new" in {mention.text for mention in later}
    assert rig.count("listNotifications") == asked + 1


async def test_first_read_stops_at_the_window(rig: Rig):
    for number in range(1, 400):
        rig.server.view(number, "norda")["indexedAt"] = "2026-11-01T00:00:00.000Z"
    await rig.heard()
    assert rig.count("searchPosts") == 1


async def test_after_days_of_silence_everything_since_is_read(rig: Rig):
    rig.server.view(1, "norda 1")
    _, cursor = await rig.heard()
    for number in range(2, 402):
        rig.server.view(number, f"norda {number}")["indexedAt"] = stamp(NOON + timedelta(minutes=12 * number))
    rig.now = NOON + timedelta(days=4)
    heard, _ = await rig.heard(cursor)
    assert len({mention.external_id for mention in heard}) == 401


async def test_after_days_of_silence_on_a_list_that_was_empty_everything_is_read(rig: Rig):
    _, cursor = await rig.heard()
    for number in range(1, 402):
        rig.server.view(number, f"norda {number}")["indexedAt"] = stamp(NOON + timedelta(minutes=12 * number))
    rig.now = NOON + timedelta(days=4)
    heard, _ = await rig.heard(cursor)
    assert len({mention.external_id for mention in heard}) == 401


async def test_search_goes_phrase_by_phrase(rig: Rig):
    rig.server.view(1, "norda is late")
    rig.server.view(2, "a cold coach again")
    heard, cursor = await rig.heard(terms=("norda", "cold coach"))
    assert {mention.text for mention in heard} == {"norda is late", "a cold coach again"}
    rig.server.view(3, "cold coach tonight")
    assert "cold coach tonight" in {m.text for m in (await rig.heard(cursor, terms=("norda", "cold coach")))[0]}


async def test_without_an_account_it_says_what_is_needed(rig: Rig):
    listening = Listening(BlueskySettings(kind="search"), None, ("norda",), (), rig.door, SetClock(LATER))
    with pytest.raises(SignInFailed, match="app password"):
        await BlueskySource(listening).fetch(None)


async def test_one_sign_in_serves_all_calls_at_once(rig: Rig):
    await asyncio.gather(*(rig.source().fetch(None) for _ in range(10)))
    assert rig.server.sign_ins == 1


async def test_expired_session_is_renewed_once(rig: Rig):
    await rig.source().fetch(None)
    rig.server.expire()
    await asyncio.gather(*(rig.source().fetch(None) for _ in range(10)))
    assert (rig.server.sign_ins, rig.server.renewals) == (1, 1)
    rig.server.refresh_works = False
    rig.server.expire()
    await rig.source().fetch(None)
    assert rig.server.sign_ins == 2


async def test_account_is_tried_and_completed(rig: Rig):
    tried = await try_account(replace(rig.account, external_id=""), rig.door)
    assert (tried.handle, tried.external_id) == ("norda.example", OWN_DID)
    with pytest.raises(SignInFailed, match="app password"):
        await try_account(replace(rig.account, secrets={"secret_app_password": "wrong"}), rig.door)
    with pytest.raises(BadInput, match="https://"):
        await try_account(replace(rig.account, base_url="bsky.social"), rig.door)


async def test_same_bytes_twice_are_one_record(rig: Rig):
    reply = approve(rig, view_to_mention(rig.server.view(1, "norda"), addressed=True))
    assert await rig.publisher().find_published(reply) is None
    first = await rig.publisher().publish(reply)
    assert await rig.publisher().publish(reply) == first
    assert await rig.publisher().find_published(reply) == first
    assert len(rig.server.records) == 1
    assert all("swapRecord" in body for body in rig.server.received)


async def test_swap_refused_on_our_own_record_means_published(rig: Rig):
    """A server that refuses also an equal record: we look, and it is ours."""
    reply = approve(rig, view_to_mention(rig.server.view(1, "norda")))
    first = await rig.publisher().publish(reply)
    refusal = b'{"error":"InvalidSwap","message":"Record was at x"}'
    rig.network.fault = Fault(status=400, body=refusal, methods=("POST",), path="/xrpc/com.atproto.repo.putRecord")
    assert await rig.publisher().publish(reply) == first
    rig.server.records[reply.key]["text"] = "somebody changed it"
    with pytest.raises(Refused, match="another text"):
        await rig.publisher().publish(reply)
    assert await rig.publisher().find_published(reply) is None


async def test_swap_refused_and_no_sight_of_it_is_unknown(rig: Rig):
    reply = approve(rig, view_to_mention(rig.server.view(1, "norda")))
    rig.server.records[reply.key] = {"text": "other"}
    await rig.publisher().find_published(reply)
    rig.network.fault = Fault(status=502, methods=("GET",))
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().publish(reply)


async def test_expired_session_at_sending_posts_nothing_and_the_next_try_works(rig: Rig):
    reply = approve(rig, view_to_mention(rig.server.view(1, "norda")))
    await rig.source().fetch(None)
    rig.server.expire()
    with pytest.raises(Unreachable, match="nothing was posted"):
        await rig.publisher().publish(reply)
    assert rig.server.records == {}
    await rig.publisher().publish(reply)
    assert list(rig.server.records) == [reply.key]


async def test_answer_naming_another_record_is_unknown(rig: Rig):
    reply = approve(rig, view_to_mention(rig.server.view(1, "norda")))
    odd = json.dumps({"uri": f"at://{OWN_DID}/{POST}/3lother", "cid": "x"}).encode()
    rig.network.fault = Fault(status=200, body=odd, applied=True, path="/xrpc/com.atproto.repo.putRecord")
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().publish(reply)


def test_emulator_makes_equal_ids_for_equal_records():
    assert cid_for({"a": 1, "b": 2}) == cid_for({"b": 2, "a": 1}) != cid_for({"a": 1})


async def test_every_call_and_answer_fits_the_lexicons(rig: Rig, shared: Path):
    lexicons = Lexicons(shared / "specs" / "bluesky")
    rig.server.notify(rig.server.view(1, "norda 🚆", createdAt=datetime(2026, 1, 1, tzinfo=UTC).isoformat()))
    (mention,), _ = await rig.heard(kind="notifications")
    await rig.heard()
    reply = approve(rig, mention)
    await rig.publisher().publish(reply)
    await rig.publisher().find_published(reply)
    rig.server.expire()
    await rig.heard()
    held = Held(mention.external_id, mention.thread_id, mention.url, True, mention.native)
    for base in (rig.network.base, ""):  # as anybody, and as our account
        listening = Listening(BlueskySettings(profiles_url=base), rig.account, (), (), rig.door)
        assert set(await verify(listening, [held])) == {mention.external_id}
    assert lexicons.record(json.loads(reply.body)["record"]) == []
    problems, checked = [], set()
    for name, params, body, status, answer in rig.server.exchanges:
        if not lexicons.knows(name):
            continue
        checked.add(name)
        is_call = lexicons.defs[name]["main"]["type"] == "procedure"
        problems += lexicons.input(name, body) if is_call else lexicons.params(name, params)
        problems += lexicons.output(name, answer) if status == 200 else []
    assert problems == []
    assert len(checked) == 7


def test_the_checker_itself_finds_faults(shared: Path):
    lexicons = Lexicons(shared / "specs" / "bluesky")
    record = BlueskyServer().record("norda")
    assert lexicons.record(record) == []
    for broken in (
        record | {"text": "x" * 3001},
        record | {"text": "x" * 301},
        record | {"createdAt": "yesterday"},
        record | {"reply": {"root": {"uri": "at://did:plc:a/app.bsky.feed.post/3la"}}},
        record | {"facets": [{"index": {"byteStart": -1, "byteEnd": 2}, "features": []}]},
        record | {"langs": ["en", "de", "fr", "hr"]},
    ):
        assert lexicons.record(broken) != [], broken
    assert lexicons.input("com.atproto.repo.putRecord", {"repo": "norda.example"}) != []
    assert lexicons.params("app.bsky.notification.listNotifications", [("limit", "101")]) != []


async def test_session_of_a_changed_password_is_another(rig: Rig):
    await rig.source().fetch(None)
    changed = replace(rig.account, secrets={"secret_app_password": "changed"})
    with pytest.raises(SignInFailed):
        await Client(changed, rig.door).signed_in()
