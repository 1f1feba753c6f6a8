"""Settle what is unknown: look, look again, then prove or hand it to a person. Also finds what was posted by hand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from channels.manifest import Manifest
from domain.crashpoint import crashpoint
from domain.errors import ChannelError, NotShown, RateLimited, SignInFailed
from domain.reply import ApprovedReply, PublishedReply
from responders import approval
from responders.freezing import reads_back
from responders.outcomes import account_dead, change, confirm, end_attempt, give_up
from responders.parts import Parts
from responders.publishing import first_unknown, prepared_by
from responders.sending import Outcome
from storage import replies
from storage.database import after_commit
from storage.tables import Approval, Attempt, MentionRow, Reply

log = structlog.get_logger()

READS_NEEDED = 2
"""A reply counts as absent only after two complete looks, each later than the settling time of its network."""

_MOST_REPEATS = 5
_LONGEST_WAIT_S = 3600.0
_HAND_LOOKS = 3
_LOST = "the sender stopped before it knew the outcome"


@dataclass(frozen=True, slots=True)
class Look:
    """One read-back: what to look for, and how it stood when we began."""

    wanted: ApprovedReply
    status: str
    reads: int
    attempt_id: int | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a read-back gave: found, absent (a complete look), or failed (says nothing); `is_last`: and never will."""

    kind: Literal["found", "absent", "failed"]
    published: PublishedReply | None = None
    why: str = ""
    retry_at: datetime | None = None
    signed_out: bool = False
    is_last: bool = False


async def abandon(session: AsyncSession, reply_id: int, parts: Parts, now: datetime, *, at_start: bool = False) -> bool:
    """sending -> unknown when its sender is gone: the deadline has passed, or this process has just started and is
    the only one. Never back to approved. Returns whether the row moved."""
    found = await replies.locked(session, reply_id)
    if found is None or found[1].status != "sending":
        return False
    reply = found[1]
    if not at_start and reply.due_at is not None and reply.due_at > now:
        return False
    for attempt in await replies.attempts(session, reply_id):
        if not attempt.outcome:
            await end_attempt(session, attempt.id, Outcome("unknown", _LOST, evidence={"error": "lost"}), now)
    await give_up(session, reply, _LOST, parts, now)
    return True


async def prepare(session: AsyncSession, reply_id: int, parts: Parts, now: datetime) -> Look | None:
    """What to look for now; None when this reply is not due for a look."""
    reply = await session.get(Reply, reply_id, populate_existing=True)
    if reply is None or reply.status not in ("unknown", "sent") or reply.due_at is None or reply.due_at > now:
        return None
    account = await replies.account_of(session, reply) if reply.account_id else None
    done = await replies.attempts(session, reply_id)
    yes = await _yes_of(session, reply, done)
    if account is None or yes is None or not reads_back(parts.channels[reply.channel]):
        return None
    mention = await session.get_one(MentionRow, reply.mention_id, populate_existing=True)
    prepared = prepared_by(done, yes)
    wanted = approval.to_find(reply, yes, parts.account(account), mention, first_unknown(done), prepared)
    return Look(wanted, reply.status, reply.reads, done[-1].id if done else None)


async def _yes_of(session: AsyncSession, reply: Reply, done: list[Attempt]) -> Approval | None:
    if done:
        return await session.get(Approval, done[-1].approval_id)
    return await replies.live_approval(session, reply.id)


async def look(wanted: ApprovedReply, parts: Parts) -> Seen:
    """Read back once, bounded in time. An error says nothing about whether the reply is there."""
    manifest = parts.channels[wanted.channel]
    crashpoint("confirm.before_read")
    try:
        async with asyncio.timeout(parts.limits.deadline_s / 2):
            published = await parts.publisher(manifest, wanted.account).find_published(wanted)
    except Exception as error:
        # The worker's edge: a look that failed is tried again later, whatever went wrong.
        log.warning("read-back failed", reply=wanted.reply_id, error=type(error).__name__)
        why = error.detail if isinstance(error, ChannelError) else type(error).__name__
        retry_at = error.retry_at if isinstance(error, RateLimited) else None
        signed_out, is_last = isinstance(error, SignInFailed), isinstance(error, NotShown)
        return Seen("failed", None, why, retry_at, signed_out, is_last)
    crashpoint("confirm.after_read")
    return Seen("found", published) if published is not None else Seen("absent")


async def looked(session: AsyncSession, at: Look, seen: Seen, parts: Parts, now: datetime) -> bool:
    """Write what a look gave. Returns whether the reply may now be sent again with the same key and bytes."""
    found = await replies.locked(session, at.wanted.reply_id)
    assert found is not None, "replies are never deleted"
    case, reply = found
    if reply.status != at.status or reply.reads != at.reads:
        return False  # a person or another worker was faster
    crashpoint("confirm.before_commit")
    after_commit(session, lambda: crashpoint("confirm.after_commit"))
    await _note(session, at, seen, now)
    if seen.signed_out:
        await account_dead(session, at.wanted.account.id, seen.why, now)
    if reply.status == "sent":
        await _looked_for_hand(session, reply, seen, parts, now)
        return False
    if seen.kind == "found":
        assert seen.published is not None
        await confirm(session, case, reply, seen.published, "found on the network", now)
        return False
    return await _not_found(session, reply, seen, parts, now)


async def _note(session: AsyncSession, at: Look, seen: Seen, now: datetime) -> None:
    """The evidence stands beside the attempt, for the person who may have to decide."""
    if at.attempt_id is None:
        return
    attempt = await session.get_one(Attempt, at.attempt_id, populate_existing=True)
    line = {"at": now.isoformat(), "look": seen.kind, "why": seen.why}
    if seen.published is not None:
        line |= {"external_id": seen.published.external_id, "url": seen.published.url}
    evidence = {**attempt.evidence, "looks": [*attempt.evidence.get("looks", []), line][-20:]}
    await replies.change(session, Attempt, attempt.id, evidence=evidence)


async def _not_found(session: AsyncSession, reply: Reply, seen: Seen, parts: Parts, now: datetime) -> bool:
    manifest = parts.channels[reply.channel]
    done = await replies.attempts(session, reply.id)
    if seen.kind == "failed":
        over = seen.signed_out or seen.is_last
        if seen.is_last:
            await change(session, reply.id, error=f"{seen.why}: a person decides")
        due_at = None if over else max(seen.retry_at or now, now + _growing(manifest, done))
        await _look_at(session, reply, due_at, parts)
        return False
    reads = reply.reads + 1
    if reads < READS_NEEDED:
        await change(session, reply.id, reads=reads)
        await _look_at(session, reply, now + timedelta(seconds=manifest.settle_s), parts)
        return False
    again = may_repeat(manifest, done, now, parts.limits.deadline_s)
    due_at = now + timedelta(seconds=manifest.settle_s) if again else None
    why = reply.error if again else "not found after two looks: a person decides"
    await change(session, reply.id, reads=reads, error=why)
    await _look_at(session, reply, due_at, parts)
    return again


def may_repeat(manifest: Manifest, done: list[Attempt], now: datetime, deadline_s: float) -> bool:
    """Whether a repeat cannot make a second post: by its record key and where a post has one answer always, by an
    idempotency key while it is kept (the whole repeat must fit in), by what a network holds ready and says that it did
    not publish (what was never stored as prepared was never published either). At most a handful of times; what
    certainly was not sent does not count."""
    doubtful = sum(1 for attempt in done if attempt.outcome in ("", "unknown"))
    if not done or doubtful > _MOST_REPEATS:
        return False
    if manifest.proof in ("record", "upsert", "two_phase"):
        return True
    first = first_unknown(done) or done[0].started_at
    fits = now + timedelta(seconds=deadline_s) < first + timedelta(seconds=manifest.key_valid_s)
    return manifest.proof == "key" and fits


def _growing(manifest: Manifest, done: list[Attempt]) -> timedelta:
    failed = sum(1 for line in (done[-1].evidence.get("looks", []) if done else []) if line["look"] == "failed")
    return timedelta(seconds=min(_LONGEST_WAIT_S, max(1.0, manifest.settle_s) * 2.0 ** min(failed, 12)))


async def _look_at(session: AsyncSession, reply: Reply, due_at: datetime | None, parts: Parts) -> None:
    await change(session, reply.id, due_at=due_at)
    if due_at is not None:
        await parts.jobs.nudge(session, "settle", reply.id, due_at)


async def _looked_for_hand(session: AsyncSession, reply: Reply, seen: Seen, parts: Parts, now: datetime) -> None:
    """A reply that a person posted: its place on the network is worth a few looks, not being found is no fault."""
    if seen.kind == "found" and seen.published is not None:
        values: dict[str, Any] = {"external_id": seen.published.external_id, "due_at": None}
        await change(session, reply.id, url=reply.url or seen.published.url, **values)
        return
    reads = reply.reads + 1
    wait = timedelta(seconds=parts.channels[reply.channel].settle_s * 4.0**reads)
    await change(session, reply.id, reads=reads)
    await _look_at(session, reply, now + wait if reads < _HAND_LOOKS else None, parts)
