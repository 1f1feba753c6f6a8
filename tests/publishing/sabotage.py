"""Planted faults: naive forms of publishing and settling, and publishers that break their promise.

They are put in by swapping functions of the product in this process, and taken out again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.errors import ChannelError, OutcomeUnknown, Unreachable
from domain.ports import Publisher
from domain.reply import ApprovedReply, PublishedReply
from responders import outcomes, publishing, sending, settling
from responders.outcomes import move, record
from responders.sending import Outcome, send_once
from responders.settling import Seen
from responders.worker import Worker
from tests.sabotage import Swaps, uses


def sends_again_after_unknown() -> Swaps:
    """A doubtful sending is simply due again."""

    async def give_up(session: Any, reply: Any, why: str, parts: Any, now: datetime, **_: Any) -> None:
        await move(session, reply, "approved", now, why, due_at=now + timedelta(seconds=1))

    return uses(outcomes.give_up, give_up)


def hopes() -> Swaps:
    """Doubt counts as sent, without looking."""

    async def send(given: Any, parts: Any) -> Outcome:
        outcome = await send_once(given, parts)
        hoped = PublishedReply(given.reply.key or "1", "https://norda.example/hoped")
        return Outcome("sent", published=hoped) if outcome.kind == "unknown" else outcome

    return uses(send_once, send)


def failed_look_is_absent() -> Swaps:
    """A look that went wrong counts as one that found nothing."""
    look = settling.look

    async def blind(*given: Any) -> Seen:
        seen = await look(*given)
        return Seen("absent") if seen.kind == "failed" else seen

    return uses(look, blind)


def looks_at_once() -> Swaps:
    """The settling time of the network is not waited for."""

    async def give_up(session: Any, reply: Any, why: str, parts: Any, now: datetime, **_: Any) -> None:
        await move(session, reply, "unknown", now, why, due_at=now, reads=0, error=why)

    return uses(outcomes.give_up, give_up)


def one_look_is_enough() -> Swaps:
    """Absent once is absent."""
    return [(settling, "READS_NEEDED", 1)]


def never_looks() -> Swaps:
    """Doubt stays doubt, and nobody is told of it."""

    async def give_up(session: Any, reply: Any, why: str, parts: Any, now: datetime, **_: Any) -> None:
        await move(session, reply, "unknown", now, why, due_at=None, reads=0, error="")

    return uses(outcomes.give_up, give_up)


def keys_last_for_ever() -> Swaps:
    """A repeat leaves as long as nobody has seen the first one, whatever the network still knows."""
    return uses(settling.may_repeat, lambda *given: True)


def intent_after_send() -> Swaps:
    """Claim, request and result share one transaction."""

    async def send(self: Any, row_id: int, now: datetime) -> None:
        async with self.parts.database.write() as session:
            given = await publishing.claim(session, row_id, now, self.parts)
            if given is not None:
                outcome = await send_once(given, self.parts)
                await record(session, given, outcome, self.parts, self.parts.clock.now())

    return [(Worker, "send", send)]


def other_bytes() -> Swaps:
    """Something is added after the yes."""

    async def send(given: Any, parts: Any) -> Outcome:
        reply = given.reply
        return await send_once(replace(given, reply=replace(reply, body=reply.body.replace(b"Mara", b"Mary"))), parts)

    return uses(send_once, send)


def refused_forever() -> Swaps:
    """What could not be sent for a moment is put away without a word."""

    async def later(it: Any) -> None:
        await move(it.session, it.reply, "approved", it.now, "", due_at=None, error="")

    return [(outcomes, "_RECORD", outcomes._RECORD | {"later": later})]


def doubt_is_later() -> Swaps:
    """An answer that says nothing is taken as "not sent"."""

    def outcome_of(error: Exception) -> Outcome:
        return Outcome("later", "it did not work", evidence={"error": type(error).__name__})

    return uses(sending._outcome_of, outcome_of)


SWAPS: dict[str, tuple[Callable[[], Swaps], str, str]] = {
    "sends again after unknown": (sends_again_after_unknown, "no keys", "doubled"),
    "counts doubt as sent": (hopes, "no keys", "not public"),
    "takes a failed look as absent": (failed_look_is_absent, "Reddit", "unproven"),
    "takes a failed look as absent, and repeats": (failed_look_is_absent, "Bluesky", "unproven"),
    "looks at once": (looks_at_once, "no keys", "unproven"),
    "one look is enough": (one_look_is_enough, "Sandbox, read back", "unproven"),
    "never looks": (never_looks, "Reddit", "dropped"),
    "repeats when the key is forgotten": (keys_last_for_ever, "Mastodon, keys", "doubled"),
    "repeats without any key": (keys_last_for_ever, "Reddit", "doubled"),
    "writes the intent after sending": (intent_after_send, "Sandbox, read back", "no intent"),
    "sends other bytes": (other_bytes, "Bluesky", "unapproved"),
    "forgets what has to wait": (refused_forever, "Sandbox, nothing to look at", "dropped"),
    "takes doubt as not sent": (doubt_is_later, "Sandbox, nothing to look at", "doubled"),
}
"""Name -> how it is planted, in which class, and the kind of problem that the checker must report."""


# --- publishers that break their promise -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FaultyPublisher:
    """A channel's publisher, spoilt in the named way."""

    inner: Publisher
    fault: str

    async def publish(self, reply: ApprovedReply) -> PublishedReply:
        try:
            return await self.inner.publish(reply)
        except OutcomeUnknown as error:
            if self.fault == "repeats on reset":
                return await self.inner.publish(reply)
            if self.fault == "calls doubt failure":
                raise Unreachable(error.detail) from None
            raise

    async def find_published(self, reply: ApprovedReply) -> PublishedReply | None:
        if self.fault == "finds nothing when it cannot look":
            try:
                return await self.inner.find_published(reply)
            except ChannelError:
                return None
        if self.fault == "finds whatever stands there":
            return await self.inner.find_published(reply) or PublishedReply("1", "")
        return await self.inner.find_published(reply)


PUBLISHERS = {
    "repeats on reset": "requests",
    "calls doubt failure": "doubled",
    "finds nothing when it cannot look": "unproven",
    "finds whatever stands there": "not public",
}
"""Fault -> the kind of problem that the checker must report."""
