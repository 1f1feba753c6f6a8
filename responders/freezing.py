"""From a person's yes to frozen bytes: how a reply can leave, what it is made of, and the approval row beside it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from channels.manifest import Manifest
from domain.account import Account
from domain.errors import BadInput
from domain.ids import ids
from domain.person import Person
from domain.reply import Finding, Frozen, Outgoing
from responders import approval
from responders.allowed import way_now
from responders.keeping import finding_rows, keep_prints
from responders.parts import Parts
from responders.signing import Looked
from storage import replies, transitions
from storage.tables import MentionRow, Reply
from storage.tables_depth import SignOff


def reads_back(manifest: Manifest) -> bool:
    """Whether this channel can look for a reply of ours on its network."""
    return manifest.publisher is not None and manifest.proof != "none"


async def approve_and_freeze(
    session: AsyncSession,
    person: Person,
    reply: Reply,
    text: str,
    parts: Parts,
    now: datetime,
    *,
    by_hand: bool,
    looked: Looked,
    first: SignOff | None,
) -> tuple[Finding, ...]:
    """Store a person's yes to this text of a drafted reply. Returns the objections that did not block.

    1. the contract has had its word (`signing.sayable`), and where two people are needed `first` is the other's yes;
    2. the final bytes, from the channel (or the plain text, by hand), into the reply's row;
    3. the approval, signed over the row as it is stored now;
    4. by API the undo window begins; by hand the reply is handed over.
    """
    gathered, findings = looked.gathered, looked.findings
    way = await _way(session, gathered, by_hand, parts, now)
    account = parts.account(gathered.account) if gathered.account else None
    frozen = _freeze(parts.channels[reply.channel], way, gathered, account, text, now)
    due_at = now + parts.limits.undo(reply.channel)
    await _store(session, person, reply, text, way, account, frozen, findings, due_at, now)
    await _sign(session, person, first, reply.id, account, gathered.mention, parts, now)
    if way == "api":
        await parts.jobs.nudge(session, "send", reply.id, due_at)
    else:
        await _hand_over(session, person, reply, now)
    return findings


async def _way(session: AsyncSession, gathered: replies.Gathered, by_hand: bool, parts: Parts, now: datetime) -> str:
    """A reply that was shown as going out by hand goes by hand: nothing leaves by a way the person did not see."""
    capability = await way_now(session, gathered.reply, gathered.account, gathered.mention, parts, now)
    if capability.way == "none":
        raise BadInput(f"this post cannot be answered: {capability.reason}")
    if gathered.reply.way == "none":
        raise BadInput("how this post can be answered has changed: ask for a new draft")
    return "manual" if by_hand else capability.way


def _freeze(
    manifest: Manifest, way: str, gathered: replies.Gathered, account: Account | None, text: str, now: datetime
) -> Frozen:
    if way == "manual" or account is None or manifest.freeze is None:
        return Frozen(text.encode(), "")
    parent = approval.parent_of(gathered.mention)
    reply = gathered.reply
    return manifest.freeze(Outgoing(text, reply.lang, parent, account, now, reply.id))


async def _store(
    session: AsyncSession,
    person: Person,
    reply: Reply,
    text: str,
    way: str,
    account: Account | None,
    frozen: Frozen,
    findings: tuple[Finding, ...],
    due_at: datetime,
    now: datetime,
) -> None:
    await transitions.move(
        session,
        "reply",
        reply.id,
        "drafted",
        "approved",
        brand_id=reply.brand_id,
        actor=person.actor,
        now=now,
        why="approved" if text == reply.text else "approved with changes",
        text=text,
        way=way,
        account_id=account.id if account else None,
        body=frozen.body.decode(),
        send_key=frozen.key,
        findings=finding_rows(findings),
        due_at=due_at,
        error="",
        reads=0,
    )
    await keep_prints(session, reply, text)


async def _sign(
    session: AsyncSession,
    person: Person,
    first: SignOff | None,
    reply_id: int,
    account: Account | None,
    mention: MentionRow,
    parts: Parts,
    now: datetime,
) -> None:
    stored = await session.get_one(Reply, reply_id, populate_existing=True)
    since = min(now, first.created_at) if first else now  # the older of two yeses counts
    yes = approval.approve_bytes(
        ids.next(now),
        user_id=person.id,
        reply=stored,
        account=account,
        mention=mention,
        secret=parts.secret,
        now=now,
        expires_at=since + timedelta(seconds=parts.limits.approval_life_s),
        sign_off_id=first.id if first else None,
    )
    session.add(yes)
    await session.flush()


async def _hand_over(session: AsyncSession, person: Person, reply: Reply, now: datetime) -> None:
    await transitions.move(
        session,
        "reply",
        reply.id,
        "approved",
        "handed_over",
        brand_id=reply.brand_id,
        actor=person.actor,
        now=now,
        why="to be posted by hand",
        due_at=None,
    )
