"""A channel with one planted fault at a time: the suite must notice each, or it proves nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import msgspec

from channels.manifest import Listening, Verify
from channels.sandbox import MANIFEST
from channels.sandbox.publisher import SandboxPublisher
from channels.sandbox.source import SandboxSource
from channels.sandbox.verify import verify
from channels.webhook import MANIFEST as WEBHOOK
from channels.webhook import signing
from channels.webhook.convert import to_page
from domain.account import Account
from domain.errors import ChannelError, OutcomeUnknown, Unreachable
from domain.mention import Mention
from domain.ports import Cursor, Held, Page
from domain.reply import ApprovedReply, PublishedReply
from net.door import Door

_SERIAL = count()


class FaultySource:
    """The sandbox source, spoilt in the named way."""

    def __init__(self, listening: Listening, fault: str) -> None:
        self._inner = SandboxSource(listening)
        self._fault = fault

    async def fetch(self, cursor: Cursor | None) -> Page:
        if self._fault == "forgets_cursor":
            return replace(await self._inner.fetch(cursor), cursor=None)
        try:
            page = await self._inner.fetch(cursor)
        except ChannelError as error:
            raise self._error(error) from error
        return self._spoil(page)

    def _error(self, error: ChannelError) -> Exception:
        if self._fault == "hides_errors":
            return Unreachable("something")
        return KeyError("posts") if self._fault == "leaks_errors" else error

    def _spoil(self, page: Page) -> Page:
        if self._fault == "loses_page" and page.unreadable:
            return replace(page, mentions=())
        if self._fault == "drops_unreadable":
            return replace(page, unreadable=())
        if self._fault == "skips_one":
            return replace(page, mentions=page.mentions[1:])
        if self._fault == "forgets_removals":
            return replace(page, withdrawn=())
        return replace(page, mentions=tuple(self._change(mention) for mention in page.mentions))

    def _change(self, mention: Mention) -> Mention:
        changes: dict[str, Any] = {
            "naive_times": {"posted_at": mention.posted_at.astimezone(UTC).replace(tzinfo=None)},
            "strips_markup": {"text": mention.text.replace("<", "").replace(">", "")},
            "new_ids": {"external_id": f"{mention.external_id}-{next(_SERIAL)}"},
        }
        return msgspec.structs.replace(mention, **changes.get(self._fault, {}))


class FaultyPublisher:
    """The sandbox publisher, spoilt in the named way."""

    def __init__(self, account: Account, door: Door, fault: str) -> None:
        self._inner = SandboxPublisher(account, door)
        self._fault = fault

    async def publish(self, reply: ApprovedReply) -> PublishedReply:
        try:
            return await self._inner.publish(reply)
        except OutcomeUnknown:
            if self._fault == "repeats":
                return await self._inner.publish(reply)
            if self._fault == "calls_doubt_failure":
                raise Unreachable("it seems not to have worked") from None
            raise

    async def find_published(self, reply: ApprovedReply) -> PublishedReply | None:
        if self._fault == "finds_anything":
            return PublishedReply("1", "")
        return None if self._fault == "finds_nothing" else await self._inner.find_published(reply)


def faulty_verify(fault: str) -> Verify:
    """The sandbox's second look, spoilt in the named way."""

    async def look(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
        try:
            found = await verify(listening, held)
        except ChannelError:
            if fault == "takes_faults_for_gone":
                return {each.external_id: None for each in held}
            if fault == "leaks_errors_when_looking":
                raise KeyError("id") from None
            raise
        if fault == "never_sees_removals":
            return {name: post for name, post in found.items() if post is not None}
        return found

    return look


SOURCE_FAULTS = {
    "forgets_cursor": "cursor_moves_and_misses_nothing",
    "hides_errors": "statuses_have_their_error",
    "leaks_errors": "wrong_types_only_raise_named_errors",
    "loses_page": "unreadable_item_loses_nothing",
    "drops_unreadable": "unreadable_item_loses_nothing",
    "skips_one": "hears_every_post_once",
    "forgets_removals": "withdrawals_are_seen",
    "naive_times": "times_are_aware",
    "strips_markup": "hostile_text_stays_text",
    "new_ids": "twice_changes_nothing",
}
"""Fault -> the check that must notice it."""
PUBLISHER_FAULTS = {
    "repeats": "all_else_is_unknown",
    "calls_doubt_failure": "all_else_is_unknown",
    "finds_anything": "absent_reply_is_not_found",
    "finds_nothing": "applied_then_failed_is_found",
}


VERIFY_FAULTS = {
    "takes_faults_for_gone": "look_again_takes_no_page_for_gone",
    "leaks_errors_when_looking": "look_again_only_raises_named_errors",
    "never_sees_removals": "look_again_tells_what_stands_what_changed_and_what_is_gone",
}


PUSH_FAULTS = {
    "believes_anyone": "strangers_are_refused",
    "signs_what_it_read": "strangers_are_refused",
    "needs_no_secret": "strangers_are_refused",
    "forgets_the_time": "what_was_caught_is_of_no_use_later",
    "leaks_errors": "broken_bodies_are_undecodable",
    "loses_page": "unreadable_item_loses_nothing",
}


def faulty_receive(fault: str, listening: Listening, headers: Mapping[str, str], body: bytes, now: datetime) -> Page:
    """The webhook's way to take a push, spoilt in the named way."""
    secret = listening.account.secrets.get("secret_signing", "") if listening.account else ""
    signed = body
    if fault == "signs_what_it_read":
        signed = json.dumps(json.loads(body)).encode()
    if fault == "forgets_the_time":
        now = datetime.fromtimestamp(int(headers[signing.HEADER].partition(",")[0].removeprefix("t=")), UTC)
    if fault != "believes_anyone" and not (fault == "needs_no_secret" and not secret):
        signing.check(secret, headers, signed, now)
    if fault == "leaks_errors":
        json.loads(body)["posts"]
    page = to_page(body, listening.handles)
    return replace(page, mentions=()) if fault == "loses_page" and page.unreadable else page


def faulty_pusher(fault: str) -> Any:
    """The webhook's manifest with a spoilt way to take a push."""
    return replace(WEBHOOK, receive=lambda *given: faulty_receive(fault, *given))


def faulty_manifest(fault: str) -> Any:
    """The sandbox's manifest with a spoilt source, publisher and second look."""
    return replace(
        MANIFEST,
        source=lambda listening: FaultySource(listening, fault),
        publisher=lambda account, door: FaultyPublisher(account, door, fault),
        verify=faulty_verify(fault),
    )
