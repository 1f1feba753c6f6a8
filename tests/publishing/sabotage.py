"""Planted faults: naive forms of publishing and settling, and publishers that break their promise.

They are put in by swapping functions of the product in this process, and taken out again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from channels.instagram import publisher as instagram
from channels.threads.publisher import ThreadsPublisher
from channels.upsert import UpsertPublisher
from channels.x import problems as x
from domain.errors import ChannelError, OutcomeUnknown, Unreachable
from domain.ports import Publisher
from domain.reply import ApprovedReply, PublishedReply
from responders import outcomes, publishing, sending, settling
from responders.outcomes import move, record
from responders.sending import Outcome, send_once
from responders.settling import Seen
from responders.worker import Worker
from storage.tables import Attempt
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


def looks_where_nothing_is_shown() -> Swaps:
    """What will never tell is asked again and again, and nobody decides."""
    return [(instagram, "NotShown", OutcomeUnknown)]


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


def prepares_anew_in_doubt() -> Swaps:
    """What was prepared before a doubtful sending is forgotten: another one is prepared, and published."""

    def newest(done: list[Attempt], yes: object) -> str:
        return str(done[-1].evidence.get("prepared", "")) if done else ""

    return uses(publishing.prepared_by, newest)


def does_not_ask_the_container() -> Swaps:
    """Only our own replies are looked through, and what is prepared is published whatever the network says of it."""

    async def ready(self: ThreadsPublisher, container_id: str) -> bool:
        return True

    return [(ThreadsPublisher, "find_published", ThreadsPublisher._among_ours), (ThreadsPublisher, "_is_ready", ready)]


def does_not_look_first() -> Swaps:
    """An answer is put in its place whatever stands there."""

    async def publish(self: UpsertPublisher, reply: ApprovedReply) -> PublishedReply:
        standing = await self.place.put(reply)
        return PublishedReply(standing.external_id or f"{reply.key}#answer", "", {})

    return [(UpsertPublisher, "publish", publish)]


def duplicate_is_a_refusal() -> Swaps:
    """ "You said that before" is taken for "certainly not public", also after an attempt that may have been applied."""
    problem = x.post_problem
    return uses(problem, lambda answer, now, first_attempt: problem(answer, now, first_attempt=True))


def looks_once_for_all() -> Swaps:
    """What a look before a first sending saw is still believed before the next one."""
    publish = UpsertPublisher.publish

    async def believes(self: UpsertPublisher, reply: ApprovedReply) -> PublishedReply:
        if reply.first_sent_at is None:
            return await publish(self, reply)
        standing = await self.place.put(reply)
        return PublishedReply(standing.external_id or f"{reply.key}#answer", "", {})

    return [(UpsertPublisher, "publish", believes)]


SWAPS: dict[str, tuple[Callable[[], Swaps], str, str]] = {
    "sends again after unknown": (sends_again_after_unknown, "no keys", "doubled"),
    "counts doubt as sent": (hopes, "no keys", "not public"),
    "takes a failed look as absent": (failed_look_is_absent, "Reddit", "unproven"),
    "takes a failed look as absent, and repeats": (failed_look_is_absent, "Bluesky", "unproven"),
    "takes a failed look as absent, at the one address": (failed_look_is_absent, "in discussions", "unproven"),
    "looks where nothing is shown": (looks_where_nothing_is_shown, "Instagram, not shown", "dropped"),
    "looks at once": (looks_at_once, "no keys", "unproven"),
    "one look is enough": (one_look_is_enough, "Sandbox, read back", "unproven"),
    "never looks": (never_looks, "Reddit", "dropped"),
    "repeats when the key is forgotten": (keys_last_for_ever, "Mastodon, keys", "doubled"),
    "repeats without any key": (keys_last_for_ever, "Reddit", "doubled"),
    "writes the intent after sending": (intent_after_send, "Sandbox, read back", "no intent"),
    "sends other bytes": (other_bytes, "Bluesky", "unapproved"),
    "forgets what has to wait": (refused_forever, "Sandbox, nothing to look at", "dropped"),
    "takes doubt as not sent": (doubt_is_later, "Sandbox, nothing to look at", "doubled"),
    "prepares anew in doubt, and publishes both": (prepares_anew_in_doubt, "Threads", "doubled"),
    "publishes what is published already": (does_not_ask_the_container, "Threads", "doubled"),
    "does not look before it answers": (does_not_look_first, "App Store", "replaced"),
    "looks before the first sending only": (looks_once_for_all, "Trustpilot", "replaced"),
    "takes a duplicate for a refusal": (duplicate_is_a_refusal, "X, refuses duplicates", "dropped"),
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
