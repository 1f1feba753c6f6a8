"""The promises of the channel contract as checks that run over every channel (EXEMPLARS: the channel contract).

Each check is an async function of a Rig and fails by assertion. `test_conformance` runs them over all subjects and
over a channel with planted faults, so that a check which cannot fail is noticed.
"""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from channels.manifest import Listening
from domain.clock import SetClock
from domain.errors import ChannelError, Gone, Refused, SignInFailed, Undecodable, Unreachable
from domain.errors import RateLimited as Limited
from domain.mention import Mention, content_hash
from domain.ports import Cursor, Held, Page, Publisher, Source
from net.door import Door
from tests.channels.network import NOON, Fault, Network, Post
from tests.channels.subject import Subject

HOSTILE = (
    'norda <script>alert(1)</script> & <img src=x onerror="x()">',
    "norda \u202eright to left\u202c \u200bzero width \U000e0041 tag",
    "norda {{ 7*7 }} ${7*7} <% 7 %> '; DROP TABLE mentions; --",
    "norda " + "e\u0301\u0323" * 50 + " javascript:alert(1) \u0000end",
)
Check = Callable[["Rig"], Awaitable[None]]


@dataclass
class Rig:
    """One channel beside its local network."""

    subject: Subject
    network: Network
    folder: Path
    door: Door
    clock: SetClock

    def source(self) -> Source:
        """A source built as the listener builds it, from settings that went through JSON."""
        assert self.subject.manifest.source is not None
        self.subject.prepare(self.network, self.folder)
        return self.subject.manifest.source(self.listening())

    def listening(self) -> Listening:
        """What a source is built from."""
        settings = msgspec.convert(
            json.loads(json.dumps(self.subject.settings(self.network, self.folder))), self.subject.manifest.settings
        )
        account = self.subject.account(self.network)
        return Listening(
            settings=settings, account=account, terms=self.subject.terms, handles=self.subject.handles,
            door=self.door, clock=self.clock,
        )  # fmt: skip

    async def poll(self, cursor: Cursor | None = None, pages: int = 20) -> tuple[list[Page], Cursor | None]:
        """Fetch page by page until no more waits, each time with a new source and a cursor that went through JSON."""
        found = []
        for _ in range(pages):
            page = await self.source().fetch(cursor)
            found.append(page)
            cursor = page.cursor if page.cursor is None else json.loads(json.dumps(page.cursor))
            if not page.more:
                return found, cursor
        raise AssertionError(f"{self.subject.manifest.name}: still more after {pages} pages")

    async def mentions(self, cursor: Cursor | None = None) -> list[Mention]:
        """All mentions of one poll."""
        return [mention for page in (await self.poll(cursor))[0] for mention in page.mentions]

    def publisher(self) -> Publisher:
        """The publisher with our account on the local network."""
        account = self.subject.account(self.network)
        assert self.subject.manifest.publisher is not None
        assert account is not None
        return self.subject.manifest.publisher(account, self.door)


def some_posts(count: int = 5) -> list[Post]:
    """Posts one minute apart, oldest first, that all match the term."""
    return [Post(n, f"norda post number {n}", NOON + timedelta(minutes=n)) for n in range(1, count + 1)]


async def check_hears_every_post_once(rig: Rig) -> None:
    """Each post is one mention of this channel, with its native id, text and address."""
    rig.network.posts = some_posts()
    heard = await rig.mentions()
    assert sorted(m.external_id for m in heard) == sorted(rig.subject.native_id(n) for n in range(1, 6))
    assert {m.channel for m in heard} == {rig.subject.manifest.name}
    assert {m.full_text.split("\n")[-1] for m in heard} == {f"norda post number {n}" for n in range(1, 6)}
    assert all(m.thread_id for m in heard)
    assert all(m.url.startswith(("http://", "https://", "")) for m in heard)


async def check_twice_changes_nothing(rig: Rig) -> None:
    """The same cursor gives the same posts: nothing is kept between calls."""
    rig.network.posts = some_posts()
    first, second = await rig.mentions(), await rig.mentions()
    key = [(m.external_id, content_hash(m.title, m.text)) for m in first]
    assert key == [(m.external_id, content_hash(m.title, m.text)) for m in second]


async def check_cursor_moves_and_misses_nothing(rig: Rig) -> None:
    """A cursor survives JSON; what comes after it is heard by the next poll."""
    rig.network.posts = some_posts(5)
    _, cursor = await rig.poll()
    assert cursor is not None
    assert len(json.dumps(cursor)) < 64_000
    rig.network.posts = some_posts(8)
    rig.clock.move(600)
    later = {m.external_id for m in await rig.mentions(cursor)}
    assert {rig.subject.native_id(n) for n in (6, 7, 8)} <= later


async def check_empty_is_no_end(rig: Rig) -> None:
    """A poll that finds nothing is no fault, and the next one goes on."""
    rig.network.posts = []
    pages, cursor = await rig.poll()
    assert [m for page in pages for m in page.mentions] == []
    rig.network.posts = some_posts(3)
    rig.clock.move(600)
    assert len(await rig.mentions(cursor)) == 3


async def check_unreadable_item_loses_nothing(rig: Rig) -> None:
    """One item that cannot be read goes to quarantine with its reason; its neighbours are heard."""
    posts = some_posts(5)
    posts[2] = replace(posts[2], broken=True)
    rig.network.posts = posts
    pages, _ = await rig.poll()
    heard = {m.external_id for page in pages for m in page.mentions}
    assert heard == {rig.subject.native_id(n) for n in (1, 2, 4, 5)}
    bad = [item for page in pages for item in page.unreadable]
    assert len(bad) == 1
    assert bad[0].where
    assert bad[0].why
    assert bad[0].sample


async def check_times_are_aware(rig: Rig) -> None:
    """Every moment is aware and UTC, also when the network leaves the zone or the date out."""
    posts = some_posts(3)
    rig.network.posts = [replace(posts[0], naive=True), replace(posts[1], dated=False), posts[2]]
    pages, _ = await rig.poll()
    heard = [m for page in pages for m in page.mentions]
    assert len(heard) + sum(len(page.unreadable) for page in pages) == 3
    assert all(m.posted_at.utcoffset() == timedelta(0) for m in heard)
    assert all(m.posted_at.tzinfo is UTC or m.posted_at.tzname() == "UTC" for m in heard)


async def check_hostile_text_stays_text(rig: Rig) -> None:
    """Markup, templates and odd characters of an author arrive as the characters they wrote, without NUL."""
    rig.network.posts = [Post(n, text, NOON + timedelta(minutes=n)) for n, text in enumerate(HOSTILE, 1)]
    heard = {m.external_id: m.full_text for m in await rig.mentions()}
    assert len(heard) == len(HOSTILE)
    assert not any("\x00" in text for text in heard.values())
    assert "<script>alert(1)</script>" in heard[rig.subject.native_id(1)]
    assert "{{ 7*7 }}" in heard[rig.subject.native_id(3)]
    assert all(text.encode("utf-8") for text in heard.values())


async def check_edits_are_seen(rig: Rig) -> None:
    """A changed text in the window comes again with the same id and another hash."""
    if not rig.subject.shows_edits:
        return
    rig.network.posts = some_posts(3)
    _, cursor = await rig.poll()
    rig.network.posts[2] = replace(rig.network.posts[2], text="norda post, now edited")
    rig.clock.move(60)
    again = {m.external_id: m.full_text for m in await rig.mentions(cursor)}
    assert "now edited" in again[rig.subject.native_id(3)]


async def check_withdrawals_are_seen(rig: Rig) -> None:
    """A post that its author removed is named as withdrawn."""
    if not rig.subject.shows_withdrawals:
        return
    rig.network.posts = some_posts(3)
    _, cursor = await rig.poll()
    rig.network.posts[2] = replace(rig.network.posts[2], withdrawn=True)
    rig.clock.move(60)
    pages, _ = await rig.poll(cursor)
    assert rig.subject.native_id(3) in [gone for page in pages for gone in page.withdrawn]


async def _look_again(rig: Rig, held: Sequence[Held]) -> Mapping[str, Mention | None]:
    """Look at stored posts again, as the listener does."""
    manifest = rig.subject.manifest
    assert manifest.verify is not None
    return await manifest.verify(rig.listening(), held)


async def _stored(rig: Rig) -> list[Held]:
    """What is stored of three posts that were heard."""
    rig.network.posts = some_posts(3)
    heard = sorted(await rig.mentions(), key=lambda mention: mention.posted_at)
    native = [json.loads(json.dumps(m.native)) for m in heard]
    return [Held(m.external_id, m.thread_id, m.url, m.addressed, n) for m, n in zip(heard, native, strict=True)]


async def check_look_again_tells_what_stands_what_changed_and_what_is_gone(rig: Rig) -> None:
    """A post that stands reads as it was heard, an edited one as it reads now, and a removed one is None."""
    held = await _stored(rig)
    heard = {m.external_id: m for m in await rig.mentions()}
    posts = rig.network.posts
    rig.network.posts = [posts[0], replace(posts[1], text="norda post, now edited"), replace(posts[2], withdrawn=True)]
    found = await _look_again(rig, held)
    stands, edited, gone = (rig.subject.native_id(n) for n in (1, 2, 3))
    assert found[gone] is None
    assert set(found) == {stands, edited, gone}
    same, other = found[stands], found[edited]
    assert same is not None
    assert other is not None
    assert (same.full_text, same.native) == (heard[stands].full_text, heard[stands].native)
    assert "now edited" in other.full_text


async def check_look_again_takes_no_page_for_gone(rig: Rig) -> None:
    """Proxies, walls, empty and cut answers never make a post "gone": it would be purged."""
    held = await _stored(rig)
    html = b"<html><h1>Not found</h1>"
    for status in (404, 410, 451, 200, 401, 403, 429, 500, 503):
        for body, kind in ((html, "text/html"), (b"", "application/json"), (b'{"posts": [1', "application/json")):
            rig.network.fault = Fault(status=status, body=body, content_type=kind)
            try:
                found = await _look_again(rig, held)
            except ChannelError:
                continue
            assert None not in found.values(), (status, body)
    rig.network.fault = Fault(reset=True)
    with contextlib.suppress(ChannelError):
        assert None not in (await _look_again(rig, held)).values()


async def check_look_again_only_raises_named_errors(rig: Rig) -> None:
    """Whatever shape the network answers in, posts come or one of the named errors; limits and sign-in are told."""
    held = await _stored(rig)
    for seed in range(40):
        rng = random.Random(seed)
        rig.network.fault = Fault(mutate=lambda body, rng=rng: spoil(body, rng))  # type: ignore[misc]
        with contextlib.suppress(ChannelError):
            found = await _look_again(rig, held)
            assert set(found) <= {each.external_id for each in held}
            assert all(post is None or post.external_id == name for name, post in found.items())
    for fault, error in (
        (Fault(status=429, body=b"{}", headers={"Retry-After": "60"}), Limited),
        (Fault(status=401, body=b"{}"), SignInFailed),
        (Fault(status=500), Unreachable),
    ):
        rig.network.fault = fault
        with pytest.raises(error):
            await _look_again(rig, held)


def _wrong_type(value: Any, rng: random.Random) -> Any:
    """The same JSON with one node somewhere replaced by something of another type."""
    odd: Any = rng.choice([None, True, -1, 10**30, 1.5e308, "", "\ud800x", [], {}, [[[]]], {"id": {}}])
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(sorted(value))
        return {**value, key: _wrong_type(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.9:
        place = rng.randrange(len(value))
        return [*value[:place], _wrong_type(value[place], rng), *value[place + 1 :]]
    return odd


def spoil(body: bytes, rng: random.Random) -> bytes:
    """Wrong types in JSON; for other bytes cut, double or change a piece."""
    try:
        return json.dumps(_wrong_type(json.loads(body), rng)).encode("utf-8", "replace")
    except ValueError:
        place, span = rng.randrange(len(body) or 1), rng.randrange(1, 40)
        return rng.choice([body[:place], body[:place] + body[place + span :], body[:place] + b"<\xff&" + body[place:]])


async def check_wrong_types_only_raise_named_errors(rig: Rig) -> None:
    """Whatever shape the network answers in, either a page comes or one of the named errors."""
    rig.network.posts = some_posts(3)
    for seed in range(60):
        rng = random.Random(seed)
        rig.network.fault = Fault(mutate=lambda body, rng=rng: spoil(body, rng))  # type: ignore[misc]
        try:
            pages, _ = await rig.poll()
        except ChannelError:
            continue
        for mention in (m for page in pages for m in page.mentions):
            assert isinstance(mention.text, str)
            assert mention.external_id
            assert mention.posted_at.tzinfo is not None


async def _raised(rig: Rig, fault: Fault) -> ChannelError:
    rig.network.posts = some_posts(3)
    rig.network.fault = fault
    try:
        await rig.poll()
    except ChannelError as error:
        return error
    raise AssertionError(f"no error for {fault.status}")


async def check_statuses_have_their_error(rig: Rig) -> None:
    """401, 403, 404, 410 and server faults each lead to one treatment."""
    html = Fault(status=503, body=b"<html><h1>Maintenance</h1>", content_type="text/html")
    assert isinstance(await _raised(rig, Fault(status=401, body=b"{}")), SignInFailed)
    assert isinstance(await _raised(rig, Fault(status=403, body=b"{}")), SignInFailed | Refused)
    assert isinstance(await _raised(rig, Fault(status=404, body=b"{}")), Gone | Refused)
    assert isinstance(await _raised(rig, Fault(status=410, body=b"{}")), Gone)
    assert isinstance(await _raised(rig, Fault(status=500)), Unreachable)
    assert isinstance(await _raised(rig, html), Unreachable | Limited)


async def check_rate_limit_is_told(rig: Rig) -> None:
    """429 is no fault; with Retry-After the moment is known."""
    error = await _raised(rig, Fault(status=429, headers={"Retry-After": "120"}))
    assert isinstance(error, Limited)
    assert error.retry_at is not None
    assert error.retry_at.utcoffset() == timedelta(0)
    assert isinstance(await _raised(rig, Fault(status=429)), Limited)


async def check_broken_answers_are_undecodable(rig: Rig) -> None:
    """Cut-off or foreign bodies with 200 and bodies too large end in a named error, without losing the cursor."""
    for body in (b'{"a": [1, 2', b"<html>hello</html>", b"\xff\xfe\x00\x01", b"[" * 50_000):
        assert isinstance(await _raised(rig, Fault(body=body)), Undecodable | Unreachable | Refused), body[:20]
    huge = Fault(body=b" " * 20_000_000)
    assert isinstance(await _raised(rig, huge), Undecodable | Unreachable | Refused)
    assert isinstance(await _raised(rig, Fault(reset=True)), Unreachable)


SOURCE_CHECKS: tuple[Check, ...] = (
    check_hears_every_post_once,
    check_twice_changes_nothing,
    check_cursor_moves_and_misses_nothing,
    check_empty_is_no_end,
    check_unreadable_item_loses_nothing,
    check_times_are_aware,
    check_hostile_text_stays_text,
    check_edits_are_seen,
    check_withdrawals_are_seen,
)
HTTP_CHECKS: tuple[Check, ...] = (
    check_wrong_types_only_raise_named_errors,
    check_statuses_have_their_error,
    check_rate_limit_is_told,
    check_broken_answers_are_undecodable,
)
VERIFY_CHECKS: tuple[Check, ...] = (
    check_look_again_tells_what_stands_what_changed_and_what_is_gone,
    check_look_again_takes_no_page_for_gone,
    check_look_again_only_raises_named_errors,
)
