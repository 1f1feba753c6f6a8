"""How a reply can leave now: what the channel's table of answers says, held against the policies with the facts of
this moment. Asked before anyone drafts, at approval, and as the last word before sending."""

from __future__ import annotations

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from channels.manifest import Manifest, Situation
from domain.reply import Capability
from responders.parts import Parts
from responders.policy import Facts, Objection, objection
from storage.bounds import what_left
from storage.tables import AccountRow, MentionRow, Reply


def way_of(manifest: Manifest, account: AccountRow | None, mention: MentionRow) -> Capability:
    """What the table of answers says for this mention and account, and why."""
    working = account is not None and account.status == "working"
    capability = manifest.capability(Situation(working, mention.addressed, dict(mention.native)))
    if capability.way == "api" and (not working or manifest.freeze is None or manifest.publisher is None):
        return Capability("manual", "no account of ours can post here")
    return capability


async def way_now(
    session: AsyncSession, reply: Reply, account: AccountRow | None, mention: MentionRow, parts: Parts, now: datetime
) -> Capability:
    """The way of this reply with every policy asked. What would only have to wait still goes by API, and says so."""
    capability = way_of(parts.channels[reply.channel], account, mention)
    if capability.way != "api" or account is None:
        return capability
    held = await objection_now(session, reply, account, mention, parts, now)
    if held is None:
        return capability
    if held.until is not None:
        return Capability("api", f"{capability.reason}. It waits: {held.reason}")
    return Capability("manual", f"{held.reason} ({held.source})")


async def objection_now(
    session: AsyncSession, reply: Reply, account: AccountRow, mention: MentionRow, parts: Parts, now: datetime
) -> Objection | None:
    """What stands against sending this reply from this account by API now."""
    before = await what_left(session, reply, mention, account.id, now)
    return objection(
        Facts(
            policies=parts.channels[reply.channel].policies,
            now=now,
            posted_at=mention.posted_at,
            kind=reply.kind,
            said=before.opt_out.said if before.opt_out else None,
            kinds=before.kinds,
            labelled=account.labelled,
            sendings=before.sendings,
            per_day=parts.limits.per_day,
        )
    )
