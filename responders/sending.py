"""Send once: one call of the publisher, bounded in time, and what its answer means."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

import structlog

from channels.upsert import Overtaken
from domain.crashpoint import crashpoint
from domain.errors import ChannelError, Prepared, RateLimited, Refused, SignInFailed, Unreachable
from domain.reply import ApprovedReply, PublishedReply
from responders.parts import Parts

log = structlog.get_logger()

Kind = Literal["sent", "later", "refused", "signed_out", "unknown"]
UNCLEAR: Final = "no clear answer came: it may be public"


@dataclass(frozen=True, slots=True)
class Sending:
    """One claimed sending: what goes out, and the attempt it is written under. `again` repeats an unknown one."""

    reply: ApprovedReply
    attempt_id: int
    number: int
    again: bool
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one sending, in the terms of `domain.errors`."""

    kind: Kind
    why: str = ""
    published: PublishedReply | None = None
    retry_at: datetime | None = None
    evidence: dict[str, Any] = field(default_factory=dict)


async def send_once(sending: Sending, parts: Parts) -> Outcome:
    """Call the publisher once. Whatever is not certainly "not sent" or certainly "sent" is unknown."""
    late_s = (parts.clock.now() - sending.claimed_at).total_seconds()
    if not 0 <= late_s < parts.limits.deadline_s / 4:
        return Outcome("unknown" if sending.again else "later", "held up before sending: nothing was sent")
    manifest = parts.channels[sending.reply.channel]
    publisher = parts.publisher(manifest, sending.reply.account)
    crashpoint("publish.before_connect")
    try:
        async with asyncio.timeout(parts.limits.deadline_s / 2):
            published = await publisher.publish(sending.reply)
    except Prepared as step:
        outcome = Outcome("later", "held ready on the network, published next", evidence={"prepared": step.handle})
    except Exception as error:
        # The worker's edge: every error is an outcome here. An error nobody expected may have come after the request.
        outcome = _outcome_of(error)
        log.warning("sending failed", reply=sending.reply.reply_id, kind=outcome.kind, error=type(error).__name__)
    else:
        outcome = _outcome_of_answer(published)
    crashpoint("publish.after_answer")
    if sending.again and outcome.kind != "sent" and outcome.evidence.get("error") != Overtaken.__name__:
        # Only the first sending can be certain that nothing is public: this one had a predecessor. Unless what we saw
        # right before it tells of both.
        return Outcome("unknown", outcome.why, retry_at=outcome.retry_at, evidence=outcome.evidence)
    return outcome


def _outcome_of_answer(published: PublishedReply) -> Outcome:
    evidence = {**published.evidence, "external_id": published.external_id, "url": published.url}
    if not published.external_id:
        return Outcome("unknown", "the network answered without an id", evidence=evidence)
    return Outcome("sent", published=published, evidence=evidence)


def _outcome_of(error: Exception) -> Outcome:
    detail = error.detail if isinstance(error, ChannelError) else ""
    evidence = {"error": type(error).__name__, "detail": detail}
    if isinstance(error, RateLimited):
        return Outcome("later", "the network asks us to wait", retry_at=error.retry_at, evidence=evidence)
    if isinstance(error, Unreachable):
        return Outcome("later", "the network could not be reached", evidence=evidence)
    if isinstance(error, SignInFailed):
        return Outcome("signed_out", "the network no longer accepts our sign-in", evidence=evidence)
    if isinstance(error, Refused):
        return Outcome("refused", error.reason, evidence=evidence)
    return Outcome("unknown", detail or UNCLEAR, evidence=evidence)
