"""What came of a sending, written in one transaction with the intent's attempt, the reply and its case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.crashpoint import crashpoint
from domain.errors import SignInFailed
from domain.reply import PublishedReply
from responders.freezing import reads_back
from responders.knowing import remember
from responders.parts import Parts
from responders.sending import UNCLEAR, Outcome, Sending
from storage import accounts, replies, transitions
from storage.database import after_commit
from storage.tables import Approval, Attempt, Case, Reply

ACTOR: Final = "system:publisher"

_FIRST_WAIT_S = 30.0
_LONGEST_WAIT_S = 1800.0


@dataclass(frozen=True, slots=True)
class _Landing:
    """One outcome on its way into the database."""

    session: AsyncSession
    case: Case
    reply: Reply
    sending: Sending
    outcome: Outcome
    parts: Parts
    now: datetime


async def record(session: AsyncSession, sending: Sending, outcome: Outcome, parts: Parts, now: datetime) -> None:
    """Write what came of a sending. A row that was given up as unknown meanwhile still learns that it was sent."""
    found = await replies.locked(session, sending.reply.reply_id)
    assert found is not None, "replies are never deleted"
    landing = _Landing(session, *found, sending, outcome, parts, now)
    await end_attempt(session, sending.attempt_id, outcome, now)
    if landing.reply.status == "sending":
        await _RECORD[outcome.kind](landing)
    elif landing.reply.status == "unknown" and outcome.kind == "sent":
        await _sent(landing)
    crashpoint("publish.before_outcome_commit")
    after_commit(session, lambda: crashpoint("publish.after_outcome_commit"))


async def _sent(it: _Landing) -> None:
    assert it.outcome.published is not None
    await confirm(it.session, it.case, it.reply, it.outcome.published, "published", it.now)
    await _next_of_account(it)


async def _later(it: _Landing) -> None:
    wait = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** (it.sending.number - 1))
    due_at = max(it.outcome.retry_at or it.now, it.now + timedelta(seconds=wait))
    yes = await it.session.get_one(Approval, it.sending.reply.approval_id)
    values = {"due_at": min(due_at, yes.expires_at), "error": f"waiting: {it.outcome.why}"}
    await move(it.session, it.reply, "approved", it.now, it.outcome.why, **values)
    if it.outcome.retry_at is not None:
        await replies.hold_account(it.session, it.reply.account_id, due_at)


async def _refused(it: _Landing) -> None:
    await replies.void(it.session, [it.reply.id], it.now, "the network refused it")
    await move(it.session, it.reply, "refused", it.now, it.outcome.why, due_at=None, error=it.outcome.why)
    await _next_of_account(it)


async def _signed_out(it: _Landing) -> None:
    """Certainly not sent. While the account's secrets change it is tried again with the new ones."""
    if await account_dead(it.session, it.sending.reply.account.id, it.outcome.why, it.now):
        await _refused(it)
    else:
        await _later(it)


async def _unknown(it: _Landing) -> None:
    # what the network said may name the author: it stands where it can be cleaned, and history cannot
    said = it.outcome.evidence.get("detail")
    why = UNCLEAR if said else it.outcome.why
    await give_up(it.session, it.reply, why, it.parts, it.now, not_before=it.outcome.retry_at, error=it.outcome.why)
    if it.outcome.evidence.get("error") == SignInFailed.__name__:
        await account_dead(it.session, it.sending.reply.account.id, it.outcome.why, it.now)


_RECORD: Final = {
    "sent": _sent,
    "later": _later,
    "refused": _refused,
    "signed_out": _signed_out,
    "unknown": _unknown,
}


async def _next_of_account(it: _Landing) -> None:
    """The next reply of this account need not wait for the sweep."""
    waiting = await replies.next_of_account(it.session, it.reply.account_id, it.now)
    if waiting is not None:
        await it.parts.jobs.nudge(it.session, "send", waiting, it.now)


async def confirm(
    session: AsyncSession, case: Case, reply: Reply, published: PublishedReply, why: str, now: datetime
) -> None:
    """It is public: the reply is sent and its case waits, in one transaction."""
    await move(
        session,
        reply,
        "sent",
        now,
        why,
        due_at=None,
        external_id=published.external_id,
        url=published.url,
        sent_at=now,
        error="",
    )
    await replies.answered(session, case, reply.id, actor=ACTOR, now=now, why=why)
    await remember(session, case)


async def give_up(
    session: AsyncSession,
    reply: Reply,
    why: str,
    parts: Parts,
    now: datetime,
    not_before: datetime | None = None,
    error: str = "",
) -> None:
    """sending -> unknown: from here on we look. A channel that cannot look leaves it to a person at once. `error` is
    what people are told where that is more than history says."""
    manifest = parts.channels[reply.channel]
    look_at = max(now + timedelta(seconds=manifest.settle_s), not_before or now) if reads_back(manifest) else None
    await move(session, reply, "unknown", now, why, due_at=look_at, reads=0, error=error or why)
    if look_at is not None:
        await parts.jobs.nudge(session, "settle", reply.id, look_at)


async def account_dead(session: AsyncSession, account_id: int, why: str, now: datetime) -> bool:
    """working -> dead: nothing leaves from it until a person reconnects it. False while its secrets change."""
    return await accounts.refused(session, account_id, why, actor=ACTOR, now=now) is not None


async def end_attempt(session: AsyncSession, attempt_id: int, outcome: Outcome, now: datetime) -> None:
    """Write the result beside the intent; an attempt is ended once."""
    attempt = await session.get_one(Attempt, attempt_id, populate_existing=True)
    if attempt.outcome in ("", "unknown"):
        evidence = {**attempt.evidence, **outcome.evidence}
        await replies.change(session, Attempt, attempt_id, ended_at=now, outcome=outcome.kind, evidence=evidence)


async def change(session: AsyncSession, reply_id: int, **values: Any) -> None:
    """Set columns of a reply that say nothing about its status (due time, reads, error)."""
    await replies.change(session, Reply, reply_id, **values)


async def move(session: AsyncSession, reply: Reply, new: str, now: datetime, why: str, **values: Any) -> None:
    """Move a reply from the status it was read in."""
    await transitions.move(
        session,
        "reply",
        reply.id,
        reply.status,
        new,
        brand_id=reply.brand_id,
        actor=ACTOR,
        now=now,
        why=why,
        **values,
    )
