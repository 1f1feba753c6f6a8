"""The risk of a case rose after one person said yes: before the reply leaves, a second person is needed after all.

A new post of the thread ends every yes by itself; here it is what a correction or a later reading found in the posts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import ids
from domain.person import POLICY
from responders import approval
from responders.approval import NotApproved
from responders.depth import Situation, depth
from responders.done import back_to_draft
from responders.parts import Parts
from responders.signing import CHECKS, approver_of, grounds_of
from storage import replies, signing, transitions
from storage.tables import AccountRow, Approval, Case, MentionRow, Reply

NEEDED: Final = "a second person is needed now"


async def ask_for_second(
    session: AsyncSession, case: Case, reply: Reply, actor: str, parts: Parts, now: datetime
) -> str:
    """Take an approved reply, held with its case, back where its one yes is no longer enough. That yes stays as the
    first of two while it is good. Returns why; empty where nothing was done."""
    yes = await replies.live_approval(session, reply.id) if reply.status == "approved" else None
    if yes is None or yes.sign_off_id is not None:
        return ""
    why = await _high(session, case, reply)
    if not why:
        return ""
    mention = await session.get_one(MentionRow, reply.mention_id, populate_existing=True)
    is_good = await _is_good(session, reply, yes, mention, parts, now)
    reply = await back_to_draft(session, case, reply, actor, now, f"{NEEDED}: {why}")
    if is_good:
        first = approval.sign_first(
            ids.next(now), user_id=yes.user_id, reply=reply, mention=mention, secret=parts.secret, now=yes.created_at
        )
        session.add(first)
        await session.flush()
    line = transitions.entry(CHECKS, reply.id, "", "rose", brand_id=reply.brand_id, actor=actor, now=now, why=why)
    await transitions.record(session, [line])
    return why


async def _high(session: AsyncSession, case: Case, reply: Reply) -> str:
    """Why two people must approve by the posts alone; empty where one may. What the text itself asks for was looked at
    when it was approved, and it has not changed."""
    themes, severity = await grounds_of(session, case, reply)
    reach = await signing.reach(session, case.id, reply.mention_id)
    count = await signing.approvers(session, reply.brand_id, sorted(POLICY["approve"]))
    situation = Situation(themes=themes, severity=severity, followers=reach)
    found = depth(situation, two_from="high", approvers=count)
    return ", ".join(found.reasons) if found.people > 1 else ""


async def _is_good(
    session: AsyncSession, reply: Reply, yes: Approval, mention: MentionRow, parts: Parts, now: datetime
) -> bool:
    row = await session.get(AccountRow, reply.account_id) if reply.account_id is not None else None
    by = await approver_of(session, yes.user_id, reply.brand_id)
    account = parts.account(row) if row is not None else None
    try:
        approval.check(reply, yes, account, mention, by, secret=parts.secret, now=now)
    except NotApproved:
        return False
    return True
