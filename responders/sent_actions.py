"""What a person says about a reply that left, or may have left."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Moved
from domain.person import Person
from responders.done import Done, back_to_draft, reply_for, spoken
from responders.freezing import reads_back
from responders.knowing import remember
from responders.parts import Parts
from storage import replies, transitions
from storage.tables import Case, MentionRow, Reply

_LONGEST_URL = 2000


async def mark_sent(
    session: AsyncSession,
    person: Person,
    reply_id: int,
    *,
    url: str = "",
    resolve: bool = False,
    now: datetime,
    parts: Parts,
) -> Done:
    """handed_over -> sent: a person has posted it. The case waits (or is resolved when asked). The worker then tries
    to find it on the network, where the channel can read."""
    case, reply = await reply_for(session, person, reply_id, "hand_over")
    if reply.status != "handed_over":
        raise Moved(f"this reply is {spoken(reply.status)}, so it cannot be marked as sent")
    manifest = parts.channels[reply.channel]
    look_at = now + timedelta(seconds=manifest.settle_s) if reads_back(manifest) and reply.account_id else None
    await _sent(session, case, reply, person, checked_url(url), now, resolve, "posted by hand", look_at)
    if resolve and case.status != "resolved":
        await replies.change(session, Case, case.id, follow_up_at=parts.limits.follow_up(now))
    return Done("marked as sent", case.id, reply_id, "sent", reply.version + 1)


async def settle_sent(
    session: AsyncSession, person: Person, reply_id: int, *, url: str, now: datetime, parts: Parts
) -> Done:
    """unknown -> sent: a person has seen it on the network, at this address (mail has none, so there none is asked)."""
    case, reply = await reply_for(session, person, reply_id, "settle")
    if reply.status != "unknown":
        raise Moved(f"this reply is {spoken(reply.status)}: nothing to settle")
    answered = await session.get_one(MentionRow, reply.mention_id)
    at = checked_url(url, needed=bool(answered.url))
    await _sent(session, case, reply, person, at, now, False, "a person found it", None)
    return Done("settled: it is public", case.id, reply_id, "sent", reply.version + 1)


async def settle_absent(session: AsyncSession, person: Person, reply_id: int, *, now: datetime, parts: Parts) -> Done:
    """unknown -> drafted: a person has looked and it is not there; approving again sends it anew. BadInput while the
    settling time runs, because it may still appear."""
    case, reply = await reply_for(session, person, reply_id, "settle")
    if reply.status != "unknown":
        raise Moved(f"this reply is {spoken(reply.status)}: nothing to settle")
    last = (await replies.attempts(session, reply_id))[-1:]
    settled_at = max((a.started_at for a in last), default=now)
    settled_at += timedelta(seconds=parts.limits.deadline_s + 2 * parts.channels[reply.channel].settle_s)
    if now < settled_at:
        wait = round((settled_at - now).total_seconds())
        raise BadInput(f"it may still appear on the network: look again in {wait} s, then decide")
    reply = await back_to_draft(session, case, reply, person.actor, now, "a person looked: it is not public")
    return Done("settled: it is not public, the draft is back", case.id, reply_id, "drafted", reply.version)


async def _sent(
    session: AsyncSession,
    case: Case,
    reply: Reply,
    person: Person,
    url: str,
    now: datetime,
    resolve: bool,
    why: str,
    look_at: datetime | None,
) -> None:
    await transitions.move(
        session,
        "reply",
        reply.id,
        reply.status,
        "sent",
        brand_id=reply.brand_id,
        actor=person.actor,
        now=now,
        why=why,
        sent_at=now,
        url=url,
        due_at=look_at,
        reads=0,
        error="",
    )
    await replies.answered(session, case, reply.id, actor=person.actor, now=now, resolve=resolve, why=why)
    await remember(session, case)


def checked_url(url: str, *, needed: bool = False) -> str:
    """The address of a post of ours; BadInput for anything that is none."""
    url = url.strip()
    if not url and not needed:
        return ""
    split = urlsplit(url)
    if split.scheme not in ("http", "https") or not split.hostname or len(url) > _LONGEST_URL:
        raise BadInput("the address of the post: paste it whole, starting with https://")
    return url
