"""Mastodon beyond the shared promises: what a status becomes, how cursors move, what is posted, other servers' ways."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from channels.manifest import Listening
from channels.mastodon.client import try_account
from channels.mastodon.convert import Thread, server_of, to_mention
from channels.mastodon.freeze import comparable, freeze, length, salutation, visibility_of
from channels.mastodon.manifest import keyless
from channels.mastodon.publisher import MastodonPublisher
from channels.mastodon.source import MastodonSettings, MastodonSource
from channels.mastodon.verify import verify
from domain.account import Account
from domain.clock import SetClock
from domain.errors import BadInput, OutcomeUnknown, RateLimited, Refused, SignInFailed, Undecodable
from domain.mention import Mention
from domain.ports import Cursor, Held, Page
from domain.reply import ApprovedReply, Outgoing, Parent
from net.door import Door
from tests.channels.doors import test_door
from tests.channels.network import NOON, Fault, Network, serving
from tests.emulators.mastodon import FIRST_ID, MastodonServer

HOUR_LATER = NOON.replace(hour=13)
TEXT = "We are sorry, Mara: see https://norda.example/help & write to us."


class Rig:
    """The emulated server with a door to it."""

    def __init__(self, server: MastodonServer, network: Network, door: Door) -> None:
        self.server, self.network, self.door = server, network, door
        self.now = HOUR_LATER

    @property
    def account(self) -> Account:
        secrets = {"secret_token": self.server.token}
        return Account(1, "mastodon", "brand@social.example", self.server.own_id, self.network.base, secrets)

    def source(self, *, account: bool = True, terms: tuple[str, ...] = ("norda",), **settings: Any) -> MastodonSource:
        chosen = MastodonSettings(**({"base_url": self.network.base} | settings))
        own = self.account if account else None
        return MastodonSource(Listening(chosen, own, terms, ("brand",), self.door, SetClock(self.now)))

    async def poll(self, cursor: Cursor | None = None, **how: Any) -> tuple[list[Page], Cursor | None]:
        pages = []
        for _ in range(50):
            page = await self.source(**how).fetch(cursor)
            pages.append(page)
            cursor = json.loads(json.dumps(page.cursor))
            if not page.more:
                return pages, cursor
        raise AssertionError("the poll does not end")

    async def heard(self, cursor: Cursor | None = None, **how: Any) -> tuple[list[Mention], Cursor | None]:
        pages, cursor = await self.poll(cursor, **how)
        return [mention for page in pages for mention in page.mentions], cursor

    def publisher(self) -> MastodonPublisher:
        return MastodonPublisher(self.account, self.door)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    server, network = MastodonServer(), Network()
    async with serving(network, server.routes()), test_door(SetClock(HOUR_LATER)) as door:
        yield Rig(server, network, door)


def parent_of(mention: Mention) -> Parent:
    return Parent(
        mention.external_id, mention.thread_id, mention.url, mention.author_id, mention.author_handle, mention.native
    )


def approve(rig: Rig, mention: Mention, text: str = TEXT) -> ApprovedReply:
    frozen = freeze(Outgoing(text, "en", parent_of(mention), rig.account, HOUR_LATER, 7))
    return ApprovedReply(7, 8, "mastodon", rig.account, parent_of(mention), text, frozen.body, frozen.key, HOUR_LATER)


def mention_of(rig: Rig, status: dict[str, Any]) -> Mention:
    return to_mention(status, server=server_of(rig.network.base), account=rig.account)


def test_status_becomes_a_mention():
    server = MastodonServer()
    status = server.post(
        "Hi @brand\nmy <kettle> & https://example.org/a", "mara@far.example", spoiler_text="Warning", bot=True,
        note="Please #nobot", edited_at="2026-11-20T13:00:00.000Z", language="hr",
    )  # fmt: skip
    mention = to_mention(status, server="social.example", thread=Thread("p", "r"))
    assert mention.full_text == "Warning\nHi @brand\nmy <kettle> & https://example.org/a"
    assert (mention.parent_id, mention.thread_id) == ("p", "r")
    assert (mention.author_handle, mention.author_followers, mention.author_is_bot) == ("mara@far.example", 12, True)
    assert mention.lang_tag == "hr"
    assert mention.edited_at is not None
    assert mention.native["nobot"] is True
    assert mention.external_id == status["uri"]


def test_people_of_the_asked_server_get_their_full_handle():
    mention = to_mention(MastodonServer().post("hi", "mara"), server="social.example")
    assert mention.author_handle == "mara@social.example"


def test_boost_is_a_repost_of_the_original():
    server = MastodonServer()
    original = server.post("norda is late", "mara")
    mention = to_mention(server.post("", "ben", reblog=original), server="social.example")
    assert mention.is_repost
    assert (mention.external_id, mention.author_name) == (original["uri"], "Mara")


@pytest.mark.parametrize("change", [{"id": 12}, {"content": None}, {"account": None}, {"created_at": "yesterday"}])
def test_unreadable_status_says_so(change: dict[str, Any]):
    with pytest.raises(Undecodable):
        to_mention(MastodonServer().post("hi") | change, server="s.example")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello", 5),
        ("👨‍👩‍👧‍👦 e\u0301", 3),
        ("see https://norda.example/a/very/long/path?with=words&and=more", 4 + 23),
        ("@mara@far.example hi", 8),
        ("mail mara@far.example", 21),
        ("(https://a.example/x).", 1 + 23 + 2),
    ],
)
def test_length_is_counted_as_the_server_does(text: str, expected: int):
    assert length(text) == expected


def account_at(base: str) -> Account:
    return Account(1, "mastodon", "brand@social.example", "9001", base)


def parent(**native: Any) -> Parent:
    facts = {"id": "55", "server": "social.example", "acct": "mara@far.example", "visibility": "public"} | native
    return Parent("uri", "uri", "", "mara", "mara@far.example", facts)


def test_reply_names_the_person_and_is_never_more_public():
    frozen = freeze(Outgoing(TEXT, "pt-BR", parent(), account_at("https://social.example"), NOON, 1))
    assert json.loads(frozen.body) == {
        "status": f"@mara@far.example {TEXT}", "in_reply_to_id": "55", "visibility": "unlisted", "language": "pt",
    }  # fmt: skip
    assert [visibility_of(parent(visibility=seen)) for seen in ("public", "unlisted", "private", "direct", "odd")] == [
        "unlisted", "unlisted", "private", "direct", "direct",
    ]  # fmt: skip
    assert salutation(parent(acct="mara")) == "@mara"
    assert salutation(parent(acct="mara@localhost:80", server="localhost:80")) == "@mara"


def test_name_in_the_text_is_not_put_in_front_again():
    outgoing = Outgoing("Hi @mara@far.example, sorry", None, parent(), account_at("https://social.example"), NOON, 1)
    assert json.loads(freeze(outgoing).body)["status"] == "Hi @mara@far.example, sorry"


def test_same_approval_same_bytes_another_approval_another_key():
    outgoing = Outgoing(TEXT, "en", parent(), account_at("https://social.example"), NOON, 1)
    assert freeze(outgoing) == freeze(outgoing)
    assert freeze(outgoing).key != freeze(replace(outgoing, approved_at=HOUR_LATER)).key


def test_too_long_with_the_name_and_foreign_posts_are_refused_at_approval():
    with pytest.raises(BadInput, match="longer"):
        freeze(Outgoing("x" * 496, "en", parent(), account_at("https://social.example"), NOON, 1))
    with pytest.raises(BadInput, match="another server"):
        freeze(Outgoing(TEXT, "en", parent(), account_at("https://other.example"), NOON, 1))


def test_read_back_compares_words_not_markup():
    assert comparable("@mara@far.example  Hi @ben@x.example\nthere") == comparable("@mara Hi @ben there")
    assert comparable("e\u0301") == comparable("é")


def test_keyless_sources_are_hashtags_of_the_name():
    sources = keyless("Norda Rail!")
    assert {settings["tag"] for _, settings in sources} == {"nordarail"}
    for _, settings in sources:
        msgspec.convert(settings, MastodonSettings)
    assert keyless("!!!") == []


async def test_hashtag_reads_a_long_backlog_and_goes_on(rig: Rig):
    for number in range(1, 131):
        rig.server.post(f"norda {number}", number=number)
    heard, cursor = await rig.heard(tag="norda")
    assert len({mention.external_id for mention in heard}) == 130
    for number in range(131, 231):
        rig.server.post(f"norda {number}", number=number)
    later, cursor = await rig.heard(cursor, tag="norda")
    assert {f"norda {number}" for number in range(131, 231)} <= {mention.text for mention in later}
    asked = len(rig.network.requests)
    quiet, _ = await rig.heard(cursor, tag="norda")
    assert len(rig.network.requests) == asked + 1
    assert len(quiet) <= 20


async def test_first_read_stops_at_the_window(rig: Rig):
    for number in range(1, 200):
        rig.server.post(f"norda {number}", number=number, created_at="2026-11-01T12:00:00.000Z")
    pages, _ = await rig.poll(tag="norda")
    assert len(pages) == 1


async def test_back_dated_post_is_found_by_the_sweep(rig: Rig):
    for number in range(10, 60):
        rig.server.post(f"norda {number}", number=number)
    _, cursor = await rig.heard(tag="norda")
    rig.server.post("norda late arrival", number=11)
    assert "norda late arrival" not in {mention.text for mention in (await rig.heard(cursor, tag="norda"))[0]}
    assert "norda late arrival" in {mention.text for mention in (await rig.heard(None, tag="norda"))[0]}


async def test_deleted_place_does_not_make_the_source_deaf(rig: Rig):
    rig.server.empty_after_deleted = True
    for number in range(1, 30):
        rig.server.post(f"norda {number}", number=number)
    _, cursor = await rig.heard(tag="norda")
    for number in range(1, 25):
        del rig.server.posts[str(FIRST_ID + number)]
    rig.server.post("norda is back", number=40)
    assert "norda is back" in {mention.text for mention in (await rig.heard(cursor, tag="norda"))[0]}


@pytest.mark.parametrize("newest", [False, True])
async def test_many_mentions_between_two_polls_are_all_heard(rig: Rig, newest: bool):
    rig.server.min_id_gives_newest = newest
    for number in range(1, 6):
        rig.server.notify(rig.server.post(f"@brand {number}", number=number))
    _, cursor = await rig.heard(kind="mentions")
    for number in range(6, 300):
        rig.server.notify(rig.server.post(f"@brand {number}", number=number))
    heard, _ = await rig.heard(cursor, kind="mentions")
    assert {f"@brand {number}" for number in range(6, 300)} <= {mention.text for mention in heard}
    assert all(mention.addressed for mention in heard)


@pytest.mark.parametrize("newest", [False, True])
async def test_after_days_of_silence_all_mentions_since_are_heard(rig: Rig, newest: bool):
    rig.server.min_id_gives_newest = newest
    rig.server.notify(rig.server.post("@brand 1", number=1))
    rig.server.notify(rig.server.post("@brand 2", number=2))
    _, cursor = await rig.heard(kind="mentions")
    for number in range(3, 300):
        rig.server.notify(rig.server.post(f"@brand {number}", number=20 * number))
    rig.now = NOON + timedelta(days=5)
    heard, _ = await rig.heard(cursor, kind="mentions")
    assert {f"@brand {number}" for number in range(3, 300)} <= {mention.text for mention in heard}


@pytest.mark.parametrize("kind", ["hashtag", "mentions"])
async def test_after_days_of_silence_on_a_list_that_was_empty_everything_is_heard(rig: Rig, kind: str):
    _, cursor = await rig.heard(kind=kind, tag="norda")
    for number in range(1, 100):
        rig.server.notify(rig.server.post(f"norda {number}", number=20 * number))
    rig.now = NOON + timedelta(days=5)
    heard, _ = await rig.heard(cursor, kind=kind, tag="norda")
    assert {f"norda {number}" for number in range(1, 100)} <= {mention.text for mention in heard}


async def test_a_search_that_found_nothing_before_tells_when_it_finds_too_much(rig: Rig):
    _, cursor = await rig.heard(kind="search")
    for number in range(1, 300):
        rig.server.post(f"norda {number}", number=number)
    pages, _ = await rig.poll(cursor, kind="search")
    assert [page.gap for page in pages if page.gap] != []


async def test_reply_is_put_into_its_thread(rig: Rig):
    root = rig.server.post("norda root", number=1)
    answer = rig.server.post("our answer", "brand", number=2, in_reply_to_id=root["id"])
    back = rig.server.post("@brand still broken", number=3, in_reply_to_id=answer["id"])
    rig.server.notify(back)
    (mention,), _ = await rig.heard(kind="mentions")
    assert (mention.parent_id, mention.thread_id) == (answer["uri"], root["uri"])
    assert mention.native["answerable"] is True


async def test_own_posts_and_other_notifications_are_no_mentions(rig: Rig):
    rig.server.post("norda by us", "brand", number=1)
    rig.server.notify(rig.server.post("liked", number=2), kind="favourite")
    gone = rig.server.notify(rig.server.post("x", number=3))
    gone["status"] = None
    assert (await rig.heard(tag="norda"))[0][0].text == "x"
    assert (await rig.heard(kind="mentions"))[0] == []


async def test_search_goes_phrase_by_phrase_and_stops_at_the_known(rig: Rig):
    for number in range(1, 61):
        rig.server.post(f"norda {number}" if number % 2 else f"late coach {number}", number=number)
    terms = ("norda", "late coach")
    heard, cursor = await rig.heard(kind="search", terms=terms)
    assert len({mention.external_id for mention in heard}) == 60
    rig.server.post("norda again", number=61)
    asked = len(rig.network.requests)
    later, _ = await rig.heard(cursor, kind="search", terms=terms)
    assert "norda again" in {mention.text for mention in later}
    assert len(rig.network.requests) == asked + 2


async def test_search_that_finds_too_much_tells_of_the_gap(rig: Rig):
    rig.server.post("norda 0", number=1)
    _, cursor = await rig.heard(kind="search")
    for number in range(2, 400):
        rig.server.post(f"norda {number}", number=number)
    pages, _ = await rig.poll(cursor, kind="search")
    assert [page.gap for page in pages if page.gap]


async def test_what_needs_an_account_says_so(rig: Rig):
    for kind in ("search", "mentions"):
        with pytest.raises(SignInFailed, match="needs an account"):
            await rig.source(account=False, kind=kind).fetch(None)
    rig.server.closed_to_public = True
    with pytest.raises(SignInFailed, match="only to its members"):
        await rig.source(account=False, tag="norda").fetch(None)
    with pytest.raises(Refused, match="no hashtag"):
        await rig.source(tag="nor/../da").fetch(None)


async def test_token_never_goes_to_another_server(rig: Rig):
    other = replace(rig.account, base_url="https://elsewhere.example")
    listening = Listening(
        MastodonSettings(base_url=rig.network.base, tag="norda"), other, (), (), rig.door, SetClock(HOUR_LATER)
    )
    rig.server.closed_to_public = True
    with pytest.raises(SignInFailed):
        await MastodonSource(listening).fetch(None)


async def test_account_is_tried_and_completed(rig: Rig):
    tried = await try_account(replace(rig.account, handle="", external_id=""), rig.door)
    assert (tried.handle, tried.external_id) == (f"brand@{server_of(rig.network.base)}", rig.server.own_id)
    assert tried.labelled is False  # the server shows whether the profile says "automated"
    with pytest.raises(SignInFailed):
        await try_account(replace(rig.account, secrets={"secret_token": "wrong"}), rig.door)
    with pytest.raises(BadInput, match="https://"):
        await try_account(replace(rig.account, base_url="mastodon.social"), rig.door)


async def test_second_sending_of_the_same_bytes_is_one_post_where_the_key_is_honoured(rig: Rig):
    reply = approve(rig, mention_of(rig, rig.server.post("norda", number=1)))
    first = await rig.publisher().publish(reply)
    second = await rig.publisher().publish(reply)
    assert first == second
    assert [key for key, _ in rig.server.received] == [reply.key, reply.key]


async def test_read_back_tells_of_copies_on_a_server_without_keys(rig: Rig):
    rig.server.honours_key = False
    reply = approve(rig, mention_of(rig, rig.server.post("norda", number=1)))
    first = await rig.publisher().publish(reply)
    await rig.publisher().publish(reply)
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert (found.external_id, found.evidence["copies"]) == (first.external_id, 2)


async def test_read_back_may_lag_and_pages_past_other_posts(rig: Rig):
    reply = approve(rig, mention_of(rig, rig.server.post("norda", number=1)))
    rig.network.fault = Fault(reset=True, applied=True, methods=("POST",))
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().publish(reply)
    rig.network.fault = None
    rig.server.read_lag = 1
    assert await rig.publisher().find_published(reply) is None
    for number in range(3000, 3100):
        rig.server.post(f"other {number}", "brand", number=number)
    assert await rig.publisher().find_published(reply) is not None
    assert len(rig.server.received) == 1


async def test_read_back_that_cannot_reach_far_enough_is_no_proof(rig: Rig):
    reply = approve(rig, mention_of(rig, rig.server.post("norda", number=1)))
    for number in range(3000, 3300):
        rig.server.post(f"other {number}", "brand", number=number)
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().find_published(reply)


async def test_limit_with_an_iso_reset_is_understood(rig: Rig):
    rig.network.fault = Fault(
        status=429, body=b'{"error":"Too many requests"}', headers={"X-RateLimit-Reset": "2026-11-20T13:05:00.000000Z"}
    )
    with pytest.raises(RateLimited) as limited:
        await rig.source(tag="norda").fetch(None)
    assert limited.value.retry_at == HOUR_LATER.replace(minute=5)


def recorded(shared: Path) -> list[tuple[str, Any]]:
    """Every status that stands in the recorded answers of real servers."""
    found = []
    for file in sorted((shared / "recorded" / "mastodon").glob("*.json")):
        for call in json.loads(file.read_text(encoding="utf-8")):
            if call["response"]["status"] == 200:
                found += [(file.stem, status) for status in _statuses(call["response"]["body"])]
    return found


def _statuses(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [status for item in value for status in _statuses(item)]
    if not isinstance(value, dict):
        return []
    own = [value] if "content" in value and "in_reply_to_id" in value and "account" in value else []
    return own + [status for part in value.values() for status in _statuses(part)]


def test_recorded_statuses_are_all_read(shared: Path):
    statuses = recorded(shared)
    assert len(statuses) > 150
    for name, status in statuses:
        mention = to_mention(status, server="localhost:3000")
        assert mention.external_id.startswith("http"), name
        assert mention.author_handle.count("@") == 1, name
        assert "<p>" not in mention.text, name
        assert "</" not in mention.text, name


def held(mention: Mention) -> Held:
    return Held(mention.external_id, mention.thread_id, mention.url, mention.addressed, mention.native)


async def test_a_second_look_asks_the_server_that_gave_the_id_and_no_other(rig: Rig):
    mention = mention_of(rig, rig.server.post("norda", number=1))
    listening = Listening(MastodonSettings(), rig.account, (), (), rig.door)
    far = replace(held(mention), native=mention.native | {"server": "far.example"})
    assert await verify(listening, [far]) == {}
    assert await verify(listening, [held(mention)]) == {mention.external_id: mention}
    with pytest.raises(Refused, match="no server"):
        await verify(Listening(MastodonSettings(), None, (), (), rig.door), [held(mention)])


async def test_a_plain_404_counts_only_where_the_server_speaks_its_api(rig: Rig):
    mention = mention_of(rig, rig.server.post("norda", number=1))
    rig.server.posts.clear()
    rig.server.plain_404 = True
    listening = Listening(MastodonSettings(), rig.account, (), (), rig.door)
    assert await verify(listening, [held(mention)]) == {mention.external_id: None}
    rig.network.fault = Fault(status=404, body=b"<h1>down</h1>", content_type="text/html", path="/api/v1/instance")
    assert await verify(listening, [held(mention)]) == {}
