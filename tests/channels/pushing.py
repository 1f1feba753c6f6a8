"""The promises of a channel that a network pushes to: those of a poll, and that only its sender is heard."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from datetime import timedelta

import msgspec

from channels.manifest import Listening
from domain.errors import ChannelError, SignInFailed, Undecodable
from domain.ports import Cursor, Page
from tests.channels import conformance
from tests.channels.conformance import Check, Rig, some_posts, spoil


@dataclass
class PushRig(Rig):
    """One channel whose network pushes: a poll is a push that tells of all posts."""

    def take(self, body: bytes, headers: dict[str, str] | None = None, *, secret: bool = True) -> Page:
        """Receive this body, signed now unless headers are given; `secret` False: the account has none."""
        manifest, account = self.subject.manifest, self.subject.account(self.network)
        assert manifest.receive is not None
        assert account is not None
        settings = msgspec.convert(self.subject.settings(self.network, self.folder), manifest.settings)
        listening = Listening(
            settings=settings, account=account if secret else replace(account, secrets={}), terms=self.subject.terms,
            handles=self.subject.handles, door=self.door, clock=self.clock,
        )  # fmt: skip
        return manifest.receive(listening, self.signed(body) if headers is None else headers, body, self.clock.now())

    def signed(self, body: bytes) -> dict[str, str]:
        """The headers of a true push."""
        return self.subject.signed(body, self.clock.now())

    async def poll(self, cursor: Cursor | None = None, pages: int = 20) -> tuple[list[Page], Cursor | None]:
        """The pages of one push of all posts: its own, and those of what it only names."""
        found = [self.take(self.subject.pushed(self.network))]
        while found[-1].more and len(found) < pages:
            found.append(await self.source().fetch(json.loads(json.dumps(found[-1].cursor))))
        return found, {}


def _refused(rig: PushRig, body: bytes, headers: dict[str, str], *, secret: bool = True) -> None:
    try:
        rig.take(body, headers, secret=secret)
    except SignInFailed:
        return
    raise AssertionError(f"taken from a stranger: {headers} {body[:80]!r}")


async def check_strangers_are_refused(rig: Rig) -> None:
    """Without a signature, with another one, with another body, or where we have no secret: not one post is read."""
    assert isinstance(rig, PushRig)
    rig.network.posts = some_posts()
    body, rng = rig.subject.pushed(rig.network), random.Random(5)
    headers = rig.signed(body)
    _refused(rig, body, {})
    _refused(rig, body, headers, secret=False)
    _refused(rig, body, rig.subject.signed(body, rig.clock.now(), secret=""), secret=False)
    _refused(rig, body, rig.subject.signed(body, rig.clock.now(), secret="another secret of a stranger"))
    for other in (body + b" ", body[:-1], b"", b"{}"):
        _refused(rig, other, headers)
    for _ in range(100):
        place = rng.randrange(len(body))
        _refused(rig, body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :], headers)
    for name, value in headers.items():
        for odd in ("", value[:-1], value.swapcase(), value + "\u00e9", "é" * len(value), value[:-1] + "\ud800"):
            _refused(rig, body, headers | {name: odd})


async def check_what_was_caught_is_of_no_use_later(rig: Rig) -> None:
    """Where the signature holds a moment, it is taken for five minutes before and after."""
    assert isinstance(rig, PushRig)
    if not rig.subject.push_ages:
        return
    rig.network.posts = some_posts()
    body = rig.subject.pushed(rig.network)
    for minutes in (-6, 6):
        _refused(rig, body, rig.subject.signed(body, rig.clock.now() - timedelta(minutes=minutes)))
    for minutes in (-4, 4):
        rig.take(body, rig.subject.signed(body, rig.clock.now() - timedelta(minutes=minutes)))


async def check_broken_bodies_are_undecodable(rig: Rig) -> None:
    """Bodies that only their sender can have sent and that nobody can read."""
    assert isinstance(rig, PushRig)
    for body in (b"", b'{"a": [1, 2', b"<html>hello</html>", b"\xff\xfe\x00\x01", b"[" * 50_000, b"[]", b"7", b"{}"):
        try:
            rig.take(body)
        except Undecodable:
            continue
        raise AssertionError(f"read: {body[:20]!r}")


async def check_wrong_types_only_raise_named_errors(rig: Rig) -> None:
    """Whatever its shape, either a page comes or one of the named errors."""
    assert isinstance(rig, PushRig)
    rig.network.posts = some_posts(3)
    for seed in range(200):
        body = spoil(rig.subject.pushed(rig.network), random.Random(seed))
        try:
            page = rig.take(body)
        except ChannelError:
            continue
        for mention in page.mentions:
            assert isinstance(mention.text, str)
            assert mention.external_id
            assert mention.posted_at.tzinfo is not None


PUSH_CHECKS: tuple[Check, ...] = (
    check_strangers_are_refused,
    check_what_was_caught_is_of_no_use_later,
    check_broken_bodies_are_undecodable,
    check_wrong_types_only_raise_named_errors,
    conformance.check_hears_every_post_once,
    conformance.check_twice_changes_nothing,
    conformance.check_unreadable_item_loses_nothing,
    conformance.check_times_are_aware,
    conformance.check_hostile_text_stays_text,
    conformance.check_edits_are_seen,
    conformance.check_withdrawals_are_seen,
)
