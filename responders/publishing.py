"""The publishing protocol: intent, send once, settle, reconcile. Never a blind retry.

1. `claim` (here): in one transaction, check the yes, the policies, the stop switch, the account and the ceiling; write
   the attempt; move the row to `sending`; commit. Only then may a socket be opened.
2. `sending.send_once`: exactly one call of the publisher, bounded in time. Nothing else happens in between.
3. `outcomes.record`: in one transaction, what came of it: sent, certainly not sent (back to approved, or refused), or
   unknown.
4. `unknown` is left by looking (`settling`), by a repeat of the same key and bytes where the server itself tells
   repeats apart (`claim` with `again`), or by a person.

Whoever dies between 1 and 3 leaves a row in `sending`; it is found by its due time and becomes unknown.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.crashpoint import crashpoint
from domain.ids import ids
from domain.reply import ApprovedReply
from responders import approval
from responders.allowed import objection_now
from responders.approval import NotApproved
from responders.outcomes import ACTOR, change, move
from responders.parts import Parts
from responders.rising import ask_for_second
from responders.sending import Sending
from responders.signing import approver_of, first_of
from storage import replies, storms
from storage.database import after_commit
from storage.settings import publishing_on, stop_publishing
from storage.tables import AccountRow, Approval, Attempt, MentionRow, Reply
from storage.tables_storm import Storm

log = structlog.get_logger()
_LATER: Final = timedelta(minutes=5)


async def claim(
    session: AsyncSession, reply_id: int, now: datetime, parts: Parts, *, again: bool = False
) -> Sending | None:
    """Take one reply for sending. None when there is nothing to send now; the row says why.

    `again` repeats an unknown sending with the same key and the same bytes; it needs the same live approval.
    """
    found = await replies.locked(session, reply_id)
    if found is None or not _is_due(found[1], now, again):
        return None
    reply = found[1]
    if (storm := await storms.holding(session, reply.case_id)) is not None:
        await _wait_for(session, storm, reply, again, now)
        return None
    account = await _held_account(session, reply)
    done = await replies.attempts(session, reply_id)
    try:
        ready = await _checked(session, reply, account, done, parts, now)
        assert account is not None
        if await _must_wait(session, reply, account, ready, parts, now):
            return None
    except NotApproved as reason:
        await _not_approved(session, reply, str(reason), again, now)
        return None
    if not again and await ask_for_second(session, found[0], reply, ACTOR, parts, now):
        return None
    if not await _may_leave(session, account, parts, now):
        return None
    return await _intend(session, reply, ready, done, again, parts, now)


def _is_due(reply: Reply, now: datetime, again: bool) -> bool:
    if again:
        return reply.status == "unknown"
    return reply.status == "approved" and reply.due_at is not None and reply.due_at <= now


async def _wait_for(session: AsyncSession, storm: Storm, reply: Reply, again: bool, now: datetime) -> None:
    """It became part of a storm after its approval: it waits with the others. What may be public is asked for later."""
    if again:
        await change(session, reply.id, due_at=now + _LATER)
    else:
        await storms.freeze_one(session, storm, reply.id, now)


async def _held_account(session: AsyncSession, reply: Reply) -> AccountRow | None:
    """The account, held for this transaction: claims of one account come one after the other."""
    if reply.account_id is None:
        return None
    return await session.get(AccountRow, reply.account_id, with_for_update=True, populate_existing=True)


async def _checked(
    session: AsyncSession,
    reply: Reply,
    account: AccountRow | None,
    done: list[Attempt],
    parts: Parts,
    now: datetime,
) -> ApprovedReply:
    if account is None or account.brand_id != reply.brand_id or account.channel != reply.channel:
        raise NotApproved("the account this was approved for is no longer there")
    if account.status != "working":
        raise NotApproved(f"the account {account.handle} cannot sign in: reconnect it, or answer by hand")
    if reply.way != "api":
        raise NotApproved("this reply was to be posted by hand")
    yes = await replies.live_approval(session, reply.id)
    mention = await session.get_one(MentionRow, reply.mention_id, populate_existing=True)
    return approval.to_send(
        reply,
        yes,
        parts.account(account),
        mention,
        await approver_of(session, yes.user_id, reply.brand_id) if yes else None,
        secret=parts.secret,
        now=now,
        first_sent_at=first_unknown(done),
        prepared=prepared_by(done, yes),
        first=await first_of(session, yes, reply.brand_id),
    )


async def _must_wait(
    session: AsyncSession, reply: Reply, account: AccountRow, ready: ApprovedReply, parts: Parts, now: datetime
) -> bool:
    """The last word of the policies. What waiting cannot help raises NotApproved; what it can is due again then, or
    when its approval runs out, whichever is first: then it is in front of a person."""
    mention = await session.get_one(MentionRow, reply.mention_id)
    held = await objection_now(session, reply, account, mention, parts, now)
    if held is None:
        return False
    if held.until is None:
        raise NotApproved(held.reason)
    yes = await session.get_one(Approval, ready.approval_id)
    await change(session, reply.id, due_at=min(held.until, yes.expires_at), error=f"waiting: {held.reason}")
    return True


def first_unknown(done: list[Attempt]) -> datetime | None:
    """When the first sending began that may have been applied; None when every earlier one certainly was not."""
    doubtful = [a.started_at for a in done if a.outcome in ("", "unknown")]
    return min(doubtful, default=None)


def prepared_by(done: list[Attempt], yes: Approval | None) -> str:
    """What the network holds ready for this yes, by the newest sending that said so. What was prepared for an earlier
    yes has other words, or another time, and is left to expire."""
    said = [str(a.evidence.get("prepared", "")) for a in done if yes is not None and a.approval_id == yes.id]
    return next((handle for handle in reversed(said) if handle), "")


async def _not_approved(session: AsyncSession, reply: Reply, why: str, again: bool, now: datetime) -> None:
    """An approved reply goes back to a person; an unknown one stays unknown, and no machine touches it any more."""
    log.warning("not sent", reply=reply.id, channel=reply.channel, why=why)
    if again:
        await change(session, reply.id, due_at=None, error=f"cannot be sent again: {why}")
        return
    await replies.void(session, [reply.id], now, why)
    await move(session, reply, "drafted", now, why, due_at=None, body="", send_key="", error=f"not sent: {why}")


async def _may_leave(session: AsyncSession, account: AccountRow, parts: Parts, now: datetime) -> bool:
    on, _why = await publishing_on(session, parts.stop_file)
    if not on or await replies.sending_now(session, account.id):
        return False  # it waits where it is, the next sweep asks again
    limits = parts.limits
    lately = await replies.sendings_since(session, account.id, now - timedelta(seconds=limits.ceiling_window_s))
    if lately < limits.ceiling:
        return True
    minutes = round(limits.ceiling_window_s / 60)
    why = f"{lately} sendings from {account.handle} within {minutes} minutes: look why, then turn it on again"
    log.error("publishing stopped itself", account=account.id, sendings=lately)
    await stop_publishing(session, why, actor=ACTOR, now=now)
    return False


async def _intend(
    session: AsyncSession,
    reply: Reply,
    ready: ApprovedReply,
    done: list[Attempt],
    again: bool,
    parts: Parts,
    now: datetime,
) -> Sending:
    number = 1 + max((a.number for a in done if a.approval_id == ready.approval_id), default=0)
    attempt_id = ids.next(now)
    row = Attempt(id=attempt_id, reply_id=reply.id, approval_id=ready.approval_id, number=number, started_at=now)
    await (await session.connection()).execute(insert(Attempt), [row.model_dump()])
    why = "the same once more, by its key" if again else ""
    due_at = now + timedelta(seconds=parts.limits.deadline_s)
    await move(session, reply, "sending", now, why, due_at=due_at, error="")
    crashpoint("publish.before_intent_commit")
    after_commit(session, lambda: crashpoint("publish.after_intent_commit"))
    return Sending(ready, attempt_id, number, again, now)
